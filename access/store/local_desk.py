"""What somebody who is in no directory does with their own password. ◆"""

from dataclasses import dataclass, field

from access.keys.sealing import Keyring
from access.model import User
from access.people.local_user import BadLocalUser, Random, check_password
from access.records.audit import AuditEntry
from access.store import audit, local_users
from access.store.database import Database
from access.store.local_users import LocalPasswords


@dataclass(frozen=True, slots=True)
class StoredLocalDesk:
    """The port of the pages. writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Random
    writer: str
    passwords: LocalPasswords = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "passwords", LocalPasswords(self.database))

    def is_current(self, user: User, password: str) -> bool:
        """Whether it is this person's password."""
        with self.database.read() as conn:
            known = local_users.by_id(conn, user.id)
        return known is not None and self.passwords.matches(known, password)

    def change(self, user: User, fresh: str, session_id: str, now: float) -> None:
        """Give somebody the password that they chose in a session. Raises BadLocalUser."""
        check_password(fresh, user)
        hashed = self.passwords.hasher.hash(fresh)
        with self.database.write() as conn:
            known = local_users.by_id(conn, user.id)
            if known is None:
                raise BadLocalUser("This account is not kept here.")
            local_users.set_password(conn, known, hashed, now, but=session_id)
            detail = {"user": known.login, "by": known.login}
            entry = AuditEntry(
                "local-user", now, "LOCAL_USER_PASSWORD", known.organization_id, user.id, detail=detail
            )
            audit.record(conn, self.writer, entry, self.keyring, self.random)
