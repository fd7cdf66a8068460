"""The port of access.proof.rekeying over the database, and the keys of the server's authority beside it. ◆"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from access.keys.sealing import Keyring
from access.logins.session_class import PURPOSE as CLASSES
from access.proof.rekeying import Rekeyed, Step
from access.records.audit import AuditEntry
from access.store import audit, audit_chain, audit_pruning, drafts, kept_subkeys, opening_desk
from access.store.database import BULK_ROWS, Database
from access.store.sealed import SEALED, Resealer, hold_still, remaining, under
from access.store.spending import CODES_PURPOSE

FILES = "keys of the RADIUS server's authority"
# Whatever is checked again after its key is gone. Other subkeys end with the process that derived them.
KEPT = (
    *(CODES_PURPOSE, CLASSES, audit_chain.PURPOSE, audit_pruning.PURPOSE),
    *(drafts.PURPOSE, opening_desk.PURPOSE),
)
WRITER = "command-line"


class SealedFiles(Protocol):
    """Sealed secrets that stand in files."""

    def reseal(self) -> int:
        """Seal those under an older key anew and return how many there were."""

    def under(self, key_id: str) -> int: ...


@dataclass(frozen=True)
class StoredRekeying:
    """by: who changes keys, for the audit."""

    database: Database
    keyring: Keyring = field(repr=False)
    random: Callable[[int], bytes]
    clock: Callable[[], float]
    files: SealedFiles
    by: str
    most: int = BULK_ROWS

    def current(self) -> str:
        """The key that everything is sealed under in the end."""
        return self.keyring.current

    def kinds(self) -> Sequence[str]:
        """The kinds of secrets, in words."""
        return [*_COLUMNS, FILES]

    def keep_subkeys(self) -> None:
        """Keep what codes and heads are checked with, of every older key."""
        with self.database.write() as conn:
            kept_subkeys.keep(conn, self.keyring, KEPT, self.random)

    def remaining(self, kind: str) -> int:
        """How many of a kind are under an older key."""
        if kind == FILES:
            return sum(self.files.under(key_id) for key_id in self._older())
        with self.database.read() as conn:
            return remaining(conn, _COLUMNS[kind], self.keyring.current)

    def reseal_some(self, kind: str, after: tuple[Any, ...] | None) -> Step:
        """One transaction; on SQLite the others then get half as long as it took."""
        if kind == FILES:
            return Step(None, self.files.reseal())
        resealer = Resealer(self.keyring, self.random, self.most)
        began = time.monotonic()
        with self.database.write() as conn:
            done = resealer.some(conn, _COLUMNS[kind], after)
        if self.database.is_sqlite:
            time.sleep((time.monotonic() - began) / 2)
        return done

    def under_older_keys(self) -> Mapping[str, Mapping[str, int]]:
        """How many of each kind are under each older key; nobody writes meanwhile."""
        with self.database.write() as conn:
            hold_still(conn)
            return {
                key_id: {
                    **{kind: under(conn, column, key_id) for kind, column in _COLUMNS.items()},
                    FILES: self.files.under(key_id),
                }
                for key_id in self._older()
            }

    def record(self, rekeyed: Rekeyed) -> None:
        """Write down who changed keys, which, and how many secrets that were."""
        detail = {
            "what": "keys.changed",
            "by": self.by,
            "to": rekeyed.current,
            "changed": sum(rekeyed.changed.values()),
            "unused": list(rekeyed.unused()),
        }
        with self.database.write() as conn:
            entry = AuditEntry("keys", self.clock(), detail=detail)
            audit.record(conn, WRITER, entry, self.keyring, self.random)

    def _older(self) -> list[str]:
        return sorted(self.keyring.keys.keys() - {self.keyring.current})


_COLUMNS = {each.what: each for each in SEALED}
