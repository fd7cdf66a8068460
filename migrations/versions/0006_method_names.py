"""The names of EAP methods are longer than those of the first ones.

SQLite holds to no length; there the column only says so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SHORT, LONG = sa.String(length=20), sa.String(length=40)


def upgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.alter_column("method", existing_type=SHORT, type_=LONG, existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.alter_column("method", existing_type=LONG, type_=SHORT, existing_nullable=False)
