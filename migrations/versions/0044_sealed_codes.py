"""Codes in envelopes, two of which open an office."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sealed_codes",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("opening", sa.String(100), nullable=False, comment="as the policy document calls it"),
        sa.Column("number", sa.Integer(), nullable=False, comment="on its envelope"),
        sa.Column("key_id", sa.String(32), nullable=False, comment="of the key of its fingerprint"),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("spent_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_sealed_codes"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("sealed_codes")
