"""Sessions, from what a NAS reports about them (RFC 2866).

Reports are lost, repeated and come in any order, so each says what is true of a session at a time, and the
session is what the reports add up to:

    session   event    then
    none      Start    open
    none      Interim  open: its Start was lost
    none      Stop     closed: both were lost, or the Stop overtook them
    open      Start    open; the earlier beginning holds
    open      Interim  open; counters only grow, an older report changes no address
    open      Stop     closed
    closed    any      closed; a late report adds what it knows and revives nothing
    closed    Start    open, as a new session, if it carries a Class of a later Accept: a NAS that
                       counts its sessions from one again after a restart
    open      On, Off  closed, if it began before: the NAS has restarted, its sessions are gone

An address belongs to one open session. The one that claimed it last has it; the one before loses it before
the next one gets anything, because its Stop may be lost for ever. Saying the same address again is no new
claim, or two sessions would take it from each other with every Interim-Update.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from radius.facts import Facts, Usage
from radius.questions import Account, AccountKind

# RFC 2866 section 5.10
TERMINATED_BY_NAS_REBOOT = 11

_NO_FACTS = Facts()
_UNUSED = Usage()

Address = IPv4Address | IPv6Address | IPv6Network


class Status(Enum):
    """Whether a session goes on."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SessionKey:
    """A session's name is unique within its NAS only."""

    nas: str
    acct_session_id: str


@dataclass(frozen=True, slots=True)
class Event:
    """One report. at is when it was true, in seconds since 1970, and not when it came."""

    kind: AccountKind
    key: SessionKey
    at: float
    user_name: str = ""
    class_: tuple[bytes, ...] = ()
    facts: Facts = _NO_FACTS
    usage: Usage = _UNUSED


