"""Everyone of one directory as our tables have them, and what a reading of the directory changes in that.

The directory process keeps one Roster for each directory in memory: only the rows that truly differ are
written, and a change of one group costs what that group costs, not what the company costs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from access.directory.claims import Claims
from access.directory.closure import Graph
from access.directory.entries import Entry, Group, Part, Person, Update

NO_ONE: Mapping[str, frozenset[str]] = MappingProxyType({})
NOBODY: frozenset[str] = frozenset()
# Stands for whoever is in another directory or in none; no entry has it for its entryUUID.
RESERVED = "reserved"


@dataclass(frozen=True, slots=True)
class Difference:
    """What to add to a set and what to take from it."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows to write. Everything is named by entryUUID, members by normalised DN.

    people, groups: rows as they shall be, groups without members. members: what the changed groups list.
    memberships: the closure, by person. touched: everyone for whom something changed, groups' names included.
    before: the rows as they were, of who is not new; left: the groups of who vanished.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    vanished: frozenset[str] = frozenset()
    groups: Mapping[str, Group] = field(default_factory=dict)
    members: Mapping[str, Difference] = field(default_factory=dict)
    groups_gone: frozenset[str] = frozenset()
    memberships: Mapping[str, Difference] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()
    before: Mapping[str, Person] = field(default_factory=dict)
    left: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """About how many rows will be written."""
        differences = [*self.members.values(), *self.memberships.values()]
        listed = sum(len(difference.added) + len(difference.removed) for difference in differences)
        return listed + len(self.groups) + len(self.groups_gone) + len(self.touched) * 2


@dataclass(slots=True)
class Work:
    """What one reading comes to.

    judged: everyone whose groups were looked at; memberships: of those for whom they differ, before and
    after.
    """

    moved: set[str] = field(default_factory=set)  # names whose groups may be others now
    people: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    members: dict[str, Difference] = field(default_factory=dict)
    people_gone: frozenset[str] = NOBODY
    groups_gone: frozenset[str] = NOBODY
    group_rows: dict[str, Group] = field(default_factory=dict)
    person_rows: dict[str, Person] = field(default_factory=dict)
    before: dict[str, Person] = field(default_factory=dict)
    left: dict[str, frozenset[str]] = field(default_factory=dict)
    judged: set[str] = field(default_factory=set)
    memberships: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Others:
    """What other directories of the organization hold: names of groups, and entryUUIDs."""

    groups: frozenset[str] = NOBODY
    uuids: frozenset[str] = NOBODY


NO_OTHERS = Others()


