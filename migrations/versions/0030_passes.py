"""Passes that the helpdesk asks for, and when a phone was reported lost."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "passes",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("user_id", SERIAL, nullable=False, comment="whom it is for"),
        sa.Column("organization_id", SERIAL, nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False, comment="bypass or registration"),
        sa.Column("hours", sa.Double(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("via", sa.String(length=100), server_default="", nullable=False),
        sa.Column("colleague_id", SERIAL, comment="who hands it over; NULL: it goes by mail"),
        sa.Column("asked_by_id", SERIAL, nullable=False),
        sa.Column("asked_by", sa.String(length=400), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("second_id", SERIAL, comment="who has agreed"),
        sa.Column("second_by", sa.String(length=400), server_default="", nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("done_at", sa.Double(), comment="handed over, or given up for a newer one"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_passes_user_id"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_passes_organization_id"),
        sa.ForeignKeyConstraint(["colleague_id"], ["users.id"], name="fk_passes_colleague_id"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name="fk_passes_asked_by_id"),
        sa.ForeignKeyConstraint(["second_id"], ["users.id"], name="fk_passes_second_id"),
        sa.PrimaryKeyConstraint("id", name="pk_passes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passes_user_id", "passes", ["user_id"])
    op.create_index("ix_passes_colleague_id", "passes", ["colleague_id"])
    lost = sa.Column("lost_at", sa.Double(), comment="when its owner reported it lost; undone within a day")
    op.add_column("tokens", lost)


def downgrade() -> None:
    op.drop_column("tokens", "lost_at")
    op.drop_table("passes")
