"""What leads to the endpoint of a session, as its NAS said."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.add_column(
            sa.Column(
                "medium",
                sa.String(length=10),
                server_default="",
                nullable=False,
                comment="wired, wireless or other",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.drop_column("medium")
