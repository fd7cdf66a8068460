"""Drafts of policies, who approved what, every publication, and when somebody last had an object open."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = """
    INSERT INTO policy_publications (revision, replaced, author, author_id, note, at, approved_by)
    SELECT revision, '', author, NULL, note, published_at, ''
    FROM policy_versions WHERE published_at IS NOT NULL ORDER BY published_at
"""


def upgrade() -> None:
    op.create_table(
        "policy_drafts",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column(
            "revision", sa.String(length=64), nullable=False, comment="sha256 of the document as it is now"
        ),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column(
            "base", sa.String(length=64), nullable=False, comment="the revision it was written over, or empty"
        ),
        sa.Column("author", sa.String(length=200), nullable=False, comment="who wrote what it says now"),
        sa.Column("author_id", sa.BigInteger(), comment="where that is a user of ours"),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("submitted_at", sa.Double(), comment="since when it waits for approvals"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_drafts"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "policy_approvals",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("user_id", SERIAL, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("stamp_key", sa.String(length=32), nullable=False, comment="the key of the stamp"),
        sa.Column("stamp", sa.LargeBinary(), nullable=False, comment="says that we wrote the row"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_policy_approvals_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_approvals"),
        sa.UniqueConstraint("revision", "base", "user_id", name="uq_policy_approvals_revision_base_user_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "policy_publications",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column(
            "replaced", sa.String(length=64), nullable=False, comment="the one in force before, or empty"
        ),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.BigInteger()),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False, server_default="", comment="names, with commas"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_publications"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "last_uses",
        sa.Column("user_id", SERIAL, nullable=False),
        sa.Column(
            "object", sa.String(length=200), nullable=False, comment="network:NAME, vdi:NAME, login:VIA"
        ),
        sa.Column("at", sa.Double(), nullable=False, comment="to the day: when it was open to a session"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_last_uses_user_id"),
        sa.PrimaryKeyConstraint("user_id", "object", name="pk_last_uses"),
    )
    op.create_index("ix_last_uses_object", "last_uses", ["object"])
    op.execute(BEFORE)


def downgrade() -> None:
    for table in ("last_uses", "policy_publications", "policy_approvals", "policy_drafts"):
        op.drop_table(table)
