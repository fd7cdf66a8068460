"""All that is kept of single tokens, for those who look after them; no seed is opened. ◆"""

from dataclasses import dataclass, field

from sqlalchemy import Connection, RowMapping, select

from access.proof.factors import TokenSummary
from access.store.tables import organizations, tokens, users
from access.store.tokens import summary
from otp.token import State

# More is no number of a row: 64 bits.
NUMBER_DIGITS = 19
_ROWS = (
    select(tokens, users.c.name.label("owner"), organizations.c.key.label("organization"))
    .join(organizations, organizations.c.id == tokens.c.organization_id)
    .outerjoin(users, users.c.id == tokens.c.user_id)
)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """All that is kept of one token, its secret still sealed. owner is name@organization, empty: nobody's."""

    summary: TokenSummary
    owner: str
    organization: str
    digits: int
    period_s: int
    algorithm: str
    last_step: int
    drift_steps: int
    sealed: bytes = field(repr=False)


def rows_named(conn: Connection, name: str) -> tuple[TokenRow, ...]:
    """Return the token with this number, and those with this serial number in any company."""
    number = int(name) if name.isascii() and name.isdigit() and len(name) < NUMBER_DIGITS else -1
    found = _ROWS.where((tokens.c.id == number) | (tokens.c.serial == name))
    return tuple(_row(row) for row in conn.execute(found).mappings())


def stock(conn: Connection) -> tuple[TokenRow, ...]:
    """Return the hardware tokens that nobody has, by company and serial number; no seed is opened."""
    found = _ROWS.where(tokens.c.state == State.SPARE.value)
    ordered = found.order_by(tokens.c.organization_id, tokens.c.serial)
    return tuple(_row(row) for row in conn.execute(ordered).mappings())


def _row(row: RowMapping) -> TokenRow:
    owner = f"{row['owner']}@{row['organization']}" if row["owner"] else ""
    return TokenRow(
        summary(row),
        owner,
        row["organization"],
        row["digits"],
        row["period_s"],
        row["algorithm"],
        row["last_step"],
        row["drift_steps"],
        row["secret"],
    )
