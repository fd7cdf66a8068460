"""Policies, people and facts drawn from a small world by a seed, so that rules meet.

Drawn by hand and not by hypothesis strategies, which take ten milliseconds for each: hypothesis picks the
seeds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from ipaddress import ip_address, ip_network
from math import inf
from random import Random
from zoneinfo import ZoneInfo

from access.logins.risk import Level, Risk
from access.model import (
    NETWORK_DOORS,
    Absent,
    Certified,
    Effect,
    Facts,
    Gives,
    Medium,
    Method,
    Others,
    Subject,
    Via,
)
from access.nas.endpoint_standing import EndpointFacts, Standing
from access.policy.compiled import Policy, compile
from access.policy.holidays import KOREAN
from access.policy.vocabulary import (
    AtMost,
    Condition,
    Document,
    Holidays,
    Hours,
    Mailed,
    Network,
    Period,
    Ports,
    Protocol,
    Rule,
    Stopped,
    Tier,
    VdiPool,
    Zone,
)
from access.proof.factors import Factor, Origin
from tests.access.policy.samples import HOUR, MONDAY_9

ORGANIZATIONS = ("hangang", "seorak")
OBJECTS = ("login:vpn", "login:wired", "network:git", "network:wiki", "vdi:desktops")
WHO = (
    *("group:hangang/a", "group:hangang/b", "group:seorak/a", "user:kim@hangang", "user:lee@seorak"),
    *("organization:hangang", "organization:seorak", "endpoint:00:11:22:aa:bb:cc", "realm:campus.example"),
)
# Whoever nobody has proven is not drawn: no permit of a document speaks for them.
METHODS = [method for method in Method if method is not Method.OFFICE_OPEN]
SUBJECTS = (
    Subject(1, "hangang", "kim", frozenset({"hangang/a"})),
    Subject(1, "hangang", "kim", frozenset({"hangang/a", "hangang/b", "seorak/a"})),
    Subject(2, "seorak", "lee", frozenset({"seorak/a", "hangang/b"})),
    Subject(0, "hangang", "00-11-22-aa-bb-cc"),
    Subject(9, "", ""),
    Subject(0, "hangang", "visitor", realm="campus.example"),
    Subject(3, "hangang", "park", frozenset({"hangang/a"}), ending=(("hangang/b", MONDAY_9 + 2 * HOUR),)),
)
NETWORKS = {
    "git": Network("git", "hangang", (), (), 1),
    "wiki": Network("wiki", "seorak", (), (), 1),
}
POOLS = {"desktops": VdiPool("desktops", "hangang", Ports(Protocol.TCP, 3389, 3389), 1.0, {}, 1)}


@dataclass(frozen=True)
class Case:
    """A policy's rules, and somebody who asks for something."""

    rules: tuple[Rule, ...]
    subject: Subject
    object: str
    facts: Facts
    now: float

    @property
    def policy(self) -> Policy:
        return policy_of(self.rules)


@lru_cache(maxsize=2048)
def case(seed: int, gives: bool = True) -> Case:
    """Up to eight rules; without gives no login can end in a conflict of VLANs."""
    random = Random(seed)
    return Case(
        rules=(
            *(rule(random, f"r{number}", gives=gives) for number in range(random.randint(0, 8))),
            *(requirement(random, f"g{number}") for number in range(random.choice((0, 0, 1)))),
        ),
        subject=random.choice(SUBJECTS),
        object=random.choice(OBJECTS),
        facts=Facts(
            via=random.choice((*Absent, *Via)),
            method=random.choice((*Absent, *METHODS)),
            otp_at=random.choice((*Absent, moment(random), moment(random))),
            source=random.choice((*Absent, ip_address("203.0.113.7"), ip_address("192.0.2.7"))),
            country=random.choice((*Absent, "KR", "JP")),
            endpoint=random.choice((*Absent, endpoint(random), endpoint(random))),
            risk=random.choice((*Absent, Risk(Level.LOW), Risk(Level.HIGH))),
            sessions=random.choice(
                (*Absent, Others(((random.choice((None, Via.VPN)), random.randint(0, 3)),)))
            ),
            # At most logins somebody is at a NAS of their own, as if it did not matter whose it is.
            nas_organization=random.choice((*[Absent.DOES_NOT_APPLY] * 6, Absent.UNKNOWN, *ORGANIZATIONS)),
            **{name: random.choice((*Absent, *values)) for name, values in CHOICES.items()},
        ),
        now=moment(random),
    )


