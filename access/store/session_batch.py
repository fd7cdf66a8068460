"""Sessions while records are applied to them: read together, changed in memory, written together. ◆

A loader moves a morning's logins through here, and a statement costs more than what it changes. So
everything that some records are about is read before the first of them, each sees in memory what those
before it have changed, and the rows are written once, when the last is done. What is asked for seldom goes
to the database itself, after what is changed by then was written.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)

from access.keys.sealing import Keyring
from access.logins.accounting import Place
from access.logins.login_record import UNCLASSED
from access.logins.network_session import NetworkSession, State, changed
from access.logins.session_ends import Silence
from access.logins.session_report import Record
from access.logins.session_shelf import Shelf
from access.model import Method, Via, is_8021x
from access.nas.disconnect import Settled
from access.nas.pools import networks
from access.proof.network_password import spelt
from access.records.alarms import Alarm
from access.records.audit import AuditEntry
from access.store import audit, feed, many_rows, wishes
from access.store.address_leases import Leases
from access.store.alarms import StoredAlarms
from access.store.database import BULK_ROWS
from access.store.endpoints import Proofs
from access.store.network_passwords import Uses
from access.store.prepared import Prepared
from access.store.sessions import OPEN, SESSIONS, open_ones, session_by_id, session_of
from access.store.tables import devices, endpoints, nas, nas_restarts, sessions, users

_NOT_SAVED = frozenset({"id", "disconnect", "disconnect_at", "disconnect_note", "wish", "recipe"})
_SAVED = tuple(name for name in NetworkSession.__slots__ if name not in _NOT_SAVED)
_values_of = attrgetter(*_SAVED)
_COLUMNS = tuple(sessions.c[name].name for name in ("id", *_SAVED))
_UPDATES: dict[tuple[str, ...], Prepared] = {}

_WANTED: Any = bindparam("wanted", expanding=True)
_BY: Mapping[str, Select[Any]] = {
    # Whoever wants something of a session meanwhile waits until it is written.
    "class": SESSIONS.where(sessions.c.class_.in_(_WANTED)).order_by(sessions.c.id).with_for_update(),
    "asked": SESSIONS.where(
        sessions.c.disconnect.in_(("acked", "unproven")), sessions.c.calling_station.in_(_WANTED)
    ),
    "admitted": SESSIONS.where(
        sessions.c.calling_station.in_(_WANTED), sessions.c.state == State.ADMITTED.value
    ),
    "live": SESSIONS.where(sessions.c.calling_station.in_(_WANTED), sessions.c.state == State.LIVE.value),
    "address": SESSIONS.where(or_(sessions.c.address4.in_(_WANTED), sessions.c.address6.in_(_WANTED))),
}
_NAME = (sessions.c.nas_id, sessions.c.acct_session_id)
_NAMED_ON_POSTGRESQL = SESSIONS.where(tuple_(*_NAME).in_(_WANTED))
# SQLite reads the whole table for pairs in a list, and finds those of a table by the index.
_PAIRS = func.json_each(bindparam("wanted")).table_valued("value")
_NAMED_ON_SQLITE = SESSIONS.join_from(
    _PAIRS,
    sessions,
    and_(*(column == func.json_extract(_PAIRS.c.value, f"$[{at}]") for at, column in enumerate(_NAME))),
)
_PLACE = (
    select(nas.c.organization_id, nas.c.via, nas.c.gateway_id, devices.c.pools)
    .outerjoin(devices, devices.c.id == nas.c.gateway_id)
    .where(nas.c.id == bindparam("nas_id"))
)
_RESTARTED = select(nas_restarts.c.at).where(
    nas_restarts.c.nas_id == bindparam("of_nas"), nas_restarts.c.address == bindparam("of_address")
)
_KNOWN = {
    "user": select(users.c.id).where(users.c.id.in_(_WANTED)),
    "endpoint": select(endpoints.c.id).where(endpoints.c.id.in_(_WANTED)),
}
# A database that was migrated may have lost AUTOINCREMENT, and with it the row of its sequence.
_LAST_ID = text(
    """
    SELECT max(
        coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'sessions'), 0),
        coalesce((SELECT max(id) FROM sessions), 0)
    )
    """
)
_NEXT_IDS = text("SELECT nextval(pg_get_serial_sequence('sessions', 'id')) FROM generate_series(1, :count)")


def _unreported(before: float) -> Select[Any]:
    """Return what asks for logins of before a moment whose gateway has reported others since, never them."""
    device = sessions.c.nas_id, sessions.c.nas_address
    live = select(*device, func.max(sessions.c.heard_at).label("heard_at"))
    heard = live.where(sessions.c.state == State.LIVE.value).group_by(*device).subquery()
    return SESSIONS.join(
        heard, and_(heard.c.nas_id == sessions.c.nas_id, heard.c.nas_address == sessions.c.nas_address)
    ).where(
        sessions.c.state == State.ADMITTED.value,
        sessions.c.via == Via.VPN.value,
        sessions.c.admitted_at < before,
        sessions.c.heard_at.is_(None),
        heard.c.heard_at > sessions.c.admitted_at,
    )


class SessionBatch:
    """The port of access.logins.accounting in one transaction, ended by write(). writer: see the audit."""

    def __init__(
        self, conn: Connection, keyring: Keyring, random: Callable[[int], bytes], writer: str
    ) -> None:
        self._conn, self._keyring, self._random, self._writer = conn, keyring, random, writer
        self._shelf = Shelf()
        self._asked: dict[str, set[Any]] = {}
        self._stored: dict[int, NetworkSession] = {}
        self._saved: dict[int, None] = {}
        self._ids: Iterator[int] | None = None
        self._known: dict[str, set[int]] = {}
        self._places: dict[int, Place | None] = {}
        self._names: dict[int, str] = {}
        self._restarts: dict[tuple[int, str], float | None] = {}
        self._uses, self._proofs, self._leases = Uses(conn), Proofs(conn), Leases(conn)
        self._news: list[feed.News] = []
        self._notes: list[AuditEntry] = []

    def read_ahead(self, records: Sequence[Record]) -> None:
        """Read what these records are about, before the first of them is applied."""
        logins = [each for each in records if each["kind"] == "login"]
        accounting = [each for each in records if each["kind"] == "accounting"]
        unclassed = [each for each in accounting if UNCLASSED in each]
        reports = [*(each for each in accounting if each["class"]), *unclassed]
        self._find("class", [bytes.fromhex(each["class"]) for each in (*logins, *reports)])
        self._find("asked", [each["calling"] for each in logins])
        self._find("live", [each["calling"] for each in logins if each["method"] == Method.MAB])
        self._find("admitted", [each["calling"] for each in unclassed])
        self._find("name", [(each["nas"], each["session"]) for each in reports if each["session"]])
        at_gateways = [each for each in reports if (at := self.place(each["nas"])) and at.gateway_id]
        addresses = (address for each in at_gateways for address in (each["address4"], each["address6"]))
        self._find("address", addresses)
        self._recognize("user", [each["user"] for each in logins])
        self._recognize("endpoint", [each["endpoint"] for each in logins])
        self._uses.read([each["network_password"] for each in logins if each.get("network_password")])
        self._proofs.read([spelt(each["calling"]) for each in logins if is_8021x(each["method"])])

    def write(self) -> None:
        """Write everything that has changed."""
        saved = [self._shelf[each] for each in sorted(self._saved)]
        new = [(each.id, *_row(each).values()) for each in saved if each.id not in self._stored]
        many_rows.add(self._conn, sessions, _COLUMNS, new)
        self._update([each for each in saved if each.id in self._stored])
        self._stored |= {each.id: each for each in saved}
        self._saved.clear()
        self._leases.write()
        self._uses.write()
        self._proofs.write()
        feed.append_news(self._conn, self._news)
        self._news.clear()
        self._write_notes()

    def place(self, nas_id: int) -> Place | None:
        """Return where a NAS stands; None if it is not known any more."""
        if nas_id not in self._places:
            row = self._conn.execute(_PLACE, {"nas_id": nas_id}).first()
            self._places[nas_id] = row and Place(
                nas_id, row.organization_id, row.via, row.gateway_id, networks(row.pools)
            )
        return self._places[nas_id]

    def of_class(self, class_: bytes) -> NetworkSession | None:
        """Return the session with this Class."""
        self._find("class", (class_,))
        return self._shelf.of_class(class_)

    def with_address(self, gateway_id: int, address: str) -> list[NetworkSession]:
        """Return the open sessions of a gateway that have an address."""
        self._find("address", (address,))
        found = self._shelf.with_address(address)
        return [each for each in found if each.gateway_id == gateway_id and each.state in OPEN]

    def named(self, nas_id: int, acct_session_id: str) -> list[NetworkSession]:
        """Return the open sessions that a NAS calls by this name."""
        self._find("name", [(nas_id, acct_session_id)])
        return [each for each in self._shelf.named(nas_id, acct_session_id) if each.state in OPEN]

    def called(self, nas_id: int, acct_session_id: str) -> NetworkSession | None:
        """Return the newest session that a NAS has ever called by this name."""
        self._find("name", [(nas_id, acct_session_id)])
        return next(reversed(self._shelf.named(nas_id, acct_session_id)), None)

    def awaited(self, nas_id: int, user_id: int, calling_station: str) -> list[NetworkSession]:
        """Return somebody's logins at a NAS of which nothing was reported yet, the oldest first."""
        self._find("admitted", (calling_station,))
        found = self._shelf.from_station(calling_station)
        theirs = [each for each in found if (each.nas_id, each.user_id) == (nas_id, user_id)]
        return [each for each in theirs if each.state is State.ADMITTED]

    def asked_about(self, nas_id: int, calling_station: str) -> list[NetworkSession]:
        """Return an endpoint's sessions at a NAS which has said yes to a wish that nothing has proven yet."""
        self._find("asked", (calling_station,))
        found = self._shelf.from_station(calling_station)
        return [each for each in found if each.nas_id == nas_id and each.disconnect in ("acked", "unproven")]

    def from_station(self, station: str) -> list[tuple[NetworkSession, str]]:
        """Return the live sessions of a Calling-Station-Id, each with the name of its NAS."""
        self._find("live", (station,))
        found = [each for each in self._shelf.from_station(station) if each.state is State.LIVE]
        names = (
            {row.id: row.name for row in self._conn.execute(select(nas.c.id, nas.c.name))} if found else {}
        )
        return [(each, names.get(each.nas_id, "")) for each in found]

    def open_at(self, nas_id: int, nas_address: str) -> list[NetworkSession]:
        """Return the open sessions of a NAS at one address, and those that came from nobody knows where."""
        query = open_ones().where(sessions.c.nas_id == nas_id)
        if nas_address:
            query = query.where(sessions.c.nas_address.in_((nas_address, "")))
        return self._search(query)

    def overdue(self, before: float) -> list[NetworkSession]:
        """Return open sessions that were to end before a moment, at most as many as one transaction takes."""
        return self._search(open_ones().where(sessions.c.valid_until < before).limit(BULK_ROWS))

    def quiet(self, now: float, silence: Silence) -> list[NetworkSession]:
        """Return live sessions that have fallen silent by now, at most as many as one transaction takes."""
        patience_s = silence.intervals * sessions.c.interim_s
        late = (sessions.c.heard_at + patience_s < now, silence.listening_since + patience_s < now)
        live = sessions.c.state == State.LIVE.value
        return self._search(SESSIONS.where(live, *late).limit(BULK_ROWS))

    def unreported(self, before: float) -> list[NetworkSession]:
        """Return logins that were never reported, at most as many as one transaction takes."""
        return self._search(_unreported(before).limit(BULK_ROWS))

    def raise_alarm(self, alarm: Alarm, at: float) -> bool:
        """Raise an alarm, and return whether it is a new one."""
        self._write_notes()
        return StoredAlarms(self._conn, self._keyring, self._random, self._writer).raise_alarm(alarm, at)

    def password_used(self, password_id: int, station: str, place: str, at: float) -> None:
        """Keep when, where and from which endpoint a network password was used."""
        if bound := self._uses.use(password_id, station, place, at):
            self._tell(feed.Topic.NETWORK_PASSWORD, bound.user_id, bound.organization_id, at)

    def proven_by_8021x(self, station: str, place: str, at: float) -> None:
        """Keep that a registered endpoint did 802.1X."""
        if proven := self._proofs.prove(spelt(station), place, at):
            self._tell(feed.Topic.ENDPOINT, proven.id, proven.organization_id, at)

    def restarted_at(self, nas_id: int, nas_address: str) -> float | None:
        """Return when the NAS at an address last said that it went off or came on."""
        key = (nas_id, nas_address)
        if key not in self._restarts:
            wanted = {"of_nas": nas_id, "of_address": nas_address}
            self._restarts[key] = self._conn.execute(_RESTARTED, wanted).scalar()
        return self._restarts[key]

    def restart(self, nas_id: int, nas_address: str, at: float) -> None:
        """Remember that it did, unless it has done so since."""
        before = self.restarted_at(nas_id, nas_address)
        if before is None:
            row = {"nas_id": nas_id, "address": nas_address, "at": at}
            self._conn.execute(insert(nas_restarts).values(row))
        elif before < at:
            here = (nas_restarts.c.nas_id == nas_id, nas_restarts.c.address == nas_address)
            self._conn.execute(update(nas_restarts).where(*here).values(at=at))
        self._restarts[nas_id, nas_address] = max(at, before or at)

    def save(self, session: NetworkSession, at: float) -> int:
        """Keep a session, tell the feed, and return its id.

        Somebody who is not known any more leaves the session with nobody in it. The wish to disconnect is not
        written: others may be wishing at the same moment.
        """
        user_id = self._if_known("user", session.user_id)
        endpoint_id = self._if_known("endpoint", session.endpoint_id)
        if not session.id or (user_id, endpoint_id) != (session.user_id, session.endpoint_id):
            session = changed(
                session, id=session.id or self._next_id(), user_id=user_id, endpoint_id=endpoint_id
            )
        self._shelf.put(session)
        self._saved[session.id] = None
        self._tell(feed.Topic.SESSION, session.id, session.organization_id, at)
        return session.id

    def settle(self, session: NetworkSession, settled: Settled, at: float) -> None:
        """Write down what became of a wish about a session."""
        self.write()
        if wishes.settle(self._conn, session, settled, at):
            self.note(wishes.entry(session, settled, at))
        if now := session_by_id(self._conn, session.id):
            self._stored[now.id] = now
            self._shelf.put(now)

    def lease(self, session_id: int, networks: Collection[str], since: float) -> None:
        """Write down that a session has these from a moment on."""
        self._leases.begin(session_id, networks, since)

    def release(self, session_id: int, networks: Collection[str], until: float) -> None:
        """Write down that it no longer has them."""
        self._leases.end(session_id, networks, until)

    def had(self, session_id: int, networks: Collection[str], since: float, until: float) -> None:
        """Write down that a session had these between two moments, unless that is known."""
        self.write()
        self._leases.add_past(session_id, networks, since, until)

    def note(self, entry: AuditEntry) -> None:
        """Write an entry of this process."""
        self._notes.append(entry)

    def _find(self, what: str, keys: Iterable[Any]) -> None:
        """See that every session of these keys lies in memory."""
        asked = self._asked.setdefault(what, set())
        wanted = {key for key in keys if key} - asked
        if not wanted:
            return
        asked |= wanted
        if what == "name":
            self._take(_named(self._conn, list(wanted)))
        else:
            self._take(self._conn.execute(_BY[what], {"wanted": list(wanted)}))

    def _search(self, query: Select[Any]) -> list[NetworkSession]:
        """Return what the database finds, after everything that has changed was written there."""
        self.write()
        return [self._shelf[each] for each in sorted(self._take(self._conn.execute(query)))]

    def _take(self, rows: Iterable[Any]) -> list[int]:
        """Put sessions that were read into memory, where they do not lie there already; their ids."""
        found = []
        for row in rows:
            session_id = row.id
            if session_id not in self._shelf:
                self._stored[session_id] = session = session_of(row)
                self._shelf.put(session)
                # They are foreign keys: there are such rows.
                self._meet("user", session.user_id)
                self._meet("endpoint", session.endpoint_id)
            found.append(session_id)
        return found

    def _recognize(self, what: str, ids: Iterable[int | None]) -> None:
        """See which of these people or endpoints there are."""
        asked = self._asked.setdefault(what, set())
        wanted = {each for each in ids if each} - asked
        if wanted:
            asked |= wanted
            found = self._conn.execute(_KNOWN[what], {"wanted": list(wanted)}).scalars()
            self._known.setdefault(what, set()).update(found)

    def _meet(self, what: str, each: int | None) -> None:
        """Know that there is this person or endpoint."""
        if each:
            self._asked.setdefault(what, set()).add(each)
            self._known.setdefault(what, set()).add(each)

    def _if_known(self, what: str, each: int | None) -> int | None:
        """Return the id if there is such a row; None where it is not known any more."""
        if not each:
            return None
        self._recognize(what, (each,))
        return each if each in self._known.get(what, ()) else None

    def _next_id(self) -> int:
        """Return the id of a session that is not stored yet."""
        if self._ids is None:
            classes = self._asked.get("class", ())
            self._ids = _fresh_ids(self._conn, max(1, len(classes) - len(self._stored)))
        return next(self._ids)

    def _update(self, saved: Sequence[NetworkSession]) -> None:
        """Write the columns that have changed, so that no index is touched for what it does not hold."""
        together: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for each in saved:
            was, now = _row(self._stored[each.id]), _row(each)
            names = tuple(name for name in _SAVED if was[name] != now[name])
            together.setdefault(names, []).append(now | {"session_id": each.id})
        for names, rows in together.items():
            if names:
                _updating(names).run(self._conn, rows)

    def _name_of(self, nas_id: int) -> str:
        if nas_id not in self._names:
            self._names = {row.id: row.name for row in self._conn.execute(select(nas.c.id, nas.c.name))}
        return self._names.get(nas_id, "")

    def _tell(self, topic: feed.Topic, key: int, organization_id: int, at: float) -> None:
        self._news.append(feed.News(topic, str(key), organization_id, at))

    def _write_notes(self) -> None:
        if self._notes:
            audit.record_all(self._conn, self._writer, self._notes, self._keyring, self._random)
            self._notes.clear()


