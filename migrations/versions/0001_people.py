"""Companies, their people and groups, and how people prove who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    create_organizations()
    create_directories()
    create_groups()
    create_users()
    create_attempts()
    create_group_members()
    create_memberships()
    create_one_time_codes()
    create_person_keys()
    create_tokens()
    create_web_sessions()


def downgrade() -> None:
    op.drop_table("web_sessions")
    op.drop_table("tokens")
    op.drop_table("person_keys")
    op.drop_table("one_time_codes")
    op.drop_table("memberships")
    op.drop_table("group_members")
    op.drop_table("attempts")
    op.drop_table("users")
    op.drop_table("groups")
    op.drop_table("directories")
    op.drop_table("organizations")


def create_organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", Serial, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("realm", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), server_default="ko", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
        sa.UniqueConstraint("key", name="uq_organizations_key"),
        sa.UniqueConstraint("realm", name="uq_organizations_realm"),
        sqlite_autoincrement=True,
    )


def create_directories() -> None:
    op.create_table(
        "directories",
        sa.Column("id", Serial, nullable=False),
        sa.Column("organization_id", Serial, nullable=False),
        sa.Column("url", sa.String(length=400), nullable=False),
        sa.Column("cookie", sa.LargeBinary(), comment="syncrepl cookie (RFC 4533)"),
        sa.Column("watermark", sa.String(length=100), comment="newest entryCSN seen when polling"),
        sa.Column("synced_at", sa.Double()),
        sa.Column("failed_at", sa.Double()),
        sa.Column("failure", sa.Text()),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_directories_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_directories"),
        sa.UniqueConstraint("organization_id", name="uq_directories_organization_id"),
        sqlite_autoincrement=True,
    )


def create_groups() -> None:
    op.create_table(
        "groups",
        sa.Column("id", Serial, nullable=False),
        sa.Column("organization_id", Serial, nullable=False),
        sa.Column("entry_uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("dn", sa.Text(), nullable=False),
        sa.Column("dn_key", sa.Text(), server_default="", nullable=False, comment="the DN normalised"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_groups_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("organization_id", "entry_uuid", name="uq_groups_organization_id_entry_uuid"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_groups_organization_id_name", "groups", ["organization_id", "name"])


def create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", Serial, nullable=False),
        sa.Column("organization_id", Serial, nullable=False),
        sa.Column("entry_uuid", sa.String(length=36), nullable=False),
        sa.Column(
            "name", sa.String(length=200), nullable=False, comment="lower case; user@realm without the realm"
        ),
        sa.Column("dn", sa.Text(), nullable=False),
        sa.Column(
            "dn_key", sa.Text(), server_default="", nullable=False, comment="normalised; empty once vanished"
        ),
        sa.Column("display_name", sa.String(length=400), server_default="", nullable=False),
        sa.Column("mail", sa.String(length=400), server_default="", nullable=False),
        sa.Column("employee_number", sa.String(length=100), server_default="", nullable=False),
        sa.Column("language", sa.String(length=8), server_default="ko", nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("vanished_at", sa.Double(), comment="when the directory stopped showing the entry"),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_users_organization_id"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("organization_id", "entry_uuid", name="uq_users_organization_id_entry_uuid"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_users_name", "users", ["name"])
    op.create_index("ix_users_organization_id_name", "users", ["organization_id", "name"])


def create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("user_id", Serial, nullable=False),
        sa.Column(
            "purpose",
            sa.String(length=16),
            nullable=False,
            comment="what was guessed: recovery or registration",
        ),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("throttled_until", sa.Double(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_attempts_user_id"),
        sa.PrimaryKeyConstraint("user_id", "purpose", name="pk_attempts"),
    )


def create_group_members() -> None:
    op.create_table(
        "group_members",
        sa.Column("group_id", Serial, nullable=False),
        sa.Column("member_dn", sa.Text(), nullable=False, comment="normalised DN as the directory lists it"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name="fk_group_members_group_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "member_dn", name="pk_group_members"),
    )


def create_memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("user_id", Serial, nullable=False),
        sa.Column("group_id", Serial, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name="fk_memberships_group_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_memberships_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "group_id", name="pk_memberships"),
        comment="the closure: a user is in every group above the groups that list them",
    )
    op.create_index("ix_memberships_group_id", "memberships", ["group_id"])


def create_one_time_codes() -> None:
    op.create_table(
        "one_time_codes",
        sa.Column("id", Serial, nullable=False),
        sa.Column("user_id", Serial, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False, comment="recovery or registration"),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("valid_until", sa.Double()),
        sa.Column("used_at", sa.Double()),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_one_time_codes_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_codes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_one_time_codes_user_id_purpose", "one_time_codes", ["user_id", "purpose"])


def create_person_keys() -> None:
    op.create_table(
        "person_keys",
        sa.Column("user_id", Serial, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), comment="NULL once destroyed"),
        sa.Column("destroyed_at", sa.Double()),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_person_keys_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_person_keys"),
    )


def create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", Serial, nullable=False),
        sa.Column("user_id", Serial, nullable=False),
        sa.Column("organization_id", Serial, nullable=False),
        sa.Column(
            "binding", sa.String(length=36), nullable=False, comment="what the sealed secret is bound to"
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("nickname", sa.String(length=100), server_default="", nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("digits", sa.Integer(), server_default="6", nullable=False),
        sa.Column("period_s", sa.Integer(), server_default="30", nullable=False),
        sa.Column("algorithm", sa.String(length=10), server_default="SHA1", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="-1", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("throttled_until", sa.Double(), server_default="0", nullable=False),
        sa.Column("drift_steps", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "version",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="compared and set as a whole",
        ),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("proven_at", sa.Double()),
        sa.Column("used_at", sa.Double()),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_tokens_organization_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tokens_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("binding", name="uq_tokens_binding"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])


def create_web_sessions() -> None:
    op.create_table(
        "web_sessions",
        sa.Column("id", sa.String(length=64), nullable=False, comment="sha256 of the cookie's value"),
        sa.Column("user_id", Serial, nullable=False),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="password (code still due), enrolling, signed-in",
        ),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("code_at", sa.Double()),
        sa.Column("valid_until", sa.Double(), nullable=False),
        sa.Column("address", sa.String(length=45), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_web_sessions_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_web_sessions"),
    )
