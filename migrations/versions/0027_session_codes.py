"""What the code of a session was, and how its owner had come by what made it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    word = sa.Column(
        "code",
        sa.String(length=40),
        nullable=False,
        server_default="",
        comment="what it was: totp registration",
    )
    op.add_column("sessions", word)


def downgrade() -> None:
    op.drop_column("sessions", "code")
