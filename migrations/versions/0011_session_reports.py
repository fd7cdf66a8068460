"""Where a session's NAS speaks from, what it counts, what was asked of it; who had which address when."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    for column in session_columns():
        op.add_column("sessions", column)
    op.create_index("ix_sessions_state_hash", "sessions", ["state_hash"])
    op.add_column(
        "endpoints",
        sa.Column(
            "phone",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="its port is never bounced",
        ),
    )
    create_address_leases()
    create_nas_restarts()
    remember_what_is_held()


def downgrade() -> None:
    op.drop_table("nas_restarts")
    op.drop_table("address_leases")
    op.drop_column("endpoints", "phone")
    op.drop_index("ix_sessions_state_hash", "sessions")
    for column in reversed(session_columns()):
        op.drop_column("sessions", column.name)


def session_columns() -> list[sa.Column]:
    text, number, zero, no = sa.String(length=253), sa.BigInteger(), "0", sa.false()
    return [
        sa.Column("multi_session_id", text, server_default="", nullable=False),
        sa.Column(
            "nas_address",
            sa.String(length=45),
            server_default="",
            nullable=False,
            comment="where its packets came from",
        ),
        sa.Column(
            "nas_secret", sa.Integer(), server_default=zero, nullable=False, comment="0: the current one"
        ),
        sa.Column(
            "prefixes", sa.Text(), server_default="", nullable=False, comment="of IPv6, a space between"
        ),
        sa.Column("voice", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("heard_at", sa.Double(), comment="when the newest report came, by our clock"),
        sa.Column(
            "interim_s", sa.Double(), comment="the longest between two reports; null: only a Start so far"
        ),
        sa.Column(
            "raw_octets_in", number, server_default=zero, nullable=False, comment="as the NAS counts now"
        ),
        sa.Column("raw_octets_out", number, server_default=zero, nullable=False),
        sa.Column(
            "wish",
            sa.String(length=16),
            server_default="end",
            nullable=False,
            comment="end or reauthenticate",
        ),
        sa.Column(
            "recipe", sa.Integer(), server_default=zero, nullable=False, comment="how many ways were tried"
        ),
        sa.Column("state_hash", sa.LargeBinary(), comment="of the State it may authorize itself with, once"),
        sa.Column("state_until", sa.Double()),
    ]


def create_address_leases() -> None:
    op.create_table(
        "address_leases",
        sa.Column("id", Serial, nullable=False),
        sa.Column("session_id", Serial, nullable=False),
        sa.Column("network", sa.String(length=49), nullable=False, comment="10.1.2.3/32, 2001:db8:1::/56"),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), comment="null: still"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_address_leases_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_address_leases"),
        comment="who had which address from when to when; kept for good",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_address_leases_network_since_until", "address_leases", ["network", "since", "until"])
    op.create_index("ix_address_leases_session_id", "address_leases", ["session_id"])


def create_nas_restarts() -> None:
    op.create_table(
        "nas_restarts",
        sa.Column("nas_id", Serial, nullable=False),
        sa.Column(
            "address", sa.String(length=45), nullable=False, comment="a NAS that is a network has many"
        ),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["nas_id"], ["nas.id"], name="fk_nas_restarts_nas_id"),
        sa.PrimaryKeyConstraint("nas_id", "address", name="pk_nas_restarts"),
    )


def remember_what_is_held() -> None:
    """The addresses of open sessions; those that ended have not kept theirs."""
    for address, length in (("address4", 32), ("address6", 128)):
        op.execute(
            "INSERT INTO address_leases (session_id, network, since)"  # noqa: S608 - names of our own
            f" SELECT id, {address} || '/{length}', coalesce(started_at, admitted_at) FROM sessions"
            f" WHERE state <> 'ended' AND {address} IS NOT NULL"
        )
    op.execute("UPDATE sessions SET raw_octets_in = octets_in, raw_octets_out = octets_out")
