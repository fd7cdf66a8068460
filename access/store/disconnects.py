"""What asking a NAS about a session needs of the database, and how a NAS is reached. ◆"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import func, or_, select, update

from access.keys.sealing import Keyring
from access.logins.network_session import NetworkSession, State
from access.nas.disconnect import UNHEEDED, Asking, Said, Settled
from access.nas.registry import NasClient
from access.store import audit, nas, unheeded, wishes
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.sessions import OPEN, session_by_id
from access.store.tables import endpoints, nas_certificates, sessions

STATE_OCTETS = 32
# As long as a NAS may take to come back.
STATE_S = 60.0


class Caller(Protocol):
    """How a NAS is reached."""

    def ask(self, nas: NasClient, asking: Asking, /) -> Said: ...
    def is_reached(self, nas: NasClient, /) -> bool: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class StoredDisconnects:
    """The ports of access.nas.disconnect. writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    caller: Caller

    @property
    def ask_nas(self) -> Callable[[NasClient, Asking], Said]:
        """Send a request to a NAS and wait for the answer."""
        return self.caller.ask

    def close(self) -> None:
        """Ask nobody any more."""
        self.caller.close()

    def session(self, session_id: int) -> tuple[NetworkSession, NasClient] | None:
        """Return a session and where it is; None where there is no such session."""
        with self.database.read() as conn:
            session = session_by_id(conn, session_id)
            client = nas.client_by_id(conn, self.keyring, session.nas_id) if session else None
            if session is None or client is None:
                return None
            phone = select(endpoints.c.phone).where(endpoints.c.id == session.endpoint_id)
            voice = session.voice or bool(conn.execute(phone).scalar())
        return replace(session, voice=voice), client

    def is_elsewhere(self, client: NasClient) -> bool:
        """Return whether a NAS speaks RadSec, and not with this machine."""
        with self.database.read() as conn:
            speaks = select(nas_certificates.c.id).where(nas_certificates.c.nas_id == client.id).limit(1)
            if conn.execute(speaks).first() is None:
                return False
        return not self.caller.is_reached(client)

    def neighbours(self, session: NetworkSession) -> int:
        """Return how many others have an open session at the same port of the same NAS."""
        here = (
            sessions.c.nas_id == session.nas_id,
            sessions.c.nas_port == session.nas_port,
            or_(sessions.c.nas_address == session.nas_address, sessions.c.nas_address == ""),
        )
        others = (sessions.c.id != session.id, sessions.c.state.in_(OPEN))
        with self.database.read() as conn:
            return conn.execute(select(func.count()).select_from(sessions).where(*here, *others)).scalar_one()

    def authorize_state(self, session_id: int, now: float) -> bytes:
        """Return a State with which the NAS may have the session authorized anew, once and soon."""
        state = self.random(STATE_OCTETS)
        values = {"state_hash": state_hash(state), "state_until": now + STATE_S}
        with self.database.write() as conn:
            conn.execute(update(sessions).where(sessions.c.id == session_id).values(values))
        return state

    def settle(self, session: NetworkSession, settled: Settled, now: float) -> None:
        """Write down what became of a wish, unless somebody else has."""
        with self.database.write() as conn:
            if not wishes.settle(conn, session, settled, now):
                return
            if settled.result is not session.disconnect:
                entry = wishes.entry(session, settled, now)
                audit.record(conn, self.writer, entry, self.keyring, self.random)
            elif settled.note == session.disconnect_note:
                return
            goes_on = settled.result in UNHEEDED and session.state is not State.ENDED
            # The first silence may have been about another session, whose alarm has ended with it.
            if goes_on and not settled.spared:
                alarms = StoredAlarms(conn, self.keyring, self.random, self.writer)
                unheeded.tell(alarms, session, settled, now)


def state_hash(state: bytes) -> bytes:
    """Return what is kept of a State: whoever reads the database can make nothing of it."""
    return hashlib.sha256(state).digest()
