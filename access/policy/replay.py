"""Recorded requests decided again under another policy: who would have been refused, let in, or moved."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from access.model import Bilingual, Decision, Facts, Gives, Request, Subject
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.gifts import spelt


class Turn(Enum):
    """What becomes of a request under the other policy."""

    REFUSED = Bilingual(ko="거부됩니다", en="would be refused")
    ADMITTED = Bilingual(ko="허용됩니다", en="would be let in")
    MOVED = Bilingual(ko="다른 것을 받습니다", en="would be given something else")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it was made: who asked, as people know them, and how it was answered."""

    at: float
    who: str
    organization: str
    subject: Subject
    object: str
    facts: Facts
    permitted: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of a person's requests for one cause. cause: the reason with rules, or what is given."""

    turn: Turn
    who: str
    organization: str
    object: str
    cause: str
    count: int
    first: float
    last: float


@dataclass
class Replayed:
    """What a replay came to.

    untold: requests of which too little is recorded to decide them again. unlike: those that the policy of
    their day decides otherwise now than then, because something else has changed since. Both are counted,
    and nothing else is said of them.
    """

    total: int = 0
    untold: int = 0
    same: int = 0
    unlike: int = 0
    lines: list[Line] = field(default_factory=list)


def replay(
    asked: Iterable[tuple[Recorded | None, Policy | None]], other: Callable[[float], Policy]
) -> Replayed:
    """Decide recorded requests under another policy, as it would have been at the moment of each.

    With each request comes the policy of its day.

    None in the place of a request: one of which too little is recorded.
    """
    found = Replayed()
    told: dict[tuple[Turn, str, str, str, str], list[float]] = {}
    for record, of_its_day in asked:
        found.total += 1
        if record is None:
            found.untold += 1
            continue
        request = Request(record.object, record.facts)
        then = decide(of_its_day, record.subject, request, record.at)
        if then.permitted is not record.permitted:
            found.unlike += 1
            continue
        now = decide(other(record.at), record.subject, request, record.at)
        turn = _turn(then, now)
        if turn is None:
            found.same += 1
            continue
        key = (turn, record.who, record.organization, record.object, _cause(turn, then, now))
        told.setdefault(key, []).append(record.at)
    found.lines = list(_lines(told))
    return found


def _turn(then: Decision, now: Decision) -> Turn | None:
    if then.permitted is not now.permitted:
        return Turn.REFUSED if then.permitted else Turn.ADMITTED
    return Turn.MOVED if now.permitted and then.gives != now.gives else None


def _cause(turn: Turn, then: Decision, now: Decision) -> str:
    if turn is Turn.MOVED:
        return f"{_given(then.gives)} → {_given(now.gives)}"
    if turn is Turn.ADMITTED:
        return ", ".join(now.permits)
    rules = now.forbids or tuple(dict.fromkeys(each.rule for each in now.failed))
    return f"{now.reason} {', '.join(rules)}".strip()


def _given(gives: Gives) -> str:
    times = (("session_timeout", gives.session_timeout_s), ("idle_timeout", gives.idle_timeout_s))
    told = [spelt(gives), *(f"{name}={seconds}s" for name, seconds in times if seconds is not None)]
    return " ".join(each for each in told if each) or "-"


def _lines(told: dict[tuple[Turn, str, str, str, str], list[float]]) -> Iterator[Line]:
    order = list(Turn)
    for key in sorted(told, key=lambda key: (order.index(key[0]), *key[1:])):
        moments = told[key]
        yield Line(*key, len(moments), min(moments), max(moments))
