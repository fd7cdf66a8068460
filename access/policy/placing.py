"""Which zone a session is in, and what is refused because it would put the session into a second one.

1. A login or a VLAN of a zone puts the session there, whatever else it may reach.
2. Without one it is in the zone of what it reaches. Where that would be two, nobody could say in which it
   is: it is in neither, and its login is refused.
3. What a rule permits that crosses the session's zone (an exception) does not put it anywhere; it is reached
   beside the zone, and beside another exception only where one of the two crosses the zone of the other.
4. What else is in another zone than the session is refused.

The portal, and an administrator's login to a device, are no sessions on the network and in no zone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from access.model import NETWORK_DOORS, Absent, Decision, Effect, Facts, Reason, Request, Subject
from access.policy.compiled import Policy
from access.policy.vocabulary import NOTHING, Rule
from access.policy.weighing import Weighed, permits_of, weigh_all
from access.policy.zoning import VLAN_GIFTS
from radius.frozen import value


@dataclass(frozen=True, slots=True)
class Placement:
    """The zone of a session, empty where it is in none, and the objects that it is refused for that.

    clash: the rules that would have it in several zones, each behind its zone. lost: its zone cannot be told.
    """

    zone: str = ""
    refused: frozenset[str] = frozenset()
    clash: tuple[tuple[str, str], ...] = ()
    lost: bool = False


NOWHERE = Placement()


@value
class Asked:
    """A session whose zone is asked for. login: the decision about its door as if nothing were in a zone."""

    subject: Subject
    facts: Facts
    now: float
    login: Decision | None


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something that is permitted: its zone, and those that its permits cross."""

    object: str
    zone: str
    crosses: frozenset[str]
    rules: tuple[str, ...]


def door_of(facts: Facts) -> str | None:
    """The login of a session with these facts; None where it is not known."""
    return None if isinstance(facts.via, Absent) else f"login:{facts.via}"


def is_placed(policy: Policy, request: Request) -> bool:
    """Whether zones have a say: about the login of a session, and about what is in a zone."""
    via = request.facts.via
    if not isinstance(via, Absent) and via not in NETWORK_DOORS:
        return False
    return request.object in policy.zoning.of_object or request.object == door_of(request.facts)


def confined(policy: Policy, asked: Asked, request: Request, decision: Decision) -> Decision:
    """A permit as far as zones let it be."""
    weighed = weigh_all(policy, asked.subject, asked.facts, asked.now)
    decision = placed_login(decision, place(policy, asked, weighed), request.object)
    login_ends = asked.login.valid_until if asked.login else None
    ends = (each for each in (weighed.end, login_ends, decision.valid_until) if each is not None)
    return replace(decision, valid_until=min(ends, default=None))


def placed_login(decision: Decision, placement: Placement, object: str) -> Decision:
    """A permit that knows its zone; POLICY_CONFLICT where the session would be in two."""
    if not decision.permitted or placement is NOWHERE:
        return decision
    refused = placement.lost if object.startswith("login:") else object in placement.refused
    if not refused:
        return replace(decision, zone=placement.zone, clash=placement.clash)
    return replace(
        decision,
        effect=Effect.DENY,
        reason=Reason.POLICY_CONFLICT,
        gives=NOTHING,
        zone=placement.zone,
        clash=placement.clash,
    )


def place(policy: Policy, asked: Asked, weighed: Weighed) -> Placement:
    """Where a session is that reaches what was weighed."""
    via, zone_of = asked.facts.via, policy.zoning.of_object
    if not isinstance(via, Absent) and via not in NETWORK_DOORS:
        return NOWHERE
    pins = _pins(policy, asked.facts, asked.login)
    reached = weighed.permitted & zone_of.keys()
    zones = {zone_of[object] for object in reached} | pins.keys()
    if len(zones) < 2:
        return _alone(zones.pop()) if zones else NOWHERE
    said = permits_of(policy, asked.subject, asked.facts, asked.now)
    things = [_thing(policy, object, said.get(object, ())) for object in sorted(reached)]
    plain = {each.zone for each in things if not each.crosses}
    homes = pins.keys() or plain or {each.zone for each in things}
    if len(homes) > 1 and (pins or plain):
        return Placement("", frozenset(each.object for each in things), _clash(pins, things), lost=True)
    home = min(homes)
    refused = _refused(home, things)
    if not refused:
        return Placement(home)
    shown = [each for each in things if each.object in refused or (each.zone == home and not pins)]
    return Placement(home, refused, _clash(pins, shown))


@lru_cache(maxsize=256)
def _alone(zone: str) -> Placement:
    return Placement(zone)


def _pins(policy: Policy, facts: Facts, login: Decision | None) -> Mapping[str, tuple[str, ...]]:
    """The zones into which the login puts a session, by the rules that do."""
    permits = login.permits if login is not None and login.permitted else ()
    found: dict[str, tuple[str, ...]] = {}
    door = policy.zoning.of_object.get(f"login:{facts.via}")
    if door is not None:
        found[door] = permits
    if login is not None and login.permitted:
        for gift in VLAN_GIFTS:
            zone = policy.zoning.of_vlan.get(getattr(login.gives, gift) or "")
            if zone is not None:
                found[zone] = permits
    return found


def _thing(policy: Policy, object: str, rules: Iterable[Rule]) -> _Thing:
    crossing = [frozenset(rule.crosses) for rule in rules]
    zone = policy.zoning.of_object[object]
    return _Thing(object, zone, frozenset[str]().union(*crossing), tuple(sorted({rule.id for rule in rules})))


def _refused(home: str, things: list[_Thing]) -> frozenset[str]:
    """What a session in a zone may not have as well."""
    beside = [each for each in things if each.zone != home and home in each.crosses]
    fits = [each for each in beside if all(_agree(each, other) for other in beside)]
    return frozenset(each.object for each in things if each.zone != home and each not in fits)


def _agree(one: _Thing, other: _Thing) -> bool:
    return one.zone == other.zone or one.zone in other.crosses or other.zone in one.crosses


def _clash(pins: Mapping[str, tuple[str, ...]], things: Iterable[_Thing]) -> tuple[tuple[str, str], ...]:
    pairs = {(zone, rule) for zone, rules in pins.items() for rule in rules}
    pairs |= {(each.zone, rule) for each in things for rule in each.rules}
    return tuple(sorted(pairs))
