"""How many digits the code has that a NAS sends behind the password."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    digits = sa.Column("code_digits", sa.Integer(), server_default="6", nullable=False)
    op.add_column("nas", digits)


def downgrade() -> None:
    op.drop_column("nas", "code_digits")
