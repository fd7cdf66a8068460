"""What a new policy does to the sessions that are live at a moment, each by what is known of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from access.gateways.livesessions import Judgement, Live, LiveSession, glimpse, grounds, stand
from access.model import NETWORK_DOORS, Decision, Facts, Reason, Subject
from access.policy.beside import standing_keys
from access.policy.compiled import Policy
from access.policy.subjects import keys_of, standing
from access.policy.touched import definition, touched
from access.policy.zoning import NO_ZONES

_LOGIN = "login:"


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

    open_to: names by object, of those whom a rule is about that differs and speaks of the object.
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
    about = touched(old, new) if differing is None else differing
    keys = frozenset(about)
    sides = _Sides(old, new, now)
    everybody = zones_differ(old, new)
    changes: list[SessionChange] = []
    open_to: dict[str, set[str]] = {}
    for each in live:
        subject, _ = standing(each.holder.subject, now)
        hit = keys & sides.keys_of(subject, each.session.facts)
        if not everybody and not hit:
            continue
        name = name_of(each.holder.subject)
        touching = frozenset[str]().union(*(about[key] for key in hit))
        change, remains = sides.seen(each, name, touching)
        if change is not None:
            changes.append(change)
        for object in remains & touching:
            open_to.setdefault(object, set()).add(name)
    return SessionsSeen(tuple(changes), {object: frozenset(names) for object, names in open_to.items()})


class _Sides:
    """The old and the new policy, of which a session is asked one after the other, as little as will do.

    Of a session to which nothing happens it is enough to look at what differs about it. What no rule differs
    about, that both policies say alike, is asked of the old one alone.
    """

    def __init__(self, old: Policy | None, new: Policy | None, now: float) -> None:
        self._before, self._after = grounds(old, new)
        self._now = now
        self._alike: dict[str, bool] = {}
        self._policies = [policy for policy in (old, new) if policy is not None]
        self._is_beside = any(policy.beside.rules for policy in self._policies)
        # In waves two policies speak; what stands beside a document is found by other keys than its rules.
        self._comparable = all(
            each is not None and each.newer is None and each.beside.rules == self._policies[0].beside.rules
            for each in (old, new)
        )
        # A zone binds all that a session reaches together.
        self._apart = self._comparable and all(each.zoning is NO_ZONES for each in self._policies)

    def keys_of(self, subject: Subject, facts: Facts) -> frozenset[str]:
        """The keys by which rules of either policy, and what stands beside it, are about a session."""
        own = keys_of(subject)
        found = frozenset[str]().union(*[policy.computed.keys(own) for policy in self._policies])
        return found | standing_keys(subject, facts) if self._is_beside else found

    def seen(
        self, live: Live, name: str, touching: frozenset[str]
    ) -> tuple[SessionChange | None, frozenset[str]]:
        """What happens to a session, and what is open to it by the old policy: of what differs, all of it."""
        same_login = self._same_login(live, touching)
        logins: tuple[Decision | None, Decision | None] = None, None
        objects = [each for each in touching if not each.startswith(_LOGIN)]
        if self._apart and all(map(self._is_alike, objects)):
            seen, login = glimpse(self._before, live, objects, self._now)
            if not seen.permitted:
                return None, frozenset()
            again = login if same_login else None
            seen_after, login_after = glimpse(self._after, live, objects, self._now, again)
            if seen == seen_after:
                reached = frozenset(each for each, (permitted, _) in seen.towards.items() if permitted)
                return None, open_objects(live.session, Judgement(objects=reached))
            logins = login, login_after
        was = stand(self._before, live, self._now, logins[0])
        will = stand(self._after, live, self._now, logins[1])
        return _change(live, name, was, will), open_objects(live.session, was)

    def _same_login(self, live: Live, touching: frozenset[str]) -> bool:
        """Whether both policies decide alike about the session's door, zones aside."""
        via = live.session.facts.via
        return self._comparable and via in NETWORK_DOORS and f"{_LOGIN}{via}" not in touching

    def _is_alike(self, object: str) -> bool:
        """Whether a network or pool has the same destinations in both, so that it is the same atoms."""
        if object not in self._alike:
            documents = [policy.document for policy in self._policies]
            known = [object in policy.owners for policy in self._policies]
            self._alike[object] = all(known) and len({definition(each, object) for each in documents}) == 1
        return self._alike[object]


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
