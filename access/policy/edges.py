"""What a live session may reach: every network and pool that decide() permits, found by the session's rules.

A session costs only the rules about its person, each weighed once, whatever the size of the policy.
"""

from dataclasses import dataclass, field

from access.model import Absent, Decision, Effect, Facts, FailedCondition, Reason, Request, Subject
from access.policy.compiled import Policy
from access.policy.decide import Verdict, clock_is_sane, conclude, decide, weigh
from access.policy.subjects import keys_of


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
        decisions = _decide_all(self.policy, subject, facts, now)
        ends = [decision.valid_until for decision in (login, *decisions.values())]
        return Reach(
            objects=frozenset(object for object, decision in decisions.items() if decision.permitted),
            forbidden=frozenset(object for object, decision in decisions.items() if decision.forbids),
            login=login,
            valid_until=min((end for end in ends if end is not None), default=None),
        )


def reach(policy: Policy | None, subject: Subject, facts: Facts, now: float) -> Reach:
    """What the subject may reach under a policy: Edges(policy).reach(...)."""
    return Edges(policy).reach(subject, facts, now)


def _login(policy: Policy | None, subject: Subject, facts: Facts, now: float) -> Decision:
    if isinstance(facts.via, Absent):
        door = FailedCondition("", "via", "a door", facts.via.value, unknown=True)
        return Decision(Effect.DENY, Reason.FACT_UNKNOWN, failed=(door,))
    return decide(policy, subject, Request(f"login:{facts.via}", facts), now)


def _decide_all(policy: Policy | None, subject: Subject, facts: Facts, now: float) -> dict[str, Decision]:
    """The decision, without what failed, about every network and pool that a rule names to the subject."""
    if policy is None or not clock_is_sane(now):
        return {}
    rules = {rule.id: rule for key in keys_of(subject) for rule in policy.by_subject.get(key, ())}
    verdicts: dict[str, list[Verdict]] = {}
    for rule_id in sorted(rules):
        verdict = weigh(rules[rule_id], facts, now)
        for object in rules[rule_id].objects:
            if object in policy.owners:
                verdicts.setdefault(object, []).append(verdict)
    return {object: conclude(policy, subject, object, about) for object, about in verdicts.items()}
