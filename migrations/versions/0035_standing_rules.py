"""Rules that stand beside the policy document."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "standing_rules",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False, comment="grant, containment or opening"),
        sa.Column("who", sa.Text(), nullable=False, comment="JSON, as `who` of a rule; * is anybody"),
        sa.Column(
            "objects", sa.Text(), nullable=False, comment="JSON, as the objects of a rule; * is everything"
        ),
        sa.Column("valid_from", sa.Double(), nullable=False, comment="0: at once"),
        sa.Column("valid_to", sa.Double(), comment="null: until it is taken back"),
        sa.Column("owner", sa.String(200), nullable=False, server_default="", comment="whom to ask or call"),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("ticket", sa.String(200), nullable=False, server_default=""),
        sa.Column("purpose", sa.Text(), nullable=False, server_default=""),
        sa.Column(
            "endpoint",
            sa.String(17),
            nullable=False,
            server_default="",
            comment="the MAC address it is for",
        ),
        sa.Column(
            "opening",
            sa.String(100),
            nullable=False,
            server_default="",
            comment="as the document calls it",
        ),
        sa.Column("organization_id", SERIAL, comment="null: the whole installation"),
        sa.Column("user_id", SERIAL, comment="whom a grant is for, or who is contained"),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("approvals", sa.Text(), nullable=False, comment="JSON: who else agreed"),
        sa.Column("ended_at", sa.Double()),
        sa.Column("ended_by", sa.String(200), nullable=False, server_default=""),
        sa.Column(
            "revision",
            sa.BigInteger(),
            nullable=False,
            comment="of all standing rules, at its last change",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="fk_standing_rules_organization_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_standing_rules_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standing_rules"),
        sqlite_autoincrement=True,
        comment="grants, containments and openings: rules beside the policy document",
    )
    op.create_index("ix_standing_rules_ended_at", "standing_rules", ["ended_at"])
    op.create_index("ix_standing_rules_user_id", "standing_rules", ["user_id"])


def downgrade() -> None:
    op.drop_table("standing_rules")
