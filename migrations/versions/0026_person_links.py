"""People with a membership in each of two companies, and browsers that act for one of them."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHOSE = "whose password was typed, where the session acts for another membership of the person"
PEOPLE = ("user_id", "other_id", "proposed_by", "decided_by")


def upgrade() -> None:
    op.create_table(
        "person_links",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("user_id", SERIAL, nullable=False, comment="of the company that proposes"),
        sa.Column("other_id", SERIAL, nullable=False, comment="of the company that has to approve"),
        sa.Column("state", sa.String(10), nullable=False, comment="proposed, linked, refused, cut"),
        sa.Column("proposed_at", sa.Double(), nullable=False),
        sa.Column("proposed_by", SERIAL, nullable=False),
        sa.Column("decided_at", sa.Double()),
        sa.Column("decided_by", SERIAL),
        *(sa.ForeignKeyConstraint([name], ["users.id"], name=f"fk_person_links_{name}") for name in PEOPLE),
        sa.PrimaryKeyConstraint("id", name="pk_person_links"),
        comment="one person with a membership in each of two companies",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_person_links_user_id", "person_links", ["user_id"])
    op.create_index("ix_person_links_other_id", "person_links", ["other_id"])
    with op.batch_alter_table("web_sessions") as table:
        table.add_column(sa.Column("signed_in_as", SERIAL, comment=WHOSE))
        table.create_foreign_key("fk_web_sessions_signed_in_as", "users", ["signed_in_as"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("web_sessions") as table:
        table.drop_constraint("fk_web_sessions_signed_in_as", type_="foreignkey")
        table.drop_column("signed_in_as")
    op.drop_table("person_links")
