"""Hardware tokens that wait for an owner, where a token came from and was used, codes good for some uses."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# SQLite counts rows by itself only in a column it calls INTEGER; PostgreSQL needs 64 bits.
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PURPOSE = sa.String(length=16)
PURPOSES = {
    "one_time_codes": "recovery or registration",
    "attempts": "what was guessed: recovery or registration",
}


def upgrade() -> None:
    with op.batch_alter_table("tokens", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column(
            "user_id", existing_type=SERIAL, nullable=True, comment="NULL: in stock, nobody's yet"
        )
        for column in of_tokens():
            table.add_column(column)
        table.create_index("ix_tokens_organization_id_serial", ["organization_id", "serial"], unique=True)
    for table_name, columns in beside_tokens().items():
        for column in columns:
            op.add_column(table_name, column)
    for table_name, said in PURPOSES.items():
        with op.batch_alter_table(table_name) as table:
            table.alter_column(
                "purpose", existing_type=PURPOSE, existing_nullable=False, comment=None, existing_comment=said
            )


def downgrade() -> None:
    for table_name, said in PURPOSES.items():
        with op.batch_alter_table(table_name) as table:
            table.alter_column("purpose", existing_type=PURPOSE, existing_nullable=False, comment=said)
    for table_name, columns in beside_tokens().items():
        for column in columns:
            op.drop_column(table_name, column.name)
    op.execute("DELETE FROM tokens WHERE user_id IS NULL")
    with op.batch_alter_table("tokens", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_index("ix_tokens_organization_id_serial")
        for column in of_tokens():
            table.drop_column(column.name)
        table.alter_column("user_id", existing_type=SERIAL, nullable=False, comment=None)


def of_tokens() -> tuple[sa.Column, ...]:
    return (
        sa.Column("serial", sa.String(length=100), comment="printed on a hardware token; NULL on a phone"),
        sa.Column(
            "origin",
            sa.String(length=16),
            server_default="",
            nullable=False,
            comment="how its owner came by it; empty before this was kept",
        ),
        sa.Column("used_place", sa.String(length=400), server_default="", nullable=False),
        sa.Column(
            "missed_step",
            sa.BigInteger(),
            server_default="-1",
            nullable=False,
            comment="of a right code too far away: the next one after it finds the token again",
        ),
        sa.Column("missed_at", sa.Double(), server_default="0", nullable=False),
    )


def beside_tokens() -> dict[str, tuple[sa.Column, ...]]:
    return {
        "one_time_codes": (
            sa.Column("uses_left", sa.Integer(), server_default="1", nullable=False),
            sa.Column(
                "via",
                sa.String(length=100),
                server_default="",
                nullable=False,
                comment="the only doors it opens, separated by spaces; empty: every door",
            ),
            sa.Column("issued_by", sa.String(length=200), server_default="", nullable=False),
        ),
        "web_sessions": (
            sa.Column(
                "code_kind",
                sa.String(length=16),
                server_default="",
                nullable=False,
                comment="what the newest code was: totp, hotp, recovery ...",
            ),
            sa.Column(
                "code_origin",
                sa.String(length=16),
                server_default="",
                nullable=False,
                comment="how its owner came by what made the newest code",
            ),
        ),
    }
