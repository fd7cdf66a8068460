"""How rules stand: one under some facts, and all of them that are about somebody's networks and pools."""

from collections.abc import Iterable
from typing import NamedTuple

from access.model import Effect, Facts, Method, Subject
from access.policy.beside import is_silenced
from access.policy.compiled import Policy
from access.policy.conditions import Truth, judge
from access.policy.standing import EVERYTHING
from access.policy.vocabulary import Condition, Rule
from radius.frozen import value


@value
class Verdict:
    """How a rule that is about the request stands, and when the clock alone could change that."""

    rule: Rule
    truth: Truth
    next_flip: float | None

    @property
    def speaks(self) -> bool:
        """Whether the rule counts: a permit only for certain, a forbid unless it certainly does not apply.

        A requirement counts, as a forbid, unless it is certainly met.
        """
        if self.rule.effect is Effect.PERMIT:
            return self.truth is Truth.HOLDS
        return stops(self.rule, self.truth)


def stops(rule: Rule, truth: Truth) -> bool:
    """Whether a forbid or a requirement counts whose conditions stand so."""
    return truth is not (Truth.HOLDS if rule.requires else Truth.FAILS)


def weigh(rule: Rule, facts: Facts, now: float) -> Verdict:
    """How a rule about anything but a login stands."""
    return weigh_under(rule, rule.conditions, facts, now)


def weigh_under(rule: Rule, conditions: Iterable[Condition], facts: Facts, now: float) -> Verdict:
    """How a rule with these conditions stands. One failure is enough; else one unknown fact is enough."""
    if is_silenced(rule, facts):
        return Verdict(rule, Truth.FAILS, None)
    truth = Truth.HOLDS
    next_flip: float | None = None
    for condition in conditions:
        held = judge(condition, facts, now)
        if held.truth is Truth.FAILS and held.next_flip is None:
            return Verdict(rule, Truth.FAILS, None)
        if held.next_flip is not None:
            next_flip = held.next_flip if next_flip is None else min(next_flip, held.next_flip)
        if held.truth is Truth.FAILS or (held.truth is Truth.UNKNOWN and truth is Truth.HOLDS):
            truth = held.truth
    return Verdict(rule, truth, next_flip)


class Weighed(NamedTuple):
    """How all rules stand together. permitted: the networks and pools that are reached, zones aside.

    forbidden: those that a rule forbids. end: when any of it could change. spoke: the permits that speak, in
    no order and some of them twice.
    """

    permitted: frozenset[str]
    forbidden: frozenset[str]
    end: float | None
    spoke: list[Rule]


class Said(NamedTuple):
    """What rules of a document say to somebody. spoke: the permits that speak.

    own: the objects to which they consent for the owner; away: for the subject's organization, of others'.
    stands: the verdict on each distinct set of conditions.
    """

    own: set[str]
    away: set[str]
    forbidden: set[str]
    spoke: list[Rule]
    stands: dict[int, Verdict]


def weigh_all(policy: Policy, subject: Subject, facts: Facts, now: float) -> Weighed:
    """How the rules about somebody stand, as they are in groups now.

    It is what decide() says of each, with each distinct set of conditions weighed once.
    """
    keys = policy.keys_of(subject)
    said = said_under(policy, keys, subject, facts, now)
    own, away, forbidden, spoke, stands = said
    beside = [weigh(rule, facts, now) for rule in policy.beside.of(subject, facts, keys)]
    for verdict in beside:
        rule, objects = verdict.rule, _reached(policy, verdict.rule)
        if verdict.speaks and rule.effect is Effect.PERMIT:
            spoke.append(rule)
            own.update(each for each in objects if rule.organization in (None, policy.owners[each]))
            away.update(objects if rule.organization == subject.organization else ())
        elif verdict.speaks:
            forbidden.update(objects)
    return agreed(policy, subject, said, _first_flip((*stands.values(), *beside)))


def said_under(policy: Policy, keys: Iterable[str], subject: Subject, facts: Facts, now: float) -> Said:
    """What the rules of the document under some keys of somebody say to them."""
    stands: dict[int, Verdict] = {}
    own: set[str] = set()
    away: set[str] = set()
    forbidden: set[str] = set()
    spoke: list[Rule] = []
    by_subject = policy.by_subject
    unproven = facts.method is Method.OFFICE_OPEN
    # Looked up once: what an enum has is dear to look up for every rule.
    holds = Truth.HOLDS
    for key in keys:
        # A rule that several keys lead to comes as often.
        for ready in by_subject.get(key, ()):
            rule = ready.rule
            if unproven and is_silenced(rule, facts):
                continue  # what is weighed alike may be a forbid
            known = stands.get(ready.alike)
            if known is None:
                known = stands[ready.alike] = weigh(rule, facts, now)
            if not ready.permits:
                if stops(rule, known.truth):
                    forbidden.update(ready.objects)
            elif known.truth is holds:
                spoke.append(rule)
                own.update(ready.own)
                if ready.away and rule.organization == subject.organization:
                    away.update(ready.away)
    return Said(own, away, forbidden, spoke, stands)


def _reached(policy: Policy, rule: Rule) -> Iterable[str]:
    """The networks and pools that a standing rule is about."""
    if EVERYTHING in rule.objects:
        return policy.owners
    return [object for object in rule.objects if object in policy.owners]


def agreed(policy: Policy, subject: Subject, said: Said, end: float | None) -> Weighed:
    """What follows from all that rules say. The owner has to consent, and the subject's organization here."""
    own, away, forbidden, spoke, _ = said
    if not subject.realm:
        own = own & policy.owned.get(subject.organization, frozenset()) | own & away
    return Weighed(frozenset(own - forbidden), frozenset(forbidden), end, spoke)


def _first_flip(verdicts: Iterable[Verdict]) -> float | None:
    return min((each.next_flip for each in verdicts if each.next_flip is not None), default=None)
