"""The log of Yubico's personalization tool, in both of its forms.

Traditional: kind, time, slot, public identity, private identity, key ... with the number of digits and the
first counter of a HOTP key behind the access codes. Yubico: serial number, public identity, private identity
(0 for a HOTP key), key, access code, time. Only HOTP keys are taken: the codes of Yubico OTP are checked
against another counter and another cipher, and a static password is no one-time code.
"""

from functools import partial

from otp.kinds import Kind
from otp.seedfile.fields import columns, hex_secret, lines, whole_number
from otp.seedfile.record import (
    LOCKED,
    SeedFile,
    SeedFileError,
    SeedRecord,
    Unlock,
    check_size,
    collect,
)

_REFUSED = {
    "yubico otp": "it is a Yubico OTP key, whose codes are no OATH codes: program the slot for OATH-HOTP",
    "static password": "it is a static password, which is no one-time code: program the slot for OATH-HOTP",
    "challenge-response": "it answers challenges and makes no codes: program the slot for OATH-HOTP",
}
_FEWEST_COLUMNS = 6
_DIGITS_AT = 11
_COUNTER_AT = 12


def read(content: bytes, _unlock: Unlock = LOCKED) -> SeedFile:
    """Return the HOTP keys of the log. Raises SeedFileError."""
    return collect([partial(_record, place, line) for place, line in lines(check_size(content))])


def _record(place: str, line: str) -> SeedRecord:
    row = columns(place, line)
    if len(row) < _FEWEST_COLUMNS:
        raise SeedFileError(place, f"it has {len(row)} columns: it is no log of the personalization tool")
    kind = row[0].lower()
    if kind == "oath-hotp":
        return _traditional(place, row)
    if kind in _REFUSED:
        raise SeedFileError(place, _REFUSED[kind])
    if row[0].isascii() and row[0].isdigit():
        return _yubico(place, row)
    raise SeedFileError(place, "it begins neither with a kind of key nor with a serial number")


def _traditional(place: str, row: list[str]) -> SeedRecord:
    identity = row[3]
    digits = row[_DIGITS_AT] if len(row) > _DIGITS_AT else ""
    counter = row[_COUNTER_AT] if len(row) > _COUNTER_AT else ""
    return SeedRecord(
        place=place,
        serial=f"{identity}-{row[2]}" if identity else "",
        kind=Kind.HOTP,
        secret=hex_secret(place, row[5]),
        digits=whole_number(place, "the number of digits", digits) if digits not in ("", "0") else 6,
        last_step=(whole_number(place, "the first counter", counter) if counter else 0) - 1,
        issuer="Yubico",
        remark=_identified(identity),
    )


def _yubico(place: str, row: list[str]) -> SeedRecord:
    private = row[2]
    if private == "":
        raise SeedFileError(place, _REFUSED["static password"])
    if private != "0":
        raise SeedFileError(place, _REFUSED["yubico otp"])
    return SeedRecord(
        place=place,
        serial=row[0],
        kind=Kind.HOTP,
        secret=hex_secret(place, row[3]),
        issuer="Yubico",
        remark=_identified(row[1]),
    )


def _identified(identity: str) -> str:
    if not identity:
        return ""
    return "if the key types its identity in front of the code, switch that off: only the digits are the code"
