"""What a person may reach and why not, from where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from access.model import Decision, Facts, Request, Subject, User
from access.policy.compiled import Policy
from access.policy.explain import explain
from access.policy.subjects import subject_of
from access.policy.telling import render, render_needs
from access.policy.visible import visible_objects


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom it is told: "ko" or "en", and the zone of the clock on their wall."""

    language: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class ReachLine:
    """One network or pool of desktops: the decision, what would help, and all there is to say about it."""

    kind: str
    name: str
    decision: Decision
    remedies: tuple[str, ...]
    sentences: tuple[str, ...]


def reach_of(
    policy: Policy | None, user: User, facts: Facts, now: float, reader: Reader
) -> Sequence[ReachLine]:
    """Everything of the person's company, and of others as far as rules connect the person with it.

    What is open comes first.
    """
    if policy is None:
        return ()
    subject = subject_of(user)
    policy = policy.speaking(subject, facts)
    lines = [
        _line(policy, subject, Request(object, facts), now, reader)
        for object in visible_objects(policy, subject)
    ]
    return sorted(lines, key=lambda line: (not line.decision.permitted, line.kind, line.name))


def _line(policy: Policy, subject: Subject, request: Request, now: float, reader: Reader) -> ReachLine:
    told = explain(policy, subject, request, now)
    kind, _, name = request.object.partition(":")
    remedies = tuple(render_needs(told, reader.language, reader.zone))
    sentences = tuple(render(told, reader.language, reader.zone))
    return ReachLine(kind, name, told.decision, remedies, sentences)
