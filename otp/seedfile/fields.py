"""The fields of seed files: text to values, every mistake with its place."""

import base64
import binascii
import csv
import string
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from otp.kinds import Algorithm, Kind
from otp.seedfile.record import SeedFileError

_MOST_DIGITS = 20
_LONGEST_LINE = 4096
_HEX = frozenset(string.hexdigits)
_ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    {
        prefix + hyphen.join(("SHA", size)): algorithm
        for prefix in ("", "HMAC-", "HMAC")
        for hyphen in ("", "-")
        for size, algorithm in (
            ("1", Algorithm.SHA1),
            ("256", Algorithm.SHA256),
            ("512", Algorithm.SHA512),
        )
    }
)
_BY_LENGTH: Mapping[int, Algorithm] = MappingProxyType({32: Algorithm.SHA256, 64: Algorithm.SHA512})
_KINDS: Mapping[str, Kind] = MappingProxyType({kind.value: kind for kind in (Kind.TOTP, Kind.HOTP)})


def decoded(content: bytes) -> str:
    """Return a text file's text, with or without a byte order mark. Raises SeedFileError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SeedFileError(f"line {line}", "it is not UTF-8 text: save the file as UTF-8") from None


def lines(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield place and text of every line but empty ones and remarks. Raises SeedFileError."""
    text = decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield f"line {number}", stripped


def columns(place: str, line: str) -> list[str]:
    """Return the fields of one line of a CSV file, without spaces around them. Raises SeedFileError."""
    if len(line) > _LONGEST_LINE:
        raise SeedFileError(place, f"it is longer than {_LONGEST_LINE} characters")
    try:
        row = next(csv.reader([line], skipinitialspace=True, strict=True), [])
    except csv.Error:
        raise SeedFileError(place, "its quotation marks do not match") from None
    return [field.strip() for field in row]


def hex_secret(place: str, text: str) -> bytes:
    """Return a secret written in hexadecimal, spaces between its octets or not. Raises SeedFileError."""
    packed = "".join(text.split())
    if not packed or len(packed) % 2 or not _HEX.issuperset(packed):
        raise SeedFileError(place, "the secret is not hexadecimal with two digits an octet")
    return bytes.fromhex(packed)


def base32_secret(place: str, text: str) -> bytes:
    """Return a secret written in base32, in groups and padded or not. Raises SeedFileError."""
    packed = "".join(text.replace("-", " ").split()).upper().rstrip("=")
    try:
        secret = base64.b32decode(packed + "=" * (-len(packed) % 8))
    except (binascii.Error, ValueError):
        raise SeedFileError(place, "the secret is not base32 (letters and the digits 2 to 7)") from None
    if not secret:
        raise SeedFileError(place, "the secret is missing")
    return secret


def base64_value(place: str, what: str, text: str) -> bytes:
    """Return what is written in base64, in one line or several. Raises SeedFileError."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise SeedFileError(place, f"{what} is not base64") from None


def whole_number(place: str, what: str, text: str) -> int:
    """Return a whole number, negative ones too. Raises SeedFileError."""
    stripped = text.strip()
    digits = stripped.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise SeedFileError(place, f"{what} is not a whole number")
    return int(stripped)


def algorithm_named(place: str, text: str) -> Algorithm:
    """Return the algorithm of a name such as SHA256, sha-256 or HMAC-SHA256. Raises SeedFileError."""
    found = _ALGORITHMS.get(text.strip().upper())
    if found is None:
        raise SeedFileError(place, "its algorithm is none of SHA1, SHA256 and SHA512: enrol another token")
    return found


def algorithm_of(secret: bytes) -> Algorithm:
    """Return the algorithm a file means that names none: a secret is as long as the hash (RFC 6238 5.1)."""
    return _BY_LENGTH.get(len(secret), Algorithm.SHA1)


def kind_named(place: str, text: str) -> Kind:
    """Return the kind of a name. Raises SeedFileError."""
    found = _KINDS.get(text.strip().lower())
    if found is None:
        raise SeedFileError(place, "its type is neither TOTP nor HOTP: only these two can be taken over")
    return found
