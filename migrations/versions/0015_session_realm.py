"""Whose session it is where a home server of another realm has vouched for somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", realm())


def downgrade() -> None:
    op.drop_column("sessions", realm().name)


def realm() -> sa.Column:
    return sa.Column(
        "realm",
        sa.String(length=63),
        server_default="",
        nullable=False,
        comment="another realm that vouches for user_name",
    )
