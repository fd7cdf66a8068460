"""Tables of what stands beside the policy document. ◆"""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, String, Table, Text

from access.store.tables.columns import METADATA, row_id

standing_rules = Table(
    "standing_rules",
    METADATA,
    row_id(),
    Column("kind", String(20), nullable=False, comment="grant, containment or opening"),
    Column("who", Text, nullable=False, comment="JSON, as `who` of a rule; * is anybody"),
    Column("objects", Text, nullable=False, comment="JSON, as the objects of a rule; * is everything"),
    Column("valid_from", Double, nullable=False, comment="0: at once"),
    Column("valid_to", Double, comment="null: until it is taken back"),
    Column("owner", String(200), nullable=False, server_default="", comment="whom to ask or call"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("ticket", String(200), nullable=False, server_default=""),
    Column("purpose", Text, nullable=False, server_default=""),
    Column("endpoint", String(17), nullable=False, server_default="", comment="the MAC address it is for"),
    Column("opening", String(100), nullable=False, server_default="", comment="as the document calls it"),
    Column("organization_id", ForeignKey("organizations.id"), comment="null: the whole installation"),
    Column("user_id", ForeignKey("users.id"), comment="whom a grant is for, or who is contained"),
    Column("created_by", String(200), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("approvals", Text, nullable=False, comment="JSON: who else agreed"),
    Column("ended_at", Double),
    Column("ended_by", String(200), nullable=False, server_default=""),
    Column(
        "state",
        String(10),
        nullable=False,
        server_default="standing",
        comment="asked, standing, refused, lapsed or ended",
    ),
    Column("asked_by_id", BigInteger, comment="the user who asked"),
    Column("lapses_at", Double, comment="until when somebody may agree"),
    Column("lasts_s", Double, comment="for how long it was asked"),
    Column("extends", BigInteger, comment="the grant that is to last longer"),
    Column("review_at", Double, comment="when its owner has to look again"),
    Column("revision", BigInteger, nullable=False, comment="of all standing rules, at its last change"),
    Index("ix_standing_rules_ended_at", "ended_at"),
    Index("ix_standing_rules_user_id", "user_id"),
    sqlite_autoincrement=True,
    comment="grants, containments and openings: rules beside the policy document",
)
