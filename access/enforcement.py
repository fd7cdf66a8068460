"""One enforcer: it follows every change, weighs the sessions it touches and writes what their gateways lose
and gain. ▸

Rules, in prose:
- What a session may reach is judged from the policy, its holder, its facts and the clock, never from what
  was judged before. A change of any of them makes the sessions it touches judged anew, no others.
- A session whose own door no longer opens (login:VIA) is ended: its pairs go and its NAS is asked to
  disconnect it. It never gets them back; whoever has a right again logs in again.
- Pairs, work, ends of sessions and what the audit says of them are written in one transaction, which fails
  where another enforcer leads by now. Only then are the workers rung, once.
- What a gateway has not confirmed after CONFIRM_WITHIN_S raises an alarm, once until it is confirmed.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from access.audit import AuditEntry
from access.livesessions import (
    Desk,
    Ground,
    Holder,
    HolderKey,
    HolderKind,
    Judgement,
    LiveSession,
    ground,
    judge,
)
from access.model import Decision, Reason
from access.pairbook import HeldPair, PairBook, Place, Wanted
from access.policy.compiled import Policy
from vpn import compile
from vpn.grant import Lease
from vpn.state import Gateway

CONFIRM_WITHIN_S = 10.0
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Touched:
    """What the feed says has changed. position: where it has been read to; again: everything, from anew."""

    position: Any
    sessions: frozenset[int] = frozenset()
    users: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    endpoints: frozenset[int] = frozenset()
    nas: frozenset[int] = frozenset()
    devices: frozenset[int] = frozenset()
    desks: frozenset[int] = frozenset()
    policy: bool = False


class View(Protocol):
    """The world at one moment. None for ids: everything there is."""

    def head(self) -> Any:
        """The position of the feed at this moment."""

    def touched(self, since: Any) -> Touched | None:
        """What changed after a position; None where nothing did. Raises FeedPruned."""

    def policy(self, known: Policy | None) -> Policy | None:
        """The policy in force; known itself where it still is."""

    def sessions(self, ids: Collection[int] | None) -> list[LiveSession]:
        """Those of the sessions that have not ended."""

    def sessions_of_nas(self, nas: Collection[int]) -> frozenset[int]:
        """The sessions of these NAS that have not ended."""

    def holders(self, keys: Collection[HolderKey]) -> Mapping[HolderKey, Holder]:
        """Those of them that are known."""

    def members(self, groups: Collection[int]) -> frozenset[int]:
        """The users in any of these groups."""

    def desks(self, users: Collection[int] | None) -> Mapping[int, tuple[Desk, ...]]:
        """The desktops that users have, by user."""

    def gateways(self) -> Mapping[int, Gateway]:
        """Every gateway by its id."""

    def pairs(self) -> list[HeldPair]:
        """Every row of the table of pairs."""


@dataclass(frozen=True, slots=True)
class Step:
    """What to write, all or nothing. ends: sessions to disconnect; structure: gateways to make whole."""

    changes: tuple[HeldPair, ...] = ()
    ends: tuple[int, ...] = ()
    structure: frozenset[int] = frozenset()
    notes: tuple[AuditEntry, ...] = ()
    revision: str | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return self == Step()


class Records(Protocol):
    """Where everything is kept."""

    def reading(self) -> AbstractContextManager[View]:
        """A view that does not change while it is open."""

    def write(self, step: Step, now: float) -> Mapping[int, int]:
        """Write a step; the new generation of each gateway whose pairs changed. Raises Deposed."""

    def confirmed(self, devices: Collection[int]) -> Mapping[int, int]:
        """The generation of pairs that each of these gateways has confirmed; those that are gone left out."""


class Bell(Protocol):
    """Wakes the workers; that nobody hears it must not matter."""

    def ring(self, membership: Collection[int], structure: Collection[int], ends: Collection[int]) -> None:
        """There is work on lanes of these devices, and these sessions are to be disconnected."""


class FeedPruned(Exception):
    """The feed no longer reaches back to where it was read: load everything."""


@dataclass(slots=True)
class Outstanding:
    """What a gateway has yet to confirm: since when, and whether the alarm was raised."""

    generation: int
    since: float
    alarmed: bool = False


@dataclass(frozen=True, slots=True)
class Alarm:
    """A gateway that did not confirm in time."""

    device_id: int
    waiting_s: float


@dataclass
class Enforcer:
    """The sessions and the gateways as they are, and what follows from every change."""

    records: Records
    bell: Bell
    position: Any = None
    ground: Ground = field(default_factory=lambda: ground(None))
    sessions: dict[int, LiveSession] = field(default_factory=dict)
    holders: dict[HolderKey, Holder] = field(default_factory=dict)
    gateways: dict[int, Gateway] = field(default_factory=dict)
    desks: dict[int, tuple[Desk, ...]] = field(default_factory=dict)
    judged: dict[int, Judgement] = field(default_factory=dict)
    book: PairBook = field(default_factory=PairBook)
    outstanding: dict[int, Outstanding] = field(default_factory=dict)
    _held_by: dict[HolderKey, set[int]] = field(default_factory=lambda: defaultdict(set))
    _claims: dict[Place, set[int]] = field(default_factory=lambda: defaultdict(set))
    _waiting: set[Place] = field(default_factory=set)
    _timer: list[tuple[float, int]] = field(default_factory=list)

    def begin(self, now: float) -> None:
        """Load everything, and write what is not as it should be. Every gateway is made whole once."""
        with self.records.reading() as view:
            self.position = view.head()
            self._set_policy(view.policy(self.ground.policy))
            self.gateways = dict(view.gateways())
            self.desks = dict(view.desks(None))
            self._forget_sessions()
            for session in view.sessions(None):
                self._put(session)
            self.holders = dict(view.holders(self._held_by))
            self.book = PairBook(view.pairs())
        self.outstanding = {}
        places = set(self.book.places()) | set(self._claims)
        endings, notes = self._judge(self.sessions, now)
        self._carry_out(places, endings, notes, frozenset(self.gateways), now)

    def follow(self, now: float) -> bool:
        """Take over what has changed; whether anything had. Raises FeedPruned."""
        with self.records.reading() as view:
            touched = view.touched(self.position)
            if touched is None:
                return False
            before = dict(self.holders)
            ids, structure = self._take_over(view, touched)
            places, gone = self._places(ids), self._ending(ids)
            self._refresh_sessions(view, ids)
            places |= self._places(ids)
        self.position = touched.position
        if asked := self._ending(ids) - gone:
            self.bell.ring((), (), asked)
        endings, notes = self._judge(ids, now, before)
        if structure:
            places |= {place for place in self.book.places() if place.device_id in structure}
        self._carry_out(places, endings, notes, structure, now)
        return True

    def look_again(self, now: float) -> bool:
        """Judge the sessions for which the clock may have changed something; whether there were any."""
        ids = set()
        while self._timer and self._timer[0][0] <= now:
            moment, session_id = heapq.heappop(self._timer)
            judgement = self.judged.get(session_id)
            if judgement is not None and judgement.look_again == moment:
                ids.add(session_id)
        if not ids:
            return False
        endings, notes = self._judge(ids, now)
        self._carry_out(self._places(ids), endings, notes, frozenset(), now)
        return True

    def confirm(self, now: float) -> list[Alarm]:
        """See what gateways have confirmed, go on where that was waited for; the gateways that are late."""
        if not self.outstanding:
            return []
        done = self.records.confirmed(self.outstanding)
        freed: set[Place] = set()
        for device_id, waiting in list(self.outstanding.items()):
            reached = done.get(device_id)
            if reached is None or reached >= waiting.generation:
                del self.outstanding[device_id]
            if reached is not None:
                freed |= self.book.confirm(device_id, reached)
        again = freed & self._waiting
        if again:
            self._carry_out(again, (), (), frozenset(), now)
        return self._late(now)

    def _late(self, now: float) -> list[Alarm]:
        late = [
            (device_id, waiting)
            for device_id, waiting in self.outstanding.items()
            if not waiting.alarmed and now - waiting.since > CONFIRM_WITHIN_S
        ]
        for _, waiting in late:
            waiting.alarmed = True
        if late:
            notes = tuple(_unconfirmed(self.gateways.get(device_id), now) for device_id, _ in late)
            self.records.write(Step(notes=notes), now)
        return [Alarm(device_id, now - waiting.since) for device_id, waiting in late]

    def _take_over(self, view: View, touched: Touched) -> tuple[set[int], frozenset[int]]:
        """(the sessions that are touched, the gateways whose structure is)."""
        structure: frozenset[int] = frozenset()
        ids = set(touched.sessions)
        if touched.nas:
            ids |= view.sessions_of_nas(touched.nas)
        if touched.devices:
            structure |= self._take_over_gateways(view, touched.devices)
            ids |= {session.id for session in self.sessions.values() if session.gateway_id in touched.devices}
        if touched.desks:
            found = view.desks(touched.desks)
            for user_id in touched.desks:
                self.desks[user_id] = found.get(user_id, ())
        if touched.policy and self._set_policy(view.policy(self.ground.policy)):
            structure |= frozenset(self.gateways)
            ids |= set(self.sessions)
        for key in self._touched_holders(view, touched):
            ids |= self._held_by.get(key, set())
        return ids, structure

    def _take_over_gateways(self, view: View, ids: Collection[int]) -> frozenset[int]:
        before, self.gateways = self.gateways, dict(view.gateways())
        for device_id in before.keys() - self.gateways.keys():
            self.book.forget(device_id)
            self.outstanding.pop(device_id, None)
        return frozenset(ids) & frozenset(self.gateways)

    def _touched_holders(self, view: View, touched: Touched) -> set[HolderKey]:
        users = touched.users | touched.desks
        if touched.groups:
            users |= view.members(touched.groups)
        keys = {HolderKey(HolderKind.USER, user_id) for user_id in users}
        keys |= {HolderKey(HolderKind.ENDPOINT, endpoint_id) for endpoint_id in touched.endpoints}
        return {key for key in keys if self._held_by.get(key)}

    def _refresh_sessions(self, view: View, ids: Collection[int]) -> None:
        """Read the touched sessions and everyone who has one of them."""
        found = {session.id: session for session in view.sessions(ids)}
        keys = {self.sessions[session_id].holder for session_id in ids if session_id in self.sessions}
        for session_id in ids:
            self._drop(session_id)
            if session_id in found:
                self._put(found[session_id])
            else:
                self.judged.pop(session_id, None)
        keys |= {session.holder for session in found.values()}
        held = {key for key in keys if key is not None and self._held_by.get(key)}
        holders = view.holders(held)
        for key in keys - {None}:
            assert key is not None
            self.holders.pop(key, None)
            if key in holders:
                self.holders[key] = holders[key]

    def _ending(self, ids: Iterable[int]) -> set[int]:
        """Those of the sessions whose end was asked for."""
        found = (self.sessions.get(session_id) for session_id in ids)
        return {session.id for session in found if session is not None and session.leaving}

    def _judge(
        self, ids: Iterable[int], now: float, before: Mapping[HolderKey, Holder] | None = None
    ) -> tuple[tuple[int, ...], tuple[AuditEntry, ...]]:
        """Judge sessions anew: (those that must end, what the audit is told)."""
        ends, notes = [], []
        for session_id in ids:
            session = self.sessions.get(session_id)
            if session is None:
                continue
            judgement = self._judgement(session, now)
            earlier = self.judged.get(session_id, Judgement())
            self.judged[session_id] = judgement
            if judgement.look_again is not None:
                heapq.heappush(self._timer, (judgement.look_again, session_id))
            lost_groups = self._lost_groups(session, before or {})
            if judgement.refusal is not None:
                ends.append(session_id)
                notes.append(_ended(session, judgement.refusal, lost_groups, now))
            elif earlier.objects - judgement.objects and not session.leaving:
                lost = sorted(earlier.objects - judgement.objects)
                notes.append(_narrowed(session, lost, lost_groups, self.ground.revision, now))
        return tuple(ends), tuple(notes)

    def _judgement(self, session: LiveSession, now: float) -> Judgement:
        key = session.holder
        desks = self.desks.get(key.id, ()) if key is not None and key.kind is HolderKind.USER else ()
        holder = self.holders.get(key) if key is not None else None
        return judge(self.ground, session, holder, desks, now)

    def _lost_groups(self, session: LiveSession, before: Mapping[HolderKey, Holder]) -> list[str]:
        if session.holder is None or session.holder not in before:
            return []
        now = self.holders.get(session.holder)
        kept = now.subject.groups if now is not None else frozenset()
        return sorted(before[session.holder].subject.groups - kept)

    def _carry_out(
        self,
        places: Iterable[Place],
        ends: tuple[int, ...],
        notes: tuple[AuditEntry, ...],
        structure: frozenset[int],
        now: float,
    ) -> None:
        """Write what follows for these places, in steps of at most MOST_ROWS pairs, revocations first."""
        changes = self._settle(places, now)
        changes.sort(key=lambda change: not change.removed)
        revision = self.ground.revision if structure else None
        step = Step(tuple(changes[:MOST_ROWS]), ends, structure, notes, revision)
        while not step.empty:
            self._write(step, now)
            changes = changes[MOST_ROWS:]
            step = Step(tuple(changes[:MOST_ROWS]))

    def _settle(self, places: Iterable[Place], now: float) -> list[HeldPair]:
        changes: list[HeldPair] = []
        for place in places:
            if place.device_id not in self.gateways:
                continue
            settlement = self.book.settle(place, self._wanted(place, now))
            changes += settlement.changes
            (self._waiting.add if settlement.waits else self._waiting.discard)(place)
        return changes

    def _wanted(self, place: Place, now: float) -> Wanted | None:
        gateway = self.gateways[place.device_id]
        claimants = [self.sessions[session_id] for session_id in self._claims.get(place, ())]
        leases = [Lease(str(each.id), place.address, gateway.name, each.generation) for each in claimants]
        grants = [grant for each in claimants for grant in self._judged(each).grants(each.id)]
        pairs = compile.pairs(gateway, grants, leases, now)
        newest = max(claimants, key=lambda each: each.generation, default=None)
        if not pairs or newest is None:
            return None
        return Wanted(newest.id, pairs, self._judged(newest).look_again)

    def _judged(self, session: LiveSession) -> Judgement:
        return self.judged.get(session.id, Judgement())

    def _write(self, step: Step, now: float) -> None:
        generations = self.records.write(step, now)
        written = [
            HeldPair(c.device_id, c.pair, c.session_id, c.removed, generations[c.device_id])
            for c in step.changes
            if c.device_id in generations
        ]
        self.book.enter(written)
        for device_id, generation in generations.items():
            waiting = self.outstanding.setdefault(device_id, Outstanding(generation, now))
            waiting.generation = generation
        for session_id in step.ends:
            self.sessions[session_id] = replace(self.sessions[session_id], leaving=True)
        if generations or step.structure or step.ends:
            self.bell.ring(generations, step.structure, step.ends)

    def _set_policy(self, policy: Policy | None) -> bool:
        """Whether the policy is another than before."""
        if policy is self.ground.policy:
            return False
        self.ground = ground(policy)
        return True

    def _places(self, ids: Iterable[int]) -> set[Place]:
        return {place for session_id in ids for place in self._places_of(self.sessions.get(session_id))}

    def _places_of(self, session: LiveSession | None) -> list[Place]:
        if session is None or session.gateway_id is None:
            return []
        return [Place(session.gateway_id, address) for address in session.addresses]

    def _put(self, session: LiveSession) -> None:
        self.sessions[session.id] = session
        if session.holder is not None:
            self._held_by[session.holder].add(session.id)
        for place in self._places_of(session):
            self._claims[place].add(session.id)

    def _drop(self, session_id: int) -> None:
        session = self.sessions.pop(session_id, None)
        if session is None:
            return
        for place in self._places_of(session):
            self._claims[place].discard(session_id)
        if session.holder is not None:
            self._held_by[session.holder].discard(session_id)

    def _forget_sessions(self) -> None:
        self.sessions, self.judged, self._timer, self._waiting = {}, {}, [], set()
        self._held_by.clear()
        self._claims.clear()


def _ended(session: LiveSession, refusal: Decision, lost_groups: list[str], now: float) -> AuditEntry:
    detail = {
        "what": "session.right-lost",
        "because": refusal.reason.value,
        "forbidden_by": list(refusal.forbids),
        "failed": [f"{each.rule}: {each.condition}" for each in refusal.failed],
        "groups_left": lost_groups,
        "policy": refusal.revision,
    }
    return _entry(session, detail, now)


def _narrowed(
    session: LiveSession, lost: list[str], lost_groups: list[str], revision: str, now: float
) -> AuditEntry:
    detail = {
        "what": "session.reach-lost",
        "objects": lost,
        "groups_left": lost_groups,
        "policy": revision,
    }
    return _entry(session, detail, now)


def _entry(session: LiveSession, detail: Mapping[str, object], now: float) -> AuditEntry:
    user_id = session.holder.id if session.holder and session.holder.kind is HolderKind.USER else None
    return AuditEntry(
        kind="enforcement",
        at=now,
        reason=Reason.RIGHT_LOST,
        organization_id=session.organization_id,
        user_id=user_id,
        session_id=session.id,
        detail=detail,
    )


def _unconfirmed(gateway: Gateway | None, now: float) -> AuditEntry:
    detail = {"what": "gateway.unconfirmed", "device": gateway.name if gateway else ""}
    return AuditEntry(kind="enforcement", at=now, reason="UNCONFIRMED", detail=detail)
