"""The clock moved forward: tests of a document that will break, and what of its rules ends, for whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from math import ceil

from access.model import Bilingual, Effect, Facts, Subject
from access.policy import document_tests
from access.policy.beside import holder_keys, keys_of_rule
from access.policy.compiled import Policy, compile
from access.policy.document_tests import TestFailure
from access.policy.possible import could_reach, loosened
from access.policy.subjects import at_most, fold
from access.policy.vocabulary import Document, Holidays, PolicyTest, Rule, World

WEEK_S = 7 * 86400.0
# What fails on a day of one week alone fails because of a holiday, and not because something has ended.
WEEKS = 3


class EndKind(Enum):
    """What ends or begins, in words about a subject."""

    RULE = Bilingual(ko="규칙 {0}: 기간이 끝납니다", en="rule {0} ends")
    BEGINS = Bilingual(ko="규칙 {0}: 적용이 시작됩니다", en="rule {0} begins")
    CROSSING = Bilingual(ko="구역 예외 {0}: 기간이 끝납니다", en="exception {0} to the zones ends")
    STANDING = Bilingual(ko="{0}: 기간이 끝납니다", en="{0} ends")
    MEMBERSHIP = Bilingual(ko="{0}: 그룹에서 빠집니다", en="a membership of {0} ends")
    ACCOUNT = Bilingual(ko="{0}: 계정 기간이 끝납니다", en="the account of {0} ends")
    ENDPOINT = Bilingual(ko="단말 {0}: 등록 기간이 끝납니다", en="the registration of {0} ends")
    HOLIDAYS = Bilingual(
        ko="달력 {0}: 이후의 휴일은 알 수 없습니다", en="calendar {0} knows no further holiday"
    )
    TEST = Bilingual(ko="테스트 “{0}”: 통과하지 못하게 됩니다", en="test {0!r} will break")


@dataclass(frozen=True, slots=True)
class End:
    """Something that ends at a moment. loses: the objects somebody has no more then, with the people."""

    at: float
    kind: EndKind
    subject: str
    loses: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def to(self, language: str) -> str:
        """What ends, in a language."""
        return self.kind.value.to(language).format(self.subject)


def moved(test: PolicyTest, moment: float, zone: tzinfo) -> PolicyTest:
    """The test as it would be in the week after a moment, on the same weekday at the same time of the day.

    A test about a later day stays as it is. The code is as old as it was.
    """
    weeks = ceil((moment - test.now) / WEEK_S)
    if weeks <= 0:
        return test
    now = (datetime.fromtimestamp(test.now, zone) + timedelta(weeks=weeks)).timestamp()
    facts = test.facts
    if isinstance(facts.otp_at, float):
        facts = replace(facts, otp_at=facts.otp_at + now - test.now)
    return replace(test, now=now, facts=facts)


def breaking(policy: Policy, world: World, now: float, moment: float, zone: tzinfo) -> list[TestFailure]:
    """The tests that pass with the clock at now, and at a later moment and in the weeks after it fail.

    Tests that fail already with the clock at now are about a day of their own, and are left out.
    """
    known = {failure.name for failure in _failures(policy, world, now, zone)}
    later = [_failures(policy, world, moment + week * WEEK_S, zone) for week in range(WEEKS)]
    for_good = set.intersection(*({failure.name for failure in each} for each in later)) - known
    return [failure for failure in later[0] if failure.name in for_good]


def _failures(policy: Policy, world: World, moment: float, zone: tzinfo) -> list[TestFailure]:
    tests = tuple(moved(test, moment, zone) for test in policy.document.tests)
    return document_tests.run(replace(policy, document=replace(policy.document, tests=tests)), world)


def ends(policy: Policy, world: World, now: float, until: float, zone: tzinfo) -> list[End]:
    """Everything in a document and in memberships that ends after now until a moment, the first first.

    While a newer policy speaks for some people, each is told of what ends by the one that speaks for them;
    whoever may be at a site for which the newer one speaks, by both.
    """
    found: dict[tuple[float, EndKind, str], End] = {}
    for side in policy.sides:
        people = {name: each for name, each in world.users.items() if _may_speak(policy, side, each)}
        for end in _of_side(side, people, world, (now, until), zone):
            key = end.at, end.kind, end.subject
            found[key] = _together(found[key], end) if key in found else end
    return sorted(found.values(), key=lambda end: (end.at, end.kind.name, end.subject))


def _may_speak(policy: Policy, side: Policy, subject: Subject) -> bool:
    return side is policy.speaking(subject, Facts()) or (policy.newer is not None and bool(policy.wave.sites))


def _together(one: End, other: End) -> End:
    lost = {
        object: tuple(sorted({*one.loses.get(object, ()), *other.loses.get(object, ())}))
        for object in {**one.loses, **other.loses}
    }
    return replace(one, loses=lost)


def _of_side(
    policy: Policy, people: Mapping[str, Subject], world: World, window: tuple[float, float], zone: tzinfo
) -> Iterator[End]:
    now, until = window
    yield from _of_rules(policy, people, now, until)
    yield from _of_memberships(policy, people, now, until)
    yield from _of_standing(policy, people, now, until)
    yield from _of_calendars(policy.document, now, until)
    yield from _of_tests(policy, world, now, until, zone)


def _of_rules(policy: Policy, people: Mapping[str, Subject], now: float, until: float) -> Iterator[End]:
    loose = loosened(policy)
    for rule in policy.rules:
        for condition in rule.conditions:
            if condition.name != "valid":
                continue
            start, end = condition.argument.start, condition.argument.end
            if start is not None and now < start <= until:
                yield End(start, EndKind.BEGINS, rule.id)
            if end is None or not now < end <= until:
                continue
            yield End(end, EndKind.RULE, rule.id, _losses(loose, rule, people, end))
            if rule.crosses:
                beside = loosened(_crossing(policy, frozenset(rule.crosses)))
                yield End(end, EndKind.CROSSING, rule.id, _losses(beside, rule, people, end))


def _crossing(policy: Policy, zones: frozenset[str]) -> Policy:
    """The policy without the permits that do not cross these zones."""
    rules = (
        rule for rule in policy.rules if rule.effect is not Effect.PERMIT or zones <= frozenset(rule.crosses)
    )
    alone = compile(replace(policy.document, rules=tuple(rules)))
    stops = {number: rule for number, rule in policy.beside.rules.items() if rule.effect is Effect.DENY}
    kept = ((number, rule.standing) for number, rule in stops.items())
    return alone.with_standing(kept, policy.beside.revision)


def _losses(
    loose: Policy, rule: Rule, people: Mapping[str, Subject], end: float
) -> dict[str, tuple[str, ...]]:
    """Who loses which objects of a rule with it: nobody whom another rule permits the same."""
    about = keys_of_rule(rule) if rule.standing else {fold(who) for who in rule.who}
    names = [name for name, subject in people.items() if about & _keys_of(loose, at_most(subject))]
    return _lost(loose, {name: people[name] for name in names}, rule.objects, end)


def _keys_of(policy: Policy, subject: Subject) -> frozenset[str]:
    return policy.keys_of(subject) | holder_keys(subject)


def _lost(
    loose: Policy, people: Mapping[str, Subject], objects: tuple[str, ...], end: float
) -> dict[str, tuple[str, ...]]:
    found = {}
    for object in objects:
        names = [
            name
            for name, subject in people.items()
            if could_reach(loose, subject, object, end - 1) and not could_reach(loose, subject, object, end)
        ]
        if names:
            found[object] = tuple(sorted(names))
    return found


def _of_memberships(policy: Policy, people: Mapping[str, Subject], now: float, until: float) -> Iterator[End]:
    loose = loosened(policy)
    objects = tuple(sorted(loose.by_object))
    for name, subject in people.items():
        for group, end in subject.ending:
            if now < end <= until and group not in subject.groups:
                yield End(
                    end, EndKind.MEMBERSHIP, f"{name} ({group})", _lost(loose, {name: subject}, objects, end)
                )


def _of_standing(policy: Policy, people: Mapping[str, Subject], now: float, until: float) -> Iterator[End]:
    """What stands beside the document and ends, with who loses by it what no rule permits them."""
    loose = loosened(policy)
    for rule in policy.beside.rules.values():
        end = rule.standing.until if rule.standing else None
        if end is not None and now < end <= until:
            lost = _losses(loose, rule, people, end) if rule.effect is Effect.PERMIT else {}
            yield End(end, EndKind.STANDING, rule.id, lost)


def _of_calendars(document: Document, now: float, until: float) -> Iterator[End]:
    """The calendars in use beyond whose last year nobody knows of holidays."""
    for calendar in _calendars(document):
        if calendar.last_year is not None:
            end = datetime(calendar.last_year + 1, 1, 1, tzinfo=calendar.zone).timestamp()
            if now < end <= until:
                yield End(end, EndKind.HOLIDAYS, calendar.name)


def _calendars(document: Document) -> set[Holidays]:
    """The calendars that rules ask for, themselves or by their hours."""
    asked = [condition for rule in document.rules for condition in rule.conditions]
    by_day = {each for condition in asked if condition.name == "holiday" for each in condition.argument}
    by_hours = {
        each for condition in asked if condition.name == "hours" for each in condition.argument.closed
    }
    return by_day | by_hours


def _of_tests(policy: Policy, world: World, now: float, until: float, zone: tzinfo) -> Iterator[End]:
    """Each test that will break, at the first moment it is moved to at which it does for good."""
    tests = {test.name: test for test in policy.document.tests}
    known = {failure.name for failure in _failures(policy, world, now, zone)}
    streak: dict[str, int] = {}
    for week in range(1, int((until - now) / WEEK_S) + WEEKS + 1):
        failing = {failure.name for failure in _failures(policy, world, now + week * WEEK_S, zone)} - known
        streak = {name: streak.get(name, 0) + 1 for name in failing}
        for name in sorted(name for name, weeks in streak.items() if weeks == WEEKS):
            began = moved(tests[name], now + (week - WEEKS + 1) * WEEK_S, zone).now
            if began <= until:
                yield End(began, EndKind.TEST, name)
