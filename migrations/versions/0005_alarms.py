"""Alarms: what somebody has to look at."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
OPEN = sa.text("cleared_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", Serial, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False, comment="a key of alarms.MEANINGS"),
        sa.Column(
            "subject",
            sa.String(length=200),
            nullable=False,
            comment="what it is about; a repeat has the same",
        ),
        sa.Column("note", sa.Text(), server_default="", nullable=False, comment="what was seen last"),
        sa.Column("organization_id", sa.BigInteger(), comment="NULL: of the whole installation"),
        sa.Column("began", sa.Double(), nullable=False),
        sa.Column("last", sa.Double(), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("cleared_at", sa.Double()),
        sa.Column("cleared_by", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_alarms_open",
        "alarms",
        ["kind", "subject"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_alarms_cleared_at", "alarms", ["cleared_at"])


def downgrade() -> None:
    op.drop_table("alarms")
