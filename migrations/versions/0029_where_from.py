"""From where somebody came whose session it is: the address, and the country it was in."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.add_column(
            sa.Column(
                "client_address",
                sa.String(length=45),
                server_default="",
                nullable=False,
                comment="where they came from",
            )
        )
        table.add_column(
            sa.Column(
                "country",
                sa.String(length=2),
                server_default="",
                nullable=False,
                comment="that it was in at the login",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.drop_column("country")
        table.drop_column("client_address")
