"""Who an owner is whom a document names: a person, and not whoever has that person's name later."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from access.model import User
from access.policy.subjects import fold


class OwnerPorts(Protocol):
    """What owners ask of the world. Any of it may raise Unavailable."""

    def meant(self, what: str) -> Mapping[str, int]:
        """Whom names meant when they were first seen as owners of something, as far as that was looked at.

        what: "rule ID", "network:NAME" or "vdi:NAME".
        """

    def person(self, user_id: int) -> User | None:
        """Somebody, as known now."""

    def user_named(self, name: str) -> User | None:
        """Somebody enabled by name@organization."""


def owner_named(ports: OwnerPorts, what: str, name: str) -> User | None:
    """Return whom a name means that owns something; None where that is nobody, or nobody enabled."""
    meant = ports.meant(what)
    found = ports.person(meant[name]) if name in meant else ports.user_named(name)
    return found if found is not None and found.enabled else None


def owns(ports: OwnerPorts, what: str, names: Iterable[str], user: User) -> bool:
    """Return whether somebody is one of those whom the names mean that own something."""
    meant, own = ports.meant(what), fold(f"{user.name}@{user.organization}")
    return any(meant[name] == user.id if name in meant else fold(name) == own for name in names)
