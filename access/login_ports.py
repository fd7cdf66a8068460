"""What a login needs of the world, and how old the memory it is decided from may be. ▸"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from access.authentication import CodePorts, MschapPorts, PasswordPorts
from access.authorized_anew import KnownSession
from access.directory.mschap import Source
from radius.questions import (
    CheckCertificate,
    CheckChap,
    CheckMschap,
    CheckPassword,
    CheckResumption,
    CheckSession,
    SpendCode,
)

# What a worker may have to ask the world about, and what it tries to judge by itself first.
ForWorld = CheckPassword | CheckMschap | CheckCertificate | CheckSession | SpendCode
Check = CheckPassword | CheckChap | CheckMschap | CheckResumption


class UnknownNas(LookupError):
    """A NAS was removed between its request and our answer: nobody waits for it any more."""


class LoginPorts(PasswordPorts, MschapPorts, CodePorts, Protocol):
    """What a login needs of the world beside the memory: directories, and the one statement for a code."""

    def nt_hashes_of(self, organization: str | None) -> frozenset[Source]:
        """Who knows NT hashes of people of an organization."""

    @property
    def random(self) -> Callable[[int], bytes]:
        """Unguessable octets, as many as asked for."""

    def spend_state(self, nas_id: int, source: str, state: bytes, now: float) -> KnownSession | None:
        """Return the session that a State was given for, once. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How old the memory may be, in seconds, for what is guarded well and for what must go on."""

    strict_s: float
    basic_s: float


@dataclass(slots=True)
class Freshness:
    """When the memory was last known to be true, and the world last seen to be away; since the epoch."""

    true_at: float
    away_at: float = float("-inf")