def requirement(random: Random, id: str) -> Rule:
    """A guardrail that demands something; no review stops one, so it does not wait to be signed."""
    drawn = rule(random, id, Effect.DENY)
    name = random.choice(sorted(CONDITIONS.keys() - {"signed"}))
    asked = tuple(each for each in drawn.conditions if each.name != "signed")
    asked = asked or (Condition(name, CONDITIONS[name](random)),)
    return replace(drawn, requires=True, tier=Tier.GUARDRAIL, conditions=asked)


def rule(random: Random, id: str, effect: Effect | None = None, gives: bool = True) -> Rule:
    effect = effect or random.choice((Effect.PERMIT, Effect.PERMIT, Effect.DENY))
    names = random.sample(sorted(CONDITIONS), random.choice((0, 0, 1, 1, 2, 3)))
    return Rule(
        id=id,
        effect=effect,
        objects=tuple(random.sample(OBJECTS, random.randint(1, 4))),
        who=tuple(random.sample(WHO, random.randint(1, 4))),
        conditions=tuple(Condition(name, CONDITIONS[name](random)) for name in names),
        gives=Gives(
            random.choice((None, None, "staff", "guest", "lab")),
            random.choice((None, 60, 90)),
        )
        if gives and effect is Effect.PERMIT
        else Gives(),
        organization=random.choice((None, None, *ORGANIZATIONS)),
    )


def moment(random: Random) -> float:
    return MONDAY_9 + random.randint(-40, 40) * HOUR


def endpoint(random: Random) -> EndpointFacts:
    return EndpointFacts(*(random.choice((None, 0.0, inf, moment(random))) for _ in range(3)))


def calendar(random: Random) -> Holidays:
    days = frozenset(date(2026, 11, random.randint(20, 26)) for _ in range(3))
    return random.choice((KOREAN, Holidays("own", days, ZoneInfo("Asia/Seoul"))))


def one_of(values: tuple[str, ...]) -> Callable[[Random], frozenset[str]]:
    return lambda random: frozenset(random.sample(values, random.randint(1, len(values) - 1)))


# Facts that are one of a few words, with the words.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "site": ("seoul", "busan"),
    # Other than the endpoint of WHO: rules beside the document are about whoever sits at that.
    "station": ("00:11:22:aa:bb:dd", "00:11:22:aa:bb:ee"),
    "nas_group": ("office-ap", "office-switch"),
    "ssid": ("staff", "guests"),
    "medium": tuple(Medium),
    "certificate": tuple(Certified),
    "factor": tuple(Factor),
    "assurance": tuple(each for each in Origin if each is not Origin.UNKNOWN),
}
_ASKED_BY = {"station": "designated"}
CONDITIONS: Mapping[str, Callable[[Random], object]] = {
    **{_ASKED_BY.get(name, name): one_of(values) for name, values in CHOICES.items()},
    "via": lambda random: frozenset(random.sample(list(Via), 2)),
    "method": lambda random: frozenset(random.sample(METHODS, 2)),
    "otp_age": lambda random: random.choice((float, Mailed))(random.randint(1, 30) * HOUR),
    "source": lambda random: frozenset({ip_network(random.choice(("203.0.113.0/24", "192.0.2.0/28")))}),
    "country": lambda random: frozenset({random.choice(("KR", "JP"))}),
    "risk": lambda random: frozenset(random.sample(list(Level), random.randint(1, 2))),
    "sessions": lambda random: AtMost(
        random.randint(1, 3), random.choice((NETWORK_DOORS, frozenset({Via.VPN})))
    ),
    "endpoint": lambda random: frozenset(random.sample(list(Standing), random.randint(1, 2))),
    "holiday": lambda random: (calendar(random),),
    "hours": lambda random: Hours(
        "h",
        frozenset(range(5)),
        random.randint(0, 1439),
        random.randint(1, 1440),
        ZoneInfo("Asia/Seoul"),
        random.choice(((), (calendar(random),))),
    ),
    "signed": lambda random: Stopped(moment(random), "lee", random.random() < 0.5),
    "valid": lambda random: Period(
        random.choice((None, moment(random))),
        random.choice((None, moment(random))),
    ),
}


def policy_of(rules: tuple[Rule, ...]) -> Policy:
    return compile(
        Document("r", networks=NETWORKS, vdi=POOLS, rules=rules, prefer={"vlan": ("guest", "staff")})
    )


def zones(holds: Mapping[str, tuple[str, ...]]) -> dict[str, Zone]:
    return {name: Zone(name, objects) for name, objects in holds.items()}
