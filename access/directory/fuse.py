"""Whom a reading of the directory takes something from, and whether that is believed.

A wrong base, filter or right makes a company vanish at once; people leave a few at a time. So few are let go
without a question; of more than that nobody is, until an operator accepts it or they show up again. The same
holds for whoever is still there and loses a group that carries rights: emptied by mistake, it shuts out as
many. Whatever else the reading says counts all the same: an account that was disabled or a group that
somebody joined must never wait for a question about others, and who is disabled never waits.

Several readings within WINDOW_S count as one, or a deletion that comes in small pieces would never be many;
for what the policy stands on (a group that carries rights, an attribute that rules name) a day counts as one,
because nobody notices a column that empties itself by a few lines an hour.

The first reading with another base, filter, name attribute or account (strict) takes from nobody unasked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from access.directory.attribute_fuse import Loss, by_name, losses, most_lose
from access.directory.entries import Entry, Group, Part, Person, Update
from access.directory.roster import NOBODY, Roster, Work
from access.policy.carrying import NO_GROUND, Ground

ALWAYS_BELIEVED = 50
BELIEVED_SHARE = 0.02
WINDOW_S = 600.0
WINDOW_OF_RIGHTS_S = 86400.0


class What(StrEnum):
    """What is kept although the directory says otherwise."""

    PERSON = "person"
    GROUP = "group"
    MEMBERSHIP = "membership"
    NAME = "name"
    WITHHELD = "withheld"
    UNWANTED = "unwanted"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """One thing that is kept. group: of a membership.

    note: of a name, the one that the directory gives; of an attribute, what would be lost and what it gives.
    """

    what: What
    uuid: str
    group: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fuse:
    """One kind of loss. held: whose is not believed; let_go: (when, how many) within window_s.

    settled: whose an operator has believed; for the next reading alone.
    """

    held: frozenset[str] = NOBODY
    let_go: tuple[tuple[float, int], ...] = ()
    settled: frozenset[str] = NOBODY
    window_s: float = WINDOW_S

    def after(self, vanishing: frozenset[str], here: int, now: float, beside: int = 0) -> "Fuse":
        """Return the fuse once these have vanished, of so many that are here and not held.

        beside: how many lost something else lately.
        """
        lately = self._lately(now)
        fresh = vanishing - self.held - self.settled
        many = len(fresh) + beside + _sum(lately) > max(ALWAYS_BELIEVED, here * BELIEVED_SHARE)
        if fresh and (many or 1 < here == len(fresh)):
            return replace(self, held=self.held | fresh, let_go=lately)
        return self.counting(len(fresh), now)

    def counting(self, many: int, now: float) -> "Fuse":
        """Return the fuse once so many were let go."""
        lately = self._lately(now)
        return replace(self, let_go=(*lately, (now, many)) if many else lately)

    def lately(self, now: float, within_s: float | None = None) -> int:
        """How many were let go within the window, or within a shorter one."""
        window_s = self.window_s if within_s is None else within_s
        return _sum((at, count) for at, count in self.let_go if now - at < window_s)

    def _lately(self, now: float) -> tuple[tuple[float, int], ...]:
        return tuple((at, count) for at, count in self.let_go if now - at < self.window_s)


_OF_RIGHTS = Fuse(window_s=WINDOW_OF_RIGHTS_S)


@dataclass(frozen=True, slots=True)
class Fuses:
    """Those of one directory. rights: people who lose a group that carries rights; attributed: one of rules.

    group_names: of groups that carry rights, in the same way.
    kept: their memberships; names: of people who are renamed, as they were and as the directory has them.
    withheld and unwanted: memberships and people that an operator took away again by undoing a run.
    renamed: whose new name an operator has believed; for the next reading alone. carrying: the names of
    groups that carry rights; ground: what rules ask of attributes.
    attributes: whose are kept, with what they would lose; spared: what is kept, of those of this reading;
    given_up: whose an operator has believed, for the next reading alone; by_attribute: how many lost each.
    """

    people: Fuse = Fuse()
    groups: Fuse = Fuse()
    rights: Fuse = _OF_RIGHTS
    attributed: Fuse = _OF_RIGHTS
    kept: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    group_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    withheld: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unwanted: frozenset[str] = NOBODY
    renamed: frozenset[str] = NOBODY
    strict: bool = False
    carrying: frozenset[str] = NOBODY
    ground: Ground = NO_GROUND
    attributes: Mapping[str, str] = field(default_factory=dict)
    spared: Mapping[str, str] = field(default_factory=dict)
    given_up: frozenset[str] = NOBODY
    by_attribute: Mapping[str, Fuse] = field(default_factory=dict)

    @property
    def holding(self) -> bool:
        """Whether somebody is kept as the directory no longer shows them."""
        others = (self.names, self.group_names, self.attributes)
        return any((self.people.held, self.groups.held, self.kept, *others, self.withheld, self.unwanted))

    @property
    def rows(self) -> frozenset[Held]:
        """Everything that is kept."""
        return frozenset(
            [
                *(Held(What.PERSON, uuid) for uuid in self.people.held),
                *(Held(What.GROUP, uuid) for uuid in self.groups.held),
                *(Held(What.MEMBERSHIP, uuid, group) for uuid, own in self.kept.items() for group in own),
                *(Held(What.NAME, uuid, note=new) for uuid, (_, new) in self.names.items()),
                *(Held(What.NAME, uuid, note=new) for uuid, (_, new) in self.group_names.items()),
                *(Held(What.WITHHELD, uuid, group) for uuid, own in self.withheld.items() for group in own),
                *(Held(What.UNWANTED, uuid) for uuid in self.unwanted),
                *(Held(What.ATTRIBUTE, uuid, note=note) for uuid, note in self.attributes.items()),
            ]
        )

    def approved(self) -> "Fuses":
        """Return the fuses once an operator has believed all that is held, and nothing more.

        They have seen what the day took of rights: it is counted anew, or the next single loss would wait.
        """
        return replace(
            self,
            people=replace(self.people, held=NOBODY, settled=self.people.held),
            groups=replace(self.groups, held=NOBODY, settled=self.groups.held | self.group_names.keys()),
            rights=replace(self.rights, settled=frozenset(self.kept), let_go=()),
            attributed=_OF_RIGHTS,
            by_attribute={},
            kept={},
            names={},
            group_names={},
            withheld={},
            unwanted=NOBODY,
            renamed=frozenset(self.names),
            attributes={},
            given_up=frozenset(self.attributes),
        )

    def remembering(self, before: "Fuses") -> "Fuses":
        """Return them with what was let go lately, as these know it; of rights, the tables know it."""
        return replace(
            self,
            people=replace(self.people, let_go=before.people.let_go),
            groups=replace(self.groups, let_go=before.groups.let_go),
        )

    def after(self, roster: Roster, update: Update, now: float) -> "Fuses":
        """Return the fuses after this reading; whoever it shows is not held any more.

        What people lose who are still there is for after_losses().
        """
        # Who is disabled has nothing to lose, and is not in doubt.
        leaving = frozenset(uuid for uuid in roster.people_vanishing(update) if roster.is_live(uuid, now))
        groups_leaving = roster.groups_vanishing(update)
        people = _still_missing(self.people, update.people, leaving)
        groups = _still_missing(self.groups, update.groups, groups_leaving)
        # Who leaves must not wait for what others have lost in the course of a day.
        lately = self.rights.lately(now, WINDOW_S)
        here = roster.live_count(now) - len(people.held) if leaving else 0
        people = self._asked(people, leaving, here, now, lately)
        groups = self._asked(groups, groups_leaving, roster.group_count - len(groups.held), now)
        known = update.people.known
        unwanted = self.unwanted - update.people.gone if known is None else self.unwanted & known
        names = self._names(roster, update)
        made = replace(self, people=people, groups=groups, names=names, unwanted=unwanted)
        carrying = roster.groups_named(self.carrying)
        made = made._with_groups_of_rights(roster, groups_leaving & carrying, now)
        return made._with_names_of_rights(roster, update, now)._with_attributes(roster, update, now)

    def after_losses(self, roster: Roster, work: Work, now: float) -> "Fuses":
        """Return the fuses after what this reading takes from people who are still there."""
        losing = {
            uuid: before - after
            for uuid, (before, after) in work.memberships.items()
            if not before <= after and roster.is_live(uuid, now)
        }
        kept = {
            uuid: still
            for uuid, own in self.kept.items()
            if (still := own & (losing.get(uuid, NOBODY) if uuid in work.judged else own))
        }
        named = roster.groups_named(self.carrying)
        fresh = {uuid: lost for uuid, own in losing.items() if (lost := own & named - kept.get(uuid, NOBODY))}
        counted = self._asked(self.rights, frozenset(fresh), len(roster), now, self._beside_rights(now))
        kept |= {uuid: kept.get(uuid, NOBODY) | fresh[uuid] for uuid in counted.held}
        withheld = {
            uuid: still
            for uuid, own in self.withheld.items()
            if (still := own & _gained(work, uuid) if uuid in work.judged else own)
        }
        return replace(
            self,
            people=replace(self.people, settled=NOBODY),
            groups=replace(self.groups, settled=NOBODY),
            rights=replace(counted, held=NOBODY, settled=NOBODY),
            kept=kept,
            withheld=withheld,
            strict=False,
            renamed=NOBODY,
            spared={},
            given_up=NOBODY,
        )

    def believable(self, update: Update) -> Update:
        """Return the reading as if those held were still there, unchanged."""
        people = _sparing(update.people, self.people.held)
        if self.unwanted:
            people = replace(
                people, entries=tuple(each for each in people.entries if each.uuid not in self.unwanted)
            )
        if self.names:
            people = replace(people, entries=tuple(self._as_named(entry) for entry in people.entries))
        if self.spared:
            people = replace(people, entries=tuple(map(self._as_spared, people.entries)))
        groups = _sparing(update.groups, self.groups.held)
        if self.group_names:
            groups = replace(groups, entries=tuple(map(self._group_as_named, groups.entries)))
        return replace(update, people=people, groups=groups)

    def _asked(self, fuse: Fuse, vanishing: frozenset[str], here: int, now: float, beside: int = 0) -> Fuse:
        if self.strict and vanishing - fuse.settled:
            return replace(fuse, held=fuse.held | (vanishing - fuse.settled))
        return fuse.after(vanishing, here, now, beside)

    def _with_groups_of_rights(self, roster: Roster, leaving: frozenset[str], now: float) -> "Fuses":
        """Return them with groups kept that carry rights of many; of few, they are counted."""
        leaving = leaving - self.groups.held - self.groups.settled
        losing = frozenset(uuid for uuid in roster.people_in(leaving) if roster.is_live(uuid, now))
        if not losing:
            return self
        counted = self.rights.after(losing, len(roster), now, self._beside_rights(now))
        if counted.held:
            return replace(self, groups=replace(self.groups, held=self.groups.held | leaving))
        return replace(self, rights=counted)

    def _with_names_of_rights(self, roster: Roster, update: Update, now: float) -> "Fuses":
        """Return them with names kept of groups that lose their rights with it, where many have them."""
        carrying = roster.groups_named(self.carrying)
        told = {entry.uuid: entry.name for entry in update.groups.entries}
        names = {uuid: both for uuid, both in self.group_names.items() if uuid not in told}
        lost = {
            uuid: (old, told[uuid])
            for uuid in carrying & told.keys() - self.groups.settled
            if (old := roster.group_name_of(uuid)) and told[uuid] not in self.carrying | {old}
        }
        names |= {uuid: both for uuid, both in lost.items() if uuid in self.group_names}
        fresh = frozenset(lost.keys() - names.keys())
        losing = frozenset(uuid for uuid in roster.people_in(fresh) if roster.is_live(uuid, now))
        if not losing:
            return replace(self, group_names=names)
        counted = self._asked(self.rights, losing, len(roster), now, self._beside_rights(now))
        if counted.held:
            return replace(self, group_names=names | {uuid: lost[uuid] for uuid in fresh})
        return replace(self, group_names=names, rights=counted)

    def _with_attributes(self, roster: Roster, update: Update, now: float) -> "Fuses":
        """Return them with attributes kept by which too many would lose something."""
        if not (self.ground.values or self.attributes):
            return self
        losing = losses(roster, update.people.entries, self.ground, now)
        told = {entry.uuid for entry in update.people.entries}
        still = {uuid for uuid in self.attributes if uuid in losing or uuid not in told}
        still = {uuid for uuid in still if roster.is_live(uuid, now)} - roster.people_vanishing(update)
        made = replace(self, attributes={uuid: self.attributes[uuid] for uuid in still})
        fresh = frozenset(losing) - self.given_up - still
        too_many, by_attribute = made._of_one_attribute(roster, losing, fresh, now)
        rest = fresh - too_many
        beside = made.people.lately(now) + made.rights.lately(now)
        counted = made._asked(made.attributed, rest, len(roster), now, beside)
        held = too_many | counted.held
        if counted.held:
            by_attribute = self.by_attribute
        kept = {**made.attributes, **{uuid: losing[uuid].note for uuid in (still | held) & losing.keys()}}
        spared = {uuid: losing[uuid].text for uuid in kept.keys() & losing.keys()}
        attributed = replace(counted, held=NOBODY)
        return replace(made, attributes=kept, spared=spared, attributed=attributed, by_attribute=by_attribute)

    def _beside_rights(self, now: float) -> int:
        """How many lost something else lately than a group that carries rights."""
        return self.people.lately(now) + self.attributed.lately(now)

    def _of_one_attribute(
        self, roster: Roster, losing: Mapping[str, Loss], fresh: frozenset[str], now: float
    ) -> tuple[frozenset[str], Mapping[str, Fuse]]:
        """Return whose attribute most of those who had it would lose, and how many others have lost each."""
        too_many, lost = NOBODY, dict(self.by_attribute)
        for name, uuids in by_name(losing, fresh).items():
            fuse = lost.get(name, _OF_RIGHTS)
            if most_lose(name, uuids, roster, self.ground, (fuse.lately(now), now)):
                too_many |= uuids
            else:
                lost[name] = fuse.counting(len(uuids), now)
        return too_many, lost

    def _names(self, roster: Roster, update: Update) -> dict[str, tuple[str, str]]:
        """Return who keeps a name that the directory no longer gives them."""
        names = dict(self.names)
        if not (names or self.strict):
            return names
        for entry in update.people.entries:
            name = roster.name_of(entry.uuid)
            names.pop(entry.uuid, None)
            asked = entry.uuid in self.names or (self.strict and entry.uuid not in self.renamed)
            if asked and name is not None and name != entry.name:
                names[entry.uuid] = (name, entry.name)
        return names

    def _group_as_named(self, entry: Group) -> Group:
        return (
            replace(entry, name=self.group_names[entry.uuid][0]) if entry.uuid in self.group_names else entry
        )

    def _as_spared(self, entry: Person) -> Person:
        return replace(entry, attributes=self.spared[entry.uuid]) if entry.uuid in self.spared else entry

    def _as_named(self, entry: Person) -> Person:
        return replace(entry, name=self.names[entry.uuid][0]) if entry.uuid in self.names else entry


def from_rows(rows: Iterable[Held], roster: Roster, strict: bool = False) -> Fuses:
    """Return the fuses that hold these, of whom nothing else is known."""
    found = list(rows)
    pairs: dict[What, dict[str, frozenset[str]]] = {What.MEMBERSHIP: {}, What.WITHHELD: {}}
    for row in found:
        if row.what in pairs:
            own = pairs[row.what]
            own[row.uuid] = own.get(row.uuid, NOBODY) | {row.group}
    named = [row for row in found if row.what is What.NAME]
    names = {row.uuid: (roster.name_of(row.uuid) or "", row.note) for row in named}
    group_names = {row.uuid: (roster.group_name_of(row.uuid) or "", row.note) for row in named}
    return Fuses(
        Fuse(frozenset(row.uuid for row in found if row.what is What.PERSON)),
        Fuse(frozenset(row.uuid for row in found if row.what is What.GROUP)),
        kept=pairs[What.MEMBERSHIP],
        withheld=pairs[What.WITHHELD],
        unwanted=frozenset(row.uuid for row in found if row.what is What.UNWANTED),
        names={uuid: both for uuid, both in names.items() if both[0]},
        group_names={uuid: both for uuid, both in group_names.items() if both[0]},
        strict=strict,
        attributes={row.uuid: row.note for row in found if row.what is What.ATTRIBUTE},
    )


def _gained(work: Work, uuid: str) -> frozenset[str]:
    before, after = work.memberships.get(uuid, (NOBODY, NOBODY))
    return after - before


def _sum(counted: Iterable[tuple[float, int]]) -> int:
    return sum(count for _, count in counted)


def _still_missing(fuse: Fuse, part: Part[Entry], vanishing: frozenset[str]) -> Fuse:
    if part.known is not None:
        return replace(fuse, held=fuse.held & vanishing)
    return replace(fuse, held=fuse.held - {entry.uuid for entry in part.entries})


def _sparing(part: Part[Entry], held: frozenset[str]) -> Part[Entry]:
    known = None if part.known is None else part.known | held
    return replace(part, gone=part.gone - held, known=known)
