"""Passkeys as they are kept, and what browsers are asked for and answer (W3C WebAuthn Level 2).

A relying party is known by a name, never by an address, and browsers speak of passkeys only over TLS or at
localhost: elsewhere there is none, and the pages offer none.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from access.proof.factors import Factor, Origin

CHALLENGE_OCTETS = 32
CHALLENGE_S = 5 * 60.0
# What a session's code_kind says after one.
KIND = Factor.PASSKEY.value
# WebAuthn Level 2, section 5.8.4; the hints of later versions are not kept.
TRANSPORTS = ("usb", "nfc", "ble", "internal", "hybrid")


class Ceremony(StrEnum):
    """What a challenge is for."""

    REGISTRATION = "registration"
    ASSERTION = "assertion"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks for passkeys: id is the name of the host, origin what a browser calls the pages."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """What has to be signed, by one browser's session, once. valid_until is in seconds since the epoch."""

    octets: bytes = field(repr=False)
    session_id: str
    ceremony: Ceremony
    valid_until: float


@dataclass(frozen=True, slots=True)
class Registered:
    """What an authenticator made: its new credential, with the public key as COSE has it (RFC 9053)."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey to be stored."""

    user_id: int
    registered: Registered
    nickname: str
    created_at: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """A passkey that stands, with what an assertion is checked against."""

    id: int
    user_id: int
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...] = ()
    nickname: str = ""
    origin: Origin = Origin.UNKNOWN


@dataclass(frozen=True, slots=True)
class SettledPasskey:
    """A passkey as it was read, and its count after an assertion. place: where it was used, for its owner."""

    read: StoredPasskey
    sign_count: int
    place: str = ""


def relying_party(public_url: str) -> RelyingParty | None:
    """Return whom passkeys are made for at an address of the pages; None where browsers would have none."""
    url = urlsplit(public_url)
    host = (url.hostname or "").lower()
    if not host or _is_address(host) or (url.scheme != "https" and not _is_localhost(host)):
        return None
    default = {"https": 443, "http": 80}.get(url.scheme)
    port = "" if url.port in (None, default) else f":{url.port}"
    return RelyingParty(host, f"{url.scheme}://{host}{port}")


def known_transports(told: object) -> tuple[str, ...]:
    """Return the transports in what a browser told, whatever that was."""
    said = told if isinstance(told, list) else []
    return tuple(each for each in TRANSPORTS if each in said)


def went_back(before: int, after: int) -> bool:
    """Return whether a count of signatures shows that there are two of an authenticator.

    Section 6.1.1: a count of zero means that the authenticator has none.
    """
    return (before > 0 or after > 0) and after <= before


def bound_to(credential_id: bytes, organization_id: int, user_id: int) -> bytes:
    """Return what a sealed public key is bound to: it opens for no other credential, company and person.

    A public key is no secret; sealed, nobody can put one of theirs into the database.
    """
    return f"passkey:{credential_id.hex()}:{organization_id}:{user_id}".encode()


def _is_localhost(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
