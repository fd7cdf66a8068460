"""What stands beside a document, compiled: found by subject key, changed one rule at a time.

A change costs a copy of the table of keys and what the changed rule names, and never a look at the document's
rules: people are contained, and grants begin and end, while a policy of thousands of rules is in force.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from access.model import Bilingual, Effect, Facts, Method, Subject, Via
from access.policy.computed import doubted
from access.policy.standing import ALL_OF, ANYBODY, EVERYTHING, STOPS, Standing, StandingKind
from access.policy.subjects import canonical_mac, fold, keys_of
from access.policy.vocabulary import Condition, Document, Opening, Period, Rule, Stopped, Tier

# The rule that takes a number's place, None where it has ended.
Change = tuple[int, Standing | None]


@dataclass(frozen=True, slots=True)
class Beside:
    """The standing rules by number and by subject key, and what stops permits of the document, by number.

    revision counts the changes of all of them.
    """

    revision: int = 0
    rules: Mapping[int, Rule] = field(default_factory=dict, repr=False)
    by_key: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict, repr=False)
    stops: Mapping[int, Standing] = field(default_factory=dict, repr=False)

    @property
    def kept(self) -> dict[int, Standing]:
        """All that stands here, by number."""
        followed = {number: rule.standing for number, rule in self.rules.items()}
        return {number: each for number, each in followed.items() if each is not None} | dict(self.stops)

    def about(
        self, subject: Subject, facts: Facts, object: str, more: frozenset[str] = frozenset()
    ) -> list[Rule]:
        """The standing rules about a request. more: keys of groups that the document computes."""
        found = self.of(subject, facts, more)
        return [rule for rule in found if object in rule.objects or _is_about_all(rule)]

    def of(self, subject: Subject, facts: Facts, more: frozenset[str] = frozenset()) -> list[Rule]:
        """The standing rules about somebody at an endpoint, each once, by id. more: as of about()."""
        if not self.by_key:
            return []
        return self.under(standing_keys(subject, facts) | more)

    def under(self, keys: frozenset[str]) -> list[Rule]:
        """The standing rules under any of these keys, each once, by id."""
        found = {rule.id: rule for key in self.by_key.keys() & keys for rule in self.by_key[key]}
        return [found[rule_id] for rule_id in sorted(found)]

    def loosened(self, loose: Callable[[Rule], Rule | None]) -> "Beside":
        """The same with each rule as far as it counts without facts. An opening never does."""
        rules: dict[int, Rule] = {}
        by_key: dict[str, tuple[Rule, ...]] = {}
        for number, rule in self.rules.items():
            counted = None if is_opening(rule) else loose(rule)
            if counted is not None:
                rules[number] = counted
                _put(by_key, counted)
        return Beside(self.revision, rules, by_key)

    def with_changes(self, changes: Iterable[Change], revision: int, document: Document) -> "Beside":
        """The same with other rules in the place of some, under the document that prepared openings."""
        rules, by_key, stops = dict(self.rules), dict(self.by_key), dict(self.stops)
        for number, standing in changes:
            before = rules.pop(number, None)
            if before is not None:
                _take(by_key, before)
            stops.pop(number, None)
            if standing is not None and standing.kind in STOPS:
                stops[number] = standing
                continue
            after = rule_of(standing, document) if standing is not None else None
            if after is not None:
                rules[number] = after
                _put(by_key, after)
        return Beside(revision, rules, by_key, stops)


def standing_keys(subject: Subject, facts: Facts) -> frozenset[str]:
    """Every key that a standing rule about a request may carry: also of the endpoint somebody sits at."""
    station = facts.station
    return holder_keys(subject) | (_at(station, subject) if isinstance(station, str) else set())


def holder_keys(subject: Subject) -> frozenset[str]:
    """The same as far as the endpoint somebody sits at says nothing."""
    return keys_of(subject) | keys_beside(subject)


def keys_beside(subject: Subject) -> set[str]:
    """Those of them that rules of a document do not have."""
    own = {ANYBODY}
    if subject.organization:
        own.add(fold(f"{ALL_OF}{subject.organization}"))
    if subject.id:
        own.add(_account(subject.id))
    elif not subject.realm:
        own |= _at(canonical_mac(subject.name) or subject.name, subject)
    return own


def _at(station: str, subject: Subject) -> set[str]:
    """The keys of an endpoint: for whoever sits at it, and for those of one company alone."""
    return {fold(f"endpoint:{station}"), fold(f"endpoint:{station}@{subject.organization}")}


def keys_of_rule(rule: Rule) -> frozenset[str]:
    """The subject keys that a standing rule is found by.

    One about an account stays with it when that gets another name, and passes to nobody who gets its name.
    Only a containment stops whoever has the name as well: the account may have been made again.
    """
    named = frozenset(map(_key, rule.who))
    if rule.effect is Effect.DENY:
        named |= doubted(named)
    if rule.standing is None or rule.standing.user_id is None:
        return named
    account = frozenset({_account(rule.standing.user_id)})
    return account | named if rule.effect is Effect.DENY else account


def is_opening(rule: Rule) -> bool:
    """Whether a rule follows from an opening."""
    return rule.standing is not None and rule.standing.kind is StandingKind.OPENING


def is_silenced(rule: Rule, facts: Facts) -> bool:
    """Whether a permit is silent because nobody has proven who asks: openings alone speak for them."""
    return facts.method is Method.OFFICE_OPEN and rule.effect is Effect.PERMIT and not is_opening(rule)


def stopped(rule: Rule, by: Standing) -> Rule:
    """The rule as a review has left it: it never speaks, and says why."""
    why = Stopped(by.created_at, by.owner, by.kind is StandingKind.ENDING)
    return replace(rule, conditions=(*rule.conditions, Condition("signed", why)))


def is_stopped(rule: Rule) -> bool:
    """Whether a review has stopped the rule."""
    return any(each.name == "signed" for each in rule.conditions)


def rule_of(standing: Standing, document: Document) -> Rule | None:
    """The rule that a standing decision makes under a document; None where that has not prepared it."""
    if standing.kind is StandingKind.OPENING:
        return _of_opening(standing, document.openings.get(standing.opening))
    effect = Effect.DENY if standing.kind is StandingKind.CONTAINMENT else Effect.PERMIT
    tier = Tier.GUARDRAIL if effect is Effect.DENY else Tier.TEMPORARY
    conditions = [Condition("valid", Period(standing.since or None, standing.until))]
    if standing.endpoint:
        conditions.append(Condition("designated", frozenset({standing.endpoint})))
    if standing.doors:
        conditions.append(Condition("via", frozenset(map(Via, standing.doors))))
    return Rule(
        id=standing.rule,
        effect=effect,
        objects=standing.objects,
        who=standing.who,
        conditions=tuple(conditions),
        organization=standing.organization or None,
        reason=Bilingual(standing.reason, standing.reason) if standing.reason else None,
        tier=tier,
        owner=standing.owner,
        ticket=standing.ticket,
        standing=standing,
    )


def _of_opening(standing: Standing, opening: Opening | None) -> Rule | None:
    if opening is None or opening.organization != standing.organization:
        return None
    rule = opened(opening)
    return replace(
        rule,
        id=standing.rule,
        conditions=(*rule.conditions, Condition("valid", Period(standing.since or None, standing.until))),
        reason=Bilingual(standing.reason, standing.reason),
        owner=standing.owner,
        standing=standing,
        line=0,
    )


def opened(opening: Opening) -> Rule:
    """What an opening permits while it is open, under its own name."""
    return Rule(
        id=opening.name,
        effect=Effect.PERMIT,
        objects=opening.objects,
        who=opening.who or (f"organization:{opening.organization}",),
        conditions=(
            Condition("method", frozenset({Method.OFFICE_OPEN})),
            Condition("site", frozenset({opening.site})),
        ),
        gives=opening.gives,
        organization=opening.organization,
        tier=Tier.TEMPORARY,
        line=opening.line,
    )


def _account(user_id: int) -> str:
    return f"account:{user_id}"


def _key(who: str) -> str:
    kind, _, value = who.partition(":")
    if kind == "endpoint":
        return f"endpoint:{canonical_mac(value) or fold(value)}"
    return fold(who)


def _is_about_all(rule: Rule) -> bool:
    return EVERYTHING in rule.objects


def _put(by_key: dict[str, tuple[Rule, ...]], rule: Rule) -> None:
    for key in keys_of_rule(rule):
        by_key[key] = (*by_key.get(key, ()), rule)


def _take(by_key: dict[str, tuple[Rule, ...]], rule: Rule) -> None:
    for key in keys_of_rule(rule):
        left = tuple(each for each in by_key[key] if each is not rule)
        if left:
            by_key[key] = left
        else:
            del by_key[key]
