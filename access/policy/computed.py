"""Groups that the document computes of other groups and of attributes: read, checked, and who is in them.

Who is in one is nobody's word but the document's: a group of a directory that has its name lends it nobody.
Whoever has no value at all of an attribute that `but` asks for may be one of those it leaves out. They are
doubted: no permit means them, while a forbid does.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from heapq import heappop, heappush

from access.model import Effect
from access.policy import scalars
from access.policy.reading import Keys, Reader
from access.policy.subjects import fold
from access.policy.tree import Node
from access.policy.vocabulary import ComputedGroup, Rule
from access.words.document_mistakes import SectionMistake
from access.words.phrase import say
from access.words.text_mistakes import Thing

MOST_LEVELS = 32
# Of a subject key of a group: of somebody of whom a fact is missing that might keep them out of it.
DOUBTED = "doubted:"
_ATTRIBUTE = "attribute:"
_GROUP = Keys(("organization",), ("any", "all", "but"))


def read_groups(node: Node | None, reader: Reader) -> dict[str, ComputedGroup]:
    """The computed groups by "organization/name", each behind those that it is computed of."""
    found: dict[str, ComputedGroup] = {}
    for name, key, value in reader.named(node, "groups"):
        entries = reader.table(value, say(Thing.GROUP, name=name), _GROUP)
        organization = reader.scalar(entries.get("organization"), scalars.name) or ""
        group = ComputedGroup(
            f"{organization}/{name.lower()}",
            any=reader.values(entries.get("any"), scalars.subject),
            all=reader.values(entries.get("all"), scalars.subject),
            but=reader.values(entries.get("but"), scalars.subject),
            line=key.line,
        )
        if group.name in found:
            reader.problem(key.line, SectionMistake.GROUP_TWICE, name=name)
        if not (group.any or group.all):
            reader.problem(key.line, SectionMistake.COMPUTED_OF_NOTHING, name=name)
        _check_terms(group, organization, reader)
        found[group.name] = group
    return _in_order(found, reader)


def _check_terms(group: ComputedGroup, organization: str, reader: Reader) -> None:
    for term in group.terms:
        kind, _, value = term.partition(":")
        if kind not in _OWNERS:
            reader.problem(group.line, SectionMistake.NOT_COMPUTABLE, term=term)
        elif _OWNERS[kind](value) != organization:
            about = {"term": term, "organization": organization}
            reader.problem(group.line, SectionMistake.OF_ANOTHER_COMPANY, **about)


_OWNERS = {
    "group": lambda value: value.partition("/")[0],
    "attribute": lambda value: value.partition("/")[0],
    "user": lambda value: value.rpartition("@")[2],
    "organization": lambda value: value,
}


def _in_order(found: Mapping[str, ComputedGroup], reader: Reader) -> dict[str, ComputedGroup]:
    """The same groups, each behind those that it is computed of; a circle is a mistake and left out."""
    ordered: dict[str, ComputedGroup] = {}
    by_key = {fold(f"group:{name}"): group for name, group in found.items()}

    def place(group: ComputedGroup, above: tuple[str, ...]) -> None:
        if group.name in above:
            circle = " -> ".join((*above[above.index(group.name) :], group.name))
            reader.problem(group.line, SectionMistake.CIRCLE, circle=circle)
        elif len(above) > MOST_LEVELS:
            reader.problem(group.line, SectionMistake.NESTED_TOO_DEEP, most=MOST_LEVELS)
        elif group.name not in ordered:
            for term in group.terms:
                if (other := by_key.get(fold(term))) is not None:
                    place(other, (*above, group.name))
            ordered.setdefault(group.name, group)

    for group in found.values():
        if len(ordered) < len(found):
            place(group, ())
    return ordered


@dataclass(frozen=True, slots=True)
class _Folded:
    key: str
    any: frozenset[str]
    all: frozenset[str]
    but: frozenset[str]

    def has(self, keys: Set[str], left_out: Set[str]) -> bool:
        """Whether somebody with these keys is in it, whom it leaves out where they have one of the others."""
        return (
            self.all <= keys
            and self.but.isdisjoint(left_out)
            and (not self.any or not self.any.isdisjoint(keys))
        )


@dataclass(frozen=True, slots=True)
class Computation:
    """Computed groups made ready to be asked: only those are looked at of which somebody has a part.

    asked has the attributes that decide who is left out, each with all that is asked of it: what somebody has
    no value of could be any of those.
    """

    groups: tuple[_Folded, ...] = ()
    by_key: Mapping[str, tuple[int, ...]] = field(default_factory=dict, repr=False)
    names: frozenset[str] = frozenset()
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)

    @property
    def terms(self) -> frozenset[str]:
        """The keys of the groups and of all that they are computed of: what keys() depends on, if all of the
        attributes of which it is asked whether somebody has a value are counted as well.
        """
        return self.names.union(*[group.any | group.all | group.but for group in self.groups])

    def keys(self, own: frozenset[str]) -> frozenset[str]:
        """The keys somebody has, with those of the computed groups they are in, and are doubted in."""
        if not self.groups:
            return own
        keys = set(own - self.names)
        missing = self._missing(own)
        if missing:
            return self._with_doubts(keys, missing)
        for group in self._met(keys):
            if group.has(keys, keys):
                keys.add(group.key)
        return frozenset(keys)

    def _with_doubts(self, own: set[str], missing: frozenset[str]) -> frozenset[str]:
        """The same where any of the missing keys may be theirs as well."""
        certain, told, possible = set(own), set(own), own | missing
        for group in self._met(possible):
            if group.has(possible, certain):
                possible.add(group.key)
            if group.has(told, told):
                told.add(group.key)
            if group.has(certain, possible):
                certain.add(group.key)
        return frozenset(certain | {f"{DOUBTED}{key}" for key in told - certain})

    def _met(self, keys: Set[str]) -> Iterator[_Folded]:
        """The groups of which a key is a part, in order, also of keys that are added meanwhile."""
        # Each group stands behind those that it is computed of: what is asked of is known by then.
        ahead = [number for key in keys for number in self.by_key.get(key, ())]
        ahead.sort()
        seen = -1
        while ahead:
            number = heappop(ahead)
            if number > seen:
                yield self.groups[number]
                if self.groups[number].key in keys:
                    for later in self.by_key.get(self.groups[number].key, ()):
                        heappush(ahead, later)
            seen = number

    def _missing(self, own: frozenset[str]) -> frozenset[str]:
        """What is asked of attributes of the person's company of which they have no value."""
        if not self.asked:
            return frozenset()
        known = {_attribute_of(key) for key in own if key.startswith(_ATTRIBUTE)}
        return frozenset(
            term
            for name, terms in self.asked.items()
            if name not in known and f"organization:{_organization_of(name)}" in own
            for term in terms
        )


