"""Files with a certificate and its key, waiting for their owner for some minutes."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pickups",
        sa.Column("certificate_id", SERIAL, nullable=False),
        sa.Column(
            "file",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed: PKCS#12, under a password nobody keeps",
        ),
        sa.Column("valid_until", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_pickups_certificate_id"),
        sa.PrimaryKeyConstraint("certificate_id", name="pk_pickups"),
    )
    op.create_index("ix_pickups_valid_until", "pickups", ["valid_until"])


def downgrade() -> None:
    op.drop_table("pickups")
