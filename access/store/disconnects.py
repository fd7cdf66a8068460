"""The wish that a NAS ends a session, and what became of it. ◆"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select, update

from access.audit import AuditEntry
from access.disconnect import OPEN_WISHES, Said, Settled
from access.network_session import Disconnect, End, NetworkSession, State
from access.registry import IPAddress, NasClient
from access.sealing import Keyring
from access.store import audit, feed, nas
from access.store.database import Database
from access.store.sessions import session_by_id
from access.store.tables import sessions
from radius.attributes import Attribute


@dataclass(frozen=True, slots=True)
class StoredDisconnects:
    """The ports of access.disconnect. writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    ask_nas: Callable[[NasClient, IPAddress, tuple[Attribute, ...]], Said]

    def session(self, session_id: int) -> tuple[NetworkSession, NasClient] | None:
        """Return a session and where it is; None where there is no such session."""
        with self.database.read() as conn:
            session = session_by_id(conn, session_id)
            client = nas.client_by_id(conn, self.keyring, session.nas_id) if session else None
        return (session, client) if session and client else None

    def settle(self, session_id: int, settled: Settled, now: float) -> None:
        """Write down what became of a wish, unless somebody else has."""
        with self.database.write() as conn:
            conn.execute(select(sessions.c.id).where(sessions.c.id == session_id).with_for_update())
            session = session_by_id(conn, session_id)
            if session is None or session.disconnect not in OPEN_WISHES:
                return
            values: dict[str, object] = {
                "disconnect": str(settled.result),
                "disconnect_at": settled.at,
                "disconnect_note": settled.note,
            }
            if settled.ended and session.state is not State.ENDED:
                values |= {
                    "state": str(State.ENDED),
                    "ended_at": now,
                    "end_reason": session.end_reason or str(End.DISCONNECTED),
                    "address4": None,
                    "address6": None,
                    "generation": session.generation + 1,
                }
            conn.execute(update(sessions).where(sessions.c.id == session_id).values(values))
            feed.append(conn, feed.Topic.SESSION, str(session_id), session.organization_id, now)
            if settled.result is not session.disconnect:
                audit.record(conn, self.writer, _entry(session, settled, now), self.keyring, self.random)


def _entry(session: NetworkSession, settled: Settled, now: float) -> AuditEntry:
    words = {Disconnect.ACKED: "session.disconnected", Disconnect.NAKED: "session.disconnect-refused"}
    detail = {
        "what": words.get(settled.result, "session.disconnect-unanswered"),
        "name": session.user_name,
        "said": settled.note,
    }
    return AuditEntry(
        kind="session",
        at=now,
        reason=session.end_reason,
        organization_id=session.organization_id,
        user_id=session.user_id,
        session_id=session.id,
        detail={key: value for key, value in detail.items() if value},
    )
