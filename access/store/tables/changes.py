"""Tables of how a policy changes: drafts, approvals, publications, what was taken and used lately. ◆"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from access.store.tables.columns import METADATA, row_id

policy_drafts = Table(
    "policy_drafts",
    METADATA,
    row_id(),
    Column("revision", String(64), nullable=False, comment="sha256 of the document as it is now"),
    Column("document", Text, nullable=False),
    Column("base", String(64), nullable=False, comment="the revision it was written over, or empty"),
    Column("author", String(200), nullable=False, comment="who wrote what it says now"),
    Column("author_id", BigInteger, comment="where that is a user of ours"),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("submitted_at", Double, comment="since when it waits for approvals"),
    Column(
        "organization",
        String(64),
        nullable=False,
        server_default="",
        comment="the key of the one whose part it is, or empty for the whole document",
    ),
    sqlite_autoincrement=True,
)

policy_approvals = Table(
    "policy_approvals",
    METADATA,
    row_id(),
    Column("revision", String(64), nullable=False),
    Column("base", String(64), nullable=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("at", Double, nullable=False),
    Column("stamp_key", String(32), nullable=False, comment="the key of the stamp"),
    Column("stamp", LargeBinary, nullable=False, comment="says that we wrote the row"),
    UniqueConstraint("revision", "base", "user_id"),
    sqlite_autoincrement=True,
)

policy_publications = Table(
    "policy_publications",
    METADATA,
    row_id(),
    Column("revision", String(64), nullable=False),
    Column("replaced", String(64), nullable=False, comment="the one in force before, or empty"),
    Column("author", String(200), nullable=False),
    Column("author_id", BigInteger),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", Double, nullable=False),
    Column("approved_by", Text, nullable=False, server_default="", comment="names, with commas"),
    Column(
        "organization",
        String(64),
        nullable=False,
        server_default="",
        comment="the key of the one whose part was published, or empty for the whole document",
    ),
    sqlite_autoincrement=True,
)

takings = Table(
    "takings",
    METADATA,
    row_id(),
    Column("at", Double, nullable=False),
    Column("author_id", BigInteger, comment="null: whoever gave no name"),
    Column("act", String(12), nullable=False, comment="published, closed, group"),
    Column("organization", String(64), nullable=False, comment="its key"),
    Column("people", Text, nullable=False, comment="JSON: name@organization of each"),
    Index("ix_takings_at", "at"),
    sqlite_autoincrement=True,
)

last_uses = Table(
    "last_uses",
    METADATA,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("object", String(200), primary_key=True, comment="network:NAME, vdi:NAME, login:VIA"),
    Column("at", Double, nullable=False, comment="to the day: when it was open to a session"),
    Index("ix_last_uses_object", "object"),
)
