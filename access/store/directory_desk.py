"""What somebody decides about a reading in which very many vanish; each decision stands in the audit. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from access.keys.sealing import Keyring
from access.model import MAIN, Organization, directory_key
from access.records.alarms import AlarmKind
from access.records.audit import AuditEntry
from access.shown import DirectoryLine, HeldLine, RunLine
from access.store import audit, directories, held, runs
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.directories import SyncRequest
from access.store.organizations import Removed

KIND = "directory"


@dataclass(frozen=True, slots=True)
class StoredDirectoryDesk:
    """writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    clock: Callable[[], float]
    writer: str

    def difference(self, organization: Organization, name: str = MAIN) -> Sequence[HeldLine]:
        """What is kept although a directory of an organization says otherwise."""
        with self.database.read() as conn:
            return held.difference(conn, organization.id, name)

    def shown(self, organization: Organization, most_runs: int, name: str = MAIN) -> DirectoryLine:
        """How a directory of an organization is doing, with the runs of lately."""
        with self.database.read() as conn:
            status = directories.status(conn, directory_key(organization.key, name))
            lately = runs.listed(conn, organization.key, most_runs, name)
            lines = held.difference(conn, organization.id, name)
            names = directories.names(conn, organization.id)
        return DirectoryLine(
            status.synced_at if status else None,
            status.failed_at if status else None,
            (status.failure or "") if status else "",
            lines,
            [
                RunLine(each.id, each.began, each.kind, each.by, each.counts, each.undone_at, each.undone_by)
                for each in lately
            ],
            names,
        )

    def approve(self, organization: Organization, by: str, name: str = MAIN) -> SyncRequest | None:
        """Have exactly what is kept believed by the next reading, which this asks for; None: nothing is."""
        request = SyncRequest(self.clock(), approve=True, by=by)
        return request if self._decide((organization, name), "directory.approved", by, request) else None

    def reject(self, organization: Organization, by: str, name: str = MAIN) -> int:
        """Have what is kept stay so until the directory shows it again; how much that is."""
        return self._decide((organization, name), "directory.rejected", by, None)

    def _decide(
        self, whose: tuple[Organization, str], what: str, by: str, request: SyncRequest | None
    ) -> int:
        now, (organization, name) = self.clock(), whose
        key = directory_key(organization.key, name)
        with self.database.write() as conn:
            lines = held.difference(conn, organization.id, name)
            if not lines:
                return 0
            if request is not None:
                directories.put_request(conn, key, request)
            else:
                held.reject(conn, organization.id, by, name)
                stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
                stored.clear_alarm(AlarmKind.DIRECTORY_MASS_CHANGE, key, now, by)
            detail = {"what": what, "by": by, "lines": len(lines)}
            detail |= {} if name == MAIN else {"directory": name}
            entry = AuditEntry(KIND, now, organization_id=organization.id, detail=detail)
            audit.record(conn, self.writer, entry, self.keyring, self.random)
        return len(lines)


def write_down_end(
    conn: Connection, by: tuple[Keyring, Callable[[int], bytes], str], ended: Removed, now: float
) -> None:
    """Clear what nobody can put right any more of a directory that has ended, and record whom it disabled.

    by: keyring, random octets, and the name of the writer in the audit.
    """
    keyring, random, writer = by
    stored = StoredAlarms(conn, keyring, random, writer)
    for kind in (AlarmKind.DIRECTORY_FAILING, AlarmKind.DIRECTORY_MASS_CHANGE):
        stored.clear_alarm(kind, directory_key(ended.organization, ended.name), now, writer)
    detail = {"what": "directory.ended", "directory": ended.name, "people": ended.people}
    entry = AuditEntry(KIND, now, organization_id=ended.organization_id, detail=detail)
    audit.record(conn, writer, entry, keyring, random)
