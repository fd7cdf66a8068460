"""What one administrator asks for and another one does for somebody who runs the house."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "desk_acts",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("user_id", SERIAL, nullable=False, comment="for whom"),
        sa.Column("organization_id", SERIAL, nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False, comment="unlock, resync or give-back"),
        sa.Column("token_id", SERIAL, comment="which phone; NULL: all"),
        sa.Column("asked_by_id", SERIAL, nullable=False),
        sa.Column("asked_by", sa.String(length=400), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("done_at", sa.Double(), comment="done by another one, or given up for a newer one"),
        sa.Column("done_by", sa.String(length=400), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_desk_acts_user_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_desk_acts_organization_id"
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name="fk_desk_acts_asked_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_desk_acts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_desk_acts_user_id", "desk_acts", ["user_id"])


def downgrade() -> None:
    op.drop_table("desk_acts")
