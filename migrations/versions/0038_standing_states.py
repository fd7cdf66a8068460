"""Rules beside the document that somebody has yet to agree to."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("standing_rules") as table:
        table.add_column(
            sa.Column(
                "state",
                sa.String(10),
                nullable=False,
                server_default="standing",
                comment="asked, standing, refused, lapsed or ended",
            )
        )
        table.add_column(sa.Column("asked_by_id", sa.BigInteger(), comment="the user who asked"))
        table.add_column(sa.Column("lapses_at", sa.Double(), comment="until when somebody may agree"))
        table.add_column(sa.Column("lasts_s", sa.Double(), comment="for how long it was asked"))
        table.add_column(sa.Column("extends", sa.BigInteger(), comment="the grant that is to last longer"))
        table.add_column(sa.Column("review_at", sa.Double(), comment="when its owner has to look again"))


def downgrade() -> None:
    with op.batch_alter_table("standing_rules") as table:
        for name in ("state", "asked_by_id", "lapses_at", "lasts_s", "extends", "review_at"):
            table.drop_column(name)
