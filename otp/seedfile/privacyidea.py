"""What privacyIDEA's tokenjanitor writes: `pi-tokenjanitor find export --format csv | yaml | pi`.

csv:  owner, serial, secret, type, digits[, period]. It has no counter, no algorithm and no drift.
yaml: a list of mappings with serial, type, otpkey, otplen, counter, owner and info_list (hashlib, timeStep,
      timeShift).
pi:   the same mappings as JSON under Fernet, whose key is printed once, with user {login, realm} as owner.

Secrets are hexadecimal, or base32 where --b32 was given. The counter of a HOTP token is the next one; that of
a TOTP token is the last step spent. PSKC from there is read as PSKC; where an old version has written
TODOmissing for the MAC, it is refused.
"""

import json
import string
from collections.abc import Mapping
from functools import partial
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from otp.kinds import Algorithm, Kind
from otp.seedfile.fields import (
    algorithm_named,
    algorithm_of,
    base32_secret,
    columns,
    decoded,
    hex_secret,
    kind_named,
    lines,
    whole_number,
)
from otp.seedfile.record import (
    LOCKED,
    SeedFile,
    SeedFileError,
    SeedRecord,
    Unlock,
    check_size,
    collect,
)

_HEX = frozenset(string.hexdigits)
_DEEPEST = 20
_LONGEST_LINE = 20_000
_NOBODY = ("", "n/a", "N/A", "None")


def read_csv(content: bytes, _unlock: Unlock = LOCKED) -> SeedFile:
    """Return the tokens of an export as CSV. Raises SeedFileError."""
    return collect([partial(_row, place, line) for place, line in lines(check_size(content))])


def read_yaml(content: bytes, _unlock: Unlock = LOCKED) -> SeedFile:
    """Return the tokens of an export as YAML. Raises SeedFileError."""
    text = decoded(check_size(content))
    _refuse_nesting(text)
    try:
        # Every scalar stays the text that it is: a serial number of digits, a secret like 1e5.
        listed = YAML(typ="base", pure=False).load(text)
    except (YAMLError, ValueError, RecursionError, TypeError, KeyError, IndexError, AttributeError):
        raise SeedFileError("the file", "it is no YAML that can be read") from None
    return _listed(listed)


def read_pi(content: bytes, unlock: Unlock = LOCKED) -> SeedFile:
    """Return the tokens of an export as pi; the key is in unlock.password. Raises SeedFileError."""
    if not unlock.password:
        raise SeedFileError(
            "the file", "it is encrypted: give the key that the export printed (--password-file)"
        )
    try:
        cipher = Fernet(unlock.password.strip())
    except ValueError:
        raise SeedFileError("the key", "it is none as exports print it, 44 characters of base64") from None
    try:
        plain = cipher.decrypt(check_size(content).strip())
        return _listed(json.loads(plain))
    except InvalidToken:
        raise SeedFileError("the file", "it does not open with this key, or was altered") from None
    except (ValueError, RecursionError):
        raise SeedFileError("the file", "what it holds is no JSON") from None


def _refuse_nesting(text: str) -> None:
    """Raise SeedFileError for brackets within brackets, which take time by the square of their depth."""
    depth = 0
    for line in text.splitlines():
        # Where a token of the list begins, nothing before it is open.
        depth = 0 if line.startswith("- ") else depth
        depth += sum(map(line.count, "[{")) - sum(map(line.count, "]}"))
        if depth > _DEEPEST or len(line) > _LONGEST_LINE:
            raise SeedFileError("the file", "it is nested too deeply, or has lines too long, for an export")


def _listed(found: object) -> SeedFile:
    if not isinstance(found, list):
        raise SeedFileError("the file", "it holds no list of tokens")
    return collect([partial(_mapping, f"token {number}", each) for number, each in enumerate(found, 1)])


def _row(place: str, line: str) -> SeedRecord:
    row = columns(place, line)
    if not 5 <= len(row) <= 6:
        raise SeedFileError(place, f"it has {len(row)} columns; expected owner, serial, secret, type, digits")
    owner, serial, secret_text, kind_text, digits, period = row + [""] * (6 - len(row))
    kind, secret = kind_named(place, kind_text), _secret(place, secret_text)
    if kind is Kind.HOTP:
        raise SeedFileError(
            place, "the CSV of privacyIDEA has no counter for HOTP: export --format yaml or pi"
        )
    return SeedRecord(
        place=place,
        serial=_serial(place, serial),
        kind=kind,
        secret=secret,
        digits=whole_number(place, "the number of digits", digits),
        period_s=whole_number(place, "the period", period) if period not in _NOBODY else 30,
        algorithm=algorithm_of(secret),
        owner=_person(owner),
        remark="the CSV of privacyIDEA tells no algorithm: SHA1 unless the secret is longer",
    )


def _mapping(place: str, values: object) -> SeedRecord:
    if not isinstance(values, Mapping):
        raise SeedFileError(place, "it is no mapping of names to values")
    serial = _serial(place, _text(values.get("serial")))
    place = f"{place} ({serial})" if serial.isprintable() and len(serial) <= 40 else place
    if _text(values.get("revoked")).lower() == "true" or _text(values.get("active")).lower() == "false":
        raise SeedFileError(
            place, "it was disabled or revoked in privacyIDEA: enable it there or leave it out"
        )
    kind, secret = kind_named(place, _text(values.get("type"))), _secret(place, _text(values.get("otpkey")))
    listed = values.get("info_list")
    told: Mapping[Any, Any] = listed if isinstance(listed, Mapping) else {}
    algorithm, period = _text(told.get("hashlib")), _text(told.get("timeStep"))
    period_s = whole_number(place, "timeStep", period) if kind is Kind.TOTP and period else 30
    counter = whole_number(place, "counter", _text(values.get("counter")) or "0")
    return SeedRecord(
        place=place,
        serial=serial,
        kind=kind,
        secret=secret,
        digits=whole_number(place, "otplen", _text(values.get("otplen")) or "6"),
        period_s=period_s,
        algorithm=algorithm_named(place, algorithm) if algorithm else Algorithm.SHA1,
        last_step=counter - 1 if kind is Kind.HOTP else counter or -1,
        drift_steps=_drift_steps(place, told, period_s) if kind is Kind.TOTP else 0,
        owner=_owner(values),
        key_name=_text(values.get("description")),
    )


def _drift_steps(place: str, told: Mapping[Any, Any], period_s: int) -> int:
    whole, _, _ = (_text(told.get("timeShift")) or "0").partition(".")
    return round(whole_number(place, "timeShift", whole or "0") / max(period_s, 1))


def _owner(values: Mapping[Any, Any]) -> str:
    user = values.get("user")
    if not isinstance(user, Mapping):
        return _person(_text(values.get("owner")))
    login, realm = _text(user.get("login")), _text(user.get("realm"))
    return f"{login}@{realm}" if login and realm else login


def _serial(place: str, serial: str) -> str:
    if not serial:
        raise SeedFileError(place, "its serial number is missing")
    return serial


def _secret(place: str, text: str) -> bytes:
    # What could be either is hexadecimal, unless the export was asked for base32.
    packed = "".join(text.split())
    return hex_secret(place, text) if _HEX.issuperset(packed) else base32_secret(place, text)


def _person(text: str) -> str:
    return "" if text in _NOBODY else text


def _text(value: object) -> str:
    """Return a scalar as text; empty for none, and for what is no scalar."""
    if isinstance(value, bool | int | float | str):
        return str(value).strip() if not isinstance(value, int) or abs(value) < 2**64 else "-"
    return ""
