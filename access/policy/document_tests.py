"""Runs the tests that a document carries. One that fails keeps the document from being published."""

from collections.abc import Iterator
from dataclasses import dataclass

from access.model import Decision, Gives, Request
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.gifts import missing
from access.policy.vocabulary import DESKTOP_GIFTS, VDI, PolicyTest, World


@dataclass(frozen=True, slots=True)
class TestFailure:
    """A promise the document does not keep: the line and name of the test, and what came out instead."""

    __test__ = False  # pytest collects classes by this name

    line: int
    name: str
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.name}: {self.what}"


def run(policy: Policy, world: World) -> list[TestFailure]:
    """Every failure, in the order of the tests. A test about nobody, or that demands nothing, fails."""
    return [
        TestFailure(test.line, test.name, what)
        for test in policy.document.tests
        for what in _run_one(policy, test, world)
    ]


def _run_one(policy: Policy, test: PolicyTest, world: World) -> Iterator[str]:
    subject = test.subject if test.user is None else world.users.get(test.user)
    if subject is None:
        yield f"there is no user {test.user}"
        return
    if not test.accept and not test.deny:
        yield "it neither accepts nor denies anything"
    for object in test.accept:
        decision = decide(policy, subject, Request(object, test.facts), test.now)
        if not decision.permitted:
            yield f"{object} is denied: {_why_denied(decision)}"
        elif object.startswith(("login:", VDI)):
            yield from _missing_gifts(object, test.gives, decision.gives)
    for object in test.deny:
        decision = decide(policy, subject, Request(object, test.facts), test.now)
        if decision.permitted:
            yield f"{object} is permitted by {', '.join(decision.permits)}"


def _missing_gifts(object: str, wanted: Gives, given: Gives) -> Iterator[str]:
    for name, want, have in missing(wanted, given):
        if (name in DESKTOP_GIFTS) is not object.startswith(VDI):
            # Of one of the other objects that the test accepts.
            continue
        yield f"{object} gives {name} {have}, not {want}"


def _why_denied(decision: Decision) -> str:
    failed = "; ".join(
        f"{failed.rule} wants {failed.condition} {failed.wanted}, saw {failed.seen}"
        for failed in decision.failed
    )
    forbidden = f"by {', '.join(decision.forbids)}" if decision.forbids else ""
    return " ".join(part for part in (decision.reason, forbidden, f"({failed})" if failed else "") if part)
