"""Which endpoints the company manages."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("endpoints") as table:
        table.add_column(
            sa.Column(
                "managed",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
                comment="the company manages it",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("endpoints") as table:
        table.drop_column("managed")
