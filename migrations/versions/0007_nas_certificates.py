"""Certificates by which a NAS may connect with RadSec."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "nas_certificates",
        sa.Column("id", Serial, nullable=False),
        sa.Column("nas_id", Serial, nullable=False),
        sa.Column("pin", sa.String(length=12), nullable=False, comment="fingerprint or name"),
        sa.Column("value", sa.String(length=253), nullable=False, comment="SHA-256 in hex, or a DNS name"),
        sa.ForeignKeyConstraint(["nas_id"], ["nas.id"], name="fk_nas_certificates_nas_id"),
        sa.PrimaryKeyConstraint("id", name="pk_nas_certificates"),
        sa.UniqueConstraint("pin", "value", name="uq_nas_certificates_pin_value"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("nas_certificates")
