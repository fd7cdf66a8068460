"""What another application shows us: a key of its own, good for what it was made for.

A key is "og_" | number of its row | "_" | secret (43 letters of base64url, 256 bits). Only a hash of the
secret is kept: 256 random bits need no slow one.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

SECRET_OCTETS = 32
_WRITTEN = re.compile(r"og_([1-9][0-9]{0,17})_([A-Za-z0-9_-]{43})")


class Scope(StrEnum):
    """What a key is good for."""

    OTP_VERIFY = "otp-verify"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept. organization is the key of whose people it may ask about."""

    id: int
    name: str
    organization: str
    organization_id: int
    scopes: frozenset[Scope]
    fingerprint: bytes = field(repr=False)
    created_at: float = 0.0
    used_at: float | None = None
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """What a key is to be made for."""

    name: str
    organization_id: int
    scopes: frozenset[Scope]
    created_at: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A key as an application shows it."""

    id: int
    secret: str = field(repr=False)


def new_secret(random: Callable[[int], bytes]) -> str:
    """Return a secret that nobody can guess."""
    return urlsafe_b64encode(random(SECRET_OCTETS)).decode().rstrip("=")


def write(id_: int, secret: str) -> str:
    """Return the key as its application keeps it."""
    return f"og_{id_}_{secret}"


def read(text: str) -> Shown | None:
    """Return the parts of a key, None where the text is none."""
    found = _WRITTEN.fullmatch(text)
    return Shown(int(found[1]), found[2]) if found else None


def fingerprint(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).digest()


def is_good(kept: ApiKey | None, shown: Shown) -> bool:
    """Return whether a key that was shown is the one that is kept, and stands."""
    wanted = kept.fingerprint if kept is not None else bytes(32)
    matches = hmac.compare_digest(fingerprint(shown.secret), wanted)
    return matches and kept is not None and kept.revoked_at is None
