"""Whom the name of an owner meant when the policy first named it."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "named_owners",
        sa.Column("what", sa.String(250), nullable=False, comment="rule ID, network:NAME, vdi:NAME"),
        sa.Column("name", sa.String(200), nullable=False, comment="as the policy says it"),
        sa.Column("user_id", SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_named_owners_user_id"),
        sa.PrimaryKeyConstraint("what", "name", name="pk_named_owners"),
        comment="whom the name of an owner meant when the policy first named it",
    )


def downgrade() -> None:
    op.drop_table("named_owners")
