"""What happened, what is in force, and who leads."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    create_audit()
    create_audit_chain()
    create_audit_writers()
    create_feed()
    create_journals()
    create_leases()
    create_policy_versions()
    create_settings()


def downgrade() -> None:
    op.drop_table("settings")
    op.drop_table("policy_versions")
    op.drop_table("leases")
    op.drop_table("journals")
    op.drop_table("feed")
    op.drop_table("audit_writers")
    op.drop_table("audit_chain")
    op.drop_table("audit")


def create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Serial, nullable=False),
        sa.Column("writer", sa.String(length=100), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, comment="without gaps for each writer, from 1"),
        sa.Column("organization_id", sa.BigInteger()),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=40),
            nullable=False,
            comment="login, enrolment, session, policy, sign-in, ...",
        ),
        sa.Column("reason", sa.String(length=60), server_default="", nullable=False),
        sa.Column("case_code", sa.String(length=12)),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("session_id", sa.BigInteger()),
        sa.Column(
            "detail", sa.LargeBinary(), nullable=False, comment="JSON, sealed under the person's key or plain"
        ),
        sa.Column("sealed_detail", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.UniqueConstraint("writer", "number", name="uq_audit_writer_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_case_code", "audit", ["case_code"])
    op.create_index("ix_audit_organization_id_at", "audit", ["organization_id", "at"])
    op.create_index("ix_audit_user_id_at", "audit", ["user_id", "at"])


def create_audit_chain() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("organization_id", sa.BigInteger(), nullable=False, comment="0: rows of no organization"),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "position", name="pk_audit_chain"),
        sa.UniqueConstraint("audit_id", name="uq_audit_chain_audit_id"),
    )


def create_audit_writers() -> None:
    op.create_table(
        "audit_writers",
        sa.Column("writer", sa.String(length=100), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column(
            "sealed_number",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="chained up to here",
        ),
        sa.PrimaryKeyConstraint("writer", name="pk_audit_writers"),
    )


def create_feed() -> None:
    op.create_table(
        "feed",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("xact", sa.BigInteger(), server_default="0", nullable=False, comment="0 on SQLite"),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.BigInteger()),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_feed"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feed_xact_seq", "feed", ["xact", "seq"])


def create_journals() -> None:
    op.create_table(
        "journals",
        sa.Column("name", sa.String(length=200), nullable=False, comment="host and worker"),
        sa.Column(
            "loaded", sa.BigInteger(), nullable=False, comment="bytes of the journal that are in the database"
        ),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_journals"),
    )


def create_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False, comment="enforce, seal"),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def create_policy_versions() -> None:
    op.create_table(
        "policy_versions",
        sa.Column("id", Serial, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False, comment="sha256 of the document"),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("published_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_policy_versions"),
        sa.UniqueConstraint("revision", name="uq_policy_versions_revision"),
        sqlite_autoincrement=True,
    )


def create_settings() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
        comment="single values: the published policy revision, leases of the one enforcer and the one sealer",
    )
