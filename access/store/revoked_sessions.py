"""Ends sessions whose certificate an authority of others has revoked since. ◆"""

from collections.abc import Callable, Set
from dataclasses import dataclass

from sqlalchemy import Connection, select

from access.keys.sealing import Keyring
from access.logins.network_session import Wish
from access.model import Reason
from access.records.audit import AuditEntry
from access.store import audit, wishes
from access.store.database import Database
from access.store.tables import sessions


@dataclass(frozen=True, slots=True)
class RevokedSessions:
    """The sessions, and who writes about them in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str

    def end(self, authority: str, serials: Set[int], now: float) -> int:
        """Have every open session ended that a certificate on the list opened; how many. Raises Unavailable.

        Written only where there is one, so that looking costs no other writer anything.
        """
        with self.database.read() as conn:
            found = _opened_by(conn, authority, serials)
        if not found:
            return 0
        with self.database.write() as conn:
            return sum(self._end(conn, each, now) for each in found)

    def _end(self, conn: Connection, session_id: int, now: float) -> bool:
        organization_id = wishes.want(conn, session_id, Wish.END, now)
        if organization_id is None:
            return False
        reason = Reason.CERTIFICATE_REVOKED.value
        detail = {"what": "session.end-wanted", "by": "a list of revocations"}
        user_id = conn.execute(select(sessions.c.user_id).where(sessions.c.id == session_id)).scalar()
        entry = AuditEntry("session", now, reason, organization_id, user_id, session_id, None, detail)
        audit.record(conn, self.writer, entry, self.keyring, self.random)
        return True


def _opened_by(conn: Connection, authority: str, serials: Set[int]) -> list[int]:
    """The open sessions of certificates with these serial numbers whose end nobody wanted yet."""
    beginning = f"{authority}:"
    rows = conn.execute(
        select(sessions.c.id, sessions.c.certificate).where(
            sessions.c.certificate.startswith(beginning, autoescape=True),
            sessions.c.state.in_(wishes.OPEN),
            sessions.c.disconnect == "",
        )
    )
    return [row.id for row in rows if int(row.certificate.removeprefix(beginning), 16) in serials]
