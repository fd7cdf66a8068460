"""Who has a right above an employee's, and so is helped with more care. ▸"""

from collections.abc import Collection, Mapping
from typing import Protocol

from access.model import Role, User


class PrivilegePorts(Protocol):
    """What has to be known of a person."""

    @property
    def role_groups(self) -> Mapping[Role, frozenset[str]]: ...

    def same_person(self, user_id: int) -> tuple[User, ...]:
        """Return for whom the phones and passkeys of a user count: them, and whom they are linked to."""


def is_privileged(ports: PrivilegePorts, user: User) -> bool:
    """Return whether somebody has, by their groups at any company, a right above an employee's.

    A phone that is registered at one company opens the console of the other one.
    """
    above = frozenset[str]().union(*ports.role_groups.values())
    return bool(above & user.groups) or any(above & each.groups for each in ports.same_person(user.id))


def is_same_person(ports: PrivilegePorts, one_id: int, other_id: int) -> bool:
    """Return whether two accounts are one person's: the same, or linked to each other."""
    return one_id == other_id or any(each.id == one_id for each in ports.same_person(other_id))


def beyond(ports: PrivilegePorts, user: User) -> tuple[User, ...]:
    """Return the accounts at other companies that somebody's phone counts for too."""
    return tuple(each for each in ports.same_person(user.id) if each.id != user.id)


def still_has(ports: PrivilegePorts, user: User | None, roles: Collection[Role]) -> bool:
    """Return whether somebody who asked for something a while ago has one of these roles now."""
    if user is None or not user.enabled:
        return False
    return any(ports.role_groups.get(role, frozenset()) & user.groups for role in roles)
