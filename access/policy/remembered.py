"""Decisions that need not be made again: the same question under the same policy, before anything can flip.

A decision depends on the policy, the subject, the request and the clock, and on the clock only at the
moments that valid_until names: the next time at which any rule about the request could flip. So what was
permitted is permitted until then. What was denied is decided anew each time, since it tells what it saw; and
so is what a code helped to, since no two codes are proven at the same moment.
"""

from dataclasses import fields
from operator import attrgetter

from access.model import Absent, Decision, Facts, Request, Subject
from access.policy.compiled import Policy
from access.policy.decide import decide

# Beyond this many all are forgotten: it is to help with those that log in again and again.
MOST = 4096

# All fields of each, whatever they will be: quicker to hash and to compare than the values themselves.
_of_subject = attrgetter(*(each.name for each in fields(Subject)))
_of_facts = attrgetter(*(each.name for each in fields(Facts)))

_Question = tuple[object, str, object]


class Remembered:
    """decide() with a memory. For one thread."""

    __slots__ = ("_known", "_policy")

    def __init__(self) -> None:
        self._policy: Policy | None = None
        self._known: dict[_Question, tuple[float, Decision]] = {}

    def decide(self, policy: Policy | None, subject: Subject, request: Request, now: float) -> Decision:
        """Return the decision about any request whatsoever; now in seconds since the epoch."""
        if policy is not self._policy:
            self._policy, self._known = policy, {}
        question = (_of_subject(subject), request.object, _of_facts(request.facts))
        known = self._known.get(question)
        if known is not None and _still_holds(*known, now):
            return known[1]
        decision = decide(policy, subject, request, now)
        if decision.permitted and isinstance(request.facts.otp_at, Absent):
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[question] = now, decision
        return decision


def _still_holds(decided_at: float, decision: Decision, now: float) -> bool:
    """Return whether nothing can have flipped since; a clock that was set back proves nothing."""
    return decided_at <= now and (decision.valid_until is None or now < decision.valid_until)
