"""What directories say of people that rules of the policy ask for."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

COMMENT = "for rules: department=sales"


def upgrade() -> None:
    with op.batch_alter_table("users") as table:
        table.add_column(sa.Column("attributes", sa.Text, server_default="", nullable=False, comment=COMMENT))


def downgrade() -> None:
    with op.batch_alter_table("users") as table:
        table.drop_column("attributes")
