"""Runs the tests that a document carries. One that fails keeps the document from being published."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from access.model import Bilingual, Decision, FailedCondition, Gives, Request
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.gifts import missing
from access.policy.telling import spell_seen, spell_wanted
from access.policy.vocabulary import DESKTOP_GIFTS, VDI, PolicyTest, World
from access.policy.words import CALLED
from access.words.phrase import Phrase, at_line, say
from access.words.reasons import MEANINGS
from access.words.world_mistakes import Failure, Why

_NOTHING = Bilingual(ko="없음", en="None")
# The gifts that are measured in another unit than documents write them in, as documents call them.
_CALLED = {
    "session_timeout_s": "session_timeout",
    "idle_timeout_s": "idle_timeout",
    "up_kbps": "bandwidth up",
    "down_kbps": "bandwidth down",
}


@dataclass(frozen=True, slots=True)
class TestFailure:
    """A promise the document does not keep: the line and name of the test, and what came out instead."""

    __test__ = False  # pytest collects classes by this name

    line: int
    name: str
    what: Phrase

    def __str__(self) -> str:
        return self.to("en")

    def told(self, language: str) -> str:
        """Which test it is and what came out instead, in a language, without the line."""
        return f"{self.name}: {self.what.to(language)}"

    def to(self, language: str) -> str:
        """The same with the line."""
        return at_line(self.line, self.told(language), language)


def run(policy: Policy, world: World) -> list[TestFailure]:
    """Every failure, in the order of the tests. A test about nobody, or that demands nothing, fails."""
    return [
        TestFailure(test.line, test.name, what)
        for test in policy.document.tests
        for what in _run_one(policy, test, world)
    ]


def _run_one(policy: Policy, test: PolicyTest, world: World) -> Iterator[Phrase]:
    subject = test.subject if test.user is None else world.users.get(test.user)
    if subject is None:
        yield say(Failure.NO_USER, user=test.user)
        return
    if not test.accept and not test.deny:
        yield say(Failure.DEMANDS_NOTHING)
    for object in test.accept:
        decision = decide(policy, subject, Request(object, test.facts), test.now)
        if not decision.permitted:
            yield say(Failure.DENIED, object=object, why=_why_denied(decision))
        elif object.startswith(("login:", VDI)):
            yield from _missing_gifts(object, test.gives, decision.gives)
    for object in test.deny:
        decision = decide(policy, subject, Request(object, test.facts), test.now)
        if decision.permitted:
            yield say(Failure.PERMITTED, object=object, rules=", ".join(decision.permits))


def _missing_gifts(object: str, wanted: Gives, given: Gives) -> Iterator[Phrase]:
    for name, want, have in missing(wanted, given):
        if (name in DESKTOP_GIFTS) is not object.startswith(VDI):
            # Of one of the other objects that the test accepts.
            continue
        called = Bilingual(ko=_CALLED.get(name, name), en=name)
        had = _NOTHING if have is None else have
        yield say(Failure.GIVES_OTHERWISE, object=object, name=called, given=had, wanted=want)


def _why_denied(decision: Decision) -> Phrase | Bilingual:
    title = MEANINGS[decision.reason].title
    why: Phrase | Bilingual = Bilingual(ko=f"{title.ko}({decision.reason})", en=decision.reason)
    if decision.forbids:
        why = say(Why.FORBIDDEN_BY, reason=why, rules=", ".join(decision.forbids))
    if decision.failed:
        failed = Bilingual(
            *("; ".join(_lacking(each).to(to) for each in decision.failed) for to in ("ko", "en"))
        )
        why = say(Why.FAILED, reason=why, failed=failed)
    return why


def _lacking(failed: FailedCondition) -> Phrase:
    """A condition as it was wanted and seen; in English as documents write it."""
    name = failed.condition
    called = Bilingual(ko=f"{CALLED[name].ko}({name})", en=name)
    wanted = Bilingual(ko=spell_wanted(failed, "ko", UTC), en=failed.wanted)
    seen = Bilingual(ko=spell_seen(failed, "ko", UTC), en=failed.seen)
    return say(Why.WANTED, rule=failed.rule, condition=called, wanted=wanted, seen=seen)