@dataclass(frozen=True, slots=True)
class Session:
    """What the reports about one session add up to.

    reported are the addresses the NAS says it has, since claimed_at; addresses are those of them it has not
    lost to another session. updated_at is the time of the newest report.
    """

    key: SessionKey
    status: Status
    started_at: float
    updated_at: float
    user_name: str = ""
    class_: tuple[bytes, ...] = ()
    facts: Facts = _NO_FACTS
    usage: Usage = _UNUSED
    reported: frozenset[Address] = frozenset()
    addresses: frozenset[Address] = frozenset()
    claimed_at: float = 0.0
    stopped_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the session goes on."""
        return self.status is Status.OPEN


@dataclass(frozen=True, slots=True)
class Takeover:
    """Two open sessions claim an address: loser must lose its rights there before winner gets any."""

    address: Address
    winner: SessionKey
    loser: SessionKey


@dataclass(frozen=True, slots=True)
class Changes:
    """What one event does: the sessions as they are now, and which addresses changed hands."""

    sessions: tuple[Session, ...]
    takeovers: tuple[Takeover, ...]


def event_of(account: Account, received_at: float) -> Event:
    """Return the report in an Accounting-Request.

    It was true at its Event-Timestamp, or without one as long ago as the NAS has tried to send it; never in
    the future, whatever the clock of the NAS.
    """
    at = received_at - account.delay_s if account.event_time is None else account.event_time
    key = SessionKey(account.nas, account.acct_session_id)
    at = min(at, received_at)
    return Event(account.kind, key, at, account.user_name, account.class_, account.facts, account.usage)


def next_state(session: Session | None, event: Event) -> Session:
    """Return the session after a Start, Interim or Stop. The same event twice changes nothing."""
    if session is None or _is_reused(session, event):
        return _begin(event)
    merged = _merge(session, event)
    if event.kind is AccountKind.STOP and session.is_open:
        return replace(merged, status=Status.CLOSED, stopped_at=event.at)
    return merged


def restarted(session: Session, event: Event) -> Session:
    """Return the session after an On or Off of its NAS."""
    if not session.is_open or session.key.nas != event.key.nas or session.started_at > event.at:
        return session
    usage = replace(session.usage, cause=TERMINATED_BY_NAS_REBOOT)
    return replace(session, status=Status.CLOSED, stopped_at=event.at, updated_at=event.at, usage=usage)


def takeovers(claimant: Session, others: Iterable[Session]) -> tuple[Takeover, ...]:
    """Return who loses which address between claimant and the other sessions that claim it.

    The later claim wins; between claims of the same moment the one reported last, claimant's.
    """
    found: list[Takeover] = []
    if not claimant.is_open:
        return ()
    for other in others:
        if not other.is_open or other.key == claimant.key:
            continue
        wins = claimant.claimed_at >= other.claimed_at
        winner, loser = (claimant, other) if wins else (other, claimant)
        shared = sorted(claimant.addresses & other.addresses, key=str)
        found.extend(Takeover(address, winner.key, loser.key) for address in shared)
    return tuple(found)


def without(session: Session, lost: Iterable[Takeover]) -> Session:
    """Return session without the addresses it has lost."""
    gone = {takeover.address for takeover in lost if takeover.loser == session.key}
    return replace(session, addresses=session.addresses - gone) if gone else session


def apply(sessions: Mapping[SessionKey, Session], event: Event) -> Changes:
    """Return what an event changes among these sessions, which are those of its NAS or its addresses."""
    if event.kind in (AccountKind.ON, AccountKind.OFF):
        after = ((session, restarted(session, event)) for session in sessions.values())
        return Changes(tuple(new for old, new in after if new != old), ())
    session = next_state(sessions.get(event.key), event)
    lost = takeovers(session, sessions.values())
    touched = {session.key: session} | {t.loser: sessions[t.loser] for t in lost if t.loser != session.key}
    changed = (without(each, lost) for each in touched.values())
    return Changes(tuple(each for each in changed if each != sessions.get(each.key)), lost)


def _begin(event: Event) -> Session:
    closed = event.kind is AccountKind.STOP
    return Session(
        key=event.key,
        status=Status.CLOSED if closed else Status.OPEN,
        started_at=event.at - event.usage.session_time_s,
        updated_at=event.at,
        user_name=event.user_name,
        class_=event.class_,
        facts=event.facts,
        usage=event.usage,
        reported=_addresses(event.facts),
        addresses=_addresses(event.facts),
        claimed_at=event.at,
        stopped_at=event.at if closed else None,
    )


def _is_reused(session: Session, event: Event) -> bool:
    """Return whether the NAS has begun another session under a name it used before.

    Only a Class tells: a late Start looks like a new one in everything else.
    """
    if session.is_open or event.kind is not AccountKind.START or not event.class_:
        return False
    return event.class_ != session.class_ and event.at >= session.started_at


def _merge(session: Session, event: Event) -> Session:
    """Return the session with what the event adds."""
    newer = event.at >= session.updated_at
    older_facts, newer_facts = (session.facts, event.facts) if newer else (event.facts, session.facts)
    merged = replace(
        session,
        started_at=min(session.started_at, event.at - event.usage.session_time_s),
        updated_at=max(session.updated_at, event.at),
        user_name=session.user_name or event.user_name,
        class_=session.class_ or event.class_,
        facts=newer_facts if newer_facts != _NO_FACTS else older_facts,
        usage=_most(session.usage, event.usage),
    )
    addresses = _addresses(event.facts)
    if not (session.is_open and newer and addresses) or addresses == session.reported:
        return merged
    return replace(merged, reported=addresses, addresses=addresses, claimed_at=event.at)


def _most(a: Usage, b: Usage) -> Usage:
    """Return the larger counters of two reports: they only grow, so the larger are the newer."""
    return Usage(
        session_time_s=max(a.session_time_s, b.session_time_s),
        octets_in=max(a.octets_in, b.octets_in),
        octets_out=max(a.octets_out, b.octets_out),
        cause=a.cause if a.cause is not None else b.cause,
    )


def _addresses(facts: Facts) -> frozenset[Address]:
    claimed = (facts.framed_ip, facts.framed_ipv6, facts.framed_ipv6_prefix)
    return frozenset(address for address in claimed if address is not None)
