"""From whom administrators have taken something within a day, by whatever they did."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "takings",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), comment="null: whoever gave no name"),
        sa.Column("act", sa.String(12), nullable=False, comment="published, closed, group"),
        sa.Column("organization", sa.String(64), nullable=False, comment="its key"),
        sa.Column("people", sa.Text(), nullable=False, comment="JSON: name@organization of each"),
        sa.PrimaryKeyConstraint("id", name="pk_takings"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_takings_at", "takings", ["at"])


def downgrade() -> None:
    op.drop_index("ix_takings_at", "takings")
    op.drop_table("takings")
