"""What a session was given beside its VLAN, so that it can be told when the policy gives something else."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", gifts())


def downgrade() -> None:
    op.drop_column("sessions", gifts().name)


def gifts() -> sa.Column:
    return sa.Column(
        "gifts",
        sa.Text(),
        server_default="",
        nullable=False,
        comment="what its NAS was told: vlan=staff role=x",
    )
