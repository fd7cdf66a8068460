"""The one enforcer: follows every change, judges the sessions it touches, writes what gateways hold. ▸

Rules, in prose:
- What a session may reach is judged from the policy, its holder, its facts and the clock, never from what
  was judged before. A change of any of them makes the sessions it touches judged anew, no others. Of a new
  policy whose destinations are the same only those are touched whom a rule, group or opening is about that
  differs; where something else differs, or it comes in waves, everybody is.
- A session whose own door no longer opens (login:VIA) is ended: its pairs go and its NAS is asked to
  disconnect it. It never gets them back; whoever has a right again logs in again.
- Where that is because rules give a person different things, which a directory can bring about, an alarm
  names the rules, as it does at a login.
- A session that the policy would give another VLAN, role or ACL by now keeps its rights and is asked to log
  in anew.
- Pairs, work, ends of sessions and what the audit says of them are written in one transaction, which fails
  where another enforcer leads by now. Only then are the workers rung, once.
- A new cut of the destinations comes in three moves, each when the one before is confirmed: pairs of the new
  atoms come, with them goes what is revoked; the gateway gets the new rules; pairs of the old atoms go that
  the new ones have replaced. So what stays allowed is not interrupted. A gateway that does not confirm the
  first move gets its rules all the same.
- What a gateway has not confirmed after CONFIRM_WITHIN_S raises an alarm, once until it is confirmed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from access.changes.session_preview import open_objects
from access.gateways import enforcement_notes
from access.gateways.crowd import Crowd
from access.gateways.enforcing import Bell, Records, Step, Touched, View
from access.gateways.livesessions import (
    COUNTED,
    Ground,
    Holder,
    HolderKey,
    HolderKind,
    Judgement,
    LiveSession,
    ground,
)
from access.gateways.pairbook import HeldPair, PairBook, Place
from access.gateways.uses import Uses
from access.logins.presence import SILENT_INTERVALS
from access.model import Decision
from access.policy.parts import are_own
from access.policy.touched import concerned, own_keys
from access.records import alarms
from access.records.audit import AuditEntry
from vpn import diff
from vpn.state import Gateway, GatewayState, Structure

CONFIRM_WITHIN_S = 10.0
MOST_ROWS = 500
_NOBODY: Mapping[HolderKey, Holder] = {}


@dataclass(slots=True)
class Outstanding:
    """What a gateway has yet to confirm: since when, and whether the alarm was raised."""

    generation: int
    since: float
    alarmed: bool = False


@dataclass(slots=True)
class Recut:
    """A gateway on its way to a new cut. rules: the generation of the second move, None in the first.

    retired: the atoms whose pairs wait for the third move, by place.
    """

    since: float
    retired: dict[Place, set[int]]
    rules: int | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A gateway that did not confirm in time."""

    device: str
    waiting_s: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What judging sessions came to: those that must end or log in anew, and what the audit is told."""

    ends: tuple[int, ...] = ()
    moves: tuple[int, ...] = ()
    notes: tuple[AuditEntry, ...] = ()
    zones: tuple[tuple[int, str], ...] = ()
    raised: tuple[alarms.Alarm, ...] = ()


@dataclass
class Enforcer:
    """The sessions and the gateways as they are, and what follows from every change."""

    records: Records
    bell: Bell
    intervals: int = SILENT_INTERVALS
    position: Any = None
    ground: Ground = field(default_factory=lambda: ground(None))
    gateways: dict[int, Gateway] = field(default_factory=dict)
    crowd: Crowd = field(default_factory=Crowd)
    book: PairBook = field(default_factory=PairBook)
    outstanding: dict[int, Outstanding] = field(default_factory=dict)
    recuts: dict[int, Recut] = field(default_factory=dict)
    uses: Uses = field(default_factory=Uses)
    _waiting: set[Place] = field(default_factory=set)

    def begin(self, now: float) -> None:
        """Load everything, and write what is not as it should be. Every gateway is made whole once."""
        with self.records.reading() as view:
            self.position = view.head()
            self._take_policy(view)
            self.gateways = dict(view.gateways())
            self.crowd = Crowd(desks=dict(view.desks(None)), intervals=self.intervals)
            for session in view.sessions(None):
                self.crowd.put(session)
            self.crowd.meet(self.crowd.keys(), view.holders(self.crowd.keys()))
            self.book = PairBook(view.pairs())
        self.outstanding, self.recuts, self._waiting = {}, {}, set()
        verdicts = self._judge(self.crowd.sessions, now)
        places = {*self.book.places(), *self.crowd.claimed()}
        whole = Step(structure=frozenset(self.gateways), revision=self.ground.revision)
        self._carry_out(places, verdicts, now, whole)

    def follow(self, now: float) -> bool:
        """Take over what has changed; whether anything had. Raises FeedPruned."""
        before = self.ground
        with self.records.reading() as view:
            touched = view.touched(self.position)
            if touched is None:
                return False
            earlier = dict(self.crowd.holders)
            structure = self._take_over(view, touched)
            keys = _concerned(before, self.ground) if touched.policy else frozenset[str]()
            ids = self._touched_sessions(view, touched, keys)
            if touched.standing:
                ids |= self.crowd.about(self._take_standing(view, touched.standing))
            places, leaving = self.crowd.places(ids), self._leaving(ids)
            self._take_sessions(view, ids, now)
            places |= self.crowd.places(ids)
        self.position = touched.position
        if asked := self._leaving(ids) - leaving:
            self.bell.ring((), (), asked)
        verdicts = self._judge(ids, now, earlier)
        if keys is None:
            self._recut(before, verdicts, structure, now)
        else:
            revision = self.ground.revision if touched.policy else None
            self._carry_out(places, verdicts, now, Step(structure=structure, revision=revision))
        return True

    def look_again(self, now: float) -> bool:
        """Judge the sessions for which the clock may have changed something; whether there were any."""
        ids = self.crowd.due(now)
        if ids:
            self._carry_out(self.crowd.places(ids), self._judge(ids, now), now)
        return bool(ids)

    def write_uses(self, now: float) -> None:
        """Write down a portion of who used what, if it is time."""
        due = self.uses.due(now)
        if due:
            self.records.note_uses(due)

    def confirm(self, now: float) -> list[Alarm]:
        """See what gateways have confirmed, go on where that was waited for; the gateways that are late."""
        asked = self.outstanding.keys() | self.recuts.keys()
        if not asked:
            return []
        done = self.records.confirmed(asked)
        freed: set[Place] = set()
        for device_id, waiting in list(self.outstanding.items()):
            reached = done.membership.get(device_id)
            if reached is None or reached >= waiting.generation:
                del self.outstanding[device_id]
            if reached is not None:
                freed |= self.book.confirm(device_id, reached) & self._waiting
        for device_id in list(self.recuts):
            freed |= self._next_move(device_id, done.structure.get(device_id), now)
        if freed:
            self._carry_out(freed, Verdicts(), now)
        return self._late(now)

    def _take_over(self, view: View, touched: Touched) -> frozenset[int]:
        """Take over the policy, the gateways and the desktops; the gateways to be made whole."""
        if touched.desks:
            found = view.desks(touched.desks)
            self.crowd.desks.update({user_id: found.get(user_id, ()) for user_id in touched.desks})
        if touched.policy:
            self._take_policy(view)
        if not touched.devices:
            return frozenset()
        before, self.gateways = self.gateways, dict(view.gateways())
        for device_id in before.keys() - self.gateways.keys():
            self.book.forget(device_id)
            self.outstanding.pop(device_id, None)
            self.recuts.pop(device_id, None)
        return touched.devices & self.gateways.keys()

    def _take_policy(self, view: View) -> None:
        policy = view.policy(self.ground.policy)
        if policy is not self.ground.policy:
            self.ground = ground(policy, self.ground)
        self._take_standing(view, None)

    def _take_standing(self, view: View, numbers: Collection[int] | None) -> frozenset[str]:
        """Take over these standing rules, None: all; the subject keys that they are, or were, about."""
        policy = self.ground.policy
        if policy is None:
            return frozenset()
        changes, revision = view.standing(policy, numbers)
        after = policy.with_standing(changes, revision)
        sides = (*policy.sides, *after.sides)
        told = [each.keys_of_standing(number) for each in sides for number, _ in changes]
        # The destinations stay cut as they are: no standing rule adds one.
        self.ground = self.ground.with_policy(after)
        return own_keys(frozenset[str]().union(*told), *after.sides)

    def _touched_sessions(self, view: View, touched: Touched, keys: frozenset[str] | None) -> set[int]:
        """The sessions that a change touches. keys: whom another policy concerns, None: everybody."""
        ids = set(touched.sessions)
        if touched.nas:
            ids |= view.sessions_of_nas(touched.nas)
        if touched.certificates:
            ids |= view.sessions_of_certificates(touched.certificates)
        if touched.devices:
            here = self.crowd.sessions.values()
            ids |= {session.id for session in here if session.gateway_id in touched.devices}
        ids |= self.crowd.sessions.keys() if keys is None else self.crowd.about(keys)
        users = touched.users | touched.desks
        if touched.groups:
            users |= view.members(touched.groups)
        for user_id in users:
            ids |= self.crowd.holds(HolderKey(HolderKind.USER, user_id))
        for endpoint_id in touched.endpoints:
            ids |= self.crowd.holds(HolderKey(HolderKind.ENDPOINT, endpoint_id))
        if touched.endpoints and self.ground.asks("endpoint"):
            ids |= view.sessions_at(touched.endpoints) | self.crowd.on(touched.endpoints)
        return ids

    def _take_sessions(self, view: View, ids: set[int], now: float) -> None:
        """Read the touched sessions, and everyone who has one of them."""
        found = {session.id: session for session in view.sessions(ids)}
        known = [self.crowd.sessions[session_id] for session_id in ids if session_id in self.crowd.sessions]
        keys = {each.holder for each in (*known, *found.values()) if each.holder is not None}
        for session_id in ids:
            if session_id in found:
                self.crowd.put(found[session_id])
            else:
                self._note_uses(session_id, now, ended=True)
                self.crowd.drop(session_id)
        self.crowd.meet(keys, view.holders(keys))
        if self.ground.asks(COUNTED):
            # Whoever has one more, or one less, has others to be counted; and these as they are heard of now.
            ids |= self._read(view, {each for key in keys for each in self.crowd.holds(key)} - ids)

        if self.ground.is_zoned:
            ids |= self._read(view, self.crowd.at_same_endpoints(ids) - ids)

    def _read(self, view: View, ids: set[int]) -> set[int]:
        """Read sessions of people who are known, and return which."""
        for session in view.sessions(ids):
            self.crowd.put(session)
        return ids

    def _leaving(self, ids: Iterable[int]) -> set[int]:
        found = (self.crowd.sessions.get(session_id) for session_id in ids)
        return {session.id for session in found if session is not None and session.leaving}

    def _judge(
        self, ids: Iterable[int], now: float, earlier: Mapping[HolderKey, Holder] = _NOBODY
    ) -> Verdicts:
        """Judge sessions anew. earlier: holders as they were before a change."""
        ends, moves, notes, zones, raised = [], [], [], [], []
        for session, known, judgement in self._judged(ids, now):
            session_id, before = session.id, known or Judgement()
            self._note_uses(session_id, now)
            if judgement.zone != (session.zone if known is None else known.zone):
                zones.append((session_id, judgement.zone))
            if judgement.clash and judgement.clash != before.clash:
                raised.append(self._clashing(session, judgement.clash))
            left = self._groups_left(session, earlier)
            lost = before.objects - judgement.objects
            if judgement.refusal is not None:
                ends.append(session_id)
                notes.append(enforcement_notes.ended(session, judgement.refusal, left, now))
                torn = self._conflicting(session, judgement.refusal)
                raised += [torn] if torn is not None else []
            elif lost and not session.leaving:
                revision = self.ground.revision
                notes.append(enforcement_notes.narrowed(session, lost, left, revision, now))
            if judgement.gifts is not None and judgement.gifts != before.gifts and not session.leaving:
                moves.append(session_id)
                notes.append(enforcement_notes.moved(session, judgement.gifts, self.ground.revision, now))
        return Verdicts(tuple(ends), tuple(moves), tuple(notes), tuple(zones), tuple(raised))

    def _judged(
        self, ids: Iterable[int], now: float
    ) -> list[tuple[LiveSession, Judgement | None, Judgement]]:
        """Sessions with what was judged of them before and now; and those that yield to one of these."""
        crowd = self.crowd
        ordered = sorted(ids, key=crowd.seniority) if self.ground.asks(COUNTED) else list(ids)
        zoned = crowd.at_same_endpoints(ordered) if self.ground.is_zoned else set[int]()
        before = {each: crowd.judged.get(each) for each in (*ordered, *zoned)}
        judged = {
            each: crowd.judge(crowd.sessions[each], self.ground, now)
            for each in ordered
            if each in crowd.sessions
        }
        if zoned:
            crowd.keep_apart(zoned, self.ground.revision)
        after = {**judged, **{each: crowd.judged[each] for each in before if each in crowd.judged}}
        moved = [each for each in after if each in judged or after[each] is not before[each]]
        return [(crowd.sessions[each], before[each], after[each]) for each in moved]

    def _clashing(self, session: LiveSession, clash: Collection[tuple[str, str]]) -> alarms.Alarm:
        owner = self._whose(session, {rule for _, rule in clash})
        return enforcement_notes.clashing(session.id, self._name(session), clash, owner)

    def _conflicting(self, session: LiveSession, refusal: Decision) -> alarms.Alarm | None:
        owner = self._whose(session, refusal.permits)
        return enforcement_notes.conflicting(self._name(session), refusal, owner)

    def _whose(self, session: LiveSession, rule_ids: Collection[str]) -> int | None:
        """Whose session it is where all of these rules are their own, as at a login."""
        holder = self.crowd.holders.get(session.holder) if session.holder is not None else None
        organization = holder.subject.organization if holder is not None else ""
        return session.organization_id if are_own(rule_ids, self.ground.policy, organization) else None

    def _name(self, session: LiveSession) -> str:
        """Who has a session, for people."""
        holder = self.crowd.holders.get(session.holder) if session.holder is not None else None
        if holder is None:
            return f"session {session.id}"
        subject = holder.subject
        return f"{subject.name}@{subject.organization}" if subject.organization else subject.name

    def _note_uses(self, session_id: int, now: float, ended: bool = False) -> None:
        """Take down what is open to a session of a user, or was until it ended."""
        session, judgement = self.crowd.sessions.get(session_id), self.crowd.judged.get(session_id)
        key = session.holder if session is not None else None
        if session is None or judgement is None or key is None or key.kind is not HolderKind.USER:
            return
        note = self.uses.ended if ended else self.uses.note
        note(key.id, open_objects(session, judgement), now)

    def _groups_left(self, session: LiveSession, earlier: Mapping[HolderKey, Holder]) -> frozenset[str]:
        if session.holder not in earlier or session.holder is None:
            return frozenset()
        holder = self.crowd.holders.get(session.holder)
        return earlier[session.holder].subject.groups - (holder.subject.groups if holder else frozenset())

    def _recut(self, before: Ground, verdicts: Verdicts, structure: frozenset[int], now: float) -> None:
        """Make the first move of a new cut at every gateway, and the second where nothing is waited for."""
        if before.atoms.atoms == self.ground.atoms.atoms:
            whole = Step(structure=structure, revision=self.ground.revision)
            self._carry_out([*self.book.places(), *self.crowd.claimed()], verdicts, now, whole)
            return
        for device_id in self.gateways:
            self.recuts[device_id] = Recut(now, self._retired(device_id, before, now))
        keep = {place: atoms for recut in self.recuts.values() for place, atoms in recut.retired.items()}
        places = {*self.book.places(), *self.crowd.claimed()}
        self._carry_out(places, verdicts, now, Step(structure=structure), keep)
        self.confirm(now)

    def _retired(self, device_id: int, before: Ground, now: float) -> dict[Place, set[int]]:
        """The atoms of the old cut, by place, that revoke nothing because new ones replace them."""
        held = self.book.standing(device_id)
        places = {Place(device_id, pair.address) for pair in held}
        wanted = [self.crowd.wanted(place, self.gateways[device_id], now) for place in places]
        plan = diff.plan(
            GatewayState(Structure(frozenset(before.atoms.atoms)), held),
            GatewayState(
                Structure(frozenset(self.ground.atoms.atoms)),
                frozenset(pair for each in wanted if each is not None for pair in each.pairs),
            ),
        )
        retired: dict[Place, set[int]] = {}
        for pair in plan.retired:
            retired.setdefault(Place(device_id, pair.address), set()).add(pair.atom)
        return retired

    def _next_move(self, device_id: int, rules_done: int | None, now: float) -> set[Place]:
        """Go on with a new cut where the last move is confirmed; the places of the third move."""
        recut = self.recuts[device_id]
        if recut.rules is None:
            waits = device_id in self.outstanding and now - recut.since < CONFIRM_WITHIN_S
            if not waits:
                step = Step(structure=frozenset({device_id}), revision=self.ground.revision)
                recut.rules = self._write(step, now).get(device_id, 0)
            return set()
        if rules_done is None or rules_done < recut.rules:
            return set()
        del self.recuts[device_id]
        return set(recut.retired)

    def _carry_out(
        self,
        places: Iterable[Place],
        verdicts: Verdicts,
        now: float,
        step: Step = Step(),  # noqa: B008 - frozen
        keep: Mapping[Place, set[int]] | None = None,
    ) -> None:
        """Write what follows for these places, in steps of at most MOST_ROWS pairs, revocations first.

        keep: atoms that stay for the moment, by place.
        """
        changes = self._settle(places, now, keep or {})
        changes.sort(key=lambda change: not change.removed)
        step = replace(
            step,
            changes=tuple(changes[:MOST_ROWS]),
            ends=verdicts.ends,
            moves=verdicts.moves,
            notes=verdicts.notes,
            zones=verdicts.zones,
            alarms=verdicts.raised,
        )
        while not step.empty:
            self._write(step, now)
            changes = changes[MOST_ROWS:]
            step = Step(tuple(changes[:MOST_ROWS]))

    def _settle(self, places: Iterable[Place], now: float, keep: Mapping[Place, set[int]]) -> list[HeldPair]:
        changes: list[HeldPair] = []
        for place in places:
            gateway = self.gateways.get(place.device_id)
            if gateway is None:
                continue
            wanted = self.crowd.wanted(place, gateway, now)
            settlement = self.book.settle(place, wanted, keep.get(place, set()))
            changes += settlement.changes
            (self._waiting.add if settlement.waits else self._waiting.discard)(place)
        return changes

    def _write(self, step: Step, now: float) -> Mapping[int, int]:
        """Write a step, ring, and return the generations that were asked of structure lanes."""
        asked = self.records.write(step, now)
        self.book.enter(
            replace(change, generation=asked.membership[change.device_id])
            for change in step.changes
            if change.device_id in asked.membership
        )
        for device_id, generation in asked.membership.items():
            self.outstanding.setdefault(device_id, Outstanding(generation, now)).generation = generation
        for session_id in step.ends:
            self.crowd.leave(session_id)
        asking = (*step.ends, *step.moves)
        if asked.membership or asked.structure or asking:
            self.bell.ring(asked.membership, asked.structure, asking)
        return asked.structure

    def _late(self, now: float) -> list[Alarm]:
        late = {
            device_id: waiting
            for device_id, waiting in self.outstanding.items()
            if not waiting.alarmed and now - waiting.since > CONFIRM_WITHIN_S
        }
        for waiting in late.values():
            waiting.alarmed = True
        names = {device_id: self.gateways[device_id].name for device_id in late if device_id in self.gateways}
        if names:
            notes = tuple(enforcement_notes.unconfirmed(name, now) for name in names.values())
            self.records.write(Step(notes=notes), now)
        return [Alarm(name, now - late[device_id].since) for device_id, name in names.items()]


def _concerned(before: Ground, after: Ground) -> frozenset[str] | None:
    """The subject keys of those whom another policy concerns; None: it can be anybody."""
    return concerned(before.policy, after.policy) if before.atoms == after.atoms else None
