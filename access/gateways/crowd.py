"""Everyone who has a session now: found by holder, by place and by the moment to look again."""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from access.gateways.livesessions import (
    COUNTED,
    Desk,
    Ground,
    Holder,
    HolderKey,
    HolderKind,
    Judgement,
    LiveSession,
    judge,
)
from access.gateways.one_zone import Placed, yielding
from access.gateways.pairbook import Place, Wanted
from access.logins.presence import SILENT_INTERVALS, counts, others
from access.model import Absent, Decision, Effect, Others, Reason
from access.policy.beside import holder_keys
from access.policy.subjects import at_most
from vpn import compile
from vpn.grant import Lease
from vpn.state import Gateway

Key = TypeVar("Key")
Item = TypeVar("Item")


@dataclass
class Crowd:
    """Live sessions with their holders and desktops, and the last judgement on each.

    intervals: after how many of its own a session is silent, and counts no more.
    """

    sessions: dict[int, LiveSession] = field(default_factory=dict)
    holders: dict[HolderKey, Holder] = field(default_factory=dict)
    desks: dict[int, tuple[Desk, ...]] = field(default_factory=dict)
    judged: dict[int, Judgement] = field(default_factory=dict)
    intervals: int = SILENT_INTERVALS
    _held_by: dict[HolderKey, set[int]] = field(default_factory=lambda: defaultdict(set))
    _claims: dict[Place, set[int]] = field(default_factory=lambda: defaultdict(set))
    _known_as: dict[str, set[HolderKey]] = field(default_factory=lambda: defaultdict(set))
    _at: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _timer: list[tuple[float, int]] = field(default_factory=list)

    def put(self, session: LiveSession) -> None:
        """Take in a session, or the newer state of one; what was judged of it stays until it is judged."""
        self._unlink(self.sessions.get(session.id))
        self.sessions[session.id] = session
        if session.holder is not None:
            self._held_by[session.holder].add(session.id)
        for place in places_of(session):
            self._claims[place].add(session.id)
        if isinstance(session.facts.station, str):
            self._at[session.facts.station].add(session.id)

    def drop(self, session_id: int) -> None:
        """A session has ended."""
        self._unlink(self.sessions.pop(session_id, None))
        self.judged.pop(session_id, None)

    def leave(self, session_id: int) -> None:
        """The end of a session was asked for: it has no rights from now on."""
        self.sessions[session_id] = replace(self.sessions[session_id], leaving=True)

    def holds(self, key: HolderKey) -> frozenset[int]:
        """The sessions of a holder."""
        return frozenset(self._held_by.get(key, ()))

    def on(self, endpoint_ids: Collection[int]) -> set[int]:
        """The sessions on endpoints that were registered under these ids when they were read."""
        return {
            each.id
            for each in self.sessions.values()
            if each.evidence.registration is not None and each.evidence.registration.id in endpoint_ids
        }

    def keys(self) -> list[HolderKey]:
        """Whoever has a session."""
        return list(self._held_by)

    def meet(self, keys: Iterable[HolderKey], found: Mapping[HolderKey, Holder]) -> None:
        """Take over what is known of holders now; those not found are gone."""
        for key in keys:
            before = self.holders.pop(key, None)
            if before is not None:
                for name in holder_keys(at_most(before.subject)):
                    _discard(self._known_as, name, key)
            if key in found and key in self._held_by:
                self.holders[key] = found[key]
                for name in holder_keys(at_most(found[key].subject)):
                    self._known_as[name].add(key)

    def about(self, names: Iterable[str]) -> set[int]:
        """The sessions that standing rules with these subject keys can be about."""
        ids: set[int] = set()
        for name in names:
            for key in self._known_as.get(name, ()):
                ids |= self._held_by.get(key, set())
            ids |= self._at.get(name.removeprefix("endpoint:").partition("@")[0], set())
        return ids

    def claimed(self) -> list[Place]:
        """Every place that a session claims."""
        return list(self._claims)

    def places(self, ids: Iterable[int]) -> set[Place]:
        """The places that these sessions claim."""
        found = (self.sessions.get(session_id) for session_id in ids)
        return {place for session in found if session is not None for place in places_of(session)}

    def judge(self, session: LiveSession, ground: Ground, now: float) -> Judgement:
        """Judge a session anew, and remember when to look at it again."""
        key = session.holder
        desks = self.desks.get(key.id, ()) if key is not None and key.kind is HolderKind.USER else ()
        holder = self.holders.get(key) if key is not None else None
        if ground.asks(COUNTED):
            session = replace(session, facts=replace(session.facts, sessions=self.elsewhere(session, now)))
        judgement = judge(ground, session, holder, desks, now)
        self.judged[session.id] = judgement
        if judgement.look_again is not None:
            heapq.heappush(self._timer, (judgement.look_again, session.id))
        return judgement

    def at_same_endpoints(self, ids: Iterable[int]) -> set[int]:
        """The sessions of the endpoints that have these."""
        found = (self.sessions.get(session_id) for session_id in ids)
        stations = {each.facts.station for each in found if each is not None}
        return {
            other for station in stations if isinstance(station, str) for other in self._at.get(station, ())
        }

    def keep_apart(self, ids: Iterable[int], revision: str) -> None:
        """Let endpoints that have these sessions be in one zone each, as access.gateways.one_zone tells."""
        by_station: dict[str | Absent, list[Placed]] = defaultdict(list)
        for session_id in self.at_same_endpoints(ids):
            session, judgement = self.sessions[session_id], self.judged.get(session_id)
            if judgement is not None and judgement.zone and not session.leaving:
                by_station[session.facts.station].append(Placed(session, judgement.zone))
        for here in by_station.values():
            for session in yielding(here):
                self.judged[session.id] = Judgement(
                    refusal=Decision(Effect.DENY, Reason.OTHER_ZONE, revision=revision)
                )

    def seniority(self, session_id: int) -> tuple[float, bytes]:
        """What orders sessions by when they came."""
        session = self.sessions.get(session_id)
        present = session.present if session is not None else None
        return (0.0, b"") if present is None else (present.admitted_at, present.class_)

    def elsewhere(self, session: LiveSession, now: float) -> Others | Absent:
        """The sessions that a person had before this one came, without those that have been refused since."""
        key, own = session.holder, session.present
        if key is None or key.kind is not HolderKind.USER or own is None:
            return Absent.DOES_NOT_APPLY
        mine = (self.sessions[each] for each in self._held_by.get(key, ()) if not self._is_refused(each))
        known = (each.present for each in mine if each.present is not None and not each.leaving)
        return others((each for each in known if counts(each, self.intervals, now)), own.station, own.class_)

    def _is_refused(self, session_id: int) -> bool:
        judgement = self.judged.get(session_id)
        return judgement is not None and judgement.refusal is not None

    def due(self, now: float) -> set[int]:
        """The sessions to look at again by now; each is told once."""
        ids = set()
        while self._timer and self._timer[0][0] <= now:
            moment, session_id = heapq.heappop(self._timer)
            judgement = self.judged.get(session_id)
            if judgement is not None and judgement.look_again == moment:
                ids.add(session_id)
        return ids

    def wanted(self, place: Place, gateway: Gateway, now: float) -> Wanted | None:
        """What should be at a place; None: nothing. An address that two claim alike belongs to neither."""
        claimants = [self.sessions[session_id] for session_id in self._claims.get(place, ())]
        if not claimants:
            return None
        leases = [Lease(str(each.id), place.address, gateway.name, each.generation) for each in claimants]
        judged = {each.id: self.judged.get(each.id, Judgement()) for each in claimants}
        grants = [grant for each in claimants for grant in judged[each.id].grants(each.id)]
        pairs = compile.pairs(gateway, grants, leases, now)
        owner = max(claimants, key=lambda each: each.generation)
        return Wanted(owner.id, pairs, judged[owner.id].look_again) if pairs else None

    def _unlink(self, session: LiveSession | None) -> None:
        if session is None:
            return
        for place in places_of(session):
            _discard(self._claims, place, session.id)
        if isinstance(session.facts.station, str):
            _discard(self._at, session.facts.station, session.id)
        if session.holder is not None:
            _discard(self._held_by, session.holder, session.id)


def _discard(index: dict[Key, set[Item]], key: Key, item: Item) -> None:
    index[key].discard(item)
    if not index[key]:
        del index[key]


def places_of(session: LiveSession) -> list[Place]:
    """Where a session's pairs belong."""
    if session.gateway_id is None:
        return []
    return [Place(session.gateway_id, address) for address in session.addresses]
