"""The audit as values: entries, rows, and the hash that chains a row to the one before it.

What the chain proves, and what verifying can find, is in audit_proof.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from access.errors import AccessError

GENESIS = bytes(32)
# Rows that belong to no organization have a chain as well.
NO_ORGANIZATION = 0
NONCE_OCTETS = 12
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class DetailBroken(AccessError):
    """A sealed detail does not open: run `officegate audit verify`."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that happened, before it is written. detail: JSON values, never a secret.

    kind: login, enrolment, session, policy, sign-in ...; at: seconds since the epoch. With a user_id the
    detail is sealed under that person's key.
    """

    kind: str
    at: float
    reason: str = ""
    organization_id: int | None = None
    user_id: int | None = None
    session_id: int | None = None
    case_code: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is stored: numbered by its writer, the detail as octets, sealed or plain JSON."""

    id: int
    writer: str
    number: int
    organization_id: int | None
    at: float
    kind: str
    reason: str
    case_code: str | None
    user_id: int | None
    session_id: int | None
    detail: bytes
    sealed_detail: bool


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A row as people read it. detail is None where the person's key was destroyed."""

    id: int
    at: float
    kind: str
    reason: str
    organization_id: int | None
    user_id: int | None
    session_id: int | None
    case_code: str | None
    detail: Mapping[str, Any] | None


def encode_detail(detail: Mapping[str, Any]) -> bytes:
    """The detail as JSON octets. Raises TypeError for what JSON cannot say."""
    return _ENCODER.encode(detail).encode()


def seal_detail(detail: bytes, key: bytes, nonce: bytes, place: bytes) -> bytes:
    """The detail sealed under a person's key (32 octets) with a fresh nonce (12), for one row only."""
    return nonce + AESGCM(key).encrypt(nonce, detail, place)


def open_detail(sealed: bytes, key: bytes, place: bytes) -> Mapping[str, Any]:
    """What was sealed for this row. Raises DetailBroken."""
    try:
        opened = AESGCM(key).decrypt(sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:], place)
    except (InvalidTag, ValueError) as error:
        raise DetailBroken(f"The detail of audit row {place.decode()} was changed or moved.") from error
    detail: Mapping[str, Any] = json.loads(opened)
    return detail


def chain_hash(previous: bytes, row: Row) -> bytes:
    """The hash of a position: over the hash before it (32 octets; GENESIS for the first) and the row."""
    return sha256(previous + canonical(row)).digest()


def canonical(row: Row) -> bytes:
    """The row as octets that no other row has: each field with its length before it, None unlike empty."""
    fields = (
        row.id,
        row.writer,
        row.number,
        row.organization_id,
        float(row.at).hex(),
        row.kind,
        row.reason,
        row.case_code,
        row.user_id,
        row.session_id,
        row.detail,
        row.sealed_detail,
    )
    return b"".join(map(measured, fields))


def measured(value: object) -> bytes:
    """A value with its length before it, so that no two lists of values become the same octets."""
    if value is None:
        return b"-"
    octets = value if isinstance(value, bytes) else str(value).encode()
    return b"%d:%b" % (len(octets), octets)
