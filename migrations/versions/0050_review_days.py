"""For which review day of its rule a permit was asked about."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reviews") as table:
        table.add_column(
            sa.Column(
                "day", sa.String(10), comment="the review day that its rule named; null: none, or before"
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("reviews") as table:
        table.drop_column("day")