NOTHING_COMPUTED = Computation()


def computation(groups: Mapping[str, ComputedGroup]) -> Computation:
    """The groups of a document, made ready."""
    folded = tuple(_folded(group) for group in groups.values())
    by_key: dict[str, list[int]] = {}
    for number, group in enumerate(folded):
        for key in group.any | group.all:
            by_key.setdefault(key, []).append(number)
    ready = {key: tuple(numbers) for key, numbers in by_key.items()}
    return Computation(folded, ready, frozenset(group.key for group in folded), _asked_to_leave_out(folded))


def _asked_to_leave_out(groups: Iterable[_Folded]) -> dict[str, frozenset[str]]:
    """What is asked of attributes, by attribute, to find out whom groups leave out."""
    by_name = {group.key: group for group in groups}
    ahead = {term for group in by_name.values() for term in group.but}
    seen: set[str] = set()
    while ahead:
        seen |= ahead
        parts = (by_name[term] for term in ahead if term in by_name)
        ahead = {term for group in parts for term in group.any | group.all | group.but} - seen
    found: dict[str, set[str]] = {}
    for term in seen:
        if term.startswith(_ATTRIBUTE):
            found.setdefault(_attribute_of(term), set()).add(term)
    return {name: frozenset(terms) for name, terms in found.items()}


def _attribute_of(key: str) -> str:
    return key.partition("=")[0]


def _organization_of(attribute: str) -> str:
    return attribute.removeprefix(_ATTRIBUTE).partition("/")[0]


def subject_keys(rule: Rule) -> frozenset[str]:
    """The subject keys that a rule of the document is found by: a forbid also by those of whom is doubted."""
    named = frozenset(map(fold, rule.who))
    return named if rule.effect is Effect.PERMIT else named | doubted(named)


def doubted(keys: Iterable[str]) -> frozenset[str]:
    """The keys of those who are doubted in the groups of these keys."""
    return frozenset(f"{DOUBTED}{key}" for key in keys if key.startswith("group:"))


def _folded(group: ComputedGroup) -> _Folded:
    terms = (frozenset(map(fold, terms)) for terms in (group.any, group.all, group.but))
    return _Folded(fold(f"group:{group.name}"), *terms)


def terms_of(groups: Mapping[str, ComputedGroup]) -> Iterator[tuple[int, str]]:
    """Everything the groups are computed of: line, subject."""
    for group in groups.values():
        for term in group.terms:
            yield group.line, term
