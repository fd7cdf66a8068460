"""Permits that would have one session in two zones at once: who is hit, by which two rules.

Two permits are kept apart where no session can meet the conditions of both at one moment, or nobody is
meant by both. What cannot be shown so is a mistake, although at run time nobody would get both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from access.model import NETWORK_DOORS, Effect
from access.policy.meant import in_common
from access.policy.vocabulary import Condition, Document, Hours, Period, Rule, World
from access.policy.zoning import VLAN_GIFTS, zoning

# Facts of which a session has one at a time.
_ONE_AT_A_TIME = frozenset(
    (
        *("via", "method", "site", "nas_group", "ssid", "medium", "certificate"),
        *("factor", "assurance", "country", "risk"),
    )
)
_WEEK_MINUTES = 7 * 1440


@dataclass(frozen=True, slots=True)
class _Place:
    """A rule that puts a session into a zone, under these conditions. gift: by which gift of a login."""

    rule: Rule
    zone: str
    conditions: tuple[Condition, ...]
    gift: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """Two permits, each behind its zone, and everybody who would have both at once."""

    rules: tuple[Rule, Rule]
    zones: tuple[str, str]
    people: tuple[str, ...]


def clashes(document: Document, world: World) -> list[Clash]:
    """Every pair of permits that would have somebody in two zones, in the order of their lines."""
    if not document.zones:
        return []
    places = [place for rule in document.rules for place in _places(document, rule)]
    rules = [place.rule for place in places]
    found = in_common(document, world, rules, lambda one, other: _clash(places, one, other))
    return [_told(places, pair, names) for pair, names in _once(places, found)]


def _places(document: Document, rule: Rule) -> Iterator[_Place]:
    if rule.effect is not Effect.PERMIT:
        return
    known = zoning(document)
    seen = set()
    for object in rule.objects:
        named = [("", known.of_object.get(object))]
        if object.startswith("login:"):
            given = ((gift, getattr(rule.gives, gift)) for gift in VLAN_GIFTS)
            named += [(gift, known.of_vlan.get(vlan)) for gift, vlan in given if vlan is not None]
        conditions = _conditions(rule, object)
        for gift, zone in named:
            if zone is not None and conditions is not None and (zone, conditions, gift) not in seen:
                seen.add((zone, conditions, gift))
                yield _Place(rule, zone, conditions, gift)


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


def _clash(places: list[_Place], first: int, second: int) -> bool:
    one, other = places[first], places[second]
    if one.zone == other.zone or one.zone in other.rule.crosses or other.zone in one.rule.crosses:
        return False
    if one.gift and one.gift == other.gift:
        # A login is given one of them: `prefer` says which, or it is refused.
        return False
    return not exclude(one.conditions, other.conditions)


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


def _once(
    places: list[_Place], found: Mapping[tuple[int, int], list[str]]
) -> Iterator[tuple[tuple[int, int], list[str]]]:
    """Each pair of rules and zones once, however many of their objects meet."""
    told: dict[tuple[str, ...], tuple[tuple[int, int], set[str]]] = {}
    for pair, names in found.items():
        one, other = (places[number] for number in pair)
        key = (one.rule.id, one.zone, other.rule.id, other.zone)
        told.setdefault(key, (pair, set()))[1].update(names)
    for pair, people in told.values():
        yield pair, sorted(people)


def _told(places: list[_Place], pair: tuple[int, int], names: list[str]) -> Clash:
    one, other = (places[number] for number in pair)
    return Clash((one.rule, other.rule), (one.zone, other.zone), tuple(names))
