"""When an account ends, and which group of Active Directory is somebody's primary one."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in columns():
        op.add_column("users", column)
    op.create_index("ix_users_expires_at", "users", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_users_expires_at", table_name="users")
    for column in columns():
        op.drop_column("users", column.name)


def columns() -> list[sa.Column]:
    return [
        sa.Column(
            "expires_at",
            sa.Double(),
            nullable=True,
            comment="from when on the directory wants the account to be disabled",
        ),
        sa.Column(
            "primary_group",
            sa.String(length=200),
            server_default="",
            nullable=False,
            comment="what its group lists",
        ),
    ]
