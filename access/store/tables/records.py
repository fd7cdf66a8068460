"""Tables of what is in force and what has happened: feed, policies, journals, audit, alarms. ◆"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from access.store.tables.columns import METADATA, Serial, row_id

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
    row_id(),
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

kept_subkeys = Table(
    "kept_subkeys",
    METADATA,
    Column("purpose", String(40), primary_key=True),
    Column("key_id", String(32), primary_key=True, comment="of the key it was derived from"),
    Column("sealed", LargeBinary, nullable=False),
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

audit = Table(
    "audit",
    METADATA,
    row_id(),
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
    Column("pruned_from", BigInteger, comment="where the pruned stretch began whose end this is"),
    Column("stamp_key", String(32), comment="the key of the stamp"),
    Column("stamp", LargeBinary, comment="says that the pruning was ours"),
)

audit_spans = Table(
    "audit_spans",
    METADATA,
    Column("writer", String(100), primary_key=True),
    Column("first_number", BigInteger, primary_key=True),
    Column("last_number", BigInteger, nullable=False),
    Column("stamp_key", String(32), nullable=False),
    Column("stamp", LargeBinary, nullable=False),
    comment="numbers of each writer whose rows were pruned",
)

audit_pruning = Table(
    "audit_pruning",
    METADATA,
    Column("before", Double, primary_key=True),
    comment="holds a row inside of a transaction that prunes, and only there: what lets rows be removed",
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
    row_id(),
    Column("kind", String(40), nullable=False, comment="a key of alarms.MEANINGS"),
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
