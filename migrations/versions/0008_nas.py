"""What a NAS may use, and what was learnt about it: EAP methods, signing, which of two secrets it uses."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

METHODS = "in order of preference, with commas; empty: the usual ones"
SIGNS = "when it first signed a request that need not be"
FIRST = "when it last used its secret while there were two"
SECOND = "when it last used the second one"


def upgrade() -> None:
    with op.batch_alter_table("nas") as table:
        table.add_column(
            sa.Column(
                "eap_methods", sa.String(length=100), server_default="", nullable=False, comment=METHODS
            )
        )
        table.add_column(sa.Column("signs_since", sa.Double(), comment=SIGNS))
        table.add_column(sa.Column("secret_seen_at", sa.Double(), comment=FIRST))
        table.add_column(sa.Column("second_secret_seen_at", sa.Double(), comment=SECOND))


def downgrade() -> None:
    with op.batch_alter_table("nas") as table:
        for name in ("second_secret_seen_at", "secret_seen_at", "signs_since", "eap_methods"):
            table.drop_column(name)
