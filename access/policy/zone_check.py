"""Permits that would have one session in two zones at once: who is hit, by which two rules.

Two permits are kept apart where no session can meet the conditions of both at one moment, or nobody is
meant by both. What cannot be shown so is a mistake, although at run time nobody would get both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import islice
from operator import or_
from typing import Any, NamedTuple

from access.model import NETWORK_DOORS, Effect
from access.policy.meant import everybody
from access.policy.subjects import fold
from access.policy.vocabulary import Condition, Document, Hours, Period, Rule, World
from access.policy.zoning import VLAN_GIFTS, Zoning, zoning

# Facts of which a session has one at a time.
_ONE_AT_A_TIME = frozenset(
    (
        *("via", "method", "site", "nas_group", "ssid", "medium", "certificate"),
        *("factor", "assurance", "country", "risk", "designated"),
    )
)
_WEEK_MINUTES = 7 * 1440


@dataclass(frozen=True, slots=True)
class _Place:
    """How a session gets into a zone. gift: by which gift of a login, "" by reaching an object."""

    conditions: tuple[Condition, ...]
    gift: str = ""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What spots are compared by: those that say the same clash with the same others."""

    zone: str
    crosses: frozenset[str]
    places: frozenset[_Place]


class _Spot(NamedTuple):
    """A rule that puts sessions into a zone, by each of its places there."""

    rule: Rule
    kind: _Kind


@dataclass(frozen=True, slots=True)
class Clash:
    """Two permits, each behind its zone, and everybody who would have both at once."""

    rules: tuple[Rule, Rule]
    zones: tuple[str, str]
    people: tuple[str, ...]


class Found(NamedTuple):
    """The first pairs of permits that would have somebody in two zones, and how many others there are."""

    clashes: list[Clash]
    more: int = 0


def find_clashes(document: Document, world: World, most: int) -> Found:
    """At most so many of the pairs of permits that would have somebody in two zones, as the rules stand.

    Sets of spots are integers, a bit for each: whoever has one spot has which others is found for all of its
    people together, and asked of each kind of them once.
    """
    if not document.zones:
        return Found([])
    known = zoning(document)
    spots = [spot for rule in document.rules for spot in _spots(known, rule)]
    meeting = _meeting(document, world, spots)
    of_kind: dict[_Kind, int] = {}
    for number, spot in enumerate(spots):
        of_kind[spot.kind] = of_kind.get(spot.kind, 0) | 1 << number
    told: list[Clash] = []
    total = 0
    for number, spot in enumerate(spots):
        later = meeting.of(spot.rule) >> number + 1 << number + 1
        hits = _hits(spots, spot.kind, later, of_kind)
        total += hits.bit_count()
        for other in islice(_bits(hits), most - len(told)):
            told.append(meeting.clash(spot, spots[other]))
    return Found(told, total - len(told))


def zones_beside(known: Zoning, one: Rule, other: Rule) -> list[str]:
    """The zones into which a permit puts sessions that another one, one, has in a different zone."""
    here = [spot.kind for spot in _spots(known, one)]
    there = [spot.kind for spot in _spots(known, other)]
    return [each.zone for each in there if any(_clash(kind, each) for kind in here)]


def _hits(spots: list[_Spot], kind: _Kind, candidates: int, of_kind: Mapping[_Kind, int]) -> int:
    """Those of the candidates that a kind of spot clashes with."""
    found = 0
    while candidates:
        other = spots[candidates.bit_length() - 1].kind
        if _clash(kind, other):
            found |= candidates & of_kind[other]
        candidates &= ~of_kind[other]
    return found


