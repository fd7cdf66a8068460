"""The values a policy document is made of, and the problems found in one. Frozen, without behaviour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any
from zoneinfo import ZoneInfo

from access.errors import Refused
from access.model import NETWORK_DOORS, Bilingual, Effect, Facts, Gives, Subject, Via
from access.policy.standing import Standing
from access.words.phrase import Kind, Phrase, at_line, say

NOTHING = Gives()
LOGINS = tuple(f"login:{via}" for via in Via)
LOGIN_VPN = f"login:{Via.VPN}"
VDI = "vdi:"
LOGIN_DEVICE = f"login:{Via.DEVICE}"
LOGIN_PORTAL = f"login:{Via.PORTAL}"
# What a login can have only one of, by its key under `gives` and `prefer`.
SINGLE_GIFTS = ("vlan", "voice_vlan", "role", "acl", "privilege")
# What all permits have to agree on: nothing chooses between two of them.
AGREED_GIFTS = ("address",)
# What only the client of a VPN can be given.
VPN_GIFTS = frozenset({"address", "routes", "dns", "dns_suffixes"})
DESKTOP_GIFTS = frozenset({"desktop"})
# What is for administrators of devices and for nobody else; and what makes sense for them.
DEVICE_GIFTS = frozenset({"privilege", "session_timeout", "idle_timeout"})


class PolicyError(Refused):
    """Root of what can be wrong with a policy."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a document: its line (the first is 1), and of which kind it is."""

    line: int
    phrase: Phrase

    def __str__(self) -> str:
        return self.to("en")

    @property
    def what(self) -> str:
        """What is wrong, in English."""
        return self.phrase.what("en")

    @property
    def instead(self) -> str:
        """What would be right, in English."""
        return self.phrase.instead("en")

    def told(self, language: str) -> str:
        """What is wrong and what would be right, in a language, without the line."""
        return self.phrase.to(language)

    def to(self, language: str) -> str:
        """The same with the line."""
        return at_line(self.line, self.told(language), language)


def found(line: int, kind: Kind, /, **facts: object) -> Problem:
    """A mistake of a kind on a line."""
    return Problem(line, say(kind, **facts))


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The same mistakes, each once, by line; those of one line as English has them."""
    return sorted(set(problems), key=lambda each: (each.line, each.what, each.instead))


class PolicyErrors(PolicyError):
    """The document cannot be used; problems holds every mistake in the order of its lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(in_order(problems))
        english, korean = ("\n".join(each.to(to) for each in self.problems) for to in ("en", "ko"))
        super().__init__(english, korean)


class BadValue(PolicyError):
    """A word that is not what its place wants: what is wrong, and what would be right."""

    def __init__(self, kind: Kind, /, **facts: object) -> None:
        self.phrase = say(kind, **facts)
        super().__init__(self.phrase.to("en"), self.phrase.to("ko"))


class Tier(StrEnum):
    """Who answers for a rule. What a guardrail requires no other rule can do without."""

    GUARDRAIL = "guardrail"
    ORGANIZATION = "organization"
    TEAM = "team"
    TEMPORARY = "temporary"


class Protocol(StrEnum):
    """What a network's port list can name. ICMP stands for both ICMP and ICMPv6."""

    TCP = "tcp"
    UDP = "udp"
    ICMP = "icmp"


@dataclass(frozen=True, slots=True)
class Ports:
    """An inclusive range of ports of one protocol; ICMP has none and spans 0-65535."""

    protocol: Protocol
    first: int = 0
    last: int = 65535


@dataclass(frozen=True, slots=True)
class Requestable:
    """What people may ask the owners of something for. who "": the people of its organization.

    owners: each as name@organization. longest_s: the longest it lasts. needs: what a request has to say.
    """

    owners: tuple[str, ...]
    longest_s: float
    needs: frozenset[str] = frozenset()
    who: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Network:
    """Destinations that rules speak of as "network:NAME". No ports: everything at these addresses."""

    name: str
    organization: str
    to: tuple[IPv4Network | IPv6Network, ...]
    ports: tuple[Ports, ...]
    line: int
    requestable: Requestable | None = None


