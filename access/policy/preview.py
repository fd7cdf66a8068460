"""The difference between two policies: who can reach what by the one and not by the other.

It is exact over everybody it is given, of what each could reach under some facts (access.policy.possible).
Only people are looked at whom a rule or object can touch that differs, and of those alike in all that the
rules about an object ask, one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from access.model import Subject
from access.policy.beside import keys_beside
from access.policy.compiled import Policy
from access.policy.computed import NOTHING_COMPUTED
from access.policy.possible import could_reach, loosened
from access.policy.sorting import Sorting
from access.policy.subjects import keys_once, standing
from access.policy.terms import narrows, terms_of
from access.policy.touched import touched
from access.policy.vocabulary import LOGIN_PORTAL

# Ids of standing rules, of each side.
Standing = tuple[tuple[str, ...], ...]


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
    compare = _Comparison(old, new, now, touched(old, new) if differing is None else differing)
    concerned = []
    # In order, so that every line is.
    for name in sorted(people):
        subject, _ = standing(people[name], now)
        if compare.concerns(name, subject):
            concerned.append(name)
    return Compared(compare.lines(), frozenset(concerned))


def _order(line: Line) -> tuple[int, str, str]:
    return list(Change).index(line.change), line.object, line.organization


class _Person(NamedTuple):
    """Somebody as a comparison sees them. keys: by each policy, or by both where they are the same by both.

    hit: those under which something differs. alike: what else any answer about them depends on: what stands
    beside each policy about them, and whose they are.
    """

    subject: Subject
    keys: tuple[frozenset[str], ...]
    hit: frozenset[str]
    alike: tuple[Standing, str, str]


class _Comparison:
    """Two policies side by side, and the names of those to whom the same happens with the same object."""

    def __init__(
        self, old: Policy | None, new: Policy | None, now: float, differing: Mapping[str, set[str]]
    ) -> None:
        self._policies = [policy for policy in (old, new) if policy is not None]
        self._now = now
        self._touched = differing
        about = frozenset[str]().union(*self._touched.values())
        self._loose = loosened(old, about) if old else None, loosened(new, about) if new else None
        self._beside = [loose.beside for loose in self._loose if loose is not None]
        self._is_beside = any(beside.by_key for beside in self._beside)
        # Groups may be computed otherwise by the one policy than by the other.
        self._computed = [policy.computed for policy in self._policies] or [NOTHING_COMPUTED]
        if self._computed[1:] == self._computed[:1]:
            del self._computed[1:]
        self._portals_differ = len({policy.portal_of for policy in self._policies}) > 1
        self._keys = frozenset(self._touched)
        self._objects_of: dict[frozenset[str], tuple[str, ...]] = {}
        self._asked: dict[str, frozenset[str]] = {}
        self._sorted = None if self._is_beside else Sorting(self._looked_at(about), self._computed)
        self._happens: dict[object, tuple[list[str], ...] | None] = {}
        self._lines: dict[tuple[Change, str, str], list[str]] = {}
        self._unchanged: list[str] = []
        # By object, then by what it depends on: where the names go of those to whom the same happens.
        self._alike: defaultdict[str, dict[tuple[object, ...], list[str]]] = defaultdict(dict)

    def lines(self) -> list[Line]:
        """What was found, losses first."""
        found = (
            Line(object, change, organization, tuple(names))
            for (change, object, organization), names in self._lines.items()
        )
        return sorted(found, key=_order)

    def concerns(self, name: str, subject: Subject) -> bool:
        """Whether something that differs is about somebody; what happens to them goes to lines()."""
        sort = self._sorted.sort_of(subject) if self._sorted is not None else None
        if sort is None:
            happens = self._told(subject)
        elif sort in self._happens:
            happens = self._happens[sort]
        else:
            happens = self._happens[sort] = self._told(subject)
        for names in happens or ():
            names.append(name)
        return happens is not None

    def _looked_at(self, about: frozenset[str]) -> frozenset[str]:
        """The keys by which somebody is told from others where only these objects are looked at."""
        return self._keys.union(*map(self._keys_asked, {*about, LOGIN_PORTAL}))

    def _told(self, subject: Subject) -> tuple[list[str], ...] | None:
        """Where the names go of those to whom the same happens as to somebody; None: it is not about them."""
        person = self._seen(subject)
        portal = self._portal(subject) if self._portals_differ else ()
        if not person.hit and not portal:
            return None
        return tuple([self._with(person, object) for object in {*self._objects(person.hit), *portal}])

    def _with(self, person: _Person, object: str) -> list[str]:
        """Where the names go of those to whom the same happens with an object as to somebody."""
        about = self._keys_asked(object)
        asked = tuple([each & about for each in person.keys])
        known = self._alike[object]
        names = known.get((asked, person.alike))
        if names is None:
            names = known[asked, person.alike] = self._names(person.subject, object, asked)
        return names

    def _seen(self, subject: Subject) -> _Person:
        own = keys_once(subject)
        keys = tuple([each.keys(own) for each in self._computed])
        more = frozenset[str]()
        standing: Standing = ()
        if self._is_beside:
            more = own.union(keys_beside(subject))
            sides = zip(self._beside, keys * 2, strict=False)
            standing = tuple(
                [tuple([rule.id for rule in beside.under(each | more)]) for beside, each in sides]
            )
        hit = more.union(*keys) & self._keys
        return _Person(subject, keys, hit, (standing, subject.organization, subject.realm))

    def _portal(self, subject: Subject) -> tuple[str, ...]:
        """The portal, where it is open to the people of a company until a rule is about it, by one alone."""
        open_by = {policy.leaves_portal_open(subject.organization) for policy in self._policies}
        return (LOGIN_PORTAL,) if subject.id and len(open_by) > 1 else ()

    def _objects(self, hit: frozenset[str]) -> tuple[str, ...]:
        """The objects that rules under any of these keys are about."""
        if hit not in self._objects_of:
            self._objects_of[hit] = tuple(set[str]().union(*(self._touched[key] for key in hit)))
        return self._objects_of[hit]

    def _names(self, subject: Subject, object: str, asked: tuple[frozenset[str], ...]) -> list[str]:
        """Where the names go of those to whom the same happens with an object as to somebody."""
        change = self._change(subject, object, asked)
        if change is None:
            return self._unchanged
        return self._lines.setdefault((change, object, subject.organization), [])

    def _keys_asked(self, object: str) -> frozenset[str]:
        """All keys under which either policy has a rule about an object."""
        if object not in self._asked:
            found = (policy.by_object.get(object, {}) for policy in self._policies)
            self._asked[object] = frozenset(key for keys in found for key in keys)
        return self._asked[object]

    def _change(self, subject: Subject, object: str, keys: tuple[frozenset[str], ...]) -> Change | None:
        before, after = (could_reach(loose, subject, object, self._now) for loose in self._loose)
        if before != after:
            return Change.LOSES if before else Change.GAINS
        if not before:
            return None
        sides = zip(self._policies, keys * 2, strict=False)
        terms = [terms_of(policy, subject, object, own, self._now) for policy, own in sides]
        if terms[0] == terms[-1]:
            return None
        return Change.NARROWS if narrows(*terms) else Change.DIFFERS
