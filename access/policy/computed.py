"""Groups that the document computes of other groups and of attributes: read, checked, and who is in them.

Who is in one is nobody's word but the document's: a group of a directory that has its name lends it nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from access.policy import scalars
from access.policy.reading import Keys, Reader
from access.policy.subjects import fold
from access.policy.tree import Node
from access.policy.vocabulary import ComputedGroup

MOST_LEVELS = 32
_GROUP = Keys(("organization",), ("any", "all", "but"))


def read_groups(node: Node | None, reader: Reader) -> dict[str, ComputedGroup]:
    """The computed groups by "organization/name", each behind those that it is computed of."""
    found: dict[str, ComputedGroup] = {}
    for name, key, value in reader.named(node, "groups"):
        entries = reader.table(value, f"group {name}", _GROUP)
        organization = reader.scalar(entries.get("organization"), scalars.name) or ""
        group = ComputedGroup(
            f"{organization}/{name.lower()}",
            any=reader.values(entries.get("any"), scalars.subject),
            all=reader.values(entries.get("all"), scalars.subject),
            but=reader.values(entries.get("but"), scalars.subject),
            line=key.line,
        )
        if group.name in found:
            reader.problem(key.line, f"group {name} stands here twice", "write it once")
        if not (group.any or group.all):
            reader.problem(key.line, f"group {name} is computed of nothing", "add `any:` or `all:`")
        _check_terms(group, organization, reader)
        found[group.name] = group
    return _in_order(found, reader)


def _check_terms(group: ComputedGroup, organization: str, reader: Reader) -> None:
    for term in group.terms:
        kind, _, value = term.partition(":")
        if kind not in _OWNERS:
            reader.problem(
                group.line,
                f"{term} can be in no computed group",
                "name groups, attributes, users and organizations",
            )
        elif _OWNERS[kind](value) != organization:
            reader.problem(
                group.line,
                f"{term} is not of {organization}",
                "a computed group is of people of one organization",
            )


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
            reader.problem(group.line, f"groups are computed in a circle: {circle}", "take one of them out")
        elif len(above) > MOST_LEVELS:
            reader.problem(group.line, f"groups are nested deeper than {MOST_LEVELS} levels")
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

    def has(self, keys: set[str]) -> bool:
        return (
            self.all <= keys and self.but.isdisjoint(keys) and (not self.any or not self.any.isdisjoint(keys))
        )


@dataclass(frozen=True, slots=True)
class Computation:
    """Computed groups made ready to be asked: only those are looked at of which somebody has a part."""

    groups: tuple[_Folded, ...] = ()
    by_key: Mapping[str, tuple[int, ...]] = field(default_factory=dict, repr=False)
    names: frozenset[str] = frozenset()

    def keys(self, own: frozenset[str]) -> frozenset[str]:
        """The keys somebody has, with those of the computed groups they are in."""
        if not self.groups:
            return own
        keys = set(own - self.names)
        # Each group stands behind those that it is computed of: what is asked of is known by then.
        ahead = [number for key in keys for number in self.by_key.get(key, ())]
        ahead.sort()
        seen = -1
        while ahead:
            number = heappop(ahead)
            if number > seen and self.groups[number].has(keys):
                key = self.groups[number].key
                keys.add(key)
                for later in self.by_key.get(key, ()):
                    heappush(ahead, later)
            seen = number
        return frozenset(keys)


NOTHING_COMPUTED = Computation()


def computation(groups: Mapping[str, ComputedGroup]) -> Computation:
    """The groups of a document, made ready."""
    folded = tuple(_folded(group) for group in groups.values())
    by_key: dict[str, list[int]] = {}
    for number, group in enumerate(folded):
        for key in group.any | group.all:
            by_key.setdefault(key, []).append(number)
    ready = {key: tuple(numbers) for key, numbers in by_key.items()}
    return Computation(folded, ready, frozenset(group.key for group in folded))


def _folded(group: ComputedGroup) -> _Folded:
    terms = (frozenset(map(fold, terms)) for terms in (group.any, group.all, group.but))
    return _Folded(fold(f"group:{group.name}"), *terms)


def terms_of(groups: Mapping[str, ComputedGroup]) -> Iterator[tuple[int, str]]:
    """Everything the groups are computed of: line, subject."""
    for group in groups.values():
        for term in group.terms:
            yield group.line, term
