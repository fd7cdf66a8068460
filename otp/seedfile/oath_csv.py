"""OATH CSV: one token a line, as vendors ship it and as privacyIDEA and LinOTP import it.

    serial, secret in hex, [totp|hotp], [digits], [period or counter], [algorithm], [owner]

The type is hotp where it is missing, as in those two. The fifth column is the period in seconds of a TOTP
token and the next counter of a HOTP token. Without an algorithm the secret's length tells it. The sixth
column is LinOTP's; the seventh is ours, so that what is written here can be read again with its owner. A
first line that begins with the word serial is a heading.
"""

from collections.abc import Callable, Iterable
from functools import partial

from otp.kinds import Kind
from otp.seedfile.fields import (
    algorithm_named,
    algorithm_of,
    columns,
    hex_secret,
    kind_named,
    lines,
    whole_number,
)
from otp.seedfile.record import (
    LOCKED,
    Entry,
    SeedFile,
    SeedFileError,
    SeedRecord,
    Unlock,
    check_size,
    collect,
)

_MOST_COLUMNS = 8  # LinOTP knows of one more, and leaves it empty
_HEADING = "# serial, secret, type, digits, period or counter, algorithm, owner"


def read(content: bytes, _unlock: Unlock = LOCKED) -> SeedFile:
    """Return the tokens of the file. Raises SeedFileError."""
    return collect(_entries(check_size(content), _record))


def read_linotp(content: bytes, _unlock: Unlock = LOCKED) -> SeedFile:
    """Return the tokens of a file written for LinOTP: its fifth column is always a period."""
    return collect(_entries(check_size(content), _linotp_record))


def write(records: Iterable[SeedRecord]) -> bytes:
    """Return the records as a file in clear. Raises SeedFileError for what a line cannot hold."""
    return "".join(f"{line}\n" for line in [_HEADING, *map(_line, records)]).encode()


def _entries(content: bytes, record: Callable[[str, str], SeedRecord]) -> list[Entry]:
    rows = list(lines(content))
    if rows and rows[0][1].lower().startswith("serial"):
        rows = rows[1:]
    return [partial(record, place, line) for place, line in rows]


def _record(place: str, line: str) -> SeedRecord:
    return _parsed(place, line, counted=True)


def _linotp_record(place: str, line: str) -> SeedRecord:
    return _parsed(place, line, counted=False)


def _parsed(place: str, line: str, counted: bool) -> SeedRecord:
    row = columns(place, line)
    if not 2 <= len(row) <= _MOST_COLUMNS:
        raise SeedFileError(
            place, f"it has {len(row)} columns; expected serial, secret, type, digits, period or counter"
        )
    serial, secret_text, kind_text, digits, moving, algorithm, owner, _ = row + [""] * (8 - len(row))
    if not serial:
        raise SeedFileError(place, "the serial number is missing")
    kind = kind_named(place, kind_text or "hotp")
    secret = hex_secret(place, secret_text)
    number = whole_number(place, "the period or counter", moving) if moving else None
    counter = number if kind is Kind.HOTP and counted else None
    return SeedRecord(
        place=place,
        serial=serial,
        kind=kind,
        secret=secret,
        digits=whole_number(place, "the number of digits", digits) if digits else 6,
        period_s=number if kind is Kind.TOTP and number is not None else 30,
        algorithm=algorithm_named(place, algorithm) if algorithm else algorithm_of(secret),
        last_step=-1 if counter is None else counter - 1,
        owner=owner,
    )


def _line(record: SeedRecord) -> str:
    moving = record.period_s if record.kind is Kind.TOTP else record.counter
    texts = (record.serial, record.owner)
    if not record.serial or record.serial.startswith("#") or any(set(text) & set(',"') for text in texts):
        raise SeedFileError(record.place, "its serial number or owner does not fit into CSV: export PSKC")
    fields = (
        record.serial,
        record.secret.hex(),
        record.kind.value,
        str(record.digits),
        str(moving),
        record.algorithm.value.lower(),
        record.owner,
    )
    return ", ".join(fields)
