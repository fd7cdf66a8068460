"""What publishing a policy would do: who loses and gains what, who has it open, who used it lately."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from access.changes.session_preview import SessionChange, SessionsSeen
from access.nas.nowhere import Nowhere
from access.nas.untold import Untold
from access.policy.grants_ahead import GrantAhead
from access.policy.named_people import NamedPerson
from access.policy.preview import Change, Line

DAY_S = 86400.0
# How long something was not used that is said to be unused.
UNUSED_DAYS = 90
TAKES = (Change.LOSES, Change.NARROWS)
# What makes no session of which a use could be remembered.
UNRECORDED = frozenset({"login:portal", "login:device"})


@dataclass(frozen=True, slots=True)
class Outlook:
    """One line of the difference with what is known of use.

    used: when the object was last open to a session of theirs, by name, of those who ever had one since uses
    are recorded. recorded: whether uses of this object are.
    """

    line: Line
    open_now: tuple[str, ...] = ()
    used: Mapping[str, float] = field(default_factory=dict, repr=False)

    @property
    def recorded(self) -> bool:
        """Whether it is remembered who used the object."""
        return self.line.object not in UNRECORDED

    def unused(self, since: float) -> tuple[str, ...]:
        """The people for whom the object was not open since a moment."""
        if not self.recorded:
            return ()
        open_now = frozenset(self.open_now)
        people = self.line.people
        return tuple(each for each in people if each not in open_now and self.used.get(each, 0.0) < since)


@dataclass(frozen=True, slots=True)
class Shut:
    """A company of whose people nobody has a thing any more that keeps the rest going.

    object: login:portal, of its administrators alone, or login:device.
    """

    organization: str
    object: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What happens when the policy `revision` takes the place of `base` at a moment; None: of no policy.

    people: how many there are, by organization. unused_since: the moment from which somebody had to use
    something to be no longer among those who do not. shut: what nobody is left for. untold: what NASes
    could not be told of what the new one gives. nowhere: places it asks for at which none of them stands.
    namesakes: names in it that have become somebody else's since the publication before. grants: what was
    granted for a while and does not go on as it was.
    """

    base: str | None
    revision: str
    at: float
    lines: tuple[Outlook, ...] = ()
    sessions: tuple[SessionChange, ...] = ()
    people: Mapping[str, int] = field(default_factory=dict)
    unused_since: float = 0.0
    shut: tuple[Shut, ...] = ()
    untold: tuple[Untold, ...] = ()
    nowhere: tuple[Nowhere, ...] = ()
    namesakes: tuple[NamedPerson, ...] = ()
    grants: tuple[GrantAhead, ...] = ()

    def of(self, organization: str) -> "Preview":
        """The part of it that is about one organization's people."""
        return Preview(
            self.base,
            self.revision,
            self.at,
            tuple(each for each in self.lines if each.line.organization == organization),
            tuple(each for each in self.sessions if each.organization == organization),
            {key: count for key, count in self.people.items() if key == organization},
            self.unused_since,
            tuple(each for each in self.shut if each.organization == organization),
            tuple(each for each in self.untold if each.organization == organization),
            tuple(each for each in self.nowhere if each.organization == organization),
            tuple(each for each in self.namesakes if each.organization == organization),
            tuple(each for each in self.grants if organization in each.organizations),
        )

    def about(self, object: str) -> "Preview":
        """The part of it that is about one object."""
        return Preview(
            self.base,
            self.revision,
            self.at,
            tuple(each for each in self.lines if each.line.object == object),
            tuple(each for each in self.sessions if object in each.loses | each.gains),
            self.people,
            self.unused_since,
            tuple(each for each in self.shut if each.object == object),
            self.untold,
            self.nowhere,
            self.namesakes,
            tuple(each for each in self.grants if each.object == object),
        )

    def unused_days(self, now: float) -> int:
        """How many days of no use unused_since means; what is to come counts as none of them."""
        return round((min(self.at, now) - self.unused_since) / DAY_S)

    @property
    def ending(self) -> int:
        """How many sessions end."""
        return sum(1 for each in self.sessions if each.ends is not None)

    @property
    def narrowing(self) -> int:
        """How many sessions go on and lose something."""
        return sum(1 for each in self.sessions if each.ends is None and each.takes)

    @property
    def moving(self) -> int:
        """How many sessions are asked to log in anew."""
        return sum(1 for each in self.sessions if each.moves)

    @property
    def empty(self) -> bool:
        """Whether nothing changes for anybody."""
        return not self.lines and not self.sessions


def joined(
    lines: Iterable[Line], seen: SessionsSeen, uses: Mapping[str, Mapping[str, float]]
) -> tuple[Outlook, ...]:
    """The lines with who has each object open and when it was last used. uses: moments by object and name."""
    nobody: frozenset[str] = frozenset()
    return tuple(
        Outlook(
            line,
            tuple(each for each in line.people if each in seen.open_to.get(line.object, nobody)),
            uses.get(line.object, {}),
        )
        for line in lines
    )


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one person may take from an organization's people within a day: a share, and how many in any
    case.
    """

    percent: float = 5.0
    people: int = 20


@dataclass(frozen=True, slots=True)
class Excess:
    """An organization from whose people more is taken than the budget allows."""

    organization: str
    affected: int
    people: int


def affected(preview: Preview, organization: str) -> frozenset[str]:
    """Everybody of an organization from whom something is taken, for certain or under some facts."""
    part = preview.of(organization)
    lines = (each.line.people for each in part.lines if each.line.change in TAKES)
    sessions = (each.name for each in part.sessions if each.takes)
    return frozenset[str]().union(*lines, sessions)


def taken_by(preview: Preview) -> dict[str, frozenset[str]]:
    """Everybody from whom something is taken, by organization."""
    concerned = {each.line.organization for each in preview.lines}
    concerned |= {each.organization for each in preview.sessions}
    return {key: people for key in sorted(concerned) if (people := affected(preview, key))}


def excesses(
    preview: Preview, budget: Budget, before: Mapping[str, frozenset[str]] = MappingProxyType({})
) -> tuple[Excess, ...]:
    """The organizations for which a second person has to agree, in order.

    before: from whom the same person has taken something within a day already, by organization. They count
    together with those from whom this change takes something.
    """
    return beyond(taken_by(preview), preview.people, budget, before)


def beyond(
    taken: Mapping[str, frozenset[str]],
    there: Mapping[str, int],
    budget: Budget,
    before: Mapping[str, frozenset[str]],
) -> tuple[Excess, ...]:
    """The same of people from whom something is taken, by organization. there: how many each has."""
    found = []
    for organization, now in taken.items():
        people = there.get(organization, 0)
        count = len(now | before.get(organization, frozenset()))
        if count >= budget.people and count * 100 > budget.percent * people:
            found.append(Excess(organization, count, people))
    return tuple(found)
