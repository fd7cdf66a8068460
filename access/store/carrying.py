"""The groups and attributes that the policy in force stands on, read again where another one is. ◆"""

from access.policy import carrying, document
from access.policy.carrying import Ground
from access.store import local_memberships, policies
from access.store.database import Database


class Carrying:
    """Those of one organization. roles: groups with a role, as "organization/group". Not for two threads."""

    def __init__(self, database: Database, organization: str, roles: tuple[str, ...]) -> None:
        self._database, self._organization, self._roles = database, organization, roles
        self._known: tuple[str | None, frozenset[str], Ground] = (None, *self._named(None))

    def names(self) -> frozenset[str]:
        """Return their names, without the organization."""
        return self.read()[0]

    def read(self) -> tuple[frozenset[str], Ground]:
        """Return the names of the groups, without the organization, and what rules ask of attributes."""
        with self._database.read() as conn:
            revision = policies.in_force(conn)
            # Whoever is in a group that is listed in a local one has its rights too.
            nested = local_memberships.names_nested_in(conn, self._organization)
            version = policies.current(conn) if revision != self._known[0] else None
        if revision != self._known[0]:
            self._known = revision, *self._named(version.document if version else None)
        return self._known[1] | nested, self._known[2]

    def _named(self, text: str | None) -> tuple[frozenset[str], Ground]:
        read = document.load(text) if text else None
        return (
            carrying.groups_of(self._organization, read, self._roles),
            carrying.ground_of(self._organization, read),
        )
