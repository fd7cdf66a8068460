"""What a new policy does to the sessions that are live at a moment, each by what is known of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from access.gateways.livesessions import Desk, Ground, Holder, Judgement, LiveSession, grounds, stand
from access.model import Reason, Subject
from access.policy.compiled import Policy
from access.policy.subjects import standing
from access.policy.touched import touched


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

    open_to: names by object, of those whom a rule that differs is about.
    """

    changes: tuple[SessionChange, ...] = ()
    open_to: Mapping[str, frozenset[str]] = field(default_factory=dict)


def sessions_between(
    old: Policy | None,
    new: Policy | None,
    live: Iterable[Live],
    now: float,
    differing: Collection[str] | None = None,
) -> SessionsSeen:
    """What happens to these sessions if the new policy takes the place of the old one at this moment.

    differing: the keys of touched(old, new), where they are known.
    """
    before, after = grounds(old, new)
    keys = frozenset(touched(old, new) if differing is None else differing)
    policies = [policy for policy in (old, new) if policy is not None]
    everybody = zones_differ(old, new)
    changes: list[SessionChange] = []
    open_to: dict[str, set[str]] = {}
    for each in live:
        subject, _ = standing(each.holder.subject, now)
        known_as = [policy.keys_of(subject) for policy in policies]
        if not everybody and not any(keys & own for own in known_as):
            continue
        name = name_of(each.holder.subject)
        was = _stand(before, each, now)
        for object in open_objects(each.session, was):
            open_to.setdefault(object, set()).add(name)
        change = _change(each, name, was, _stand(after, each, now))
        if change is not None:
            changes.append(change)
    return SessionsSeen(tuple(changes), {object: frozenset(names) for object, names in open_to.items()})


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