@dataclass(frozen=True, slots=True)
class VdiPool:
    """Desktops that rules speak of as "vdi:NAME"; lease_s is how long a desktop stays assigned."""

    name: str
    organization: str
    port: Ports
    lease_s: float
    desktops: Mapping[str, IPv4Address | IPv6Address]
    line: int
    requestable: Requestable | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Holidays:
    """Days on a wall clock. last_year: nothing is known of what comes after it; None: everything is."""

    name: str
    days: frozenset[date] = field(repr=False)
    zone: ZoneInfo
    last_year: int | None = None
    _hash: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self._key()))

    def __eq__(self, other: object) -> bool:
        """Whether the days are the same, whatever document they stand in."""
        if not isinstance(other, Holidays):
            return NotImplemented
        return self is other or self._key() == other._key()

    def __hash__(self) -> int:
        """Computed once: years of dates would be hashed for every look at the clock."""
        return self._hash

    def _key(self) -> tuple[object, ...]:
        return self.name, self.days, self.zone.key, self.last_year


@dataclass(frozen=True, slots=True)
class Hours:
    """A weekly window on a wall clock.

    days are those on which it opens (Monday is 0). start and end are minutes after midnight, end 1..1440; an
    end at or before start is on the next day. On a day of closed it does not open.
    """

    name: str
    days: frozenset[int]
    start: int
    end: int
    zone: ZoneInfo
    closed: tuple[Holidays, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """When a rule counts: from start until just before end, seconds since the epoch; None is open."""

    start: float | None
    end: float | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why a permit is silent: its review ended without a signature that keeps it, since a moment.

    owner: whom to ask. ended: for good; else until it is signed.
    """

    since: float
    owner: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Mailed:
    """What otp_age wants in a rule that lets codes by e-mail count as well."""

    age_s: float


@dataclass(frozen=True, slots=True)
class AtMost:
    """What sessions wants: at most so many endpoints at once by these doors, the one that asks among them."""

    most: int
    doors: frozenset[Via] = NETWORK_DOORS


@dataclass(frozen=True, slots=True)
class Condition:
    """One row of conditions.CONDITIONS with what this rule wants of it."""

    name: str
    argument: Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One permit or forbid. who are "group:ORG/NAME" and the like, as written; objects as in Request.

    requires: a forbid that speaks unless all of its conditions hold. owner and ticket are for people.
    organization is whom the rule speaks for; None: for whoever owns the object asked for. standing: what it
    follows from where it does not stand in the document. crosses: the zones in
    which a session may be that has what this permits. review: the day on which its owner has to look again.
    """

    id: str
    effect: Effect
    objects: tuple[str, ...]
    who: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    gives: Gives = NOTHING
    organization: str | None = None
    reason: Bilingual | None = None
    line: int = 0
    requires: bool = False
    tier: Tier = Tier.ORGANIZATION
    owner: str = ""
    ticket: str = ""
    standing: Standing | None = None
    crosses: tuple[str, ...] = ()
    review: date | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the network that is kept apart: a session is in one at a time. holds: objects."""

    name: str
    holds: tuple[str, ...] = ()
    vlans: tuple[str, ...] = ()
    title: Bilingual | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class ComputedGroup:
    """Who is in any of these, in all of those, and in none of the last; any that is empty asks for nothing.

    name is "organization/name"; the terms are written as who of a rule.
    """

    name: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    line: int = 0

    @property
    def terms(self) -> tuple[str, ...]:
        """All that it is computed of."""
        return (*self.any, *self.all, *self.but)


@dataclass(frozen=True, slots=True)
class Opening:
    """What may be opened at a site while nobody can be proven. who (): the people of the organization."""

    name: str
    organization: str
    site: str
    objects: tuple[str, ...]
    who: tuple[str, ...]
    gives: Gives
    longest_s: float
    line: int


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """One promise the document makes about itself. user ("name@organization") or else subject is who asks.

    What gives names, every accepted login must carry.
    """

    name: str
    user: str | None
    subject: Subject | None
    facts: Facts
    now: float
    accept: tuple[str, ...]
    deny: tuple[str, ...]
    line: int
    gives: Gives = NOTHING


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document that was read without a mistake; revision is the SHA-256 of its text.

    groups has those that are computed, each behind those that it is computed of.
    prefer has, for each of SINGLE_GIFTS, the values in the order in which they win. vlans has the number of a
    VLAN by site and by name.
    """

    revision: str
    networks: Mapping[str, Network] = field(default_factory=dict)
    vdi: Mapping[str, VdiPool] = field(default_factory=dict)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    holidays: Mapping[str, Holidays] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    prefer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vlans: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    openings: Mapping[str, Opening] = field(default_factory=dict)
    tests: tuple[PolicyTest, ...] = ()
    groups: Mapping[str, ComputedGroup] = field(default_factory=dict)
    zones: Mapping[str, Zone] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """What the directories know: groups as "organization/group", users by "name@organization"."""

    groups: frozenset[str] = frozenset()
    users: Mapping[str, Subject] = field(default_factory=dict)
    organizations: frozenset[str] = frozenset()
