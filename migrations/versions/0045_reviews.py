"""Permits of the policy that owners look at again."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(200), nullable=False, comment="its id in the policy document"),
        sa.Column("meaning", sa.String(64), nullable=False, comment="SHA-256 of what it said at the start"),
        sa.Column("owner", sa.Text(), nullable=False, comment="whom it named then"),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("started_by", sa.String(200), nullable=False),
        sa.Column(
            "told",
            sa.String(10),
            nullable=False,
            comment="asked, soon or overdue: what the owner was told of",
        ),
        sa.Column("answer", sa.String(10), comment="keep or end; null: unsigned"),
        sa.Column("answered_meaning", sa.String(64), nullable=False, comment="SHA-256 of what it said then"),
        sa.Column("answered_by", sa.String(200), nullable=False),
        sa.Column("answered_at", sa.Double()),
        sa.Column(
            "role", sa.String(10), nullable=False, comment="owner or policy: by what right it was signed"
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sqlite_autoincrement=True,
        comment="permits of the policy that owners look at again",
    )
    op.create_index("ix_reviews_closed_at", "reviews", ["closed_at"])


def downgrade() -> None:
    op.drop_table("reviews")
