"""What a worker's logins ask the world, what they may wait for, and how old their knowledge may be. ▸"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from access.directory.mschap import Source
from access.logins.authorized_anew import KnownSession
from access.logins.memory import Memory
from access.logins.spent_together import TogetherPorts
from access.model import Reason, User, Via
from access.proof.authentication import MschapPorts, PasswordPorts
from radius.frozen import value
from radius.questions import (
    CheckCertificate,
    CheckChap,
    CheckMschap,
    CheckPassword,
    CheckResumption,
    CheckSession,
    Method,
    SpendCode,
)

# What a worker may have to ask the world about, and what it tries to judge by itself first.
ForWorld = CheckPassword | CheckMschap | CheckCertificate | CheckSession | SpendCode
Check = CheckPassword | CheckChap | CheckMschap | CheckResumption


class UnknownNas(LookupError):
    """A NAS was removed between its request and our answer: nobody waits for it any more."""


class LoginPorts(PasswordPorts, MschapPorts, TogetherPorts, Protocol):
    """What a login needs of the world beside the memory: directories, and the one statement for a code."""

    def directory_is_silent(self, user: User) -> bool:
        """Whether the directory of somebody said nothing when it was asked last, a short while ago."""

    def nt_hashes_of(self, organization: str | None) -> frozenset[Source]:
        """Who knows NT hashes of people of an organization."""

    @property
    def random(self) -> Callable[[int], bytes]:
        """Unguessable octets, as many as asked for."""

    def spend_state(self, nas_id: int, source: str, state: bytes, now: float) -> KnownSession | None:
        """Return the session that a State was given for, once. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How old the memory may be, in seconds, by tier.

    privileged_s is for administrators of devices and never more than strict_s, which is for the VPN and for
    everything with a code; basic_s for what must go on.
    """

    strict_s: float
    basic_s: float
    privileged_s: float

    def exceeded(self, age_s: float) -> list[str]:
        """Return who is refused while the memory is so old: the settings of their tiers."""
        limits = {
            "staleness_privileged_s": self.of(Via.DEVICE, with_code=False),
            "staleness_s": self.strict_s,
            "staleness_basic_s": self.basic_s,
        }
        return [name for name, limit_s in limits.items() if age_s > limit_s]

    def of(self, door: Via, with_code: bool) -> float:
        """Return how old the memory may be for a login through a door."""
        if door is Via.DEVICE:
            return min(self.privileged_s, self.strict_s)
        return self.strict_s if door is Via.VPN or with_code else self.basic_s


@dataclass(slots=True)
class Freshness:
    """When the memory was last known to be true, and the world last seen to be away; since the epoch.

    world goes up by one each time that something is put into the memory.
    """

    true_at: float
    away_at: float = float("-inf")
    world: int = 0


# Methods whose question is the first that a conversation asks: nothing has been spent on it yet.
NEWLY_COME = frozenset({Method.PAP, Method.CHAP, Method.MSCHAPV2, Method.NONE})
DATABASE, CERTIFICATES = "database", "certificates"


@value
class Waiting:
    """Where a question waits, whether nothing was spent on it yet, and why it may be turned away."""

    lane: str
    newly: bool
    turned_away: Reason


def waiting_of(question: ForWorld, memory: Memory) -> Waiting:
    """Return where a question waits: each company's directory has a lane of its own."""
    if isinstance(question, CheckCertificate):
        return Waiting(CERTIFICATES, False, Reason.REVOCATION_UNKNOWN)
    if isinstance(question, SpendCode | CheckSession):
        return Waiting(DATABASE, False, Reason.CODE_UNPROVABLE)
    client = memory.client(question.nas)
    organization = memory.meant(question.user_name, client.organization_id)[1] if client else None
    newly = question.method in NEWLY_COME
    return Waiting(f"directory {organization or ''}", newly, Reason.DIRECTORY_BUSY)


def named_in(question: Check | ForWorld) -> str:
    """Return the name somebody gives; a code has none."""
    if isinstance(question, SpendCode):
        return ""
    return question.identity if isinstance(question, CheckCertificate) else question.user_name
