"""The difference between two policies: who can reach what by the one and not by the other.

It is exact over everybody it is given, of what each could reach under some facts (access.policy.possible).
Only people are looked at whom a rule or object can touch that differs, and of those alike in all that the
rules about an object ask, one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from access.model import Facts, Subject
from access.policy.beside import holder_keys
from access.policy.compiled import Policy
from access.policy.possible import could_reach, loosened
from access.policy.subjects import standing
from access.policy.terms import narrows, terms_of
from access.policy.touched import touched
from access.policy.vocabulary import LOGIN_PORTAL

# Ids of standing rules, of each side.
Standing = tuple[tuple[str, ...], ...]
_NOWHERE = Facts()


class Change(StrEnum):
    """What a new policy does to somebody and an object.

    NARROWS: it is reached under both, but there may be facts under which only the old one permits it, or a
    part of it. DIFFERS: whatever the old one permits the new one permits as well; something else is another.
    """

    LOSES = "loses"
    NARROWS = "narrows"
    GAINS = "gains"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Line:
    """People of one organization to whom the same happens with the same object, by name, in order."""

    object: str
    change: Change
    organization: str
    people: tuple[str, ...] = field(repr=False)


def difference(
    old: Policy | None, new: Policy | None, people: Mapping[str, Subject], now: float
) -> list[Line]:
    """What changes for whom from old to new, as of a moment; None: no policy, which permits nothing.

    people: whoever is to be looked at, by name. Losses come first, then by object and organization.
    """
    return compared(old, new, people, now).lines


class Compared(NamedTuple):
    """The difference, and whoever a rule or object that differs is about, changed or not."""

    lines: list[Line]
    touched: frozenset[str]


def compared(
    old: Policy | None,
    new: Policy | None,
    people: Mapping[str, Subject],
    now: float,
    differing: Mapping[str, set[str]] | None = None,
) -> Compared:
    """difference() with whom it had to look at. differing: touched(old, new), where that is known."""
    found: dict[tuple[Change, str, str], list[str]] = {}
    concerned: list[str] = []
    compare = _Comparison(old, new, now, touched(old, new) if differing is None else differing)
    for name, known in people.items():
        subject, _ = standing(known, now)
        keys = compare.keys_of(subject)
        if not keys:
            continue
        concerned.append(name)
        for object, change in compare.changes(subject, keys):
            found.setdefault((change, object, subject.organization), []).append(name)
    lines = [
        Line(object, change, organization, tuple(sorted(names)))
        for (change, object, organization), names in sorted(found.items(), key=_order)
    ]
    return Compared(lines, frozenset(concerned))


def _order(found: tuple[tuple[Change, str, str], list[str]]) -> tuple[int, str, str]:
    change, object, organization = found[0]
    return list(Change).index(change), object, organization


class _Comparison:
    """Two policies side by side, and what was found of everybody who is alike."""

    def __init__(
        self, old: Policy | None, new: Policy | None, now: float, differing: Mapping[str, set[str]]
    ) -> None:
        self._sides = old, new
        self._now = now
        self._touched = differing
        about = frozenset[str]().union(*self._touched.values())
        self._loose = loosened(old, about) if old else None, loosened(new, about) if new else None
        self._keys = frozenset(self._touched)
        self._objects_of: dict[frozenset[str], tuple[str, ...]] = {}
        self._asked: dict[str, frozenset[str]] = {}
        self._known: dict[tuple[str, tuple[frozenset[str], ...], Standing, str, str], Change | None] = {}

    def keys_of(self, subject: Subject) -> list[frozenset[str]]:
        """The subject's keys by each policy; none where nothing that differs is about them."""
        # Groups may be computed otherwise by the one policy than by the other.
        keys = [_keys_of(policy, subject) for policy in self._sides if policy]
        return keys if self._portal(subject) or any(own & self._keys for own in keys) else []

    def changes(self, subject: Subject, keys: list[frozenset[str]]) -> Iterator[tuple[str, Change]]:
        """Every object with which something happens to the subject with these keys."""
        hit = frozenset[str]().union(*keys) & self._keys
        beside = self._beside(subject, keys)
        for object in {*self._objects(hit), *self._portal(subject)}:
            asked = tuple(each & self._keys_asked(object) for each in keys)
            alike = object, asked, beside, subject.organization, subject.realm
            if alike not in self._known:
                self._known[alike] = self._change(subject, object, alike[1])
            change = self._known[alike]
            if change is not None:
                yield object, change

    def _beside(self, subject: Subject, keys: list[frozenset[str]]) -> Standing:
        """What stands beside each policy about the subject."""
        sides = zip((loose for loose in self._loose if loose), keys, strict=True)
        return tuple(
            tuple(rule.id for rule in loose.beside.of(subject, _NOWHERE, own)) for loose, own in sides
        )

    def _portal(self, subject: Subject) -> tuple[str, ...]:
        """The portal, where it is open to the people of a company until a rule is about it, by one alone."""
        open_by = {policy.leaves_portal_open(subject.organization) for policy in self._sides if policy}
        return (LOGIN_PORTAL,) if subject.id and len(open_by) > 1 else ()

    def _objects(self, hit: frozenset[str]) -> tuple[str, ...]:
        """The objects that rules under any of these keys are about."""
        if hit not in self._objects_of:
            self._objects_of[hit] = tuple(set[str]().union(*(self._touched[key] for key in hit)))
        return self._objects_of[hit]

    def _keys_asked(self, object: str) -> frozenset[str]:
        """All keys under which either policy has a rule about an object."""
        if object not in self._asked:
            found = (policy.by_object.get(object, {}) for policy in self._sides if policy)
            self._asked[object] = frozenset(key for keys in found for key in keys)
        return self._asked[object]

    def _change(self, subject: Subject, object: str, keys: tuple[frozenset[str], ...]) -> Change | None:
        before, after = (could_reach(loose, subject, object, self._now) for loose in self._loose)
        if before != after:
            return Change.LOSES if before else Change.GAINS
        sides = zip((policy for policy in self._sides if policy), keys, strict=True)
        terms = [terms_of(policy, subject, object, own, self._now) for policy, own in sides]
        if not before or terms[0] == terms[-1]:
            return None
        return Change.NARROWS if narrows(*terms) else Change.DIFFERS


def _keys_of(policy: Policy, subject: Subject) -> frozenset[str]:
    """Every key that rules about the subject may carry, those that stand beside the document too."""
    keys = policy.keys_of(subject)
    return keys | holder_keys(subject) if policy.beside.by_key else keys
