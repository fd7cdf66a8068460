"""Drafts and publications of one company's part of the policy."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

COMMENTS = {
    "policy_drafts": "the key of the one whose part it is, or empty for the whole document",
    "policy_publications": "the key of the one whose part was published, or empty for the whole document",
}


def upgrade() -> None:
    for table, comment in COMMENTS.items():
        column = sa.Column("organization", sa.String(64), nullable=False, server_default="", comment=comment)
        op.add_column(table, column)


def downgrade() -> None:
    # An older version would take a company's part for the whole document.
    op.execute("DELETE FROM policy_drafts WHERE organization <> ''")
    for table in COMMENTS:
        op.drop_column(table, "organization")
