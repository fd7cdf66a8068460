"""The ports of access.proof.passkeys over the database: one transaction each, its event in it. ◆"""

from dataclasses import dataclass
from itertools import chain

from access.proof.identity_event import IdentityEvent
from access.proof.passkey import (
    Ceremony,
    Challenge,
    NewPasskey,
    RelyingParty,
    SettledPasskey,
    StoredPasskey,
)
from access.proof.passkeys import FirstFactor
from access.store import codes, passkeys, person_links, web_sessions
from access.store.identity import renew_recovery
from access.store.token_desk import StoredTokenDesk


@dataclass(frozen=True)
class StoredPasskeyDesk(StoredTokenDesk):
    """Signing in, enrolling, the helpdesk, and passkeys.

    relying_party is None where the pages stand at an address for which browsers have no passkeys.
    """

    relying_party: RelyingParty | None = None

    def put_challenge(self, challenge: Challenge) -> None:
        """Keep a challenge in the place of the session's older ones."""
        with self.database.write() as conn:
            passkeys.put_challenge(conn, challenge)

    def take_challenge(self, session_id: str, ceremony: Ceremony, now: float) -> bytes | None:
        """Return the challenge of a session, once."""
        with self.database.write() as conn:
            return passkeys.take_challenge(conn, session_id, ceremony, now)

    def passkeys(self, user_id: int) -> tuple[StoredPasskey, ...]:
        """Return the passkeys that count for a user: theirs, and those of a membership they share with.

        Raises SealBroken.
        """
        with self.database.read() as conn:
            owners = person_links.sharing(conn, user_id)
            held = (passkeys.standing_of(conn, self.keyring, owner) for owner in owners)
            return tuple(chain.from_iterable(held))

    def add_passkey(self, new: NewPasskey, first: FirstFactor | None, event: IdentityEvent) -> bool:
        """Keep a new passkey and all that comes with a first factor, or nothing."""
        with self.all_or_nothing() as attempt:
            conn = attempt.conn
            organization_id = codes.lock_user(conn, new.user_id)
            added = passkeys.add(conn, self.keyring, new, organization_id, self.random)
            attempt.needs(added is not None)
            if first is not None:
                attempt.needs(web_sessions.replace(conn, first.old_session, first.session))
                renew_recovery(conn, new.user_id, first.recovery, self.keyring.current, event.at)
            self._record(conn, event)
        return attempt.won

    def settle_passkey(self, settled: SettledPasskey, at: float) -> bool:
        """Write that a passkey was used; return whether no other process was faster."""
        with self.database.write() as conn:
            return passkeys.compare_and_set(conn, settled, at)

    def rename_passkey(self, user_id: int, passkey_id: int, nickname: str) -> bool:
        """Call a passkey of a user by another name; return whether there was one."""
        with self.database.write() as conn:
            owners = person_links.sharing(conn, user_id)
            return any(passkeys.rename(conn, owner, passkey_id, nickname) for owner in owners)

    def revoke_passkeys(self, user_id: int, passkey_id: int | None, event: IdentityEvent) -> int:
        """Revoke one passkey, with None all; return how many stood."""
        with self.database.write() as conn:
            owners = person_links.sharing(conn, user_id)
            revoked = sum(passkeys.revoke(conn, owner, passkey_id, event.at) for owner in owners)
            if revoked:
                self._record(conn, event)
            return revoked
