"""What a live session may reach: every network and pool that decide() permits, found by the session's rules.

A session costs only the rules about its person, each weighed once, whatever the size of the policy.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from access.model import Absent, Decision, Effect, Facts, FailedCondition, Reason, Request, Subject
from access.policy.compiled import Policy
from access.policy.decide import clock_is_sane, decide_alone
from access.policy.placing import NOWHERE, Asked, Placement, clash, place, placed
from access.policy.subjects import standing
from access.policy.weighing import Weighed, weigh_all
from access.policy.zoning import NO_ZONES
from radius.frozen import value


@value
class Reach:
    """objects: the permitted "network:NAME" and "vdi:NAME". login: the decision about the session's own door.

    forbidden are the objects that a forbid takes away: an address that lies in one of them as well as in a
    permitted network is not reached. valid_until: look again then at the latest; None: nothing here depends
    on the clock. placement: the zone it is in, and what is refused because it is in another one; the rules
    that would have it there are named by Edges.clash(), and not in login.
    """

    objects: frozenset[str]
    forbidden: frozenset[str]
    login: Decision
    valid_until: float | None
    placement: Placement = NOWHERE


class Known(NamedTuple):
    """What need not be found out again of a session: what login() says of its door, how its rules stand."""

    login: Decision | None = None
    weighed: Weighed | None = None


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges between people and objects under one policy. None: no policy, no edges."""

    policy: Policy | None = field(repr=False)

    def reach(self, subject: Subject, facts: Facts, now: float, known: Known = NOTHING_KNOWN) -> Reach:
        """What the subject may reach in a session with these facts; now in seconds since the epoch."""
        policy = self.policy.speaking(subject, facts) if self.policy is not None else None
        login = known.login or _login(policy, subject, facts, now)
        subject, membership_ends = standing(subject, now)
        if policy is None or not clock_is_sane(now):
            return Reach(frozenset(), frozenset(), login, login.valid_until)
        weighed = known.weighed or weigh_all(policy, subject, facts, now)
        objects, placement = weighed.permitted, NOWHERE
        if policy.zoning is not NO_ZONES:
            placement = place(policy, Asked(subject, facts, now, login), weighed)
            objects -= placement.refused
            login = placed(login, placement, f"login:{facts.via}")
        ends = [each for each in (login.valid_until, weighed.end, membership_ends) if each is not None]
        return Reach(objects, weighed.forbidden, login, min(ends, default=None), placement)

    def login(self, subject: Subject, facts: Facts, now: float) -> Decision:
        """The decision about the session's own door as if nothing were in a zone."""
        policy = self.policy.speaking(subject, facts) if self.policy is not None else None
        return _login(policy, subject, facts, now)

    def clash(self, subject: Subject, facts: Facts, now: float) -> tuple[tuple[str, str], ...]:
        """The rules that would have a session in several zones, as the Decision about its login has them."""
        policy = self.policy.speaking(subject, facts) if self.policy is not None else None
        login = _login(policy, subject, facts, now)
        if policy is None or policy.zoning is NO_ZONES or not login.permitted:
            return ()
        subject, _ = standing(subject, now)
        weighed, asked = weigh_all(policy, subject, facts, now), Asked(subject, facts, now, login)
        placement = place(policy, asked, weighed)
        return clash(policy, asked, weighed, placement) if placement.clashes else ()


def reach(policy: Policy | None, subject: Subject, facts: Facts, now: float) -> Reach:
    """What the subject may reach under a policy: Edges(policy).reach(...)."""
    return Edges(policy).reach(subject, facts, now)


def _login(policy: Policy | None, subject: Subject, facts: Facts, now: float) -> Decision:
    if isinstance(facts.via, Absent):
        door = FailedCondition("", "via", "a door", facts.via.value, unknown=True)
        return Decision(Effect.DENY, Reason.FACT_UNKNOWN, failed=(door,))
    return decide_alone(policy, subject, Request(f"login:{facts.via}", facts), now)
