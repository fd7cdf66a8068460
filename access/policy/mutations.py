"""Rules that no test of a document would miss: each is taken away, turned round or cut, in memory.

A test notices a mutation when it passes on the document and fails on what the mutation makes of it. Only the
questions about the mutated rule are asked again, with the verdicts on all other rules kept. Zones are left
aside: what would only be noticed by the zone it puts somebody into is told as unguarded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from access.model import Bilingual, Effect, Gives, Request, Subject
from access.policy.compiled import Policy
from access.policy.decide import clock_is_sane, conclude, rules_about, weigh_asked
from access.policy.gifts import missing
from access.policy.subjects import fold, standing
from access.policy.vocabulary import PolicyTest, Rule, World
from access.policy.weighing import Verdict


class Cut(Enum):
    """What a mutation does to a rule."""

    DELETED = Bilingual(ko="규칙을 지워도", en="is taken away")
    FLIPPED = Bilingual(ko="허용과 금지를 바꾸어도", en="is turned round")
    CONDITION = Bilingual(ko="{0} 조건이 없어도", en="does not ask for {0}")
    SUBJECT = Bilingual(ko="{0}에 적용되지 않아도", en="is not about {0}")
    OBJECT = Bilingual(ko="{0}에 적용되지 않아도", en="says nothing of {0}")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change to one rule. part: the condition, subject or object that it lacks."""

    line: int
    rule: str
    cut: Cut
    part: str = ""

    def to(self, language: str) -> str:
        """What was changed, in a language."""
        return self.cut.value.to(language).format(self.part)


class _Question(NamedTuple):
    """What a test asks of the document, and the verdicts on the rules about it."""

    subject: Subject
    request: Request
    now: float
    wanted: bool
    gives: Gives
    verdicts: list[Verdict]


def unguarded(policy: Policy, world: World) -> list[Mutation]:
    """Every mutation that no test of the document notices, in the order of the rules."""
    asked: dict[str, list[_Question]] = {}
    for question in _questions(policy, world):
        if _keeps(policy, question, question.verdicts):
            for verdict in question.verdicts:
                asked.setdefault(verdict.rule.id, []).append(question)
    return [
        mutation
        for rule in policy.document.rules
        for mutation, mutant in mutants(rule)
        if all(_survives(policy, question, rule, mutant) for question in asked.get(rule.id, ()))
    ]


def mutants(rule: Rule) -> Iterator[tuple[Mutation, Rule | None]]:
    """Every mutation of a rule with what it makes of it; None: nothing is left."""
    yield Mutation(rule.line, rule.id, Cut.DELETED), None
    other = Effect.DENY if rule.effect is Effect.PERMIT else Effect.PERMIT
    yield Mutation(rule.line, rule.id, Cut.FLIPPED), replace(rule, effect=other, requires=False)
    for condition in rule.conditions:
        left = tuple(each for each in rule.conditions if each is not condition)
        # What requires nothing any more is no requirement.
        mutant = None if rule.requires and not left else replace(rule, conditions=left)
        name = "valid_from, valid_to" if condition.name == "valid" else condition.name
        yield Mutation(rule.line, rule.id, Cut.CONDITION, name), mutant
    for who in rule.who if len(rule.who) > 1 else ():
        rest = tuple(each for each in rule.who if each != who)
        yield Mutation(rule.line, rule.id, Cut.SUBJECT, who), replace(rule, who=rest)
    for object in rule.objects if len(rule.objects) > 1 else ():
        kept = tuple(each for each in rule.objects if each != object)
        yield Mutation(rule.line, rule.id, Cut.OBJECT, object), replace(rule, objects=kept)


def _questions(policy: Policy, world: World) -> Iterator[_Question]:
    for test in policy.document.tests:
        subject = test.subject if test.user is None else world.users.get(test.user)
        if subject is None or not clock_is_sane(test.now):
            continue
        subject, _ = standing(subject, test.now)
        for object, wanted in _promised(test):
            request = Request(object, test.facts)
            rules = rules_about(policy, subject, object)
            verdicts = [weigh_asked(rule, request, test.now) for rule in rules]
            yield _Question(subject, request, test.now, wanted, test.gives, verdicts)


def _promised(test: PolicyTest) -> Iterator[tuple[str, bool]]:
    yield from ((object, True) for object in test.accept)
    yield from ((object, False) for object in test.deny)


def _keeps(policy: Policy, question: _Question, verdicts: list[Verdict]) -> bool:
    """Whether the promise holds under these verdicts."""
    object = question.request.object
    decision = conclude(policy, question.subject, object, verdicts)
    if not question.wanted:
        return not decision.permitted
    gives = question.gives if object.startswith("login:") else Gives()
    return decision.permitted and not any(missing(gives, decision.gives))


def _survives(policy: Policy, question: _Question, rule: Rule, mutant: Rule | None) -> bool:
    """Whether the promise holds with the mutant in the rule's place."""
    others = [each for each in question.verdicts if each.rule is not rule]
    if mutant is not None and _is_about(policy, mutant, question):
        others.append(weigh_asked(mutant, question.request, question.now))
    return _keeps(policy, question, others)


def _is_about(policy: Policy, rule: Rule, question: _Question) -> bool:
    keys = policy.keys_of(question.subject)
    return question.request.object in rule.objects and any(fold(who) in keys for who in rule.who)
