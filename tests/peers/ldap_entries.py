"""Entries of a real directory server, added and changed by its administrator."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

import ldap3

Changes = Mapping[str, Sequence[str | bytes]]


class Refused(RuntimeError):
    """The server did not do what was asked; the message is its result."""


class Entries:
    """What a test does to a directory."""

    def admin(self, dn: str) -> AbstractContextManager[ldap3.Connection]:
        """A connection that may change the entry."""
        raise NotImplementedError

    def add(self, dn: str, attributes: Changes) -> None:
        with self.admin(dn) as connection:
            done = connection.add(dn, attributes=dict(attributes))  # type: ignore[no-untyped-call]
            require(connection, done)

    def replace(self, dn: str, attributes: Changes) -> None:
        """Sets each attribute to exactly these values; none removes it."""
        self._modify(dn, ldap3.MODIFY_REPLACE, attributes)

    def add_values(self, dn: str, attributes: Changes) -> None:
        self._modify(dn, ldap3.MODIFY_ADD, attributes)

    def remove_values(self, dn: str, attributes: Changes) -> None:
        self._modify(dn, ldap3.MODIFY_DELETE, attributes)

    def delete(self, dn: str) -> None:
        with self.admin(dn) as connection:
            require(connection, connection.delete(dn))  # type: ignore[no-untyped-call]

    def rename(self, dn: str, rdn: str, *, parent: str | None = None) -> None:
        """Changes the first part of the DN, and where the entry hangs if a parent is given."""
        with self.admin(dn) as connection:
            require(connection, connection.modify_dn(dn, rdn, new_superior=parent))

    def _modify(self, dn: str, how: str, attributes: Changes) -> None:
        changes = {name: [(how, list(values))] for name, values in attributes.items()}
        with self.admin(dn) as connection:
            require(connection, connection.modify(dn, changes))  # type: ignore[no-untyped-call]


def require(connection: ldap3.Connection, done: bool) -> None:
    if not done:
        raise Refused(f"{connection.result['description']}: {connection.result['message']}")
