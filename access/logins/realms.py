"""Whose login a User-Name is: ours, another realm's with servers of its own, or nobody's.

    the name                                         whose
    has the realm of [realms.NAME], as suffix or
    as prefix                                        that realm's
    means somebody of ours who has not moved yet     still the realm's that lists them, or one of their groups
    means anybody else of ours, or has no realm      ours
    has a realm that nobody has                      nobody's, if any realms are configured: it is answered so

Without configured realms a login is always ours, and an unknown realm shows when its password is checked.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from access.logins.memory import Memory
from access.model import User
from access.people.naming import folded, split_realm
from radius.home import Destination, Pool
from radius.nas import Nas


@dataclass(frozen=True, slots=True)
class Realm:
    """Who is asked elsewhere. names are suffixes and prefixes; users (name@organization) and groups
    (organization/group) are ours who have not moved yet."""

    key: str
    pool: Pool
    names: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


class Realms:
    """The realms of an installation, as one worker sees them."""

    def __init__(self, realms: Iterable[Realm], memory: Memory) -> None:
        self._realms = tuple(realms)
        self._by_name = {name: realm for realm in self._realms for name in realm.names}
        self._memory = memory

    def destination(self, nas: Nas, user_name: str) -> Destination | None:
        """Return where a login is decided; None where that is here."""
        _, named = split_realm(user_name)
        realm = self._by_name.get(folded(named)) if named is not None else None
        if realm is not None:
            return Destination(realm.key, realm.pool)
        client = self._memory.client(nas.key)
        if client is None:
            return None
        _, organization, user = self._memory.meant(user_name, client.organization_id)
        if named is not None and organization is None:
            return Destination(named, None)
        return self._not_moved(user) if user is not None else None

    def _not_moved(self, user: User) -> Destination | None:
        """Return where one of ours is still asked; their company's policy decides all the same."""
        name = f"{user.name}@{user.organization}"
        for realm in self._realms:
            if name in realm.users or not realm.groups.isdisjoint(user.groups):
                return Destination(realm.key, realm.pool, str(user.id))
        return None
