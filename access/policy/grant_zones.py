"""Where a grant leaves its person in one zone, and what of theirs keeps it from being had elsewhere.

What somebody has as the rules stand is compared with the grant by the search that a document is saved by
(access.policy.zone_check), for this one person, and for each door by itself:

1. A permit hinders where a session could meet the conditions of both at one moment, and is in another zone by
   it. It does not where a forbid beats it whenever it speaks, or where a company that has to permit the same
   object as well does not.
2. An exception (`crosses`) covers the two where it speaks as long as both do. What it lets be had puts a
   session into no zone by itself. So where there is one for either of the two, that one has to be had beside
   the zone of the other; where there is one for each, both have to.
3. Nobody is admitted by an opening and has a grant, and one endpoint of two is not the other.

Whoever is free of such conflicts without the grant is free of them with it, at the doors that are left, as
long as neither the document nor the person's groups change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from access.model import NETWORK_DOORS, Effect, Request, Subject, Via
from access.policy.beside import is_stopped
from access.policy.compiled import Policy
from access.policy.decide import rules_about
from access.policy.guardrails import is_met
from access.policy.standing import StandingKind
from access.policy.subjects import standing
from access.policy.vocabulary import Condition, Period, Rule
from access.policy.zone_check import exclude, zones_beside

_LOGIN = "login:"
_A_MOMENT_S = 1.0
# After how many shorter ends nobody looks for one more.
_MOST_ENDS = 8


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A permit of one object by which sessions at these doors are in another zone than by the grant."""

    object: str
    zone: str
    doors: frozenset[Via]
    rule: Rule


