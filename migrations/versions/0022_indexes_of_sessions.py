"""Indexes of sessions hold what is looked for: live ones of a station, and no entry for what is not there."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SELDOM = ("address4", "address6", "state_hash")


def upgrade() -> None:
    op.drop_index("ix_sessions_calling_station", "sessions")
    op.create_index("ix_sessions_calling_station_state", "sessions", ["calling_station", "state"])
    for name in SELDOM:
        there = sa.text(f"{name} IS NOT NULL")
        op.drop_index(f"ix_sessions_{name}", "sessions")
        op.create_index(f"ix_sessions_{name}", "sessions", [name], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    op.drop_index("ix_sessions_calling_station_state", "sessions")
    op.create_index("ix_sessions_calling_station", "sessions", ["calling_station"])
    for name in SELDOM:
        op.drop_index(f"ix_sessions_{name}", "sessions")
        op.create_index(f"ix_sessions_{name}", "sessions", [name])
