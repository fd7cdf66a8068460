"""What reviews stop, when people came, and no date that nothing has asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

COMMENTS = (
    ("COLUMN standing_rules.kind", "grant, containment, opening, silence or ending"),
    (
        "COLUMN standing_rules.objects",
        "JSON, as the objects of a rule; * is everything; of a silence the rule",
    ),
    (
        "TABLE standing_rules",
        "grants, containments, openings, and what reviews stop: beside the policy document",
    ),
)
BEFORE = (
    ("COLUMN standing_rules.kind", "grant, containment or opening"),
    ("COLUMN standing_rules.objects", "JSON, as the objects of a rule; * is everything"),
    ("TABLE standing_rules", "grants, containments and openings: rules beside the policy document"),
)


def _say(comments: tuple[tuple[str, str], ...]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for what, comment in comments:
            op.execute(f"COMMENT ON {what} IS '{comment}'")


def upgrade() -> None:
    with op.batch_alter_table("reviews") as table:
        table.add_column(
            sa.Column(
                "unsigned",
                sa.String(10),
                nullable=False,
                server_default="keep",
                comment="keep, silence or end: what comes of it unsigned",
            )
        )
        table.add_column(
            sa.Column(
                "stopped_by", sa.BigInteger(), comment="the standing rule that stops it since it was closed"
            )
        )
    with op.batch_alter_table("standing_rules") as table:
        table.drop_column("review_at")
    _say(COMMENTS)
    op.create_index("ix_sessions_admitted_at", "sessions", ["admitted_at"])


def downgrade() -> None:
    _say(BEFORE)
    op.drop_index("ix_sessions_admitted_at", "sessions")
    # An older version knows none of these kinds.
    op.execute("DELETE FROM standing_rules WHERE kind IN ('silence', 'ending')")
    with op.batch_alter_table("standing_rules") as table:
        table.add_column(sa.Column("review_at", sa.Double(), comment="when its owner has to look again"))
    with op.batch_alter_table("reviews") as table:
        table.drop_column("stopped_by")
        table.drop_column("unsigned")
