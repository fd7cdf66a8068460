"""The right to write the people of one directory: one process has it at a time. ◆"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from access.errors import Unavailable
from access.model import MAIN, Organization, directory_key
from access.store import leases
from access.store.database import Database

LEASE_S = 20.0


class FollowedElsewhere(Unavailable):
    """Another process follows this directory."""


@dataclass(slots=True)
class Lead:
    """A lease on the people of one directory. guard() keeps it, in every transaction.

    owner: a name no other process has. is_gone: whether the process of such a name has surely died.
    """

    database: Database
    clock: Callable[[], float]
    organization: Organization
    owner: str
    is_gone: Callable[[str], bool] = lambda _: False
    directory: str = MAIN

    def take(self) -> None:
        """Take the lead, at once where whoever has it is gone. Raises FollowedElsewhere."""
        with self.database.write() as conn:
            leader = leases.last_owner(conn, self._name)
            if leader is not None and self.is_gone(leader):
                leases.release(conn, self._name, leader)
            self._acquire(conn)

    def guard(self, conn: Connection) -> None:
        """Keep the lead. Raises FollowedElsewhere where it was lost meanwhile.

        A lease that ran out during a long reading, and that nobody took since, is still ours.
        """
        if leases.last_owner(conn, self._name) != self.owner:
            raise FollowedElsewhere(f"Another process took over the directory of {self._called}")
        self._acquire(conn)

    def give_up(self) -> None:
        """Let the next one in."""
        with self.database.write() as conn:
            leases.release(conn, self._name, self.owner)

    @property
    def _name(self) -> str:
        return "directory." + directory_key(str(self.organization.id), self.directory)

    @property
    def _called(self) -> str:
        return directory_key(self.organization.key, self.directory)

    def _acquire(self, conn: Connection) -> None:
        if leases.acquire(conn, self._name, self.owner, self.clock(), LEASE_S) is None:
            raise FollowedElsewhere(f"Another process follows the directory of {self._called}")