class Roster:
    """The state of one directory. Not for two threads."""

    def __init__(
        self,
        people: Iterable[Person] = (),
        groups: Iterable[Group] = (),
        closure: Mapping[str, frozenset[str]] = NO_ONE,
        reserved: Iterable[str] = (),
        others: Others = NO_OTHERS,
    ) -> None:
        """Take what the tables hold. Whoever holds a name stands before who waits for it.

        reserved: names of people who are in another directory or in none, which nobody in it may have.
        """
        self._people = {person.uuid: person for person in people}
        self._groups = {group.uuid: group for group in groups}
        self._person_rows = dict(self._people)
        self._group_rows = {uuid: _without_members(group) for uuid, group in self._groups.items()}
        self._memberships = {uuid: groups for uuid, groups in closure.items() if uuid in self._people}
        self._by_dn: dict[str, str] = {}
        self._by_primary_group: dict[str, set[str]] = {}
        self._people_names, self._group_names, self._graph = Claims(), Claims(), Graph()
        for name in reserved:
            self._people_names.claim(name, RESERVED)
        for name in others.groups:
            self._group_names.claim(name, RESERVED)
        self._others = others
        for person in self._people.values():
            self._people_names.claim(person.name, person.uuid)
            self._take_place(person)
        # Whoever wrote the tables may have died between the groups and the people in them.
        self._unproven = set(self._by_dn)
        for group in self._groups.values():
            self._group_names.claim(group.name, group.uuid)
            self._graph.put(group.uuid, group.dn_key, group.members)

    def __len__(self) -> int:
        return len(self._people)

    @property
    def group_count(self) -> int:
        """How many groups there are."""
        return len(self._groups)

    def names_taken(self) -> tuple[str, ...]:
        """Return the DNs of people and groups that wait for a name somebody else holds."""
        waiting = [self._people[uuid].dn for uuid in self._people_names.waiting()]
        return tuple(waiting + [self._groups[uuid].dn for uuid in self._group_names.waiting()])

    def own(self, update: Update) -> tuple[Update, tuple[str, ...]]:
        """Return the reading without the entries that another directory showed first, and their DNs."""
        uuids = self._others.uuids
        if not uuids:
            return update, ()
        people, groups = _apart(update.people, uuids), _apart(update.groups, uuids)
        dns = [each.dn for each in update.people.entries if each.uuid in uuids]
        dns += [each.dn for each in update.groups.entries if each.uuid in uuids]
        return replace(update, people=people, groups=groups), tuple(dns)

    def people_vanishing(self, update: Update) -> frozenset[str]:
        """Return who is here and, by this reading, no longer in the directory."""
        return _vanishing(self._people, update.people)

    def groups_vanishing(self, update: Update) -> frozenset[str]:
        """Return which groups are here and, by this reading, no longer in the directory."""
        return _vanishing(self._groups, update.groups)

    def is_live(self, uuid: str, now: float) -> bool:
        """Return whether somebody is here whom the directory lets in."""
        person = self._people.get(uuid)
        if person is None or not person.enabled:
            return False
        return person.expires_at is None or person.expires_at > now

    def live_count(self, now: float) -> int:
        """Return how many are here whom the directory lets in."""
        return sum(self.is_live(uuid, now) for uuid in self._people)

    def name_of(self, uuid: str) -> str | None:
        """Return the name of somebody who is here, whether or not they hold it."""
        return self._people[uuid].name if uuid in self._people else None

    def group_name_of(self, uuid: str) -> str | None:
        """Return the name of a group that is here, whether or not it holds it."""
        return self._groups[uuid].name if uuid in self._groups else None

    def attributes_of(self, uuid: str) -> str:
        """Return what is kept of somebody for rules; empty of whoever is not here."""
        return self._people[uuid].attributes if uuid in self._people else ""

    def all_attributes(self) -> Iterable[tuple[str, str]]:
        """Return what is kept for rules of everybody who is here, by entryUUID."""
        return ((uuid, person.attributes) for uuid, person in self._people.items())

    def groups_of(self, uuid: str) -> frozenset[str]:
        """Return the groups that somebody is in."""
        return self._memberships.get(uuid, NOBODY)

    def groups_named(self, names: frozenset[str]) -> frozenset[str]:
        """Return the groups that hold these names."""
        return frozenset(uuid for uuid, row in self._group_rows.items() if row.name in names)

    def people_in(self, groups: frozenset[str]) -> frozenset[str]:
        """Return who is in any of these groups."""
        if not groups:
            return NOBODY
        return frozenset(uuid for uuid, own in self._memberships.items() if not own.isdisjoint(groups))

    def absorb(self, update: Update) -> Changes:
        """Take the reading over, and return the rows that it changes."""
        return self.settle(self.take(update), NO_ONE, NO_ONE)

    def take(self, update: Update) -> Work:
        """Take in who and what is there; what becomes of memberships is left to settle()."""
        work = Work(moved=self._unproven)
        self._unproven = set()
        work.people_gone, work.groups_gone = self.people_vanishing(update), self.groups_vanishing(update)
        changed_groups = [each for each in update.groups.entries if self._groups.get(each.uuid) != each]
        changed_people = [each for each in update.people.entries if self._people.get(each.uuid) != each]
        self._let_go(work, work.people_gone, work.groups_gone)
        self._take_groups(work, changed_groups)
        self._take_people(work, changed_people)
        work.group_rows = self._changed_group_rows(work)
        work.person_rows = self._changed_person_rows(work)
        work.judged = self._people_among(self._graph.names_below(work.moved))
        for uuid in work.judged:
            before = self._memberships.get(uuid, NOBODY)
            after = self._groups_of(self._people[uuid])
            if before != after:
                work.memberships[uuid] = (before, after)
        return work

    def settle(
        self, work: Work, kept: Mapping[str, frozenset[str]], withheld: Mapping[str, frozenset[str]]
    ) -> Changes:
        """Return the rows that a reading changes, once take() has it.

        kept: memberships that stay; withheld: those that do not come.
        """
        memberships = self._changed_memberships(work, kept, withheld)
        return Changes(
            people=work.person_rows,
            vanished=work.people_gone,
            groups=work.group_rows,
            members=work.members,
            groups_gone=work.groups_gone,
            memberships=memberships,
            touched=frozenset(work.touched) | work.people_gone | work.person_rows.keys() | memberships.keys(),
            before=work.before,
            left=work.left,
        )

    def _let_go(self, work: Work, vanished: frozenset[str], groups_gone: frozenset[str]) -> None:
        for uuid in groups_gone:
            group = self._groups.pop(uuid)
            del self._group_rows[uuid]
            self._graph.remove(uuid)
            work.moved |= group.members
            work.groups |= _promoted(self._group_names.release(group.name, uuid))
        for uuid in vanished:
            self._forget_place(self._people[uuid])
            work.people |= _promoted(self._people_names.release(self._people.pop(uuid).name, uuid))
            work.before[uuid] = self._person_rows.pop(uuid)
            work.left[uuid] = self._memberships.pop(uuid, NOBODY)

    def _take_groups(self, work: Work, changed: list[Group]) -> None:
        # Every old name is let go before a new one is claimed: two that swap names both get theirs.
        for group in changed:
            old = self._groups.get(group.uuid)
            if old is not None and old.name != group.name:
                work.groups |= _promoted(self._group_names.release(old.name, group.uuid))
        for group in changed:
            old = self._groups.get(group.uuid)
            before = old.members if old is not None else frozenset()
            moved_itself = old is None or old.dn_key != group.dn_key
            work.moved |= before | group.members if moved_itself else before ^ group.members
            if before != group.members:
                work.members[group.uuid] = Difference(group.members - before, before - group.members)
            self._groups[group.uuid] = group
            self._group_names.claim(group.name, group.uuid)
            self._graph.put(group.uuid, group.dn_key, group.members)
            work.groups.add(group.uuid)

    def _take_people(self, work: Work, changed: list[Person]) -> None:
        for person in changed:
            old = self._people.get(person.uuid)
            if old is not None:
                self._forget_place(old)
                if old.name != person.name:
                    work.people |= _promoted(self._people_names.release(old.name, person.uuid))
        for person in changed:
            self._people[person.uuid] = person
            self._take_place(person)
            self._people_names.claim(person.name, person.uuid)
            work.moved.add(person.dn_key)
            work.people.add(person.uuid)

    def _take_place(self, person: Person) -> None:
        self._by_dn[person.dn_key] = person.uuid
        if person.primary_group:
            self._by_primary_group.setdefault(person.primary_group, set()).add(person.uuid)

    def _forget_place(self, person: Person) -> None:
        if self._by_dn.get(person.dn_key) == person.uuid:
            del self._by_dn[person.dn_key]
        if person.primary_group:
            self._by_primary_group[person.primary_group].discard(person.uuid)

    def _changed_group_rows(self, work: Work) -> dict[str, Group]:
        rows = {}
        for uuid in work.groups & self._groups.keys():
            row = self._group_row(self._groups[uuid])
            old = self._group_rows.get(uuid)
            if old is not None and old.name != row.name:
                work.touched |= self._people_among(self._graph.names_below([row.dn_key]))
            if row != old:
                rows[uuid] = self._group_rows[uuid] = row
        return rows

    def _group_row(self, group: Group) -> Group:
        # A group whose name is taken must not lend its members the other one's rights.
        holds = self._group_names.holds(group.name, group.uuid)
        return _without_members(group if holds else replace(group, name=group.uuid))

    def _changed_person_rows(self, work: Work) -> dict[str, Person]:
        rows = {}
        for uuid in work.people & self._people.keys():
            person = self._people[uuid]
            holds = self._people_names.holds(person.name, uuid)
            row = person if holds else replace(person, enabled=False)
            old = self._person_rows.get(uuid)
            if row != old:
                if old is not None:
                    work.before[uuid] = old
                rows[uuid] = self._person_rows[uuid] = row
        return rows

    def _changed_memberships(
        self, work: Work, kept: Mapping[str, frozenset[str]], withheld: Mapping[str, frozenset[str]]
    ) -> dict[str, Difference]:
        changed = {}
        # A department that joins another is one difference, and not a thousand equal ones.
        differences: dict[tuple[frozenset[str], frozenset[str]], Difference] = {}
        for uuid, (before, told) in work.memberships.items():
            after = told | (kept[uuid] & self._groups.keys()) if uuid in kept else told
            after = after - withheld[uuid] if uuid in withheld else after
            if before != after:
                if (before, after) not in differences:
                    differences[before, after] = Difference(after - before, before - after)
                changed[uuid] = differences[before, after]
                self._memberships[uuid] = after
        return changed

    def _groups_of(self, person: Person) -> frozenset[str]:
        listed = self._graph.groups_of(person.dn_key)
        return listed | self._graph.groups_of(person.primary_group) if person.primary_group else listed

    def _people_among(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for name in names:
            if name in self._by_dn:
                found.add(self._by_dn[name])
            found |= self._by_primary_group.get(name, NOBODY)
        return found


def _apart(part: Part[Entry], uuids: frozenset[str]) -> Part[Entry]:
    return replace(part, entries=tuple(each for each in part.entries if each.uuid not in uuids))


def _vanishing(here: Mapping[str, Entry], part: Part[Entry]) -> frozenset[str]:
    gone = set(part.gone) & here.keys()
    if part.known is not None:
        gone |= here.keys() - part.known
    return frozenset(gone - {entry.uuid for entry in part.entries})


def _without_members(group: Group) -> Group:
    """Return what is in the row of a group: who is in it is kept apart, and told to the feed by person."""
    return replace(group, members=NOBODY)


def _promoted(uuid: str | None) -> set[str]:
    return set() if uuid is None else {uuid}


def split(changes: Changes, at_most_rows: int) -> list[Changes]:
    """Return the same changes in steps that may each be committed alone; one step if they are few.

    Groups come before the people in them and go after them; everything about one person is in one step.
    """
    if changes.rows <= at_most_rows:
        return [changes]
    steps = _split_groups(changes, at_most_rows)
    people: list[str] = []
    room = at_most_rows
    for uuid in sorted(changes.touched):
        difference = changes.memberships.get(uuid, Difference())
        cost = 2 + len(difference.added) + len(difference.removed)
        if people and cost > room:
            steps.append(_of_people(changes, people))
            people, room = [], at_most_rows
        people.append(uuid)
        room -= cost
    if people:
        steps.append(_of_people(changes, people))
    if changes.groups_gone:
        steps.append(Changes(groups_gone=changes.groups_gone))
    return steps


def _split_groups(changes: Changes, at_most_rows: int) -> list[Changes]:
    steps = [Changes(groups=changes.groups)] if changes.groups else []
    listed = [
        (uuid, member, added)
        for uuid, difference in changes.members.items()
        for added, members in ((True, difference.added), (False, difference.removed))
        for member in members
    ]
    for at in range(0, len(listed), at_most_rows):
        steps.append(Changes(members=_of_members(listed[at : at + at_most_rows])))
    return steps


def _of_members(listed: Iterable[tuple[str, str, bool]]) -> dict[str, Difference]:
    """Return the differences of groups from (group, member, whether it is added)."""
    sets: dict[str, tuple[set[str], set[str]]] = {}
    for uuid, member, added in listed:
        sets.setdefault(uuid, (set(), set()))[0 if added else 1].add(member)
    return {uuid: Difference(frozenset(added), frozenset(removed)) for uuid, (added, removed) in sets.items()}


def _of_people(changes: Changes, uuids: list[str]) -> Changes:
    chosen = frozenset(uuids)
    return Changes(
        people={uuid: changes.people[uuid] for uuid in uuids if uuid in changes.people},
        vanished=changes.vanished & chosen,
        memberships={uuid: changes.memberships[uuid] for uuid in uuids if uuid in changes.memberships},
        touched=chosen,
        before={uuid: changes.before[uuid] for uuid in uuids if uuid in changes.before},
        left={uuid: changes.left[uuid] for uuid in uuids if uuid in changes.left},
    )
