"""The rules section: who may or must not do what, when, and what a login carries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from access.model import NETWORK_DOORS, Effect
from access.policy import objects, scalars
from access.policy.gifts import check_gives, read_gives
from access.policy.guardrails import check_tier
from access.policy.reading import Keys, Reader, nearest
from access.policy.tree import Items, Node, Table
from access.policy.vocabulary import (
    LOGIN_PORTAL,
    LOGINS,
    AtMost,
    BadValue,
    Condition,
    Holidays,
    Hours,
    Mailed,
    Period,
    Rule,
    Tier,
)
from access.policy.zoning import check_crossing
from access.proof.factors import Factor
from access.words.document_mistakes import RuleMistake
from access.words.phrase import say
from access.words.text_mistakes import TextMistake, Thing
from access.words.value_mistakes import ValueMistake

_RULE = Keys(
    ("id", "who"),
    (
        *("permit", "forbid", "require", "when", "gives", "reason", "organization", "valid_from", "valid_to"),
        *("tier", "owner", "ticket", "crosses", "review"),
    ),
)


@dataclass(frozen=True, slots=True)
class Names:
    """What rules can refer to: the owner of every network and pool by object, hours and holidays."""

    owners: Mapping[str, str]
    hours: Mapping[str, Hours]
    holidays: Mapping[str, Holidays]

    def object(self, text: str) -> str:
        """An object that exists. Raises BadValue."""
        if text in LOGINS or text in self.owners:
            return text
        hint = nearest(text, (*LOGINS, *self.owners))
        raise BadValue(ValueMistake.NO_OBJECT, text=text[:80], hint=hint)

    def window(self, text: str) -> Hours:
        """Hours that exist. Raises BadValue."""
        if text in self.hours:
            return self.hours[text]
        raise BadValue(ValueMistake.NO_HOURS, text=text[:80], hint=nearest(text, tuple(self.hours)))

    def calendar(self, text: str) -> Holidays:
        """Holidays that exist. Raises BadValue."""
        return objects.calendar(self.holidays, text)


def read_rules(node: Node | None, names: Names, reader: Reader) -> tuple[Rule, ...]:
    """The rules in the order written; an id stands for one rule only."""
    rules: dict[str, Rule] = {}
    for item in listed(node, "rules", reader):
        rule = _rule(item, names, reader)
        if rule.id in rules:
            line = rules[rule.id].line
            reader.problem(rule.line, RuleMistake.RULE_TWICE, rule=rule.id, line=line)
        rules.setdefault(rule.id, rule)
    return tuple(rules.values())


def listed(node: Node | None, what: str, reader: Reader) -> list[Node]:
    """The entries of a section that is a list."""
    if node is None:
        return []
    if not isinstance(node, Items):
        reader.problem(node.line, TextMistake.NOT_A_LIST_OF_ENTRIES, what=what)
        return []
    return node.items


def _rule(node: Node, names: Names, reader: Reader) -> Rule:
    entries = reader.table(node, say(Thing.A_RULE), _RULE)
    effect = _effect(node, entries, reader)
    rule = Rule(
        id=reader.scalar(entries.get("id"), scalars.name) or f"(line {node.line})",
        effect=effect,
        objects=reader.values(
            entries.get("permit") or entries.get("forbid") or entries.get("require"), names.object
        ),
        who=reader.values(entries.get("who"), scalars.subject),
        conditions=_conditions(entries, effect, names, reader),
        gives=read_gives(entries.get("gives"), reader),
        organization=reader.scalar(entries.get("organization"), scalars.name),
        reason=reader.sentences(entries.get("reason")),
        line=node.line,
        requires="require" in entries,
        tier=reader.scalar(entries.get("tier"), scalars.tier) or Tier.ORGANIZATION,
        owner=reader.scalar(entries.get("owner"), scalars.sentence) or "",
        ticket=reader.scalar(entries.get("ticket"), scalars.sentence) or "",
        crosses=reader.values(entries.get("crosses"), scalars.name),
        review=reader.scalar(entries.get("review"), scalars.calendar_day),
    )
    check_tier(rule, entries, reader)
    check_crossing(rule, entries, reader)
    _check_sense(rule, entries, reader)
    _check_concern(rule, names, reader)
    return rule


def _effect(node: Node, entries: Mapping[str, Node], reader: Reader) -> Effect:
    effects = [key for key in ("permit", "forbid", "require") if key in entries]
    if not effects:
        reader.problem(node.line, RuleMistake.NO_EFFECT)
    elif len(effects) > 1:
        reader.problem(node.line, RuleMistake.TWO_EFFECTS, one=effects[0], other=effects[1])
    return Effect.DENY if {"forbid", "require"} & set(effects) else Effect.PERMIT


def _check_sense(rule: Rule, entries: Mapping[str, Node], reader: Reader) -> None:
    """Report keys that cannot mean anything on this kind of rule."""
    if "gives" in entries:
        given = entries["gives"]
        check_gives(rule, given, names_of(given), reader)
    if rule.effect is Effect.DENY and "forbid" in entries and "reason" not in entries:
        reader.problem(rule.line, RuleMistake.FORBIDS_WITHOUT_REASON, rule=rule.id)
    if "review" not in entries:
        return
    if rule.effect is Effect.DENY:
        reader.problem(rule.line, RuleMistake.NOTHING_TO_REVIEW, rule=rule.id)
    if "owner" not in entries:
        reader.problem(rule.line, RuleMistake.NOBODY_TO_REVIEW, rule=rule.id)


def names_of(node: Node) -> tuple[str, ...]:
    """The keys of a table; none of anything else."""
    return tuple(key.text for key, _ in node.entries) if isinstance(node, Table) else ()


def _check_concern(rule: Rule, names: Names, reader: Reader) -> None:
    """Report a rule that speaks for an organization to which neither the object nor the person belongs.

    A permit of logins speaks for the organization at whose NAS somebody logs in.
    """
    if rule.organization is None:
        return
    strangers = [who for who in rule.who if organization_of(who) not in (None, rule.organization)]
    for object in rule.objects:
        if rule.effect is Effect.PERMIT and object in LOGINS and object != LOGIN_PORTAL:
            continue
        if strangers and names.owners.get(object, "") != rule.organization:
            about = {"organization": rule.organization, "object": object, "who": strangers[0]}
            reader.problem(rule.line, RuleMistake.SPEAKS_FOR_STRANGERS, rule=rule.id, **about)


def organization_of(who: str) -> str | None:
    """The organization in group:ORG/.., user:..@ORG and the like; None for an endpoint or a realm."""
    kind, _, value = who.partition(":")
    if kind in ("group", "attribute"):
        return value.partition("/")[0]
    if kind == "user":
        return value.rpartition("@")[2]
    return value if kind == "organization" else None


_SESSIONS = Keys(("most",), ("via",))


def _at_most(node: Node, _names: Names, reader: Reader) -> AtMost | None:
    """A number of sessions, or `{most: 2, via: [vpn]}`."""
    if not isinstance(node, Table):
        most = reader.scalar(node, scalars.count)
        return None if most is None else AtMost(most)
    entries = reader.table(node, "sessions", _SESSIONS)
    most = reader.scalar(entries.get("most"), scalars.count)
    doors = frozenset(reader.values(entries.get("via"), scalars.network_door))
    return None if most is None else AtMost(most, doors or NETWORK_DOORS)


_ReadCondition = Callable[[Node, Names, Reader], object]


def _any_of(parse: Callable[[str], str]) -> _ReadCondition:
    return lambda node, _names, reader: frozenset(reader.values(node, parse))


# How each condition of conditions.CONDITIONS is written under `when:`. "valid" has keys of its own.
WHEN: Mapping[str, _ReadCondition] = {
    "via": _any_of(scalars.via),
    "method": _any_of(scalars.method),
    "site": _any_of(scalars.place),
    "nas_group": _any_of(scalars.place),
    "ssid": _any_of(scalars.ssid),
    "medium": _any_of(scalars.medium),
    "certificate": _any_of(scalars.certified),
    "factor": _any_of(scalars.factor),
    "assurance": _any_of(scalars.assurance),
    "source": lambda node, _names, reader: frozenset(reader.values(node, scalars.cidr)),
    "country": _any_of(scalars.country),
    "endpoint": _any_of(scalars.standing),
    "sessions": _at_most,
    "risk": _any_of(scalars.risk),
    "holiday": lambda node, names, reader: tuple(
        sorted(reader.values(node, names.calendar), key=attrgetter("name"))
    ),
    "hours": lambda node, names, reader: reader.scalar(node, names.window),
    "otp_age": lambda node, _names, reader: reader.scalar(node, scalars.duration),
}


def _conditions(
    entries: Mapping[str, Node], effect: Effect, names: Names, reader: Reader
) -> tuple[Condition, ...]:
    when = reader.table(entries.get("when"), "when", Keys((), tuple(WHEN)))
    if effect is Effect.DENY and "require" not in entries and "otp_age" in when:
        reader.problem(when["otp_age"].line, RuleMistake.FORBIDS_FRESH_CODES)
    if effect is Effect.DENY and "require" not in entries and "sessions" in when:
        reader.problem(when["sessions"].line, RuleMistake.FORBIDS_FEW_SESSIONS)
    wanted = {
        name: argument
        for name, node in sorted(when.items())
        if name in WHEN and (argument := WHEN[name](node, names, reader)) is not None
    }
    factors, age_s = wanted.get("factor"), wanted.get("otp_age")
    if isinstance(factors, frozenset) and Factor.E_MAIL in factors and isinstance(age_s, float):
        wanted["otp_age"] = Mailed(age_s)
    conditions = [Condition(name, argument) for name, argument in wanted.items()]
    start = reader.scalar(entries.get("valid_from"), scalars.moment)
    end = reader.scalar(entries.get("valid_to"), scalars.moment)
    if start is not None and end is not None and start >= end:
        reader.problem(entries["valid_to"].line, RuleMistake.ENDS_BEFORE_IT_BEGINS)
    if start is not None or end is not None:
        conditions.append(Condition("valid", Period(start, end)))
    return tuple(conditions)
