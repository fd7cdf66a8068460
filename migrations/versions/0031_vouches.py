"""What colleagues have vouched for."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "vouches",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("user_id", SERIAL, nullable=False, comment="for whom"),
        sa.Column("voucher_id", SERIAL, nullable=False),
        sa.Column("organization_id", SERIAL, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("spent_at", sa.Double()),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_vouches_user_id"),
        sa.ForeignKeyConstraint(["voucher_id"], ["users.id"], name="fk_vouches_voucher_id"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_vouches_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_vouches"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vouches_user_id", "vouches", ["user_id"])
    op.create_index("ix_vouches_voucher_id", "vouches", ["voucher_id"])


def downgrade() -> None:
    op.drop_table("vouches")
