"""What a new policy does to the sessions that are live at a moment, each by what is known of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from access.gateways.livesessions import (
    CHANGING,
    Ground,
    Judgement,
    Live,
    LiveSession,
    facts_now,
    grounds,
    is_there,
    stand,
)
from access.model import NETWORK_DOORS, Decision, Facts, Reason, Request, Subject
from access.policy.beside import standing_keys
from access.policy.compiled import Policy
from access.policy.decided import Decided
from access.policy.edges import NOTHING_KNOWN, Known
from access.policy.gifts import spelt
from access.policy.placing import Asked, place
from access.policy.subjects import keys_once, standing
from access.policy.touched import definition, touched
from access.policy.weighed_alike import WeighedAlike
from access.policy.weighing import Weighed
from access.policy.zoning import NO_ZONES
from radius.frozen import value

_LOGIN = "login:"


@value
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
        asked = sides.asked(each)
        hit = keys & asked.keys
        if not everybody and not hit:
            continue
        touching = frozenset[str]().union(*[about[key] for key in hit])
        change, remains = sides.seen(asked, touching)
        if change is not None:
            changes.append(change)
        for object in remains & touching:
            open_to.setdefault(object, set()).add(asked.name)
    return SessionsSeen(tuple(changes), {object: frozenset(names) for object, names in open_to.items()})


class _As(NamedTuple):
    """A session as one policy knows it: the facts that it asks for, and the keys of its rules about them."""

    facts: Facts
    keys: frozenset[str]


class _Asked(NamedTuple):
    """A session as it is asked about: found out once. subject: its holder as they stand at the moment.

    known: as either policy knows it. keys: by which rules of either, and what stands beside it, are about it.
    """

    live: Live
    name: str
    subject: Subject
    known: tuple[_As, _As]
    keys: frozenset[str]


class _Sides:
    """The old and the new policy, of which a session is asked one after the other, as little as will do.

    Of a session to which nothing happens it is enough to look at what differs about it. What no rule differs
    about, that both policies say alike, is asked of the old one alone.
    """

    def __init__(self, old: Policy | None, new: Policy | None, now: float) -> None:
        self._now = now
        self._sides = tuple(
            _Side(each, Decided(each.policy, now), _weighing(each.policy, now)) for each in grounds(old, new)
        )
        self._alike: dict[str, bool] = {}
        self._policies = [policy for policy in (old, new) if policy is not None]
        self._is_beside = any(policy.beside.rules for policy in self._policies)
        # In waves two policies speak; what stands beside a document is found by other keys than its rules.
        self._comparable = all(
            each is not None and each.newer is None and each.beside.rules == self._policies[0].beside.rules
            for each in (old, new)
        )
        self._know_alike = len(self._policies) == 2 and _know_alike(*self._policies)
        # A zone binds all that a session reaches together.
        self._apart = self._comparable and all(each.zoning is NO_ZONES for each in self._policies)
        self._rezoned = self._comparable and zones_differ(old, new)
        # The keys under which more than zones differs.
        self._ruled = frozenset(touched(*map(_without_zones, self._policies))) if self._rezoned else None

    def asked(self, live: Live) -> _Asked:
        """A session with what both policies have to know of it."""
        subject, _ = standing(live.holder.subject, self._now)
        before, after = self._sides
        own = keys_once(subject)
        one = before.knows(live, subject, own)
        other = one if self._know_alike else after.knows(live, subject, own)
        keys = one.keys if self._know_alike else one.keys | other.keys
        if self._is_beside:
            keys |= standing_keys(subject, live.session.facts)
        return _Asked(live, name_of(subject), subject, (one, other), keys)

    def seen(self, asked: _Asked, touching: frozenset[str]) -> tuple[SessionChange | None, frozenset[str]]:
        """What happens to a session, and what is open to it by the old policy: of what differs, all of it."""
        live = asked.live
        if not is_there(self._sides[0].ground, live, self._now):
            return None, frozenset()
        known = NOTHING_KNOWN, NOTHING_KNOWN
        if self._comparable:
            before, after = self._logins(asked, touching)
            if not before.permitted:
                return None, frozenset()
            alike = after.permitted and self._is_ruled_alike(asked)
            weighed = self._sides[0].weigh(asked, asked.known[0]) if alike else None
            if after.permitted and spelt(before.gives) == spelt(after.gives):
                reached = self._reached_alike(asked, touching, Known(before, weighed))
                if reached is not None:
                    return None, open_objects(live.session, Judgement(objects=reached))
            known = Known(before, weighed), Known(after, weighed)
        sides = zip(self._sides, asked.known, known, strict=True)
        was, will = (side.stand(asked, as_known, self._now, each) for side, as_known, each in sides)
        return _change(live, asked.name, was, will), open_objects(live.session, was)

    def _logins(self, asked: _Asked, touching: frozenset[str]) -> tuple[Decision, Decision]:
        """What both policies decide about the session's door, zones aside."""
        (before, after), (one, other) = self._sides, asked.known
        via, login = one.facts.via, before.login(asked, one)
        if via in NETWORK_DOORS and f"{_LOGIN}{via}" not in touching:
            return login, login
        return login, after.login(asked, other)

    def _reached_alike(self, asked: _Asked, touching: frozenset[str], known: Known) -> frozenset[str] | None:
        """What a session reaches of what differs, where that is the same by both policies.

        None where it is not, or where more has to be asked to tell. known: of both.
        """
        if known.weighed is not None:
            return self._placed_alike(asked, known, known.weighed)
        return self._permitted_alike(asked, touching) if self._apart else None

    def _placed_alike(self, asked: _Asked, known: Known, weighed: Weighed) -> frozenset[str] | None:
        """The same where only zones differ."""
        about = Asked(asked.subject, asked.known[0].facts, self._now, known.login)
        one, other = (place(policy, about, weighed) for policy in self._policies)
        if one.lost or other.lost or one.refused != other.refused:
            return None
        return weighed.permitted - one.refused

    def _permitted_alike(self, asked: _Asked, touching: frozenset[str]) -> frozenset[str] | None:
        """The same where nothing is in a zone."""
        objects = [each for each in touching if not each.startswith(_LOGIN)]
        if not all(map(self._is_alike, objects)):
            return None
        sides = zip(self._sides, asked.known, strict=True)
        before, after = (side.towards(asked, as_known, objects) for side, as_known in sides)
        reached = frozenset(each for each, (permitted, _) in before.items() if permitted)
        return reached if before == after else None

    def _is_ruled_alike(self, asked: _Asked) -> bool:
        """Whether only zones differ between the rules of both policies about a session."""
        return self._ruled is not None and self._ruled.isdisjoint(asked.keys)

    def _is_alike(self, object: str) -> bool:
        """Whether a network or pool has the same destinations in both, so that it is the same atoms."""
        if object not in self._alike:
            documents = [policy.document for policy in self._policies]
            known = [object in policy.owners for policy in self._policies]
            self._alike[object] = all(known) and len({definition(each, object) for each in documents}) == 1
        return self._alike[object]


