"""Groups that are kept here and in no directory, and who is in them until when."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "local_groups",
        sa.Column("group_id", SERIAL, nullable=False),
        sa.Column("owner_id", SERIAL, nullable=False, comment="who answers for it"),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        _foreign("local_groups", "group_id", "groups.id", ondelete="CASCADE"),
        _foreign("local_groups", "owner_id", "users.id"),
        sa.PrimaryKeyConstraint("group_id", name="pk_local_groups"),
        comment="groups that are kept here and in no directory",
    )
    op.create_table(
        "local_members",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("group_id", SERIAL, nullable=False),
        sa.Column("user_id", SERIAL, comment="or else a group"),
        sa.Column("member_group_id", SERIAL),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        _foreign("local_members", "group_id", "groups.id", ondelete="CASCADE"),
        _foreign("local_members", "user_id", "users.id", ondelete="CASCADE"),
        _foreign("local_members", "member_group_id", "groups.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_local_members"),
        sa.UniqueConstraint("group_id", "user_id", name="uq_local_members_group_id_user_id"),
        sa.UniqueConstraint("group_id", "member_group_id", name="uq_local_members_group_id_member_group_id"),
        sqlite_autoincrement=True,
        comment="what is listed in a local group",
    )
    op.create_index("ix_local_members_user_id", "local_members", ["user_id"])
    op.create_index("ix_local_members_member_group_id", "local_members", ["member_group_id"])
    op.create_table(
        "ending_memberships",
        sa.Column("user_id", SERIAL, nullable=False),
        sa.Column("group_id", SERIAL, nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        _foreign("ending_memberships", "user_id", "users.id", ondelete="CASCADE"),
        _foreign("ending_memberships", "group_id", "groups.id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "group_id", name="pk_ending_memberships"),
        comment="who is in local groups by all that is listed, until when",
    )
    op.create_index("ix_ending_memberships_group_id", "ending_memberships", ["group_id"])
    op.create_index("ix_ending_memberships_until", "ending_memberships", ["until"])


def downgrade() -> None:
    op.drop_table("ending_memberships")
    op.drop_table("local_members")
    op.drop_table("local_groups")


def _foreign(table: str, column: str, target: str, **more: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", **more)