@dataclass(frozen=True, slots=True)
class Room:
    """The doors at which a grant leaves everything in one zone, and what keeps it from the others.

    usable: those at which its person may log in at all; every one, where that is none.
    """

    doors: frozenset[Via]
    usable: frozenset[Via]
    hindrances: tuple[Hindrance, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether its person could ever have it."""
        return bool(self.doors & self.usable)

    @property
    def limited(self) -> bool:
        """Whether some door is left out."""
        return self.doors != NETWORK_DOORS


ROOM_ENOUGH = Room(NETWORK_DOORS, NETWORK_DOORS)


@dataclass(frozen=True, slots=True)
class Having:
    """Who is to have a grant, and the other grants that they have."""

    subject: Subject
    grants: tuple[Rule, ...] = ()


def room_for(policy: Policy, having: Having, grant: Rule) -> Room:
    """Where the grant may be had. It must say from when until when (`valid`), and be about one object.

    While a change comes in waves both policies count.
    """
    rooms = [_room(side, having, grant) for side in policy.sides]
    doors, usable = NETWORK_DOORS, NETWORK_DOORS
    for room in rooms:
        doors, usable = doors & room.doors, usable & room.usable
    return Room(doors, usable or NETWORK_DOORS, tuple(each for room in rooms for each in room.hindrances))


def possible_until(policy: Policy, having: Having, grant: Rule) -> float | None:
    """Until when it could be had, where it ends too late to be had at all; None: not even for less."""
    period = _period(grant)
    ends = {end for side in policy.sides for end in _turns(side, having, period)}
    for end in sorted(ends, reverse=True)[:_MOST_ENDS]:
        if room_for(policy, having, _lasting(grant, end)).possible:
            return end
    return None


def may_help(policy: Policy, subject: Subject, request: Request, now: float) -> bool:
    """Whether a grant of what is asked for could be had by the door of the request, if only for a moment."""
    beside = policy.beside.of(subject, request.facts)
    grants = tuple(rule for rule in beside if rule.standing and rule.standing.kind is StandingKind.GRANT)
    moment = Condition("valid", Period(now, now + _A_MOMENT_S))
    grant = Rule("", Effect.PERMIT, (request.object,), (), (moment,))
    room = room_for(policy, Having(subject, grants), grant)
    door = request.facts.via
    return door in room.doors if door in NETWORK_DOORS else room.possible


@dataclass(frozen=True, slots=True)
class _Had:
    """What somebody has of one object. lasting: the ids of the rules that are about them all the while."""

    object: str
    rules: tuple[Rule, ...]
    lasting: frozenset[str]

    @property
    def permits(self) -> list[Rule]:
        return [each for each in self.rules if each.effect is Effect.PERMIT]

    @property
    def exceptions(self) -> list[Rule]:
        return [each for each in self.permits if each.crosses]


def _room(policy: Policy, having: Having, grant: Rule) -> Room:
    if grant.objects[0] not in policy.zoning.of_object:
        return ROOM_ENOUGH
    had = _everything(policy, replace(having, grants=(*having.grants, grant)), _period(grant))
    places = [(each, permit) for each in had.values() for permit in each.permits]
    hindrances = [
        found
        for each, permit in (*places, *_doors(policy))
        if (found := _hindrance(policy, had, grant, each, permit)) is not None
    ]
    hindered = frozenset(door for each in hindrances for door in each.doors)
    logins = {door: had.get(f"{_LOGIN}{door}") for door in NETWORK_DOORS}
    usable = frozenset(door for door, each in logins.items() if each is not None and _is_open(grant, each))
    return Room(NETWORK_DOORS - hindered, usable, tuple(hindrances))


def _doors(policy: Policy) -> Iterator[tuple[_Had, Rule]]:
    """The logins that are in a zone: who comes by one is there, by whatever rule."""
    for door in NETWORK_DOORS:
        login = f"{_LOGIN}{door}"
        if login in policy.zoning.of_object:
            yield _Had(login, (), frozenset()), Rule("", Effect.PERMIT, (login,), ())


def _hindrance(
    policy: Policy, had: Mapping[str, _Had], grant: Rule, there: _Had, permit: Rule
) -> Hindrance | None:
    # What exceptions do is asked of all of them together, below.
    bare = replace(permit, crosses=())
    if not zones_beside(policy.zoning, grant, bare):
        return None
    here = had.get(grant.objects[0], _Had(grant.objects[0], (), frozenset()))
    doors, zones = [], list[str]()
    for door in NETWORK_DOORS:
        at = replace(grant, conditions=(*grant.conditions, Condition("via", frozenset({door}))))
        both = _both(at, permit)
        elsewhere = [] if _is_beaten(there, both) else zones_beside(policy.zoning, at, bare)
        own = policy.zoning.of_object[at.objects[0]]
        if any(not _is_covered((here, own), (there, zone), both) for zone in elsewhere):
            doors.append(door)
            zones += elsewhere
    return Hindrance(there.object, zones[0], frozenset(doors), permit) if doors else None


def _is_covered(one: tuple[_Had, str], other: tuple[_Had, str], both: list[list[Condition]]) -> bool:
    """Whether exceptions let the two be had at once, wherever both are."""
    sides = (one[0], other[1]), (other[0], one[1])
    excepted = [(had, zone) for had, zone in sides if had.exceptions]
    return bool(excepted) and all(_crosses(had, zone, both) for had, zone in excepted)


def _crosses(had: _Had, zone: str, both: list[list[Condition]]) -> bool:
    return any(
        zone in each.crosses and each.id in had.lasting and _is_sure(each, both) for each in had.exceptions
    )


def _is_beaten(had: _Had, both: list[list[Condition]]) -> bool:
    """Whether a forbid speaks wherever both do."""
    return any(
        _forbids(each) and not each.requires and each.id in had.lasting and _is_sure(each, both)
        for each in had.rules
    )


def _is_open(grant: Rule, login: _Had) -> bool:
    return any(
        not exclude(grant.conditions, permit.conditions) and not _is_beaten(login, _both(grant, permit))
        for permit in login.permits
    )


def _is_sure(rule: Rule, both: list[list[Condition]]) -> bool:
    """Whether whoever meets one list of conditions and the others meets those of the rule."""
    return all(any(is_met(wanted, given) for given in both) for wanted in rule.conditions)


def _both(one: Rule, other: Rule) -> list[list[Condition]]:
    """What somebody meets by whom both are had."""
    mine, theirs = _period(one), _period(other)
    start = max((each for each in (mine.start, theirs.start) if each is not None), default=None)
    end = min((each for each in (mine.end, theirs.end) if each is not None), default=None)
    return [[Condition("valid", Period(start, end))], [*one.conditions], [*other.conditions]]


def _everything(policy: Policy, having: Having, period: Period) -> dict[str, _Had]:
    """What somebody has of each object in a zone and of each login, as far as all who must permit it do."""
    moments = [period.start or 0.0, *(end for _, end in having.subject.ending if _within(end, period))]
    subjects = [standing(having.subject, moment)[0] for moment in moments]
    logins = [f"{_LOGIN}{door}" for door in NETWORK_DOORS]
    found = (_had(policy, subjects, having.grants, object) for object in (*policy.zoning.of_object, *logins))
    return {each.object: each for each in found if _is_permitted(policy, having.subject, each)}


def _had(policy: Policy, subjects: Sequence[Subject], grants: Iterable[Rule], object: str) -> _Had:
    seen = [{rule.id: rule for rule in rules_about(policy, each, object)} for each in subjects]
    lasting = frozenset.intersection(*map(frozenset, seen))
    about = {id: rule for each in seen for id, rule in each.items() if not is_stopped(rule)}
    rules = [*about.values(), *(each for each in grants if object in each.objects)]
    owner = policy.owners.get(object)
    # Of what another company permits the login at its NAS alone leads somewhere.
    sides = {None, owner, subjects[0].organization} if owner is not None else None
    counted = (each for each in rules if sides is None or _forbids(each) or each.organization in sides)
    return _Had(object, tuple(map(partial(_narrowed, object), counted)), lasting)


def _forbids(rule: Rule) -> bool:
    return rule.effect is Effect.DENY


def _narrowed(object: str, rule: Rule) -> Rule:
    """The rule as far as it is about one object. Where a login is, a session is, whatever that crosses."""
    return replace(rule, objects=(object,), crosses=() if object.startswith(_LOGIN) else rule.crosses)


def _is_permitted(policy: Policy, subject: Subject, had: _Had) -> bool:
    """Whether there is a permit of each company that has to permit the object to them."""
    owner = policy.owners.get(had.object, subject.organization)
    return {owner, subject.organization} <= {each.organization or owner for each in had.permits}


def _turns(policy: Policy, having: Having, period: Period) -> Iterator[float]:
    """The moments within the period at which something of somebody's begins, or an exception ends."""
    for had in _everything(policy, having, period).values():
        for rule in had.permits:
            turns = _period(rule)
            yield from (
                each for each in (turns.start, turns.end) if each is not None and _within(each, period)
            )


def _lasting(grant: Rule, end: float) -> Rule:
    period = Condition("valid", Period(_period(grant).start, end))
    return replace(grant, conditions=(period, *(each for each in grant.conditions if each.name != "valid")))


def _period(rule: Rule) -> Period:
    found = (each.argument for each in rule.conditions if each.name == "valid")
    return next(found, Period(None, None))


def _within(moment: float, period: Period) -> bool:
    return (period.start or 0.0) < moment and (period.end is None or moment < period.end)
