"""The audit as values: entries, rows, the hash chain over them, signed heads, and what verifying can find.

Every organization has a chain of its own: position 1, 2, 3 ... Each hash covers the one before it and the
whole row, so that an edited row breaks the chain there, and a removed one leaves a hole. Whoever can write to
the database can also compute a new chain over what they changed: therefore each head (the newest position and
its hash) is also signed and kept outside the database. A head that the database cannot meet any more means
that the chain was rewritten or that its end was cut off.

Before a row gets its position it is guarded by its number: each writer counts its rows from 1 without gaps.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from access.errors import AccessError

GENESIS = bytes(32)
# Rows that belong to no organization have a chain as well.
NO_ORGANIZATION = 0


NONCE_OCTETS = 12


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


@dataclass(frozen=True, slots=True)
class Link:
    """One position of a chain. row is None where the table no longer has the row."""

    organization_id: int
    position: int
    audit_id: int
    hash: bytes
    row: Row | None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain at some moment, signed with the key named."""

    organization_id: int
    position: int
    hash: bytes
    at: float
    key_id: str
    signature: bytes


class Fault(StrEnum):
    """What verifying can find."""

    EDITED = "edited"
    MISSING = "missing"
    CHAIN_GAP = "chain gap"
    NUMBER_GAP = "number gap"
    CUT_TAIL = "cut tail"
    REWRITTEN = "rewritten"
    HEAD_UNSIGNED = "head not signed by us"
    HEADS_UNREADABLE = "heads unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written: where, and what was seen."""

    fault: Fault
    place: str
    seen: str


def encode_detail(detail: Mapping[str, Any]) -> bytes:
    """The detail as JSON octets. Raises TypeError for what JSON cannot say."""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


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
    return b"".join(map(_measured, fields))


def _measured(value: object) -> bytes:
    if value is None:
        return b"-"
    octets = value if isinstance(value, bytes) else str(value).encode()
    return b"%d:%b" % (len(octets), octets)


def sign_head(organization_id: int, position: int, hash_: bytes, at: float, key: bytes) -> bytes:
    """The signature of a head (HMAC-SHA256)."""
    fields = (organization_id, position, hash_, float(at).hex())
    return hmac.digest(key, b"".join(map(_measured, fields)), "sha256")


def is_signed(head: Head, key: bytes) -> bool:
    """Whether a head was signed with this key, and not changed since."""
    wanted = sign_head(head.organization_id, head.position, head.hash, head.at, key)
    return hmac.compare_digest(wanted, head.signature)


def verify_chain(name: str, links: Iterable[Link], heads: Sequence[Head]) -> Iterator[Finding]:
    """What is wrong with one organization's chain, whose links come by position, and with its heads."""
    wanted: dict[int, set[bytes]] = {}
    for head in heads:
        wanted.setdefault(head.position, set()).add(head.hash)
    previous, position = GENESIS, 0
    for link in links:
        if link.position != position + 1:
            yield Finding(Fault.CHAIN_GAP, name, f"positions {position + 1} to {link.position - 1} are gone")
        yield from _verify_link(name, link, previous if link.position == position + 1 else None)
        # An auditor wants to know of the first edit, not of everything that follows it.
        previous, position = link.hash, link.position
        if wanted.pop(position, {link.hash}) != {link.hash}:
            yield Finding(Fault.REWRITTEN, name, f"position {position} is not what the heads file says")
    yield from _verify_end(name, position, wanted)


def _verify_link(name: str, link: Link, previous: bytes | None) -> Iterator[Finding]:
    place = f"{name} position {link.position}"
    if link.row is None:
        yield Finding(Fault.MISSING, place, f"audit row {link.audit_id} is gone")
    elif (link.row.organization_id or NO_ORGANIZATION) != link.organization_id:
        yield Finding(Fault.EDITED, place, f"audit row {link.audit_id} belongs to another organization")
    elif previous is not None and chain_hash(previous, link.row) != link.hash:
        yield Finding(Fault.EDITED, place, f"audit row {link.audit_id} or its hash was changed")


def _verify_end(name: str, position: int, unmet: Mapping[int, object]) -> Iterator[Finding]:
    beyond = max(unmet, default=0)
    if beyond > position:
        seen = f"the heads file knows position {beyond}, the database ends at {position}"
        yield Finding(Fault.CUT_TAIL, name, seen)


def verify_numbers(numbers: Iterable[tuple[str, int]], last_numbers: Mapping[str, int]) -> Iterator[Finding]:
    """What is missing between the rows of each writer, given as (writer, number) in that order.

    last_numbers says how far each writer has counted.
    """
    seen: dict[str, int] = dict.fromkeys(last_numbers, 0)
    for writer, number in numbers:
        expected = seen.get(writer, 0) + 1
        if number != expected:
            yield Finding(
                Fault.NUMBER_GAP, f"writer {writer}", f"numbers {expected} to {number - 1} are gone"
            )
        seen[writer] = number
    for writer, number in seen.items():
        if number < last_numbers.get(writer, 0):
            gone = f"numbers {number + 1} to {last_numbers[writer]} are gone"
            yield Finding(Fault.NUMBER_GAP, f"writer {writer}", gone)
