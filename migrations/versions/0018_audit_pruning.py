"""Audit rows whose time of keeping is over may go, inside of a transaction that says so and signs for it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("audit", "audit_chain")
MESSAGE = "audit rows can only be added"
ALLOWED = "EXISTS (SELECT 1 FROM audit_pruning)"


def upgrade() -> None:
    for column in bridge():
        op.add_column("audit_chain", column)
    op.create_table(
        "audit_spans",
        sa.Column("writer", sa.String(length=100), nullable=False),
        sa.Column("first_number", sa.BigInteger(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("stamp_key", sa.String(length=32), nullable=False),
        sa.Column("stamp", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("writer", "first_number"),
        comment="numbers of each writer whose rows were pruned",
    )
    op.create_table(
        "audit_pruning",
        sa.Column("before", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("before"),
        comment="holds a row inside of a transaction that prunes, and only there: what lets rows be removed",
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            remove_on_sqlite(table, f" WHEN NOT {ALLOWED}")
        return
    op.execute(
        "CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF NOT {ALLOWED} THEN RAISE EXCEPTION '{MESSAGE}'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NULL; END $$"
    )
    for table in TABLES:
        refuse_on_postgresql(table, "UPDATE OR TRUNCATE")
        op.execute(
            f"CREATE TRIGGER {table}_no_removal BEFORE DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            remove_on_sqlite(table, "")
    else:
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_no_removal ON {table}")
            refuse_on_postgresql(table, "UPDATE OR DELETE OR TRUNCATE")
        op.execute("DROP FUNCTION refuse_removal")
    op.drop_table("audit_pruning")
    op.drop_table("audit_spans")
    for column in bridge():
        op.drop_column("audit_chain", column.name)


def bridge() -> tuple[sa.Column, ...]:
    return (
        sa.Column("pruned_from", sa.BigInteger(), comment="where the pruned stretch began whose end this is"),
        sa.Column("stamp_key", sa.String(length=32), comment="the key of the stamp"),
        sa.Column("stamp", sa.LargeBinary(), comment="says that the pruning was ours"),
    )


def remove_on_sqlite(table: str, when: str) -> None:
    op.execute(f"DROP TRIGGER {table}_no_delete")
    op.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}{when}"
        f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    )


def refuse_on_postgresql(table: str, events: str) -> None:
    op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE {events} ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
