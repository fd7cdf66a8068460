"""What each reading of a directory changed, and what is kept although it says otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "directories",
        sa.Column(
            "read_with",
            sa.Text(),
            comment="base, filters, name attribute and account of the last whole reading",
        ),
    )
    op.add_column(
        "directories", sa.Column("silent_since", sa.Double(), comment="since when it cannot be read")
    )
    op.create_table(
        "directory_held",
        sa.Column("organization_id", SERIAL, nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False, comment="person, group, membership, name"),
        sa.Column("entry_uuid", sa.String(length=36), nullable=False),
        sa.Column("group_uuid", sa.String(length=36), nullable=False, comment="of a membership; else empty"),
        sa.Column("note", sa.String(length=200), nullable=False, comment="the name that the directory gives"),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("rejected_by", sa.String(length=200), nullable=False, comment="who said that it stays so"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_directory_held_organization_id"
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "what", "entry_uuid", "group_uuid", name="pk_directory_held"
        ),
        comment="what is kept although the directory says otherwise",
    )
    op.create_table(
        "directory_runs",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("organization_id", SERIAL, nullable=False),
        sa.Column("began", sa.Double(), nullable=False),
        sa.Column("ended", sa.Double(), comment="NULL: it is being written, or was broken off"),
        sa.Column(
            "kind",
            sa.String(length=8),
            nullable=False,
            comment="first (its people are not listed), full, delta, undo",
        ),
        sa.Column("by", sa.String(length=200), nullable=False, comment="who asked for it or approved it"),
        sa.Column(
            "counts", sa.Text(), nullable=False, comment="JSON: how many people of each kind of change"
        ),
        sa.Column("undone_at", sa.Double()),
        sa.Column("undone_by", sa.String(length=200), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_directory_runs_organization_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_directory_runs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_directory_runs_organization_id_began", "directory_runs", ["organization_id", "began"])
    op.create_table(
        "directory_changes",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("run_id", SERIAL, nullable=False),
        sa.Column("entry_uuid", sa.String(length=36), nullable=False),
        sa.Column(
            "what",
            sa.String(length=10),
            nullable=False,
            comment="added, vanished, disabled, enabled, changed, groups",
        ),
        sa.Column("before", sa.Text(), nullable=False, comment="JSON: what was different in the row"),
        sa.Column(
            "joined", sa.Text(), nullable=False, comment="entryUUIDs of groups, with spaces between them"
        ),
        sa.Column("left", sa.Text(), nullable=False, comment="the same"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["directory_runs.id"],
            name="fk_directory_changes_run_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_directory_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_directory_changes_run_id", "directory_changes", ["run_id"])


def downgrade() -> None:
    op.drop_table("directory_changes")
    op.drop_table("directory_runs")
    op.drop_table("directory_held")
    op.drop_column("directories", "silent_since")
    op.drop_column("directories", "read_with")
