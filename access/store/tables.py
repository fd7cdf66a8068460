"""Every table of the database. Times are seconds since the epoch; secrets are sealed blobs. ◆"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
Serial = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", Serial, primary_key=True, autoincrement=True)


organizations = Table(
    "organizations",
    METADATA,
    _id(),
    Column("key", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("realm", String(200), nullable=False, unique=True),
    Column("language", String(8), nullable=False, server_default="ko"),
    sqlite_autoincrement=True,
)

directories = Table(
    "directories",
    METADATA,
    _id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False, unique=True),
    Column("url", String(400), nullable=False),
    Column("cookie", LargeBinary, comment="syncrepl cookie (RFC 4533)"),
    Column("watermark", String(100), comment="newest entryCSN seen when polling"),
    Column("synced_at", Double),
    Column("failed_at", Double),
    Column("failure", Text),
    sqlite_autoincrement=True,
)

users = Table(
    "users",
    METADATA,
    _id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("entry_uuid", String(36), nullable=False),
    Column("name", String(200), nullable=False, comment="lower case; user@realm without the realm"),
    Column("dn", Text, nullable=False),
    Column("dn_key", Text, nullable=False, server_default="", comment="normalised; empty once vanished"),
    Column("display_name", String(400), nullable=False, server_default=""),
    Column("mail", String(400), nullable=False, server_default=""),
    Column("employee_number", String(100), nullable=False, server_default=""),
    Column("language", String(8), nullable=False, server_default="ko"),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("password_changed_at", Double, comment="as the directory says, where it does"),
    Column("vanished_at", Double, comment="when the directory stopped showing the entry"),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("organization_id", "entry_uuid"),
    Index("ix_users_organization_id_name", "organization_id", "name"),
    Index("ix_users_name", "name"),
    sqlite_autoincrement=True,
)

groups = Table(
    "groups",
    METADATA,
    _id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("entry_uuid", String(36), nullable=False),
    Column("name", String(200), nullable=False),
    Column("dn", Text, nullable=False),
    Column("dn_key", Text, nullable=False, server_default="", comment="the DN normalised"),
    UniqueConstraint("organization_id", "entry_uuid"),
    Index("ix_groups_organization_id_name", "organization_id", "name"),
    sqlite_autoincrement=True,
)

group_members = Table(
    "group_members",
    METADATA,
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("member_dn", Text, primary_key=True, comment="normalised DN as the directory lists it"),
)

memberships = Table(
    "memberships",
    METADATA,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_memberships_group_id", "group_id"),
    comment="the closure: a user is in every group above the groups that list them",
)

tokens = Table(
    "tokens",
    METADATA,
    _id(),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("binding", String(36), nullable=False, unique=True, comment="what the sealed secret is bound to"),
    Column("kind", String(16), nullable=False),
    Column("nickname", String(100), nullable=False, server_default=""),
    Column("secret", LargeBinary, nullable=False),
    Column("digits", Integer, nullable=False, server_default="6"),
    Column("period_s", Integer, nullable=False, server_default="30"),
    Column("algorithm", String(10), nullable=False, server_default="SHA1"),
    Column("state", String(10), nullable=False),
    Column("last_step", BigInteger, nullable=False, server_default="-1"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("throttled_until", Double, nullable=False, server_default="0"),
    Column("drift_steps", Integer, nullable=False, server_default="0"),
    Column("version", BigInteger, nullable=False, server_default="0", comment="compared and set as a whole"),
    Column("created_at", Double, nullable=False),
    Column("proven_at", Double),
    Column("used_at", Double),
    Index("ix_tokens_user_id", "user_id"),
    sqlite_autoincrement=True,
)

one_time_codes = Table(
    "one_time_codes",
    METADATA,
    _id(),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("purpose", String(16), nullable=False, comment="recovery or registration"),
    Column("salt", LargeBinary, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("valid_until", Double),
    Column("used_at", Double),
    Index("ix_one_time_codes_user_id_purpose", "user_id", "purpose"),
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    METADATA,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("purpose", String(16), primary_key=True, comment="what was guessed: recovery or registration"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("throttled_until", Double, nullable=False, server_default="0"),
    Column("version", BigInteger, nullable=False, server_default="0"),
)

devices = Table(
    "devices",
    METADATA,
    _id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(40), nullable=False, comment="a key of vpn.drivers.DRIVERS"),
    Column("address", String(400), nullable=False, comment="netns:NAME, local:, ssh://..."),
    Column("pools", Text, nullable=False, comment="JSON list of networks sessions may have addresses in"),
    Column("site", String(100), nullable=False, server_default=""),
    Column("seen_at", Double),
    Column("failed_at", Double),
    Column("failure", Text),
    Column(
        "drift", Integer, nullable=False, server_default="0", comment="elements the last reconcile put right"
    ),
    Column("drift_at", Double),
    sqlite_autoincrement=True,
)

nas = Table(
    "nas",
    METADATA,
    _id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("name", String(100), nullable=False, unique=True),
    Column("network", String(64), nullable=False, comment="address or CIDR"),
    Column("binding", String(36), nullable=False, unique=True),
    Column("secret", LargeBinary, nullable=False),
    Column("second_secret", LargeBinary),
    Column("message_authenticator", String(10), nullable=False, server_default="require"),
    Column("code", String(10), nullable=False, server_default="appended"),
    Column("via", String(10), nullable=False),
    Column("vendor", String(40), nullable=False, server_default="generic"),
    Column("site", String(100), nullable=False, server_default=""),
    Column("nas_group", String(100), nullable=False, server_default=""),
    Column("mab", Boolean, nullable=False, server_default=false()),
    Column("eap", Boolean, nullable=False, server_default=true()),
    Column(
        "eap_methods",
        String(100),
        nullable=False,
        server_default="",
        comment="in order of preference, with commas; empty: the usual ones",
    ),
    Column("gateway_id", ForeignKey("devices.id"), comment="the gateway that enforces its sessions"),
    Column("coa_port", Integer, nullable=False, server_default="3799"),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("signs_since", Double, comment="when it first signed a request that need not be"),
    Column("secret_seen_at", Double, comment="when it last used its secret while there were two"),
    Column("second_secret_seen_at", Double, comment="when it last used the second one"),
    sqlite_autoincrement=True,
)

nas_certificates = Table(
    "nas_certificates",
    METADATA,
    _id(),
    Column("nas_id", ForeignKey("nas.id"), nullable=False),
    Column("pin", String(12), nullable=False, comment="fingerprint or name"),
    Column("value", String(253), nullable=False, comment="SHA-256 in hex, or a DNS name"),
    UniqueConstraint("pin", "value"),
    sqlite_autoincrement=True,
)

endpoints = Table(
    "endpoints",
    METADATA,
    _id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("mac", String(17), nullable=False, unique=True, comment="aa-bb-cc-dd-ee-ff"),
    Column("name", String(100), nullable=False, server_default=""),
    Column("owner", String(200), nullable=False, server_default=""),
    Column("valid_until", Double),
    Column("dot1x_at", Double, comment="when its address last logged in by 802.1X"),
    Column("dot1x_place", String(400), nullable=False, server_default=""),
    Column("phone", Boolean, nullable=False, server_default=false(), comment="its port is never bounced"),
    sqlite_autoincrement=True,
)

network_passwords = Table(
    "network_passwords",
    METADATA,
    _id(),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("binding", String(36), nullable=False, unique=True, comment="what the sealed secret is bound to"),
    Column("nickname", String(100), nullable=False),
    Column("secret", LargeBinary, nullable=False, comment="NT hash and password"),
    Column("endpoint", String(17), nullable=False, server_default="", comment="empty until its first use"),
    Column("created_at", Double, nullable=False),
    Column("valid_until", Double),
    Column("revoked_at", Double),
    Column("used_at", Double),
    Column("used_place", String(400), nullable=False, server_default=""),
    Index("ix_network_passwords_user_id", "user_id"),
    sqlite_autoincrement=True,
)

authorities = Table(
    "authorities",
    METADATA,
    _id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("name", String(80), nullable=False, unique=True, comment="that of its list of revocations"),
    Column("binding", String(36), nullable=False, unique=True),
    Column("certificate", LargeBinary, nullable=False, comment="DER"),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("issues", Boolean, nullable=False, server_default=true(), comment="one of each organization"),
    Column("created_at", Double, nullable=False),
    Column("crl", LargeBinary, comment="DER; NULL where something was revoked since"),
    Column("crl_at", Double),
    Column("crl_number", BigInteger, nullable=False, server_default="0"),
    Index("ix_authorities_organization_id", "organization_id"),
    sqlite_autoincrement=True,
)

certificates = Table(
    "certificates",
    METADATA,
    _id(),
    Column("key", String(130), nullable=False, unique=True, comment="authority and serial number"),
    Column("authority_id", ForeignKey("authorities.id"), nullable=False),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("user_id", ForeignKey("users.id")),
    Column("endpoint_id", ForeignKey("endpoints.id")),
    Column("holder", String(200), nullable=False),
    Column("device", String(100), nullable=False, server_default=""),
    Column("serial", String(40), nullable=False, comment="hexadecimal"),
    Column("der", LargeBinary, nullable=False),
    Column("not_after", Double, nullable=False),
    Column("valid_until", Double, nullable=False, comment="sooner than not_after once it is renewed"),
    Column("issued_at", Double, nullable=False),
    Column("renews", BigInteger, comment="the certificate before"),
    Column("revoked_at", Double),
    Column("revocation", String(30), comment="why, as RFC 5280 calls it"),
    Index("ix_certificates_user_id", "user_id"),
    Index("ix_certificates_endpoint_id", "endpoint_id"),
    Index("ix_certificates_authority_id_not_after", "authority_id", "not_after"),
    sqlite_autoincrement=True,
)

pickups = Table(
    "pickups",
    METADATA,
    Column("certificate_id", ForeignKey("certificates.id"), primary_key=True),
    Column("file", LargeBinary, nullable=False, comment="sealed: PKCS#12, under a password nobody keeps"),
    Column("valid_until", Double, nullable=False),
    Index("ix_pickups_valid_until", "valid_until"),
)

sessions = Table(
    "sessions",
    METADATA,
    _id(),
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
    Index("ix_sessions_address4", "address4"),
    Index("ix_sessions_address6", "address6"),
    Index("ix_sessions_nas_id_acct_session_id", "nas_id", "acct_session_id"),
    Index("ix_sessions_disconnect", "disconnect"),
    Index("ix_sessions_certificate", "certificate"),
    Index("ix_sessions_calling_station", "calling_station"),
    Index("ix_sessions_state_hash", "state_hash"),
    sqlite_autoincrement=True,
)

address_leases = Table(
    "address_leases",
    METADATA,
    _id(),
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
    _id(),
    Column("pool", String(200), nullable=False),
    Column("desktop", String(200), nullable=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("lease_until", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("pool", "desktop"),
    UniqueConstraint("pool", "user_id"),
    sqlite_autoincrement=True,
)

feed = Table(
    "feed",
    METADATA,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("xact", BigInteger, nullable=False, server_default="0", comment="0 on SQLite"),
    Column("topic", String(20), nullable=False),
    Column("key", String(200), nullable=False),
    Column("organization_id", BigInteger),
    Column("at", Double, nullable=False),
    Index("ix_feed_xact_seq", "xact", "seq"),
    sqlite_autoincrement=True,
)

policy_versions = Table(
    "policy_versions",
    METADATA,
    _id(),
    Column("revision", String(64), nullable=False, unique=True, comment="sha256 of the document"),
    Column("document", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", Double, nullable=False),
    Column("published_at", Double),
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
    comment="single values: the published policy revision, leases of the one enforcer and the one sealer",
)

leases = Table(
    "leases",
    METADATA,
    Column("name", String(40), primary_key=True, comment="enforce, seal"),
    Column("owner", String(100), nullable=False),
    Column("lease_until", Double, nullable=False),
    Column("fence", BigInteger, nullable=False),
)

journals = Table(
    "journals",
    METADATA,
    Column("name", String(200), primary_key=True, comment="host and worker"),
    Column("loaded", BigInteger, nullable=False, comment="bytes of the journal that are in the database"),
    Column("at", Double, nullable=False),
)

person_keys = Table(
    "person_keys",
    METADATA,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("sealed_key", LargeBinary, comment="NULL once destroyed"),
    Column("destroyed_at", Double),
)

audit = Table(
    "audit",
    METADATA,
    _id(),
    Column("writer", String(100), nullable=False),
    Column("number", BigInteger, nullable=False, comment="without gaps for each writer, from 1"),
    Column("organization_id", BigInteger),
    Column("at", Double, nullable=False),
    Column("kind", String(40), nullable=False, comment="login, enrolment, session, policy, sign-in, ..."),
    Column("reason", String(60), nullable=False, server_default=""),
    Column("case_code", String(12)),
    Column("user_id", BigInteger),
    Column("session_id", BigInteger),
    Column("detail", LargeBinary, nullable=False, comment="JSON, sealed under the person's key or plain"),
    Column("sealed_detail", Boolean, nullable=False),
    UniqueConstraint("writer", "number"),
    Index("ix_audit_case_code", "case_code"),
    Index("ix_audit_user_id_at", "user_id", "at"),
    Index("ix_audit_organization_id_at", "organization_id", "at"),
    sqlite_autoincrement=True,
)

audit_chain = Table(
    "audit_chain",
    METADATA,
    Column("organization_id", BigInteger, primary_key=True, comment="0: rows of no organization"),
    Column("position", BigInteger, primary_key=True),
    Column("audit_id", BigInteger, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
)

audit_writers = Table(
    "audit_writers",
    METADATA,
    Column("writer", String(100), primary_key=True),
    Column("last_number", BigInteger, nullable=False),
    Column("sealed_number", BigInteger, nullable=False, server_default="0", comment="chained up to here"),
)

_OPEN = text("cleared_at IS NULL")
alarms = Table(
    "alarms",
    METADATA,
    _id(),
    Column("kind", String(40), nullable=False, comment="a key of access.alarms.MEANINGS"),
    Column("subject", String(200), nullable=False, comment="what it is about; a repeat has the same"),
    Column("note", Text, nullable=False, server_default="", comment="what was seen last"),
    Column("organization_id", BigInteger, comment="NULL: of the whole installation"),
    Column("began", Double, nullable=False),
    Column("last", Double, nullable=False),
    Column("count", BigInteger, nullable=False, server_default="1"),
    Column("cleared_at", Double),
    Column("cleared_by", String(200), nullable=False, server_default=""),
    Index("ix_alarms_open", "kind", "subject", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_alarms_cleared_at", "cleared_at"),
    sqlite_autoincrement=True,
)

web_sessions = Table(
    "web_sessions",
    METADATA,
    Column("id", String(64), primary_key=True, comment="sha256 of the cookie's value"),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("state", String(16), nullable=False, comment="password (code still due), enrolling, signed-in"),
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("code_at", Double),
    Column("valid_until", Double, nullable=False),
    Column("address", String(45), nullable=False, server_default=""),
)
