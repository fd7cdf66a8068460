"""Who has sessions now, counted in memory for the limits on simultaneous use, and where endpoints are.

A limit counts endpoints, not rows: a laptop that logs in again after a lost Stop, or after its access point
was restarted, is one and the same, so nothing that is left over can shut its owner out. What counts no more:

    state            no longer once
    any              its end was asked for, or five minutes are over after the time the NAS was told
    live             the NAS reported it and has fallen silent, as access.logins.session_report tells
    admitted         ten minutes have passed without accounting: it never came to be, or cannot be watched

What this worker has granted counts at once; what others have, when the change feed has told it. A grant is
not in the database yet, so a reading of all that is there takes none away that no reading has had.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from access.logins.risk import Visit
from access.model import Others, Via
from radius.frozen import value

GRACE_S = 300.0
UNREPORTED_S = 600.0
SILENT_INTERVALS = 3


@value
class Present:
    """An open session. station is its endpoint as the NAS writes it; user_id is None for a MAC address's own.

    endpoint: the MAC address by which zones know it, in colons, "" where nobody says it. zone: the one it is
    in. by_mac: it was let in by its MAC address alone.
    heard_at is None before its accounting, interim_s before its second report. leaving: its end was asked
    for.
    """

    class_: bytes
    organization_id: int
    user_id: int | None
    station: str
    admitted_at: float
    via: Via = Via.VPN
    valid_until: float | None = None
    heard_at: float | None = None
    interim_s: float | None = None
    leaving: bool = False
    endpoint: str = ""
    zone: str = ""
    by_mac: bool = False

    @property
    def rank(self) -> tuple[bool, bool]:
        """What it is held against others of its endpoint by."""
        return rank(self.via, self.by_mac)


def rank(via: Via, by_mac: bool) -> tuple[bool, bool]:
    """Return what decides which sessions of an endpoint yield where they are in several zones: the lesser.

    A session at a wire or Wi-Fi is where an endpoint is; a tunnel is carried by it, and ends with it. Whoever
    has proved who they are does not yield to a MAC address, which anybody can copy.
    """
    return via is not Via.VPN, not by_mac


@dataclass(frozen=True, slots=True)
class PresenceNews:
    """whole: these are all the open sessions there are. gone: the Classes of those that have ended lately.

    visits are where people were let in, by user id, and all_visits: these are all there are.
    """

    known: tuple[Present, ...] = ()
    gone: tuple[bytes, ...] = ()
    whole: bool = False
    visits: tuple[tuple[int, Visit], ...] = ()
    all_visits: bool = False


def counts(session: Present, intervals: int, now: float) -> bool:
    """Return whether a session is still one, as the table says."""
    if session.leaving:
        return False
    if session.valid_until is not None and now > session.valid_until + GRACE_S:
        return False
    if session.heard_at is None:
        return now - session.admitted_at <= UNREPORTED_S
    silent_s = session.interim_s and intervals * session.interim_s
    return silent_s is None or now - session.heard_at <= silent_s


def others(sessions: Iterable[Present], station: str, own: bytes = b"") -> Others:
    """Return on how many endpoints somebody has sessions beside this one, by door.

    sessions are those that count.
    An endpoint that has one already, own or of the same station, only counts those that were there before:
    of several that came at once the later ones are too many, and never the earlier ones.
    """
    first: dict[tuple[Via, str | bytes], tuple[float, bytes]] = {}
    since: tuple[float, bytes] | None = None
    for each in sessions:
        came = each.admitted_at, each.class_
        if each.class_ == own or (station and each.station == station):
            since = came if since is None else min(since, came)
            continue
        key = each.via, each.station or each.class_
        first[key] = min(first.get(key, came), came)
    found: dict[Via | None, int] = {}
    for (via, _), came in first.items():
        if since is None or came < since:
            found[via] = found.get(via, 0) + 1
    return Others(tuple(sorted(found.items())))


class Presence:
    """Every open session by its Class. intervals: after how many of its own a session is silent.

    whole: whether all have been read since there was somebody who counts.
    """

    def __init__(self, intervals: int) -> None:
        self.whole = False
        self._intervals = intervals
        self._sessions: dict[bytes, Present] = {}
        self._of_users: dict[int, set[bytes]] = {}
        self._of_organizations: dict[int, set[bytes]] = {}
        # Those that are in a zone, by their endpoint.
        self._at: dict[str, set[bytes]] = {}
        # Granted here and in no reading yet, the oldest first.
        self._unread: dict[bytes, Present] = {}

    def put_all(self, known: Iterable[Present]) -> None:
        """Know these sessions and no others but what was granted here and in no reading yet."""
        unread = self._unread
        self.whole = True
        self._sessions, self._of_users, self._of_organizations, self._unread = {}, {}, {}, {}
        self._at = {}
        for each in (*unread.values(), *known):
            self.put(each)
        self._unread = {class_: each for class_, each in unread.items() if self._sessions[class_] is each}

    def grant(self, session: Present) -> None:
        """Know a session that begins here and now, or goes on with another end, perhaps in another zone."""
        before = self._sessions.get(session.class_)
        if before is not None:
            session = replace(
                before, valid_until=session.valid_until, zone=session.zone, by_mac=session.by_mac
            )
        self.put(session)
        self._unread[session.class_] = session
        while (oldest := next(iter(self._unread.values()))).admitted_at < session.admitted_at - UNREPORTED_S:
            del self._unread[oldest.class_]

    def put(self, session: Present) -> None:
        """Know a session as it is now."""
        self.remove(session.class_)
        self._sessions[session.class_] = session
        if session.user_id is not None:
            self._of_users.setdefault(session.user_id, set()).add(session.class_)
        self._of_organizations.setdefault(session.organization_id, set()).add(session.class_)
        if session.zone and session.endpoint:
            self._at.setdefault(session.endpoint, set()).add(session.class_)

    def remove(self, class_: bytes) -> None:
        """A session has ended."""
        self._unread.pop(class_, None)
        before = self._sessions.pop(class_, None)
        if before is None:
            return
        if before.user_id is not None:
            self._of_users[before.user_id].discard(class_)
        self._of_organizations[before.organization_id].discard(class_)
        if class_ in (here := self._at.get(before.endpoint, set())):
            here.discard(class_)
            if not here:
                del self._at[before.endpoint]

    def others_of_user(self, user_id: int, station: str, now: float) -> int:
        """Return on how many other endpoints a person has sessions."""
        return self._endpoints(self._of_users.get(user_id, set()), station, now)

    def others_of_organization(self, organization_id: int, station: str, now: float) -> int:
        """Return on how many other endpoints an organization has sessions."""
        return self._endpoints(self._of_organizations.get(organization_id, set()), station, now)

    def sessions_of(self, user_id: int, station: str, own: bytes, now: float) -> Others:
        """Return on how many other endpoints a person has sessions, by door. own: a session that goes on."""
        mine = (self._sessions[class_] for class_ in self._of_users.get(user_id, ()))
        return others((each for each in mine if self._counts(each, now)), station, own)

    def at(self, endpoint: str, now: float) -> list[Present]:
        """Return the sessions of an endpoint that are in a zone."""
        here = (self._sessions[class_] for class_ in self._at.get(endpoint, ()))
        return [each for each in here if self._counts(each, now)]

    def _endpoints(self, classes: Iterable[bytes], station: str, now: float) -> int:
        found = {
            each.station or each.class_
            for class_ in classes
            if self._counts(each := self._sessions[class_], now)
        }
        return len(found - {station})

    def _counts(self, session: Present, now: float) -> bool:
        return counts(session, self._intervals, now)
