"""Which zone a session is in, and what is refused because it would put the session into a second one.

1. A login or a VLAN of a zone puts the session there, whatever else it may reach.
2. Without one it is in the zone of what it reaches. Where that would be two, nobody could say in which it
   is: it is in neither, and its login is refused.
3. What a rule permits that crosses the session's zone (an exception) does not put it anywhere; it is reached
   beside the zone, and beside another exception only where one of the two crosses the zone of the other.
4. What else is in another zone than the session is refused.

The portal, and an administrator's login to a device, are no sessions on the network and in no zone.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache

from access.model import NETWORK_DOORS, Absent, Decision, Effect, Facts, Reason, Request, Subject
from access.policy.compiled import Policy
from access.policy.vocabulary import NOTHING, Rule
from access.policy.weighing import Weighed, weigh_all
from access.policy.zoning import VLAN_GIFTS
from radius.frozen import value


@value
class Placement:
    """The zone of a session, empty where it is in none, and the objects that it is refused for that.

    lost: its zone cannot be told.
    """

    zone: str = ""
    refused: frozenset[str] = frozenset()
    lost: bool = False

    @property
    def clashes(self) -> bool:
        """Whether rules would have the session in several zones; clash() says which."""
        return self.lost or bool(self.refused)


NOWHERE = Placement()


@value
class Asked:
    """A session whose zone is asked for. login: the decision about its door as if nothing were in a zone."""

    subject: Subject
    facts: Facts
    now: float
    login: Decision | None


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
    placement = place(policy, asked, weighed)
    named = clash(policy, asked, weighed, placement) if placement.clashes else ()
    decision = placed(decision, placement, request.object, named)
    login_ends = asked.login.valid_until if asked.login else None
    # A session must not end because of a network whose coming and going leaves it where it is.
    moves = weighed.end if request.object != door_of(request.facts) or _may_clash(policy, asked) else None
    ends = (each for each in (moves, login_ends, decision.valid_until) if each is not None)
    return replace(decision, valid_until=min(ends, default=None))


def _may_clash(policy: Policy, asked: Asked) -> bool:
    """Whether what somebody may ever reach, as they are in groups now, is in more than one zone."""
    keys, zone_of = policy.keys_of(asked.subject), policy.zoning.of_object
    rules = [ready.rule for key in keys for ready in policy.by_subject.get(key, ())]
    rules += policy.beside.of(asked.subject, asked.facts, keys)
    objects = {object for rule in rules if rule.effect is Effect.PERMIT for object in rule.objects}
    zones = {zone_of[object] for object in objects & zone_of.keys()}
    return len(zones | _pins(policy, asked.facts, asked.login).keys()) > 1


def placed(
    decision: Decision, placement: Placement, object: str, named: tuple[tuple[str, str], ...] = ()
) -> Decision:
    """A permit that knows its zone; POLICY_CONFLICT where the session would be in two. named: of clash()."""
    if not decision.permitted or placement is NOWHERE:
        return decision
    refused = placement.lost if object.startswith("login:") else object in placement.refused
    # Said in full, at a quarter of the price of dataclasses.replace: everybody's session comes here.
    return Decision(
        Effect.DENY if refused else decision.effect,
        Reason.POLICY_CONFLICT if refused else decision.reason,
        decision.permits,
        decision.forbids,
        decision.failed,
        NOTHING if refused else decision.gives,
        decision.valid_until,
        decision.revision,
        decision.standing,
        placement.zone,
        named,
    )


def place(policy: Policy, asked: Asked, weighed: Weighed) -> Placement:
    """Where a session is that reaches what was weighed."""
    via, zone_of = asked.facts.via, policy.zoning.of_object
    if not isinstance(via, Absent) and via not in NETWORK_DOORS:
        return NOWHERE
    pins = _pins(policy, asked.facts, asked.login)
    reached = _placed_of(weighed.permitted, zone_of)
    zones = {zone_of[object] for object in reached} | pins.keys()
    if len(zones) < 2:
        return _alone(zones.pop()) if zones else NOWHERE
    crosses = _crosses(policy, asked.subject, weighed)
    plain = {zone_of[object] for object in reached if object not in crosses} if crosses else zones
    homes = pins.keys() or plain or zones
    if len(homes) > 1 and (pins or plain):
        return Placement("", reached, lost=True)
    home = min(homes)
    refused = _refused(policy, home, reached, crosses)
    return Placement(home, refused) if refused else _alone(home)


def clash(
    policy: Policy, asked: Asked, weighed: Weighed, placement: Placement
) -> tuple[tuple[str, str], ...]:
    """The rules that would have a session in several zones, each behind its zone.

    placement: of place(), which does not name them: only what is told of a session needs their names.
    """
    pins, zone_of = _pins(policy, asked.facts, asked.login), policy.zoning.of_object
    pairs = {(zone, rule) for zone, rules in pins.items() for rule in rules}
    home = "" if pins else placement.zone
    for rule in weighed.spoke:
        for object in zone_of.keys() & weighed.permitted.intersection(rule.objects):
            shown = object in placement.refused or zone_of[object] == home
            if shown and _counts(policy, asked.subject, rule, object):
                pairs.add((zone_of[object], rule.id))
    return tuple(sorted(pairs))


def _placed_of(objects: frozenset[str], zone_of: Mapping[str, str]) -> frozenset[str]:
    """Those of the objects that are in a zone."""
    # Not by intersection(), which would go through all that is in a zone.
    return frozenset([object for object in objects if object in zone_of])


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
    if policy.zoning.of_vlan and login is not None and login.permitted:
        for gift in VLAN_GIFTS:
            zone = policy.zoning.of_vlan.get(getattr(login.gives, gift) or "")
            if zone is not None:
                found[zone] = permits
    return found


def _crosses(policy: Policy, subject: Subject, weighed: Weighed) -> dict[str, frozenset[str]]:
    """The zones beside which a session has something by an exception, by object."""
    found: dict[str, frozenset[str]] = {}
    for rule in weighed.spoke:
        for object in weighed.permitted.intersection(rule.objects) if rule.crosses else ():
            if object in policy.zoning.of_object and _counts(policy, subject, rule, object):
                found[object] = found.get(object, frozenset()).union(rule.crosses)
    return found


def _counts(policy: Policy, subject: Subject, rule: Rule, object: str) -> bool:
    """Whether a permit speaks for a side that has to permit the object to the subject."""
    speaker = rule.organization
    if speaker is None or speaker == policy.owners[object]:
        return True
    return speaker == subject.organization and not subject.realm


def _refused(
    policy: Policy, home: str, reached: AbstractSet[str], crosses: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """What a session in a zone may not have as well."""
    zone_of = policy.zoning.of_object
    elsewhere = {object for object in reached if zone_of[object] != home}
    beside = [object for object in elsewhere if home in crosses.get(object, ())]

    def agree(one: str, other: str) -> bool:
        return (
            zone_of[one] == zone_of[other] or zone_of[one] in crosses[other] or zone_of[other] in crosses[one]
        )

    fits = {each for each in beside if all(agree(each, other) for other in beside)}
    return frozenset(elsewhere - fits)
