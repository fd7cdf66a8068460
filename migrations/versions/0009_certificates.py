"""Authorities of organizations, the certificates they issue, and which of them opened a session."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_authorities()
    create_certificates()
    kind = sa.String(length=200)
    op.add_column(
        "sessions",
        sa.Column("certificate", kind, server_default="", nullable=False, comment="the key of its proof"),
    )
    op.create_index("ix_sessions_certificate", "sessions", ["certificate"])


def downgrade() -> None:
    op.drop_index("ix_sessions_certificate", "sessions")
    op.drop_column("sessions", "certificate")
    op.drop_table("certificates")
    op.drop_table("authorities")


def create_authorities() -> None:
    op.create_table(
        "authorities",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("organization_id", SERIAL, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False, comment="that of its list of revocations"),
        sa.Column("binding", sa.String(length=36), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False, comment="DER"),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column(
            "issues",
            sa.Boolean(),
            server_default=sa.true(),
            nullable=False,
            comment="one of each organization",
        ),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("crl", sa.LargeBinary(), comment="DER; NULL where something was revoked since"),
        sa.Column("crl_at", sa.Double()),
        sa.Column("crl_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_authorities_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_authorities"),
        sa.UniqueConstraint("name", name="uq_authorities_name"),
        sa.UniqueConstraint("binding", name="uq_authorities_binding"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_authorities_organization_id", "authorities", ["organization_id"])


def create_certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=130), nullable=False, comment="authority and serial number"),
        sa.Column("authority_id", SERIAL, nullable=False),
        sa.Column("organization_id", SERIAL, nullable=False),
        sa.Column("user_id", SERIAL),
        sa.Column("endpoint_id", SERIAL),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("device", sa.String(length=100), server_default="", nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False, comment="hexadecimal"),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("not_after", sa.Double(), nullable=False),
        sa.Column(
            "valid_until", sa.Double(), nullable=False, comment="sooner than not_after once it is renewed"
        ),
        sa.Column("issued_at", sa.Double(), nullable=False),
        sa.Column("renews", sa.BigInteger(), comment="the certificate before"),
        sa.Column("revoked_at", sa.Double()),
        sa.Column("revocation", sa.String(length=30), comment="why, as RFC 5280 calls it"),
        sa.ForeignKeyConstraint(["authority_id"], ["authorities.id"], name="fk_certificates_authority_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_certificates_organization_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_certificates_user_id"),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoints.id"], name="fk_certificates_endpoint_id"),
        sa.PrimaryKeyConstraint("id", name="pk_certificates"),
        sa.UniqueConstraint("key", name="uq_certificates_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_certificates_user_id", "certificates", ["user_id"])
    op.create_index("ix_certificates_endpoint_id", "certificates", ["endpoint_id"])
    op.create_index("ix_certificates_authority_id_not_after", "certificates", ["authority_id", "not_after"])
