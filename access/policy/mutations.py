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
from access.policy.compiled import Policy, ready_of
from access.policy.computed import subject_keys
from access.policy.decide import decide
from access.policy.gifts import missing
from access.policy.subjects import at_most
from access.policy.vocabulary import NOTHING, PolicyTest, Rule, World


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
    """What a test asks of the document."""

    subject: Subject
    request: Request
    now: float
    wanted: bool
    gives: Gives


def unguarded(policy: Policy, world: World) -> list[Mutation]:
    """Every mutation that no test of the document notices, in the order of the rules."""
    asked = _asked_of(policy, world)
    return [
        mutation
        for rule in policy.document.rules
        for mutation, mutant in mutants(rule)
        if not _is_noticed(policy, rule, mutant, asked.get(rule.id, []))
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


def exchanged(policy: Policy, rule: Rule, mutant: Rule | None) -> Policy:
    """The policy with a mutant in the place of a rule, without compiling what stays."""
    by_object, by_subject = dict(policy.by_object), dict(policy.by_subject)
    about = subject_keys(mutant) if mutant else frozenset[str]()
    keys = subject_keys(rule) | about
    for object in rule.objects:
        found = dict(by_object[object])
        for key in keys:
            left = tuple(each for each in found.get(key, ()) if each is not rule)
            found[key] = (*left, mutant) if mutant and key in about and object in mutant.objects else left
        by_object[object] = found
    # Its conditions are those of no other rule, so it is weighed by itself.
    made = ready_of(mutant, policy.owners) if mutant else None
    for key in keys:
        ready = tuple(each for each in by_subject.get(key, ()) if each.rule is not rule)
        more = (made,) if made and made.objects and key in about else ()
        by_subject[key] = (*ready, *more)
    return replace(policy, by_object=by_object, by_subject=by_subject)


def _asked_of(policy: Policy, world: World) -> dict[str, list[_Question]]:
    """The questions whose answer a rule can have to do with, by its id; without those that fail already.

    In zones an answer depends on all rules about somebody, elsewhere on those about the object.
    """
    placed = bool(policy.zoning.of_object or policy.zoning.of_vlan)
    found: dict[str, list[_Question]] = {}
    for question in _questions(policy, world):
        if not _is_kept(policy, question):
            continue
        keys = policy.keys_of(at_most(question.subject))
        for rule in _rules_of(policy, keys):
            if placed or question.request.object in rule.objects:
                found.setdefault(rule.id, []).append(question)
    return found


def _rules_of(policy: Policy, keys: frozenset[str]) -> Iterator[Rule]:
    """The rules about somebody, each once."""
    seen = {
        rule.id: rule
        for by_key in policy.by_object.values()
        for key in by_key.keys() & keys
        for rule in by_key[key]
    }
    yield from seen.values()


def _questions(policy: Policy, world: World) -> Iterator[_Question]:
    for test in policy.document.tests:
        subject = test.subject if test.user is None else world.users.get(test.user)
        if subject is None:
            continue
        for object, wanted in _promised(test):
            yield _Question(subject, Request(object, test.facts), test.now, wanted, test.gives)


def _promised(test: PolicyTest) -> Iterator[tuple[str, bool]]:
    yield from ((object, True) for object in test.accept)
    yield from ((object, False) for object in test.deny)


def _is_noticed(policy: Policy, rule: Rule, mutant: Rule | None, asked: list[_Question]) -> bool:
    if not asked:
        return False
    mutated = exchanged(policy, rule, mutant)
    return not all(_is_kept(mutated, question) for question in asked)


def _is_kept(policy: Policy, question: _Question) -> bool:
    """Whether a policy keeps the promise."""
    decision = decide(policy, question.subject, question.request, question.now)
    if not question.wanted:
        return not decision.permitted
    gives = question.gives if question.request.object.startswith("login:") else NOTHING
    return decision.permitted and not any(missing(gives, decision.gives))
