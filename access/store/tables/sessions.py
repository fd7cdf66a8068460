"""Tables of who is on the network: sessions, their addresses, and what gateways let through for them. ◆"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from access.store.tables.columns import METADATA, row_id


def _where_there(column: str) -> Index:
    """Return an index of the rows that have a value: most have none, and each entry costs."""
    there = text(f"{column} IS NOT NULL")
    return Index(f"ix_sessions_{column}", column, sqlite_where=there, postgresql_where=there)


sessions = Table(
    "sessions",
    METADATA,
    row_id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("user_id", ForeignKey("users.id")),
    Column("endpoint_id", ForeignKey("endpoints.id")),
    Column("network_password_id", BigInteger, comment="what it was logged in with, where that was one"),
    Column("nas_id", ForeignKey("nas.id"), nullable=False),
    Column("class", LargeBinary, nullable=False, unique=True, key="class_"),
    Column("user_name", String(200), nullable=False, server_default=""),
    Column("acct_session_id", String(253), nullable=False, server_default=""),
    Column("calling_station", String(253), nullable=False, server_default=""),
    Column("called_station", String(253), nullable=False, server_default=""),
    Column("nas_port", String(253), nullable=False, server_default=""),
    Column("multi_session_id", String(253), nullable=False, server_default=""),
    Column(
        "nas_address", String(45), nullable=False, server_default="", comment="where its packets came from"
    ),
    Column("nas_secret", Integer, nullable=False, server_default="0", comment="0: the current one"),
    Column("via", String(10), nullable=False),
    Column("method", String(40), nullable=False),
    Column("state", String(12), nullable=False, comment="admitted, live or ended"),
    Column("address4", String(15)),
    Column("address6", String(45)),
    Column("prefixes", Text, nullable=False, server_default="", comment="of IPv6, a space between"),
    Column("gateway_id", ForeignKey("devices.id")),
    Column("generation", BigInteger, nullable=False, server_default="0"),
    Column("vlan", String(40), nullable=False, server_default=""),
    Column(
        "gifts", Text, nullable=False, server_default="", comment="what its NAS was told: vlan=staff role=x"
    ),
    Column("voice", Boolean, nullable=False, server_default=false()),
    Column("otp_at", Double),
    Column("code", String(40), nullable=False, server_default="", comment="what it was: totp registration"),
    Column("admitted_at", Double, nullable=False),
    Column("started_at", Double),
    Column("seen_at", Double),
    Column("heard_at", Double, comment="when the newest report came, by our clock"),
    Column("interim_s", Double, comment="the longest between two reports; null: only a Start so far"),
    Column("ended_at", Double),
    Column("end_reason", String(40), nullable=False, server_default=""),
    Column("octets_in", BigInteger, nullable=False, server_default="0"),
    Column("octets_out", BigInteger, nullable=False, server_default="0"),
    Column("raw_octets_in", BigInteger, nullable=False, server_default="0", comment="as the NAS counts now"),
    Column("raw_octets_out", BigInteger, nullable=False, server_default="0"),
    Column("valid_until", Double),
    Column("policy_revision", String(64), nullable=False, server_default=""),
    Column("certificate", String(200), nullable=False, server_default="", comment="the key of its proof"),
    Column(
        "realm",
        String(63),
        nullable=False,
        server_default="",
        comment="another realm that vouches for user_name",
    ),
    Column("medium", String(10), nullable=False, server_default="", comment="wired, wireless or other"),
    Column("client_address", String(45), nullable=False, server_default="", comment="where they came from"),
    Column("country", String(2), nullable=False, server_default="", comment="that it was in at the login"),
    Column("risk", String(150), nullable=False, server_default="", comment="of the login: low new-endpoint"),
    Column("zone", String(64), nullable=False, server_default="", comment="it is in, by the policy"),
    Column(
        "disconnect", String(10), nullable=False, server_default="", comment="wanted, acked, naked or silent"
    ),
    Column("disconnect_at", Double, comment="when it was wanted, then when it was answered"),
    Column("disconnect_note", Text, nullable=False, server_default=""),
    Column("wish", String(16), nullable=False, server_default="end", comment="end or reauthenticate"),
    Column("recipe", Integer, nullable=False, server_default="0", comment="how many ways were tried"),
    Column("state_hash", LargeBinary, comment="of the State it may authorize itself with, once"),
    Column("state_until", Double),
    Index("ix_sessions_state", "state"),
    Index("ix_sessions_user_id_state", "user_id", "state"),
    Index("ix_sessions_admitted_at", "admitted_at"),
    _where_there("address4"),
    _where_there("address6"),
    Index("ix_sessions_nas_id_acct_session_id", "nas_id", "acct_session_id"),
    Index("ix_sessions_disconnect", "disconnect"),
    Index("ix_sessions_certificate", "certificate"),
    Index("ix_sessions_calling_station_state", "calling_station", "state"),
    _where_there("state_hash"),
    sqlite_autoincrement=True,
)

address_leases = Table(
    "address_leases",
    METADATA,
    row_id(),
    Column("session_id", ForeignKey("sessions.id"), nullable=False),
    Column("network", String(49), nullable=False, comment="10.1.2.3/32, 2001:db8:1::/56"),
    Column("since", Double, nullable=False),
    Column("until", Double, comment="null: still"),
    Index("ix_address_leases_network_since_until", "network", "since", "until"),
    Index("ix_address_leases_session_id", "session_id"),
    sqlite_autoincrement=True,
    comment="who had which address from when to when; kept for good",
)

nas_restarts = Table(
    "nas_restarts",
    METADATA,
    Column("nas_id", ForeignKey("nas.id"), primary_key=True),
    Column("address", String(45), primary_key=True, comment="a NAS that is a network has many"),
    Column("at", Double, nullable=False),
)

pairs = Table(
    "pairs",
    METADATA,
    Column("device_id", ForeignKey("devices.id"), primary_key=True),
    Column("address", String(45), primary_key=True),
    Column("atom", BigInteger, primary_key=True),
    Column("session_id", ForeignKey("sessions.id"), nullable=False),
    Column("valid_until", Double),
    Column("removed", Boolean, nullable=False, server_default=false()),
    Column("generation", BigInteger, nullable=False),
    Index("ix_pairs_device_id_generation", "device_id", "generation"),
    Index("ix_pairs_session_id", "session_id"),
    comment="what a gateway should let through; removed rows stay until the gateway confirmed",
)

work = Table(
    "work",
    METADATA,
    Column("device_id", ForeignKey("devices.id"), primary_key=True),
    Column("lane", String(12), primary_key=True, comment="membership or structure"),
    Column("wanted", BigInteger, nullable=False, server_default="0"),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("not_before", Double, nullable=False, server_default="0"),
    Column("lease_until", Double, nullable=False, server_default="0"),
    Column("owner", String(100), nullable=False, server_default=""),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failure", Text, nullable=False, server_default=""),
    Column("done_at", Double),
)

assignments = Table(
    "assignments",
    METADATA,
    row_id(),
    Column("pool", String(200), nullable=False),
    Column("desktop", String(200), nullable=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("lease_until", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("pool", "desktop"),
    UniqueConstraint("pool", "user_id"),
    sqlite_autoincrement=True,
)
