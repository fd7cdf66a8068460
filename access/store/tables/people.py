"""Tables of who there is: companies, directories, people, and what people prove themselves with. ◆"""

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
    true,
)

from access.store.tables.columns import METADATA, Serial, row_id

organizations = Table(
    "organizations",
    METADATA,
    row_id(),
    Column("key", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("realm", String(200), nullable=False, unique=True),
    Column("language", String(8), nullable=False, server_default="ko"),
    sqlite_autoincrement=True,
)

directories = Table(
    "directories",
    METADATA,
    row_id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("url", String(400), nullable=False),
    Column("cookie", LargeBinary, comment="syncrepl cookie (RFC 4533)"),
    Column("watermark", String(100), comment="newest entryCSN seen when polling"),
    Column("synced_at", Double),
    Column("failed_at", Double),
    Column("failure", Text),
    Column("read_with", Text, comment="base, filters, name attribute and account of the last whole reading"),
    Column("silent_since", Double, comment="since when it cannot be read"),
    Column("name", String(64), nullable=False, server_default="main", comment="among the organization's"),
    UniqueConstraint("organization_id", "name"),
    sqlite_autoincrement=True,
)

users = Table(
    "users",
    METADATA,
    row_id(),
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
    Column("expires_at", Double, comment="from when on the directory wants the account to be disabled"),
    Column("primary_group", String(200), nullable=False, server_default="", comment="what its group lists"),
    Column("vanished_at", Double, comment="when the directory stopped showing the entry"),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("directory", String(64), nullable=False, server_default="main", comment="which one shows it"),
    Column("attributes", Text, nullable=False, server_default="", comment="for rules: department=sales"),
    UniqueConstraint("organization_id", "entry_uuid"),
    Index("ix_users_organization_id_name", "organization_id", "name"),
    Index("ix_users_name", "name"),
    Index("ix_users_expires_at", "expires_at"),
    sqlite_autoincrement=True,
)

groups = Table(
    "groups",
    METADATA,
    row_id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("entry_uuid", String(36), nullable=False),
    Column("name", String(200), nullable=False),
    Column("dn", Text, nullable=False),
    Column("dn_key", Text, nullable=False, server_default="", comment="the DN normalised"),
    Column("directory", String(64), nullable=False, server_default="main", comment="which one shows it"),
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

local_groups = Table(
    "local_groups",
    METADATA,
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("owner_id", ForeignKey("users.id"), nullable=False, comment="who answers for it"),
    Column("purpose", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("created_by", String(200), nullable=False),
    comment="groups that are kept here and in no directory",
)

local_members = Table(
    "local_members",
    METADATA,
    row_id(),
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), comment="or else a group"),
    Column("member_group_id", ForeignKey("groups.id", ondelete="CASCADE")),
    Column("until", Double, nullable=False),
    Column("added_at", Double, nullable=False),
    Column("added_by", String(200), nullable=False),
    UniqueConstraint("group_id", "user_id"),
    UniqueConstraint("group_id", "member_group_id"),
    Index("ix_local_members_user_id", "user_id"),
    Index("ix_local_members_member_group_id", "member_group_id"),
    sqlite_autoincrement=True,
    comment="what is listed in a local group",
)

ending_memberships = Table(
    "ending_memberships",
    METADATA,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    Column("until", Double, nullable=False),
    Index("ix_ending_memberships_group_id", "group_id"),
    Index("ix_ending_memberships_until", "until"),
    comment="who is in local groups by all that is listed, until when",
)

tokens = Table(
    "tokens",
    METADATA,
    row_id(),
    Column("user_id", ForeignKey("users.id"), comment="NULL: in stock, nobody's yet"),
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
    Column("serial", String(100), comment="printed on a hardware token; NULL on a phone"),
    Column(
        "origin",
        String(16),
        nullable=False,
        server_default="",
        comment="how its owner came by it; empty before this was kept",
    ),
    Column("used_place", String(400), nullable=False, server_default=""),
    Column(
        "missed_step",
        BigInteger,
        nullable=False,
        server_default="-1",
        comment="of a right code too far away: the next one after it finds the token again",
    ),
    Column("missed_at", Double, nullable=False, server_default="0"),
    Column("lost_at", Double, comment="when its owner reported it lost; undone within a day"),
    Index("ix_tokens_user_id", "user_id"),
    Index("ix_tokens_organization_id_serial", "organization_id", "serial", unique=True),
    sqlite_autoincrement=True,
)

local_users = Table(
    "local_users",
    METADATA,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("sponsor_id", ForeignKey("users.id"), nullable=False, comment="who answers for them"),
    Column("employer", String(200), nullable=False),
    Column("password_hash", Text, nullable=False, comment="argon2id (RFC 9106)"),
    Column("approved_at", Double, nullable=False),
    Column("approved_by", String(200), nullable=False),
)

person_links = Table(
    "person_links",
    METADATA,
    row_id(),
    Column("user_id", ForeignKey("users.id"), nullable=False, comment="of the company that proposes"),
    Column("other_id", ForeignKey("users.id"), nullable=False, comment="of the company that has to approve"),
    Column("state", String(10), nullable=False, comment="proposed, linked, refused, cut"),
    Column("proposed_at", Double, nullable=False),
    Column("proposed_by", ForeignKey("users.id"), nullable=False),
    Column("decided_at", Double),
    Column("decided_by", ForeignKey("users.id")),
    Index("ix_person_links_user_id", "user_id"),
    Index("ix_person_links_other_id", "other_id"),
    sqlite_autoincrement=True,
    comment="one person with a membership in each of two companies",
)

relink_refusals = Table(
    "relink_refusals",
    METADATA,
    Column("old_id", ForeignKey("users.id"), primary_key=True),
    Column("new_id", ForeignKey("users.id"), primary_key=True),
    Column("at", Double, nullable=False),
    Column("by", String(400), nullable=False),
    comment="who looks like somebody of before and is somebody else",
)

api_keys = Table(
    "api_keys",
    METADATA,
    row_id(),
    Column("name", String(100), nullable=False),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("scopes", String(200), nullable=False, comment="with spaces between them"),
    Column("fingerprint", LargeBinary, nullable=False, comment="SHA-256 of the secret"),
    Column("created_at", Double, nullable=False),
    Column("used_at", Double),
    Column("revoked_at", Double),
    sqlite_autoincrement=True,
)

notices = Table(
    "notices",
    METADATA,
    row_id(),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("organization_id", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", Double, nullable=False),
    Column("detail", Text, nullable=False, comment="JSON, what the words speak of"),
    Column("not_before", Double, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failure", Text, nullable=False, server_default=""),
    Column("done_at", Double, comment="delivered, or given up (failure)"),
    Column("seen_at", Double, comment="when its owner said on the portal to have seen it"),
    Index("ix_notices_user_id_kind", "user_id", "kind"),
    Index("ix_notices_done_at_not_before", "done_at", "not_before"),
    sqlite_autoincrement=True,
)

one_time_codes = Table(
    "one_time_codes",
    METADATA,
    row_id(),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("valid_until", Double),
    Column("used_at", Double),
    Column("uses_left", Integer, nullable=False, server_default="1"),
    Column(
        "via",
        String(100),
        nullable=False,
        server_default="",
        comment="the only doors it opens, separated by spaces; empty: every door",
    ),
    Column("issued_by", String(200), nullable=False, server_default=""),
    Index("ix_one_time_codes_user_id_purpose", "user_id", "purpose"),
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    METADATA,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("purpose", String(16), primary_key=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("throttled_until", Double, nullable=False, server_default="0"),
    Column("version", BigInteger, nullable=False, server_default="0"),
)

passes = Table(
    "passes",
    METADATA,
    row_id(),
    Column("user_id", ForeignKey("users.id"), nullable=False, comment="whom it is for"),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("scope", String(16), nullable=False, comment="bypass or registration"),
    Column("hours", Double, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("via", String(100), nullable=False, server_default=""),
    Column("colleague_id", ForeignKey("users.id"), comment="who hands it over; NULL: it goes by mail"),
    Column("asked_by_id", ForeignKey("users.id"), nullable=False),
    Column("asked_by", String(400), nullable=False),
    Column("needs_second", Boolean, nullable=False),
    Column("second_id", ForeignKey("users.id"), comment="who has agreed"),
    Column("second_by", String(400), nullable=False, server_default=""),
    Column("at", Double, nullable=False),
    Column("done_at", Double, comment="handed over, or given up for a newer one"),
    Index("ix_passes_user_id", "user_id"),
    Index("ix_passes_colleague_id", "colleague_id"),
    sqlite_autoincrement=True,
)

desk_acts = Table(
    "desk_acts",
    METADATA,
    row_id(),
    Column("user_id", ForeignKey("users.id"), nullable=False, comment="for whom"),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("act", String(16), nullable=False, comment="unlock, resync or give-back"),
    Column("token_id", Serial, comment="which phone; NULL: all"),
    Column("asked_by_id", ForeignKey("users.id"), nullable=False),
    Column("asked_by", String(400), nullable=False),
    Column("at", Double, nullable=False),
    Column("done_at", Double, comment="done by another one, or given up for a newer one"),
    Column("done_by", String(400), nullable=False, server_default=""),
    Index("ix_desk_acts_user_id", "user_id"),
    sqlite_autoincrement=True,
)

vouches = Table(
    "vouches",
    METADATA,
    row_id(),
    Column("user_id", ForeignKey("users.id"), nullable=False, comment="for whom"),
    Column("voucher_id", ForeignKey("users.id"), nullable=False),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("at", Double, nullable=False),
    Column("spent_at", Double),
    Index("ix_vouches_user_id", "user_id"),
    Index("ix_vouches_voucher_id", "voucher_id"),
    sqlite_autoincrement=True,
)

network_passwords = Table(
    "network_passwords",
    METADATA,
    row_id(),
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

passkeys = Table(
    "passkeys",
    METADATA,
    row_id(),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True, comment="over all people, for ever"),
    Column("public_key", LargeBinary, nullable=False, comment="COSE; sealed for this person and credential"),
    Column("sign_count", BigInteger, nullable=False, server_default="0", comment="only goes up"),
    Column("aaguid", String(36), nullable=False, server_default="", comment="the model, where it says so"),
    Column("transports", String(100), nullable=False, server_default="", comment="with spaces between them"),
    Column("nickname", String(100), nullable=False, server_default=""),
    Column("origin", String(16), nullable=False, server_default="", comment="how its owner came by it"),
    Column("created_at", Double, nullable=False),
    Column("used_at", Double),
    Column("used_place", String(400), nullable=False, server_default=""),
    Column("revoked_at", Double),
    Index("ix_passkeys_user_id", "user_id"),
    sqlite_autoincrement=True,
)

passkey_challenges = Table(
    "passkey_challenges",
    METADATA,
    Column("challenge", LargeBinary, primary_key=True, comment="gone once it was answered"),
    Column("session_id", String(64), nullable=False),
    Column("ceremony", String(16), nullable=False, comment="registration, assertion"),
    Column("valid_until", Double, nullable=False),
    Index("ix_passkey_challenges_session_id", "session_id"),
)

person_keys = Table(
    "person_keys",
    METADATA,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("sealed_key", LargeBinary, comment="NULL once destroyed"),
    Column("destroyed_at", Double),
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
    Column(
        "code_kind",
        String(16),
        nullable=False,
        server_default="",
        comment="what the newest code was: totp, hotp, recovery ...",
    ),
    Column(
        "code_origin",
        String(16),
        nullable=False,
        server_default="",
        comment="how its owner came by what made the newest code",
    ),
    Column(
        "signed_in_as",
        ForeignKey("users.id"),
        comment="whose password was typed, where the session acts for another membership of the person",
    ),
    Column(
        "risk", String(150), nullable=False, server_default="", comment="of signing in: medium wrong-tries"
    ),
)
