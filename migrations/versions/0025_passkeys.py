"""Passkeys, and the challenges that wait for an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("user_id", SERIAL, nullable=False),
        sa.Column("organization_id", SERIAL, nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False, comment="over all people, for ever"),
        sa.Column(
            "public_key",
            sa.LargeBinary(),
            nullable=False,
            comment="COSE; sealed for this person and credential",
        ),
        sa.Column("sign_count", sa.BigInteger(), server_default="0", nullable=False, comment="only goes up"),
        sa.Column(
            "aaguid",
            sa.String(length=36),
            server_default="",
            nullable=False,
            comment="the model, where it says so",
        ),
        sa.Column(
            "transports",
            sa.String(length=100),
            server_default="",
            nullable=False,
            comment="with spaces between them",
        ),
        sa.Column("nickname", sa.String(length=100), server_default="", nullable=False),
        sa.Column(
            "origin",
            sa.String(length=16),
            server_default="",
            nullable=False,
            comment="how its owner came by it",
        ),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double()),
        sa.Column("used_place", sa.String(length=400), server_default="", nullable=False),
        sa.Column("revoked_at", sa.Double()),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_passkeys_organization_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_passkeys_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])
    op.create_table(
        "passkey_challenges",
        sa.Column("challenge", sa.LargeBinary(), nullable=False, comment="gone once it was answered"),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("ceremony", sa.String(length=16), nullable=False, comment="registration, assertion"),
        sa.Column("valid_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("challenge", name="pk_passkey_challenges"),
    )
    op.create_index("ix_passkey_challenges_session_id", "passkey_challenges", ["session_id"])


def downgrade() -> None:
    op.drop_table("passkey_challenges")
    op.drop_table("passkeys")
