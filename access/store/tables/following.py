"""Tables of how directories were read: what is kept against them, and what each run changed. ◆"""

from sqlalchemy import Column, Double, ForeignKey, Index, String, Table, Text

from access.store.tables.columns import METADATA, row_id

directory_held = Table(
    "directory_held",
    METADATA,
    Column("organization_id", ForeignKey("organizations.id"), primary_key=True),
    Column("what", String(12), primary_key=True, comment="person, group, membership, name"),
    Column("entry_uuid", String(36), primary_key=True),
    Column("group_uuid", String(36), primary_key=True, comment="of a membership; else empty"),
    Column("note", String(200), nullable=False, comment="the name that the directory gives"),
    Column("since", Double, nullable=False),
    Column("rejected_by", String(200), nullable=False, comment="who said that it stays so"),
    Column("directory", String(64), nullable=False, server_default="main", comment="which one says so"),
    comment="what is kept although the directory says otherwise",
)

directory_runs = Table(
    "directory_runs",
    METADATA,
    row_id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("began", Double, nullable=False),
    Column("ended", Double, comment="NULL: it is being written, or was broken off"),
    Column("kind", String(8), nullable=False, comment="first (its people are not listed), full, delta, undo"),
    Column("by", String(200), nullable=False, comment="who asked for it or approved it"),
    Column("counts", Text, nullable=False, comment="JSON: how many people of each kind of change"),
    Column("undone_at", Double),
    Column("undone_by", String(200), nullable=False, server_default=""),
    Column("directory", String(64), nullable=False, server_default="main", comment="which one was read"),
    Index("ix_directory_runs_organization_id_began", "organization_id", "began"),
    sqlite_autoincrement=True,
)

directory_changes = Table(
    "directory_changes",
    METADATA,
    row_id(),
    Column("run_id", ForeignKey("directory_runs.id", ondelete="CASCADE"), nullable=False),
    Column("entry_uuid", String(36), nullable=False),
    Column("what", String(10), nullable=False, comment="added, vanished, disabled, enabled, changed, groups"),
    Column("before", Text, nullable=False, comment="JSON: what was different in the row"),
    Column("joined", Text, nullable=False, comment="entryUUIDs of groups, with spaces between them"),
    Column("left", Text, nullable=False, comment="the same"),
    Index("ix_directory_changes_run_id", "run_id"),
    sqlite_autoincrement=True,
)
