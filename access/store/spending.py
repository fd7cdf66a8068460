"""The ports of access.proof.authentication that spend codes, over the database. ◆

What many threads spend at once is committed together; each learns whether it was theirs.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from sqlalchemy import Connection

from access.keys.sealing import Keyring
from access.proof.factors import (
    SettledIssued,
    SettledToken,
    StoredInvitation,
    StoredIssued,
    StoredRecovery,
    StoredToken,
)
from access.proof.identity_event import IdentityEvent
from access.store import codes, person_links, tokens
from access.store.database import Database
from access.store.group_commit import GroupCommit
from access.store.kept_tokens import KeptTokens
from otp.recovery import RecoveryCodes
from otp.registration import Invitation
from otp.token import State

CODES_PURPOSE = "written codes"


class RaceLost(Exception):
    """Another process changed the row first: the transaction is rolled back."""


@dataclass(frozen=True)
class StoredCodes:
    """Tokens and written codes. Nothing is told before its transaction is committed."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    _together: GroupCommit = field(init=False, repr=False, compare=False)
    _kept: KeptTokens = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_together", GroupCommit(self.database, self._record_all))
        object.__setattr__(self, "_kept", KeptTokens(self.database, self.keyring))

    def code_key(self, key_id: str | None = None) -> bytes:
        """Return the key written codes were fingerprinted with, or the current one. Raises SealBroken."""
        return self.keyring.subkey(CODES_PURPOSE, key_id)

    def may_share(self, _user_id: int, /) -> bool:
        """Return whether somebody may have phones together with another membership; False where none is."""
        return True

    def active_tokens(self, user_id: int) -> tuple[StoredToken, ...]:
        """Return what a code may be verified against. Raises SealBroken."""
        rows = self.database.rows(tokens.of_person(), {"user_id": user_id, "state": State.ACTIVE.value})
        return tokens.stored(rows, self.keyring)

    def settle_tokens(
        self, settled: Sequence[SettledToken], at: float, event: IdentityEvent | None = None
    ) -> bool:
        """Write every token, and the event, or none; return whether no other process was faster."""
        return self._settle(settled, at, event)

    def issued_codes(self, user_id: int) -> tuple[StoredIssued, ...]:
        """Return the user's bypass code and code by e-mail, where there ever was one."""
        with self.database.read() as conn:
            return codes.issued_of(conn, user_id)

    def settle_tries(
        self,
        settled: Sequence[SettledToken],
        issued: Sequence[SettledIssued],
        at: float,
        event: IdentityEvent | None = None,
    ) -> bool:
        """Write what one try came to for every token and code, and the event; return whether it did."""
        if not issued:
            return self._settle(settled, at, event)
        return self._won(
            lambda conn: (
                all(tokens.compare_and_set(conn, token, at) for token in settled)
                and all(codes.settle_issued(conn, code, at) for code in issued)
            ),
            event,
        )

    def active_tokens_of(self, user_ids: Collection[int]) -> Mapping[int, tuple[StoredToken, ...]]:
        """Return what codes of these people may be verified against. Raises SealBroken."""
        several = [user_id for user_id in user_ids if self.may_share(user_id)]
        if not several:
            return self._kept.active_tokens_of(user_ids)
        with self.database.read() as conn:
            owners = person_links.sharing_of(conn, several)
        found = self._kept.active_tokens_of({*user_ids, *chain.from_iterable(owners.values())})
        return {
            user_id: tuple(
                chain.from_iterable(found.get(owner, ()) for owner in owners.get(user_id, (user_id,)))
            )
            for user_id in user_ids
        }

    def settle_each(self, settled: Sequence[SettledToken], at: float) -> Sequence[bool]:
        """Write each token or not, all in one transaction; return where no other process was faster."""
        return self._kept.settle_each(settled, at)

    def close(self) -> None:
        """Let go of what was kept for spending codes together."""
        self._kept.close()

    def recovery_codes(self, user_id: int) -> StoredRecovery | None:
        """Return the user's recovery codes, None if there never were any."""
        with self.database.read() as conn:
            return codes.newest_recovery(conn, self._owners(conn, user_id))

    def settle_recovery(
        self, read: StoredRecovery, judged: RecoveryCodes, at: float, event: IdentityEvent | None = None
    ) -> bool:
        """Write the try and the use of a recovery code, and the event, or nothing."""
        return self._won(lambda conn: codes.settle_recovery(conn, read, judged, at), event)

    def invitation(self, user_id: int) -> StoredInvitation | None:
        """Return the user's registration code, None if nobody invited them."""
        with self.database.read() as conn:
            return codes.invitation_of(conn, user_id)

    def settle_invitation(self, read: StoredInvitation, judged: Invitation, at: float) -> bool:
        """Write the try and the use of a registration code, or nothing."""
        return self._won(lambda conn: codes.settle_invitation(conn, read, judged, at))

    def _settle(self, settled: Sequence[SettledToken], at: float, event: IdentityEvent | None) -> bool:
        if len(settled) == 1:
            token = settled[0]
            return self._together.do(
                lambda conn: tokens.compare_and_set(conn, token, at), event, row=token.read.id
            )
        return self._won(
            lambda conn: all(tokens.compare_and_set(conn, token, at) for token in settled), event
        )

    def _owners(self, conn: Connection, user_id: int) -> tuple[int, ...]:
        """Return whose phones and recovery codes count for a membership."""
        return person_links.sharing(conn, user_id) if self.may_share(user_id) else (user_id,)

    def _record_all(self, _conn: Connection, events: Sequence[IdentityEvent], /) -> None:
        """Write events into the audit. A RADIUS worker hands none over: it has its journal."""
        raise NotImplementedError(f"nobody here records {events}")

    def _won(self, write: Callable[[Connection], bool], event: IdentityEvent | None = None) -> bool:
        """Return whether something was written; where it was not, nothing of it was."""

        def attempt(conn: Connection) -> None:
            if not write(conn):
                raise RaceLost

        try:
            self._together.do(attempt, event)
        except RaceLost:
            return False
        return True

    @contextmanager
    def all_or_nothing(self) -> Iterator["Attempted"]:
        """One write transaction that is rolled back as soon as something it needs was lost to another."""
        attempt = Attempted()
        try:
            with self.database.write() as conn:
                attempt.begin(conn)
                yield attempt
            attempt.won = True
        except RaceLost:
            attempt.won = False


class Attempted:
    """A transaction under way; won is True once it is committed."""

    won = False

    def begin(self, conn: Connection) -> None:
        """Take the connection of the transaction."""
        self.conn = conn

    def needs(self, written: bool) -> None:
        """End the transaction, nothing written, unless this part of it was written."""
        if not written:
            raise RaceLost
