"""What Google Authenticator shows as QR codes to move accounts: otpauth-migration://offline?data=...

One link a line. data is base64 of a message (Protocol Buffers): 1 an account (1 secret, 2 name, 3 issuer,
4 algorithm, 5 digits, 6 type, 7 counter), 2 version, 3 number of codes in the batch, 4 index, 5 batch. Many
accounts need several codes; a batch of which one is missing is not taken, so that nobody is forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from otp.kinds import Algorithm, Kind
from otp.seedfile.fields import base64_value, lines
from otp.seedfile.otpauth_list import account_of, split
from otp.seedfile.protobuf import BadMessage, fields
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

_ALGORITHMS: Mapping[object, Algorithm] = MappingProxyType(
    {0: Algorithm.SHA1, 1: Algorithm.SHA1, 2: Algorithm.SHA256, 3: Algorithm.SHA512}
)
_DIGITS: Mapping[object, int] = MappingProxyType({0: 6, 1: 6, 2: 8, 3: 7})
_KINDS: Mapping[object, Kind] = MappingProxyType({0: Kind.TOTP, 1: Kind.HOTP, 2: Kind.TOTP})
_MOST_CODES = 1000


@dataclass(frozen=True)
class _Code:
    """One QR code: its accounts, and which of how many codes it is in which batch."""

    place: str
    accounts: tuple[bytes, ...] = field(repr=False)
    size: int = 1
    index: int = 0
    batch: int = 0


def read(content: bytes, _unlock: Unlock = LOCKED) -> SeedFile:
    """Return the accounts of all codes, each code once. Raises SeedFileError, for an incomplete batch too."""
    codes = _once([_code(place, line) for place, line in lines(check_size(content))])
    _check_complete(codes)
    entries: list[Entry] = []
    for code in codes:
        for number, account in enumerate(code.accounts, start=1):
            entries.append(partial(_record, f"{code.place}, account {number}", account))
    return collect(entries)


def _code(place: str, line: str) -> _Code:
    _, parameters = split(place, line, "otpauth-migration")
    # A plus sign that was not escaped has become a space on the way.
    message = base64_value(place, "data", parameters.get("data", "").replace(" ", "+"))
    accounts: list[bytes] = []
    numbers: dict[int, int] = {}
    try:
        for number, value in fields(message):
            if isinstance(value, int):
                numbers[number] = value
            elif number == 1:
                accounts.append(value)
    except BadMessage:
        raise SeedFileError(place, "data is no list of accounts: scan the QR code again") from None
    size, index = numbers.get(3, 1) or 1, numbers.get(4, 0)
    if size > _MOST_CODES or index >= size:
        raise SeedFileError(place, "it is no part of the batch it names: scan the QR code again")
    return _Code(place, tuple(accounts), size, index, numbers.get(5, 0))


def _once(codes: list[_Code]) -> list[_Code]:
    """Return the codes in their order, those scanned twice once. Raises SeedFileError where two differ."""
    kept: dict[tuple[int, int, int], _Code] = {}
    for code in codes:
        part = (code.batch, code.size, code.index)
        before = kept.setdefault(part, code)
        if before.accounts != code.accounts:
            # Batches without an identity of their own cannot be told apart by it.
            kept[(code.batch, code.size, len(kept) + _MOST_CODES)] = code
    return list(kept.values())


def _check_complete(codes: list[_Code]) -> None:
    for batch, size in {(code.batch, code.size) for code in codes}:
        there = {code.index for code in codes if (code.batch, code.size) == (batch, size)}
        missing = [str(index + 1) for index in range(size) if index not in there]
        if missing:
            place = next(code.place for code in codes if (code.batch, code.size) == (batch, size))
            why = (
                f"it is one of {size} QR codes, and number {', '.join(missing[:10])} is missing: add its line"
            )
            raise SeedFileError(place, why)


def _record(place: str, message: bytes) -> SeedRecord:
    try:
        values = dict(fields(message))
    except BadMessage:
        raise SeedFileError(place, "it is no account: scan the QR code again") from None
    kind, algorithm = _KINDS.get(values.get(6, 0)), _ALGORITHMS.get(values.get(4, 0))
    digits, counter, secret = _DIGITS.get(values.get(5, 0)), values.get(7, 0), values.get(1, b"")
    if kind is None or algorithm is None or digits is None:
        raise SeedFileError(place, "its type, algorithm or number of digits is none that is known here")
    if not isinstance(counter, int) or not isinstance(secret, bytes) or not secret:
        raise SeedFileError(place, "its secret or its counter is missing")
    issuer, account = account_of(_text(place, values.get(2, b"")))
    return SeedRecord(
        place=place,
        serial="",
        kind=kind,
        secret=secret,
        digits=digits,
        algorithm=algorithm,
        last_step=counter - 1 if kind is Kind.HOTP else -1,
        owner=account,
        issuer=_text(place, values.get(3, b"")) or issuer,
    )


def _text(place: str, value: object) -> str:
    try:
        return value.decode() if isinstance(value, bytes) else ""
    except UnicodeDecodeError:
        raise SeedFileError(place, "its name is not UTF-8 text") from None
