"""Who looks like somebody who was there before, and is somebody else, as an administrator has said."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "relink_refusals",
        sa.Column("old_id", SERIAL, nullable=False),
        sa.Column("new_id", SERIAL, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("by", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["old_id"], ["users.id"], name="fk_relink_refusals_old_id"),
        sa.ForeignKeyConstraint(["new_id"], ["users.id"], name="fk_relink_refusals_new_id"),
        sa.PrimaryKeyConstraint("old_id", "new_id", name="pk_relink_refusals"),
        comment="who looks like somebody of before and is somebody else",
    )


def downgrade() -> None:
    op.drop_table("relink_refusals")
