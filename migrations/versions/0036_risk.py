"""How risky the login was that opened a session, on the network or on the pages."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

COMMENTS = {"sessions": "of the login: low new-endpoint", "web_sessions": "of signing in: medium wrong-tries"}


def upgrade() -> None:
    for name, comment in COMMENTS.items():
        column = sa.Column("risk", sa.String(length=150), server_default="", nullable=False, comment=comment)
        with op.batch_alter_table(name) as table:
            table.add_column(column)


def downgrade() -> None:
    for name in COMMENTS:
        with op.batch_alter_table(name) as table:
            table.drop_column("risk")
