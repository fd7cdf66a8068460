"""Tiers: what a rule has to say about itself, and permits that ask for less than a guardrail requires."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from access.model import Effect
from access.policy.reading import Reader
from access.policy.tree import Node
from access.policy.vocabulary import AtMost, Condition, Mailed, Period, Rule, Tier
from access.words.document_mistakes import RuleMistake

_ANSWERED_FOR = (Tier.GUARDRAIL, Tier.TEMPORARY)


def check_tier(rule: Rule, entries: Mapping[str, Node], reader: Reader) -> None:
    """Report what a rule of its tier lacks, and a requirement that is no guardrail or requires nothing."""
    if rule.tier in _ANSWERED_FOR:
        for key in ("owner", "reason"):
            if key not in entries:
                reader.problem(rule.line, RuleMistake.TIER_LACKS, tier=rule.tier, rule=rule.id, key=key)
    if rule.tier is Tier.TEMPORARY and "valid_to" not in entries:
        reader.problem(rule.line, RuleMistake.TEMPORARY_WITHOUT_END, rule=rule.id)
    if not rule.requires:
        return
    if rule.tier is not Tier.GUARDRAIL:
        reader.problem(rule.line, RuleMistake.REQUIRES_BELOW_GUARDRAIL, rule=rule.id)
    if not rule.conditions:
        reader.problem(rule.line, RuleMistake.REQUIRES_NOTHING, rule=rule.id)
    if "valid_from" in entries or "valid_to" in entries:
        reader.problem(rule.line, RuleMistake.REQUIRES_FOR_A_TIME, rule=rule.id)


def missing_requirements(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Rule, str]]:
    """Each permit below a guardrail, a guardrail about the same object, and what the permit lacks.

    Whom they are about is not looked at.
    """
    found = list(rules)
    guardrails = [rule for rule in found if rule.requires]
    by_object: dict[str, list[Rule]] = {}
    for guardrail in guardrails:
        for object in guardrail.objects:
            by_object.setdefault(object, []).append(guardrail)
    for permit in found:
        if permit.effect is not Effect.PERMIT or permit.tier is Tier.GUARDRAIL:
            continue
        about = {rule.id: rule for object in permit.objects for rule in by_object.get(object, ())}
        for _, guardrail in sorted(about.items()):
            lacking = [each.name for each in guardrail.conditions if not is_met(each, permit.conditions)]
            if lacking:
                yield permit, guardrail, ", ".join(lacking)


def is_met(required: Condition, conditions: Iterable[Condition]) -> bool:
    """Whether a permit with these conditions can only speak where the required one holds."""
    asked = next((each.argument for each in conditions if each.name == required.name), None)
    return asked is not None and _AT_LEAST.get(required.name, _one_of)(asked, required.argument)


def _one_of(asked: Any, required: Any) -> bool:
    return bool(asked <= required if isinstance(required, frozenset) else asked == required)


def _as_young(asked: float | Mailed, required: float | Mailed) -> bool:
    """Whether a code counts for no longer, and none by e-mail does that the guardrail would not take."""
    ages = [each.age_s if isinstance(each, Mailed) else each for each in (asked, required)]
    return ages[0] <= ages[1] and (isinstance(required, Mailed) or not isinstance(asked, Mailed))


def _as_few(asked: AtMost, required: AtMost) -> bool:
    """Whether no more sessions are let by, counted over at least the same doors."""
    return asked.most <= required.most and asked.doors >= required.doors


def _inside(asked: frozenset[Any], required: frozenset[IPv4Network | IPv6Network]) -> bool:
    return all(any(_is_in(network, around) for around in required) for network in asked)


def _is_in(network: Any, around: Any) -> bool:
    return network.version == around.version and bool(network.subnet_of(around))


def _during(asked: Period, required: Period) -> bool:
    begins = required.start is None or (asked.start is not None and asked.start >= required.start)
    return begins and (required.end is None or (asked.end is not None and asked.end <= required.end))


_AT_LEAST: Mapping[str, Callable[[Any, Any], bool]] = {
    "otp_age": _as_young,
    "source": _inside,
    "valid": _during,
    "sessions": _as_few,
}
