"""What codes and heads are checked with after the key they were made under is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_subkeys",
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False, comment="of the key it was derived from"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "key_id", name=op.f("pk_kept_subkeys")),
    )


def downgrade() -> None:
    op.drop_table("kept_subkeys")
