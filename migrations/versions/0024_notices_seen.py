"""What its owner has seen on the portal of what they were told."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "notices",
        sa.Column("seen_at", sa.Double(), comment="when its owner said on the portal to have seen it"),
    )


def downgrade() -> None:
    op.drop_column("notices", "seen_at")
