"""The ports of access.proof.token_desk over the database: one transaction each, its event in it. ◆"""

from dataclasses import dataclass

from sqlalchemy import Connection

from access.model import User
from access.proof.factors import Origin, SettledToken, StoredToken
from access.proof.identity_event import IdentityEvent
from access.store import codes, organizations, person_links, tokens
from access.store.identity import StoredIdentity
from otp import mailed
from otp.issued import IssuedCode


@dataclass(frozen=True)
class StoredTokenDesk(StoredIdentity):
    """Signing in and enrolling, and what the helpdesk does beside it.

    mailing: the keys of the companies that let codes go by e-mail.
    """

    mailing: frozenset[str] = frozenset()

    def replace_bypass(self, user_id: int, made: IssuedCode, by: str, event: IdentityEvent) -> None:
        """Make this the user's bypass code."""
        with self.database.write() as conn:
            codes.replace_bypass(conn, user_id, made, (self.keyring.current, by), event.at)
            self._record(conn, event)

    def mails_codes(self, user: User) -> bool:
        """Return whether the user's company lets codes go by e-mail."""
        return user.organization in self.mailing

    def mailed_at(self, user_id: int) -> tuple[float, ...]:
        """Return when the last codes by e-mail were sent to a user."""
        with self.database.read() as conn:
            return codes.mailed_at(conn, user_id)

    def add_mailed(self, user_id: int, made: IssuedCode, event: IdentityEvent) -> bool:
        """Make this the user's code by e-mail; return False, nothing written, where it comes too soon."""
        with self.database.write() as conn:
            codes.lock_user(conn, user_id)
            if mailed.wait_s(codes.mailed_at(conn, user_id), event.at) > 0:
                return False
            codes.add_mailed(conn, user_id, made, self.keyring.current, event.at)
            self._record(conn, event)
            return True

    def settle_recorded(self, settled: SettledToken, event: IdentityEvent) -> bool:
        """Write a token and its event, or neither; also for linked accounts, at which it counts too."""
        with self.all_or_nothing() as attempt:
            attempt.needs(tokens.compare_and_set(attempt.conn, settled, event.at))
            self._record_beyond(attempt.conn, event, _sharing(attempt.conn, event))
        return attempt.won

    def hardware(self, user: User, serial: str) -> StoredToken | None:
        """Return the hardware token of the user's company with this serial number, whoever has it."""
        with self.database.read() as conn:
            return tokens.by_serial(conn, self.keyring, codes.organization_id_of(conn, user.id), serial)

    def in_stock(self, organization: str | None) -> tuple[tuple[str, StoredToken], ...]:
        """Return the hardware tokens nobody has, with the keys of their companies."""
        with self.database.read() as conn:
            return tuple(
                (each.key, token)
                for each in organizations.all_organizations(conn)
                if organization in (None, each.key)
                for token in tokens.spares(conn, self.keyring, each.id)
            )

    def hand_out(self, settled: SettledToken, user_id: int, origin: Origin, event: IdentityEvent) -> bool:
        """Give a hardware token that nobody has to a user, or write nothing."""
        with self.all_or_nothing() as attempt:
            conn = attempt.conn
            handed = tokens.HandedOut(settled, user_id, codes.lock_user(conn, user_id), origin)
            attempt.needs(tokens.hand_out(conn, self.keyring, self.random, handed, event.at))
            self._record(attempt.conn, event)
        return attempt.won

    def rename_token(self, user_id: int, token_id: int, nickname: str) -> bool:
        """Call a token of a user by another name; return whether there was one."""
        with self.database.write() as conn:
            owners = person_links.sharing(conn, user_id)
            return any(tokens.rename(conn, owner, token_id, nickname) for owner in owners)


def _sharing(conn: Connection, event: IdentityEvent) -> tuple[int, ...]:
    return person_links.sharing(conn, event.user_id) if event.user_id is not None else ()
