"""People who are in no directory."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "local_users",
        sa.Column("user_id", SERIAL, nullable=False),
        sa.Column("sponsor_id", SERIAL, nullable=False, comment="who answers for them"),
        sa.Column("employer", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False, comment="argon2id (RFC 9106)"),
        sa.Column("approved_at", sa.Double(), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["sponsor_id"], ["users.id"], name="fk_local_users_sponsor_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_local_users_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_local_users"),
    )


def downgrade() -> None:
    op.drop_table("local_users")
