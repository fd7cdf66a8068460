"""Prunes the audit: says in the audit itself what goes, then takes it away a little at a time. ◆"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from access.errors import AccessError
from access.keys.sealing import Keyring
from access.records.audit import NO_ORGANIZATION, AuditEntry
from access.records.retention import Rules, is_too_many
from access.store import audit
from access.store.audit_pruning import Outdated, newest_position, outdated, prune_some
from access.store.audit_shipping import shipped_to
from access.store.database import Connection, Database
from access.store.tables import organizations

KIND = "audit"


class TooMuchOutdated(AccessError):
    """So much of the audit is older than it is kept that a person has to say so."""


class NotShipped(AccessError):
    """What is outdated has to be taken by the syslog server first."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who prunes. writer: this process in the audit; random(n): n unguessable octets.

    ships: a syslog server is sent the audit; what it has not taken yet is kept, however old.
    """

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    rules: Rules
    ships: bool = False

    def outdated(self, now: float) -> list[Outdated]:
        """What is older than it is kept, a line for each organization and class that has any."""
        with self.database.read() as conn:
            return outdated(conn, self.rules, now)

    def prune(self, now: float, by: str = "") -> list[Outdated]:
        """Take away what is older than it is kept, and return what that was. by: the person who asked.

        Without one, a share of the records that is too large stays: raises TooMuchOutdated, after the rest
        has gone.
        """
        found = self.outdated(now)
        waiting = [each for each in found if self.ships and not self._is_shipped(each)]
        found = [each for each in found if each not in waiting]
        kept = [each for each in found if not by and is_too_many(each.rows, each.of_all)]
        gone = [each for each in found if each not in kept]
        for each in gone:
            with self.database.write() as conn:
                audit.record(conn, self.writer, _entry(each, now, by), self.keyring, self.random)
            self._take_away(each)
        if waiting:
            raise NotShipped(self._waiting(waiting))
        if kept:
            raise TooMuchOutdated(self._too_much(kept))
        return gone

    def _is_shipped(self, old: Outdated) -> bool:
        with self.database.read() as conn:
            return newest_position(conn, old) <= shipped_to(conn, old.organization_id)

    def _waiting(self, waiting: list[Outdated]) -> str:
        with self.database.read() as conn:
            names = names_of(conn)
        lines = [f"{each.rows} records of {names[each.organization_id]}" for each in waiting]
        return (
            f"Records that are older than they are kept stay: {'; '.join(lines)}."
            " The syslog server has not taken them yet (audit.syslog)."
        )

    def _take_away(self, old: Outdated) -> None:
        gone = 1
        while gone:
            began = time.monotonic()
            with self.database.write() as conn:
                gone = prune_some(conn, old, self.keyring)
            if self.database.is_sqlite and gone:
                time.sleep((time.monotonic() - began) / 2)

    def _too_much(self, kept: list[Outdated]) -> str:
        with self.database.read() as conn:
            names = names_of(conn)
        lines = [
            f"{each.rows} of {each.of_all} records of {names[each.organization_id]} ({each.record_class})"
            for each in kept
        ]
        return (
            f"So many records are older than they are kept that they stay: {'; '.join(lines)}."
            " If the clock is right and that is meant: officegate audit prune"
        )


def names_of(conn: Connection) -> dict[int, str]:
    """What each organization is called, 0 for what belongs to none."""
    rows = conn.execute(select(organizations.c.id, organizations.c.key))
    return {NO_ORGANIZATION: "the installation"} | {row.id: row.key for row in rows}


def _entry(old: Outdated, now: float, by: str) -> AuditEntry:
    detail = {"what": "audit.pruned", "class": old.record_class.value, "before": old.before, "rows": old.rows}
    return AuditEntry(
        KIND, now, organization_id=old.organization_id or None, detail=detail | ({"by": by} if by else {})
    )
