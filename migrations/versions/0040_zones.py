"""Which zone a session is in."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

COMMENT = "it is in, by the policy"


def upgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.add_column(
            sa.Column("zone", sa.String(length=64), server_default="", nullable=False, comment=COMMENT)
        )


def downgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.drop_column("zone")
