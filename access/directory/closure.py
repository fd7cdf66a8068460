"""Who is in which groups once groups are members of groups; rings of groups included."""

from collections.abc import Callable, Iterable, Set


def reach(start: Iterable[str], onward: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Return everything reached from start by following onward, start itself not unless a ring leads back."""
    found: set[str] = set()
    ahead = [step for node in start for step in onward(node)]
    while ahead:
        node = ahead.pop()
        if node not in found:
            found.add(node)
            ahead.extend(onward(node))
    return frozenset(found)


class Graph:
    """Groups and what they list. Members are names (normalised DNs), groups are UUIDs.

    Every method that changes it returns nothing; groups_of and people_below answer for the graph as it is.
    """

    def __init__(self) -> None:
        self._dn_key: dict[str, str] = {}
        self._uuid: dict[str, str] = {}
        self._members: dict[str, frozenset[str]] = {}
        self._listed_by: dict[str, set[str]] = {}
        self._above: dict[str, frozenset[str]] = {}
        self._together: dict[frozenset[str], frozenset[str]] = {}

    def put(self, uuid: str, dn_key: str, members: Set[str]) -> None:
        """Add a group, or change it: what that costs goes by the members that change."""
        self._forget_above(uuid, dn_key)
        self._dn_key[uuid] = dn_key
        self._uuid[dn_key] = uuid
        before, after = self._members.get(uuid, frozenset()), frozenset(members)
        self._members[uuid] = after
        self._unlist(uuid, before - after)
        for member in after - before:
            self._listed_by.setdefault(member, set()).add(uuid)

    def remove(self, uuid: str) -> None:
        """Take a group out, if it is there."""
        self._forget_above(uuid, "")
        if self._dn_key.pop(uuid, None) is not None:
            self._unlist(uuid, self._members.pop(uuid))

    def _forget_above(self, uuid: str, dn_key: str) -> None:
        """Forget what was found out so far, and the name of a group that gets another one."""
        self._above.clear()
        self._together.clear()
        old = self._dn_key.get(uuid)
        if old is not None and old != dn_key and self._uuid.get(old) == uuid:
            del self._uuid[old]

    def _unlist(self, uuid: str, members: Iterable[str]) -> None:
        for member in members:
            listing = self._listed_by[member]
            listing.discard(uuid)
            if not listing:
                del self._listed_by[member]

    def groups_of(self, dn_key: str) -> frozenset[str]:
        """Return every group the name is in, directly or through other groups."""
        direct = frozenset(self._listed_by.get(dn_key, ()))
        # Those who are in the same groups share one set: it is found, and takes memory, once.
        if direct not in self._together:
            self._together[direct] = direct.union(*(self._groups_above(uuid) for uuid in direct))
        return self._together[direct]

    def names_below(self, dn_keys: Iterable[str]) -> frozenset[str]:
        """Return these names and all that are members of them, directly or through other groups."""
        names = frozenset(dn_keys)
        return names | reach(names, self._listed_in)

    def _groups_above(self, uuid: str) -> frozenset[str]:
        # A thousand people share a handful of groups: each group's own groups are found once.
        if uuid not in self._above:
            self._above[uuid] = reach([uuid], self._parents)
        return self._above[uuid]

    def _parents(self, uuid: str) -> Iterable[str]:
        return self._listed_by.get(self._dn_key[uuid], ())

    def _listed_in(self, name: str) -> Iterable[str]:
        return self._members.get(self._uuid.get(name, ""), ())
