"""Several directories of one organization: which one shows a person or a group, and what each says."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

OF = {
    "users": "which one shows it",
    "groups": "which one shows it",
    "directory_held": "which one says so",
    "directory_runs": "which one was read",
}


def upgrade() -> None:
    for table, comment in OF.items():
        op.add_column(
            table,
            sa.Column(
                "directory", sa.String(length=64), nullable=False, server_default="main", comment=comment
            ),
        )
    with op.batch_alter_table("directories", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(
            sa.Column(
                "name",
                sa.String(length=64),
                nullable=False,
                server_default="main",
                comment="among the organization's",
            )
        )
        batch.drop_constraint("uq_directories_organization_id", type_="unique")
        batch.create_unique_constraint("uq_directories_organization_id_name", ["organization_id", "name"])


def downgrade() -> None:
    op.execute("DELETE FROM directories WHERE name <> 'main'")
    op.execute("UPDATE users SET enabled = false WHERE directory <> 'main'")
    with op.batch_alter_table("directories", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint("uq_directories_organization_id_name", type_="unique")
        batch.create_unique_constraint("uq_directories_organization_id", ["organization_id"])
        batch.drop_column("name")
    for table in OF:
        op.drop_column(table, "directory")