def _fresh_ids(conn: Connection, at_once: int) -> Iterator[int]:
    """Yield ids that no session has."""
    if conn.dialect.name == "sqlite":
        # Whoever may write is alone here, and counts on where the database does.
        yield from count(int(conn.execute(_LAST_ID).scalar_one()) + 1)
    while True:
        yield from conn.execute(_NEXT_IDS, {"count": at_once}).scalars().all()


def _named(conn: Connection, pairs: Sequence[tuple[int, str]]) -> Iterable[Row[Any]]:
    """The sessions with one of these names, each with the NAS that calls it so."""
    if conn.dialect.name == "sqlite":
        return conn.execute(_NAMED_ON_SQLITE, {"wanted": json.dumps(pairs)})
    return conn.execute(_NAMED_ON_POSTGRESQL, {"wanted": pairs})


def _row(session: NetworkSession) -> dict[str, Any]:
    """The columns of a session, as plain values."""
    row = dict(zip(_SAVED, _values_of(session), strict=True))
    row["state"], row["end_reason"] = session.state.value, str(session.end_reason)
    row["prefixes"] = " ".join(session.prefixes)
    return row


def _updating(names: tuple[str, ...]) -> Prepared:
    """The statement that writes these columns of a session."""
    if names not in _UPDATES:
        values: dict[str, Any] = {name: bindparam(name) for name in names}
        statement = update(sessions).where(sessions.c.id == bindparam("session_id")).values(values)
        _UPDATES[names] = Prepared(statement)
    return _UPDATES[names]
