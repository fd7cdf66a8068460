"""People sorted by all that some keys tell of them: of each sort one is looked at."""

from collections.abc import Hashable, Iterable

from access.model import Subject
from access.policy.computed import Computation
from access.policy.subjects import fold, group_key


class Sorting:
    """Sorts people. keys: those that are looked at; groups: how groups may be computed of others.

    Two of one sort are of one organization and have the same of these keys, by each of the computations.
    """

    def __init__(self, keys: frozenset[str], groups: Iterable[Computation]) -> None:
        self._keys = keys.union(*[each.terms for each in groups])
        self._told_by_name = any(key.startswith("user:") for key in self._keys)
        self._told_by_attributes = any(key.startswith("attribute:") for key in self._keys)
        # Groups as people have them: whether one of the keys is theirs is found out once.
        self._looked_at: set[str] = set()
        self._others: set[str] = set()

    def sort_of(self, subject: Subject) -> Hashable | None:
        """What sort somebody is; None: one of their own, as whoever is no user. No group of theirs ends."""
        if not subject.id:
            return None
        groups = subject.groups - self._others
        if not groups <= self._looked_at:
            groups = self._of_these(groups)
        own = ""
        if self._told_by_name:
            name = fold(f"user:{subject.name}@{subject.organization}")
            own = name if name in self._keys else ""
        attributes = subject.attributes if self._told_by_attributes else None
        return groups, subject.organization, own, attributes

    def _of_these(self, groups: frozenset[str]) -> frozenset[str]:
        for group in groups:
            (self._looked_at if group_key(group) in self._keys else self._others).add(group)
        return groups & self._looked_at
