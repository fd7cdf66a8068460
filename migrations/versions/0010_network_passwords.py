"""Network passwords, what a session was logged in with, and since when a password is what it is."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    create_network_passwords()
    op.add_column(
        "sessions",
        sa.Column(
            "network_password_id",
            sa.BigInteger(),
            comment="what it was logged in with, where that was one",
        ),
    )
    op.create_index("ix_sessions_calling_station", "sessions", ["calling_station"])
    op.add_column(
        "endpoints", sa.Column("dot1x_at", sa.Double(), comment="when its address last logged in by 802.1X")
    )
    op.add_column(
        "endpoints", sa.Column("dot1x_place", sa.String(length=400), server_default="", nullable=False)
    )
    op.add_column(
        "users",
        sa.Column("password_changed_at", sa.Double(), comment="as the directory says, where it does"),
    )


def downgrade() -> None:
    op.drop_column("users", "password_changed_at")
    op.drop_column("endpoints", "dot1x_place")
    op.drop_column("endpoints", "dot1x_at")
    op.drop_index("ix_sessions_calling_station", "sessions")
    op.drop_column("sessions", "network_password_id")
    op.drop_table("network_passwords")


def create_network_passwords() -> None:
    op.create_table(
        "network_passwords",
        sa.Column("id", Serial, nullable=False),
        sa.Column("user_id", Serial, nullable=False),
        sa.Column("organization_id", Serial, nullable=False),
        sa.Column(
            "binding", sa.String(length=36), nullable=False, comment="what the sealed secret is bound to"
        ),
        sa.Column("nickname", sa.String(length=100), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False, comment="NT hash and password"),
        sa.Column(
            "endpoint",
            sa.String(length=17),
            server_default="",
            nullable=False,
            comment="empty until its first use",
        ),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("valid_until", sa.Double()),
        sa.Column("revoked_at", sa.Double()),
        sa.Column("used_at", sa.Double()),
        sa.Column("used_place", sa.String(length=400), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_network_passwords_user_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_network_passwords_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_network_passwords"),
        sa.UniqueConstraint("binding", name="uq_network_passwords_binding"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_network_passwords_user_id", "network_passwords", ["user_id"])
