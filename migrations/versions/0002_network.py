"""What asks, what is configured, and who is on the network now."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    create_devices()
    create_endpoints()
    create_assignments()
    create_nas()
    create_work()
    create_sessions()
    create_pairs()


def downgrade() -> None:
    op.drop_table("pairs")
    op.drop_table("sessions")
    op.drop_table("work")
    op.drop_table("nas")
    op.drop_table("assignments")
    op.drop_table("endpoints")
    op.drop_table("devices")


def create_devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", Serial, nullable=False),
        sa.Column("organization_id", Serial, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False, comment="a key of vpn.drivers.DRIVERS"),
        sa.Column("address", sa.String(length=400), nullable=False, comment="netns:NAME, local:, ssh://..."),
        sa.Column(
            "pools", sa.Text(), nullable=False, comment="JSON list of networks sessions may have addresses in"
        ),
        sa.Column("site", sa.String(length=100), server_default="", nullable=False),
        sa.Column("seen_at", sa.Double()),
        sa.Column("failed_at", sa.Double()),
        sa.Column("failure", sa.Text()),
        sa.Column(
            "drift",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="elements the last reconcile put right",
        ),
        sa.Column("drift_at", sa.Double()),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_devices_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("name", name="uq_devices_name"),
        sqlite_autoincrement=True,
    )


def create_endpoints() -> None:
    op.create_table(
        "endpoints",
        sa.Column("id", Serial, nullable=False),
        sa.Column("organization_id", Serial, nullable=False),
        sa.Column("mac", sa.String(length=17), nullable=False, comment="aa-bb-cc-dd-ee-ff"),
        sa.Column("name", sa.String(length=100), server_default="", nullable=False),
        sa.Column("owner", sa.String(length=200), server_default="", nullable=False),
        sa.Column("valid_until", sa.Double()),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_endpoints_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_endpoints"),
        sa.UniqueConstraint("mac", name="uq_endpoints_mac"),
        sqlite_autoincrement=True,
    )


def create_assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", Serial, nullable=False),
        sa.Column("pool", sa.String(length=200), nullable=False),
        sa.Column("desktop", sa.String(length=200), nullable=False),
        sa.Column("user_id", Serial, nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_assignments_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
        sa.UniqueConstraint("pool", "desktop", name="uq_assignments_pool_desktop"),
        sa.UniqueConstraint("pool", "user_id", name="uq_assignments_pool_user_id"),
        sqlite_autoincrement=True,
    )


def create_nas() -> None:
    op.create_table(
        "nas",
        sa.Column("id", Serial, nullable=False),
        sa.Column("organization_id", Serial, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False, comment="address or CIDR"),
        sa.Column("binding", sa.String(length=36), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("second_secret", sa.LargeBinary()),
        sa.Column("message_authenticator", sa.String(length=10), server_default="require", nullable=False),
        sa.Column("code", sa.String(length=10), server_default="appended", nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("vendor", sa.String(length=40), server_default="generic", nullable=False),
        sa.Column("site", sa.String(length=100), server_default="", nullable=False),
        sa.Column("nas_group", sa.String(length=100), server_default="", nullable=False),
        sa.Column("mab", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("eap", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("gateway_id", Serial, comment="the gateway that enforces its sessions"),
        sa.Column("coa_port", sa.Integer(), server_default="3799", nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["gateway_id"], ["devices.id"], name="fk_nas_gateway_id"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_nas_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_nas"),
        sa.UniqueConstraint("binding", name="uq_nas_binding"),
        sa.UniqueConstraint("name", name="uq_nas_name"),
        sqlite_autoincrement=True,
    )


def create_work() -> None:
    op.create_table(
        "work",
        sa.Column("device_id", Serial, nullable=False),
        sa.Column("lane", sa.String(length=12), nullable=False, comment="membership or structure"),
        sa.Column("wanted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("not_before", sa.Double(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.Double(), server_default="0", nullable=False),
        sa.Column("owner", sa.String(length=100), server_default="", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("done_at", sa.Double()),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_work_device_id"),
        sa.PrimaryKeyConstraint("device_id", "lane", name="pk_work"),
    )


def create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", Serial, nullable=False),
        sa.Column("organization_id", Serial, nullable=False),
        sa.Column("user_id", Serial),
        sa.Column("endpoint_id", Serial),
        sa.Column("nas_id", Serial, nullable=False),
        sa.Column("class", sa.LargeBinary(), nullable=False),
        sa.Column("user_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("acct_session_id", sa.String(length=253), server_default="", nullable=False),
        sa.Column("calling_station", sa.String(length=253), server_default="", nullable=False),
        sa.Column("called_station", sa.String(length=253), server_default="", nullable=False),
        sa.Column("nas_port", sa.String(length=253), server_default="", nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="admitted, live or ended"),
        sa.Column("address4", sa.String(length=15)),
        sa.Column("address6", sa.String(length=45)),
        sa.Column("gateway_id", Serial),
        sa.Column("generation", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("vlan", sa.String(length=40), server_default="", nullable=False),
        sa.Column("otp_at", sa.Double()),
        sa.Column("admitted_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double()),
        sa.Column("seen_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("end_reason", sa.String(length=40), server_default="", nullable=False),
        sa.Column("octets_in", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("octets_out", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("valid_until", sa.Double()),
        sa.Column("policy_revision", sa.String(length=64), server_default="", nullable=False),
        sa.Column(
            "disconnect",
            sa.String(length=10),
            server_default="",
            nullable=False,
            comment="wanted, acked, naked or silent",
        ),
        sa.Column("disconnect_at", sa.Double(), comment="when it was wanted, then when it was answered"),
        sa.Column("disconnect_note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoints.id"], name="fk_sessions_endpoint_id"),
        sa.ForeignKeyConstraint(["gateway_id"], ["devices.id"], name="fk_sessions_gateway_id"),
        sa.ForeignKeyConstraint(["nas_id"], ["nas.id"], name="fk_sessions_nas_id"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_sessions_organization_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("class", name="uq_sessions_class"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_address4", "sessions", ["address4"])
    op.create_index("ix_sessions_address6", "sessions", ["address6"])
    op.create_index("ix_sessions_disconnect", "sessions", ["disconnect"])
    op.create_index("ix_sessions_nas_id_acct_session_id", "sessions", ["nas_id", "acct_session_id"])
    op.create_index("ix_sessions_state", "sessions", ["state"])
    op.create_index("ix_sessions_user_id_state", "sessions", ["user_id", "state"])


def create_pairs() -> None:
    op.create_table(
        "pairs",
        sa.Column("device_id", Serial, nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("atom", sa.BigInteger(), nullable=False),
        sa.Column("session_id", Serial, nullable=False),
        sa.Column("valid_until", sa.Double()),
        sa.Column("removed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name="fk_pairs_device_id"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_pairs_session_id"),
        sa.PrimaryKeyConstraint("device_id", "address", "atom", name="pk_pairs"),
        comment="what a gateway should let through; removed rows stay until the gateway confirmed",
    )
    op.create_index("ix_pairs_device_id_generation", "pairs", ["device_id", "generation"])
    op.create_index("ix_pairs_session_id", "pairs", ["session_id"])
