"""The groups that carry rights by the policy in force, read again where another one is. ◆"""

from access.policy import carrying, document
from access.store import local_memberships, policies
from access.store.database import Database


class Carrying:
    """Those of one organization. roles: groups with a role, as "organization/group". Not for two threads."""

    def __init__(self, database: Database, organization: str, roles: tuple[str, ...]) -> None:
        self._database, self._organization, self._roles = database, organization, roles
        self._known: tuple[str | None, frozenset[str]] = (None, self._named(None))

    def names(self) -> frozenset[str]:
        """Return their names, without the organization."""
        with self._database.read() as conn:
            revision = policies.in_force(conn)
            # Whoever is in a group that is listed in a local one has its rights too.
            nested = local_memberships.names_nested_in(conn, self._organization)
            if revision == self._known[0]:
                return self._known[1] | nested
            version = policies.current(conn)
        self._known = revision, self._named(version.document if version else None)
        return self._known[1] | nested

    def _named(self, text: str | None) -> frozenset[str]:
        return carrying.groups_of(self._organization, document.load(text) if text else None, self._roles)
