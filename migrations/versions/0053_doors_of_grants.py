"""The doors by which alone a grant is had."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    comment = "the only ones; empty: any"
    column = sa.Column("doors", sa.String(40), nullable=False, server_default="", comment=comment)
    op.add_column("standing_rules", column)


def downgrade() -> None:
    # An older version would let what is granted by one door be had by each.
    op.execute("DELETE FROM standing_rules WHERE doors <> ''")
    op.drop_column("standing_rules", "doors")
