"""Hands sealed records of the audit to whoever keeps a copy of them, each once and in order. ◆

The position up to which each chain was taken is kept in the database, and moves on only once whoever takes
them has said so: after a failure some records may come twice, none is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass

from access.keys.sealing import Keyring
from access.records.audit_line import as_syslog
from access.store import audit_reading, single_values
from access.store.audit_reading import AT_ONCE, Stretch
from access.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Shipping:
    """host is this machine's name in the messages; details: also what records say about people.

    send(octets) returns once they have been taken, and raises where they have not.
    """

    database: Database
    keyring: Keyring
    send: Callable[[bytes], None]
    host: str
    details: bool = True

    def ship(self) -> int:
        """Send what is new of every chain, and return how many records."""
        with self.database.read() as conn:
            names = audit_reading.chains(conn)
        return sum(self._ship_chain(organization_id, name) for organization_id, name in names.items())

    def _ship_chain(self, organization_id: int, name: str) -> int:
        count = sent = self._ship_some(organization_id, name)
        while sent == AT_ONCE:
            sent = self._ship_some(organization_id, name)
            count += sent
        return count

    def _ship_some(self, organization_id: int, name: str) -> int:
        with self.database.read() as conn:
            after = shipped_to(conn, organization_id)
            batch = audit_reading.some(conn, name, Stretch(organization_id, after), self.keyring)
        if batch:
            self.send(b"".join(as_syslog(each, self.host, self.details) for each in batch))
            with self.database.write() as conn:
                single_values.put(conn, _name(organization_id), str(batch[-1].position))
        return len(batch)


def shipped_to(conn: Connection, organization_id: int) -> int:
    """The position of a chain up to which it was sent."""
    return int(single_values.get(conn, _name(organization_id)) or 0)


def _name(organization_id: int) -> str:
    return f"audit.shipped.{organization_id}"
