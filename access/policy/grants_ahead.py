"""What a document would do to the grants that run: which of them would be had no more, or not at every door.

Whoever is granted something stays in one zone as long as the document stays as it is
(access.policy.grant_zones). Another document can put what they have beside the grant into another zone. At
run time that is a refusal (POLICY_CONFLICT), so whoever publishes is told before.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from access.model import Bilingual, Subject, Via
from access.policy.beside import rule_of
from access.policy.compiled import Policy
from access.policy.grant_zones import Having, Room, room_for
from access.policy.standing import Standing, StandingKind
from access.policy.subjects import standing
from access.policy.touched import touched
from access.policy.vocabulary import Rule
from access.policy.words import DOORS


class Fate(StrEnum):
    """What becomes of a grant: its person would be in two zones; what it is for is not in the document any
    more, or belongs to another company, which has granted nothing.
    """

    TWO_ZONES = "two-zones"
    GONE = "gone"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class GrantAhead:
    """A grant that does not go on as it was. whom: its person's name. organizations: those it concerns.

    zones: by title, the grant's own before the others. doors: those at which both are had.
    """

    rule: str
    whom: str
    object: str
    until: float
    fate: Fate
    organizations: frozenset[str]
    zones: tuple[Bilingual, ...] = ()
    doors: frozenset[Via] = frozenset()

    def zones_in(self, language: str) -> str:
        """The zones, in words."""
        return ", ".join(each.to(language) for each in self.zones)

    def doors_in(self, language: str) -> str:
        """The doors, in words."""
        return ", ".join(DOORS[each].to(language) for each in sorted(self.doors))


def grants_ahead(
    old: Policy | None, new: Policy, people: Mapping[int, Subject], now: float
) -> tuple[GrantAhead, ...]:
    """The grants that do not go on as they were when the new policy takes the place of the old one, in order.

    Both with what stands beside them. people: whoever has a grant and an account that counts, by its number.
    """
    if old is None:
        return ()
    running = [each for each in grants_of(new) if each.user_id in people and (each.until or 0.0) > now]
    look = _Look(old, new, now, running)
    found = (look.at(each, people[each.user_id or 0]) for each in running)
    return tuple(each for each in found if each is not None)


def grants_of(policy: Policy) -> Iterator[Standing]:
    """The grants beside a policy, by number."""
    kept = policy.beside.kept
    return (kept[number] for number in sorted(kept) if kept[number].kind is StandingKind.GRANT)


class _Look:
    """Two policies side by side, and the grants that run beside both."""

    def __init__(self, old: Policy, new: Policy, now: float, running: Collection[Standing]) -> None:
        self._old, self._new, self._now, self._running = old, new, now, running
        self._rezoned = old.zoning != new.zoning
        # Zones are compared alone where something differs that can be about the person.
        zoned = any(each.objects[0] in new.zoning.of_object for each in running)
        self._touched = touched(old, new).keys() if zoned and not self._rezoned else frozenset()

    def at(self, grant: Standing, subject: Subject) -> GrantAhead | None:
        """What becomes of a grant of somebody's; None: nothing."""
        object = grant.objects[0]
        before, after = self._old.owners.get(object), self._new.owners.get(object)
        owner = grant.organization or before
        concerned = frozenset(each for each in (subject.organization, owner, after) if each)
        name = f"{subject.name}@{subject.organization}"
        told = GrantAhead(grant.rule, name, object, grant.until or 0.0, Fate.GONE, concerned)
        if after is None or after != owner:
            fate = Fate.GONE if after is None else Fate.MOVED
            return replace(told, fate=fate) if before is not None and before == owner else None
        return self._in_two_zones(grant, subject, told)

    def _in_two_zones(self, grant: Standing, subject: Subject, told: GrantAhead) -> GrantAhead | None:
        if told.object not in self._new.zoning.of_object or not self._may_be_about(subject):
            return None
        after = self._room(self._new, grant, subject)
        doors = after.usable - after.doors
        if doors:
            doors &= self._room(self._old, grant, subject).doors
        zones = tuple(self._zones(told.object, after, doors))
        return replace(told, fate=Fate.TWO_ZONES, zones=zones, doors=doors) if doors else None

    def _may_be_about(self, subject: Subject) -> bool:
        subject, _ = standing(subject, self._now)
        keys = self._old.keys_of(subject) | self._new.keys_of(subject)
        return self._rezoned or not keys.isdisjoint(self._touched)

    def _room(self, policy: Policy, grant: Standing, subject: Subject) -> Room:
        others = (each for each in self._running if each.user_id == grant.user_id and each.id != grant.id)
        rules = tuple(self._rule(policy, each) for each in others)
        return room_for(policy, Having(subject, rules), self._rule(policy, grant))

    def _rule(self, policy: Policy, grant: Standing) -> Rule:
        rule = rule_of(replace(grant, since=max(grant.since, self._now)), policy.document)
        assert rule is not None, "a grant is no opening"
        return rule

    def _zones(self, object: str, room: Room, doors: Iterable[Via]) -> Iterator[Bilingual]:
        there = {each.zone for each in room.hindrances if not each.doors.isdisjoint(doors)}
        for zone in (self._new.zoning.of_object[object], *sorted(there)):
            yield self._new.document.zones[zone].title or Bilingual(zone, zone)