@dataclass(frozen=True, slots=True)
class _Side:
    """One of both policies."""

    ground: Ground
    decided: Decided
    weighing: WeighedAlike | None

    def knows(self, live: Live, subject: Subject, own: frozenset[str]) -> _As:
        """A session as the policy knows it, of somebody with keys of their own."""
        policy = self.ground.policy
        keys = policy.computed.keys(own) if policy is not None else frozenset[str]()
        return _As(facts_now(self.ground, live.session, subject), keys)

    def login(self, asked: _Asked, known: _As) -> Decision:
        """The decision about a session's door."""
        return self.decided.login(asked.subject, known.facts, known.keys)

    def weigh(self, asked: _Asked, known: _As) -> Weighed | None:
        """How the rules about a session stand, by a policy that comes in no waves."""
        weighing = self.weighing
        return weighing.weigh(asked.subject, known.facts, known.keys) if weighing is not None else None

    def towards(self, asked: _Asked, known: _As, objects: Iterable[str]) -> dict[str, tuple[bool, bool]]:
        """Which of some networks and pools are permitted, and which are forbidden, if nothing is in a zone.

        Both of each: an address can be of a network that is forbidden and of one that is not.
        """
        subject, (facts, keys) = asked.subject, known
        found = {each: self.decided.decide(subject, Request(each, facts), keys) for each in objects}
        return {each: (decision.permitted, bool(decision.forbids)) for each, decision in found.items()}

    def stand(self, asked: _Asked, as_known: _As, now: float, known: Known) -> Judgement:
        """What a session may reach that is there."""
        if known.login is None:
            return stand(self.ground, asked.live, now)
        if not known.login.permitted:
            return Judgement(refusal=known.login)
        weighed = known.weighed or self.weigh(asked, as_known)
        return stand(self.ground, asked.live, now, Known(known.login, weighed))


def _weighing(policy: Policy | None, now: float) -> WeighedAlike | None:
    return WeighedAlike(policy, now) if policy is not None else None


def _know_alike(one: Policy, other: Policy) -> bool:
    """Whether two policies know the same of a session: of which groups it is, and what its endpoint is."""
    return one.computed == other.computed and one.asks & CHANGING == other.asks & CHANGING


def _without_zones(policy: Policy) -> Policy:
    return replace(policy, zoning=NO_ZONES)


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
    kept = len(was.ends.keys() & will.ends.keys())
    change = SessionChange(
        session_id=live.session.id,
        name=name,
        organization=live.holder.subject.organization,
        ends=will.refusal.reason if will.refusal is not None else None,
        loses=was.objects - will.objects,
        gains=will.objects - was.objects,
        cut=len(was.ends) - kept,
        opened=len(will.ends) - kept,
        moves=will.gifts is not None and will.gifts != was.gifts,
    )
    happens = change.takes or change.gains or change.opened or change.moves
    return change if happens else None
