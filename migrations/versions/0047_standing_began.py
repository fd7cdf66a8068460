"""When what stands beside the policy document was put in force."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("standing_rules") as table:
        table.add_column(
            sa.Column(
                "began_at",
                sa.Double(),
                comment="when it was put in force; null: never, or before this was kept",
            )
        )
    # What was asked for first was agreed to at a moment that nobody has kept.
    op.execute(
        "UPDATE standing_rules SET began_at = created_at"
        " WHERE asked_by_id IS NULL AND state IN ('standing', 'ended')"
    )


def downgrade() -> None:
    with op.batch_alter_table("standing_rules") as table:
        table.drop_column("began_at")