def _bits(numbers: int) -> Iterator[int]:
    """The numbers of the bits that are set, the lowest first."""
    while numbers:
        lowest = numbers & -numbers
        yield lowest.bit_length() - 1
        numbers ^= lowest


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Who is found under each subject key that rules name, and the spots that any of those have."""

    names: Mapping[str, list[str]]
    spots: Mapping[str, int]

    def of(self, rule: Rule) -> int:
        """Every spot of anybody whom the rule is about."""
        return reduce(or_, (self.spots.get(fold(who), 0) for who in rule.who), 0)

    def clash(self, one: _Spot, other: _Spot) -> Clash:
        """What is told of two spots that clash."""
        people = self._people(one.rule) & self._people(other.rule)
        return Clash((one.rule, other.rule), (one.kind.zone, other.kind.zone), tuple(sorted(people)))

    def _people(self, rule: Rule) -> set[str]:
        return {name for who in rule.who for name in self.names.get(fold(who), ())}


def _meeting(document: Document, world: World, spots: list[_Spot]) -> _Meeting:
    by_key: dict[str, int] = {}
    for number, spot in enumerate(spots):
        for key in map(fold, spot.rule.who):
            by_key[key] = by_key.get(key, 0) | 1 << number
    names: dict[str, list[str]] = {}
    together: dict[str, int] = dict.fromkeys(by_key, 0)
    for name, keys in everybody(document, world, by_key):
        theirs = [key for key in keys if key in by_key]
        has = reduce(or_, (by_key[key] for key in theirs), 0)
        for key in theirs:
            together[key] |= has
            names.setdefault(key, []).append(name)
    return _Meeting(names, together)


def _spots(known: Zoning, rule: Rule) -> Iterator[_Spot]:
    """The zones into which a rule puts sessions, the first that it names before the others."""
    if rule.effect is not Effect.PERMIT:
        return
    found: dict[str, set[_Place]] = {}
    for object in rule.objects:
        conditions = _conditions(rule, object)
        for gift, zone in _zones(known, rule, object) if conditions is not None else ():
            found.setdefault(zone, set()).add(_Place(conditions or (), gift))
    for zone, places in found.items():
        yield _Spot(rule, _Kind(zone, frozenset(rule.crosses), frozenset(places)))


def _zones(known: Zoning, rule: Rule, object: str) -> Iterator[tuple[str, str]]:
    """The zones into which a permit of an object puts a session, each behind the gift that does."""
    zone = known.of_object.get(object)
    if zone is not None:
        yield "", zone
    for gift in VLAN_GIFTS if object.startswith("login:") else ():
        zone = known.of_vlan.get(getattr(rule.gives, gift) or "")
        if zone is not None:
            yield gift, zone


def _conditions(rule: Rule, object: str) -> tuple[Condition, ...] | None:
    """What a session meets that has the object by this rule; None: no session on the network does."""
    doors = frozenset(NETWORK_DOORS)
    if object.startswith("login:"):
        doors = frozenset(door for door in doors if object == f"login:{door}")
    for condition in rule.conditions:
        if condition.name == "via":
            doors &= condition.argument
    others = tuple(condition for condition in rule.conditions if condition.name != "via")
    return (Condition("via", doors), *others) if doors else None


@lru_cache(maxsize=65536)
def _clash(one: _Kind, other: _Kind) -> bool:
    """Whether somebody who has both could be in both zones at one moment."""
    if one.zone == other.zone or one.zone in other.crosses or other.zone in one.crosses:
        return False
    return any(_meet(here, there) for here in one.places for there in other.places)


def _meet(one: _Place, other: _Place) -> bool:
    # A login is given one VLAN of each gift: `prefer` says which, or it is refused.
    chosen = bool(one.gift) and one.gift == other.gift
    return not chosen and not exclude(one.conditions, other.conditions)


@lru_cache(maxsize=65536)
def exclude(one: tuple[Condition, ...], other: tuple[Condition, ...]) -> bool:
    """Whether it is certain that nobody meets the conditions of both at one moment."""
    asked = {condition.name: condition.argument for condition in other}
    return any(
        _apart(condition.name)(condition.argument, asked[condition.name])
        for condition in one
        if condition.name in asked
    )


def _apart(name: str) -> Callable[[Any, Any], bool]:
    return frozenset.isdisjoint if name in _ONE_AT_A_TIME else _APART.get(name, lambda _one, _other: False)


def _networks_apart(one: Iterable[Any], other: Iterable[Any]) -> bool:
    return not any(here.version == there.version and here.overlaps(there) for here in one for there in other)


def _periods_apart(one: Period, other: Period) -> bool:
    return _before(one, other) or _before(other, one)


def _before(one: Period, other: Period) -> bool:
    return one.end is not None and other.start is not None and one.end <= other.start


def _hours_apart(one: Hours, other: Hours) -> bool:
    return one.zone.key == other.zone.key and _minutes(one).isdisjoint(_minutes(other))


@lru_cache(maxsize=256)
def _minutes(hours: Hours) -> frozenset[int]:
    """The minutes of the week in which a window may be open."""
    length = hours.end - hours.start + (1440 if hours.end <= hours.start else 0)
    starts = (day * 1440 + hours.start for day in hours.days)
    return frozenset(minute % _WEEK_MINUTES for start in starts for minute in range(start, start + length))


_APART: Mapping[str, Callable[[Any, Any], bool]] = {
    "source": _networks_apart,
    "valid": _periods_apart,
    "hours": _hours_apart,
}
