"""What a live session may reach: every network and pool that decide() permits, found by the session's rules.

A session costs only the rules about its person, each weighed once, whatever the size of the policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from access.model import Absent, Decision, Effect, Facts, FailedCondition, Reason, Request, Subject
from access.policy.compiled import Policy, Ready
from access.policy.conditions import Truth
from access.policy.decide import Verdict, clock_is_sane, decide, stops, weigh
from access.policy.standing import EVERYTHING
from access.policy.subjects import keys_of
from access.policy.vocabulary import Rule


@dataclass(frozen=True, slots=True)
class Reach:
    """objects: the permitted "network:NAME" and "vdi:NAME". login: the decision about the session's own door.

    forbidden are the objects that a forbid takes away: an address that lies in one of them as well as in a
    permitted network is not reached. valid_until: look again then at the latest; None: nothing here depends
    on the clock.
    """

    objects: frozenset[str]
    forbidden: frozenset[str]
    login: Decision
    valid_until: float | None


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges between people and objects under one policy. None: no policy, no edges."""

    policy: Policy | None = field(repr=False)

    def reach(self, subject: Subject, facts: Facts, now: float) -> Reach:
        """What the subject may reach in a session with these facts; now in seconds since the epoch."""
        login = _login(self.policy, subject, facts, now)
        objects, forbidden, end = _weigh_all(self.policy, subject, facts, now)
        ends = [each for each in (login.valid_until, end) if each is not None]
        return Reach(objects - forbidden, forbidden, login, min(ends, default=None))


def reach(policy: Policy | None, subject: Subject, facts: Facts, now: float) -> Reach:
    """What the subject may reach under a policy: Edges(policy).reach(...)."""
    return Edges(policy).reach(subject, facts, now)


def _login(policy: Policy | None, subject: Subject, facts: Facts, now: float) -> Decision:
    if isinstance(facts.via, Absent):
        door = FailedCondition("", "via", "a door", facts.via.value, unknown=True)
        return Decision(Effect.DENY, Reason.FACT_UNKNOWN, failed=(door,))
    return decide(policy, subject, Request(f"login:{facts.via}", facts), now)


_Weighed = tuple[frozenset[str], frozenset[str], float | None]


def _weigh_all(policy: Policy | None, subject: Subject, facts: Facts, now: float) -> _Weighed:
    """The networks and pools that all sides permit, those that a rule forbids, and when that could change.

    It is what decide() says of each, with each distinct set of conditions weighed once.
    """
    if policy is None or not clock_is_sane(now):
        return frozenset(), frozenset(), None
    stands: dict[int, Verdict] = {}
    consents: set[tuple[str, str]] = set()
    forbidden: set[str] = set()
    owners = policy.owners
    for ready in _rules_of(policy, subject):
        rule = ready.rule
        known = stands.get(ready.alike)
        if known is None:
            known = stands[ready.alike] = weigh(rule, facts, now)
        if rule.effect is not Effect.PERMIT:
            if stops(rule, known.truth):
                forbidden.update(ready.objects)
        elif known.truth is Truth.HOLDS:
            speaker = rule.organization
            consents.update((object, speaker or owners[object]) for object in ready.objects)
    beside = [weigh(rule, facts, now) for rule in policy.beside.of(subject, facts)]
    for verdict in beside:
        objects = _reached(policy, verdict.rule)
        if verdict.speaks and verdict.rule.effect is Effect.PERMIT:
            consents.update((object, verdict.rule.organization or owners[object]) for object in objects)
        elif verdict.speaks:
            forbidden.update(objects)
    agreed = _agreed(consents, owners, subject)
    return agreed, frozenset(forbidden), _first_flip((*stands.values(), *beside))


def _reached(policy: Policy, rule: Rule) -> Iterable[str]:
    """The networks and pools that a standing rule is about."""
    if EVERYTHING in rule.objects:
        return policy.owners
    return [object for object in rule.objects if object in policy.owners]


def _rules_of(policy: Policy, subject: Subject) -> Iterable[Ready]:
    """The rules about a subject; one that several of its keys lead to comes as often."""
    for key in keys_of(subject):
        yield from policy.by_subject.get(key, ())


def _agreed(consents: set[tuple[str, str]], owners: Mapping[str, str], subject: Subject) -> frozenset[str]:
    """The objects to which both organizations consent: the owner's, and the subject's if it has one here."""
    return frozenset(
        object
        for object, side in consents
        if side == owners[object]
        and (subject.realm or side == subject.organization or (object, subject.organization) in consents)
    )


def _first_flip(verdicts: Iterable[Verdict]) -> float | None:
    return min((each.next_flip for each in verdicts if each.next_flip is not None), default=None)
