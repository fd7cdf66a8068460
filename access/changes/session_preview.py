"""What a new policy does to the sessions that are live at a moment, each by what is known of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from access.gateways.livesessions import (
    Desk,
    Glimpse,
    Ground,
    Holder,
    Judgement,
    LiveSession,
    glimpse,
    grounds,
    stand,
)
from access.model import Reason, Subject
from access.policy.compiled import Policy
from access.policy.subjects import keys_of, standing
from access.policy.touched import definition, touched
from access.policy.zoning import NO_ZONES


class Live(NamedTuple):
    """A live session, whose it is, and the desktops they have."""

    session: LiveSession
    holder: Holder
    desks: tuple[Desk, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionChange:
    """What happens to one session. ends: why, where it may not go on.

    loses and gains are objects. cut and opened count the destination atoms that its gateway would have to
    take away and to add. moves: it is asked to log in anew, for another VLAN or role.
    """

    session_id: int
    name: str
    organization: str
    ends: Reason | None = None
    loses: frozenset[str] = frozenset()
    gains: frozenset[str] = frozenset()
    cut: int = 0
    opened: int = 0
    moves: bool = False

    @property
    def takes(self) -> bool:
        """Whether anything is taken from it."""
        return self.ends is not None or bool(self.loses) or self.cut > 0


@dataclass(frozen=True, slots=True)
class SessionsSeen:
    """The sessions to which something happens, and who has which object open under the old policy.

    open_to: names by object, of those whom a rule is about that differs and speaks of the object. Others may
    stand there as well.
    """

    changes: tuple[SessionChange, ...] = ()
    open_to: Mapping[str, frozenset[str]] = field(default_factory=dict)


def sessions_between(
    old: Policy | None,
    new: Policy | None,
    live: Iterable[Live],
    now: float,
    differing: Mapping[str, set[str]] | None = None,
) -> SessionsSeen:
    """What happens to these sessions if the new policy takes the place of the old one at this moment.

    differing: touched(old, new), where that is known. Most sessions are looked at only as far as something
    differs; where nothing happens to them there, they are not weighed.
    """
    before, after = grounds(old, new)
    about = touched(old, new) if differing is None else differing
    keys = frozenset(about)
    policies = [policy for policy in (old, new) if policy is not None]
    everybody = zones_differ(old, new)
    untouched = _Untouched(before, after)
    changes: list[SessionChange] = []
    open_to: dict[str, set[str]] = {}
    for each in live:
        subject, _ = standing(each.holder.subject, now)
        own = keys_of(subject)
        known_as = [policy.computed.keys(own) for policy in policies]
        hit = keys & frozenset[str]().union(*known_as)
        if not everybody and not hit:
            continue
        name = name_of(each.holder.subject)
        remains = untouched.open(each, frozenset[str]().union(*(about[key] for key in hit)), now)
        if remains is None:
            was = _stand(before, each, now)
            change = _change(each, name, was, _stand(after, each, now))
            if change is not None:
                changes.append(change)
            remains = open_objects(each.session, was)
        for object in remains:
            open_to.setdefault(object, set()).add(name)
    return SessionsSeen(tuple(changes), {object: frozenset(names) for object, names in open_to.items()})


class _Untouched:
    """Tells of which sessions nothing is taken and to which nothing is given, by what differs about them."""

    def __init__(self, before: Ground, after: Ground) -> None:
        self._sides = before, after
        self._alike: dict[str, bool] = {}
        policies = before.policy, after.policy
        beside = [each.beside.rules for each in policies if each is not None]
        # A zone binds all that a session reaches together, in waves two policies speak, and what stands
        # beside a document is found by other keys than its rules.
        self._apart = all(each and each.zoning is NO_ZONES and each.newer is None for each in policies) and (
            beside[0] == beside[1]
        )

    def open(self, live: Live, differing: frozenset[str], now: float) -> frozenset[str] | None:
        """What of that is open to a session to which nothing happens; None: it has to be weighed."""
        if not self._apart:
            return None
        objects = [each for each in differing if not each.startswith("login:")]
        if not all(map(self._is_alike, objects)):
            return None
        was = self._glimpse(0, live, objects, now)
        if was.permitted and was != self._glimpse(1, live, objects, now):
            return None
        reached = frozenset(each for each, (permitted, _) in was.towards.items() if permitted)
        return open_objects(live.session, Judgement(objects=reached)) if was.permitted else frozenset()

    def _is_alike(self, object: str) -> bool:
        """Whether a network or pool has the same destinations in both, so that it is the same atoms."""
        if object not in self._alike:
            documents = [side.policy.document for side in self._sides if side.policy is not None]
            known = [object in side.policy.owners for side in self._sides if side.policy is not None]
            self._alike[object] = all(known) and len({definition(each, object) for each in documents}) == 1
        return self._alike[object]

    def _glimpse(self, side: int, live: Live, objects: list[str], now: float) -> Glimpse:
        return glimpse(self._sides[side], live.session, live.holder, objects, now)


def zones_differ(old: Policy | None, new: Policy | None) -> bool:
    """Whether zones are not the same in both: that can put anybody's session elsewhere."""
    zones = {repr(sorted(policy.document.zones.items())) for policy in (old, new) if policy is not None}
    return len(zones) > 1


def name_of(subject: Subject) -> str:
    """What a preview calls somebody: name@organization, an endpoint by its address, a visitor by realm."""
    if subject.id:
        return f"{subject.name}@{subject.organization}"
    return f"{subject.name}@{subject.realm}" if subject.realm else subject.name


def open_objects(session: LiveSession, judgement: Judgement) -> frozenset[str]:
    """What is open to a session: its login, and at a gateway that enforces it what that lets through."""
    if session.leaving or judgement.refusal is not None:
        return frozenset()
    enforced = session.gateway_id is not None and bool(session.addresses)
    login = frozenset({f"login:{session.facts.via}"})
    return login | judgement.objects if enforced else login


def _stand(ground: Ground, live: Live, now: float) -> Judgement:
    return stand(ground, live.session, live.holder, live.desks, now)


def _change(live: Live, name: str, was: Judgement, will: Judgement) -> SessionChange | None:
    """What happens; None where nothing does. One that is refused already is none of the new policy's."""
    if was.refusal is not None:
        return None
    lost, gained = was.ends.keys() - will.ends.keys(), will.ends.keys() - was.ends.keys()
    change = SessionChange(
        session_id=live.session.id,
        name=name,
        organization=live.holder.subject.organization,
        ends=will.refusal.reason if will.refusal is not None else None,
        loses=was.objects - will.objects,
        gains=will.objects - was.objects,
        cut=len(lost),
        opened=len(gained),
        moves=will.gifts is not None and will.gifts != was.gifts,
    )
    happens = change.takes or change.gains or change.opened or change.moves
    return change if happens else None
