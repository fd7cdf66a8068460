"""The broker that starts nothing: a pool of named desktops that are always on, handed out one a user.

Who is entitled is decided elsewhere; here an assignment is made, kept, given back and ended. Each desktop is
a resource of its own, so an assignment becomes one grant of one desktop's atoms.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from vpn.atoms import Address, PortRange, Protocol, Target


@dataclass(frozen=True, slots=True)
class Desktop:
    """One machine and where it is reached."""

    name: str
    address: Address


@dataclass(frozen=True)
class DesktopPool:
    """Desktops that are alike, and the TCP port they answer on. Raises ValueError for a name used twice."""

    name: str
    desktops: tuple[Desktop, ...]
    port: int

    def __post_init__(self) -> None:
        if len({desktop.name for desktop in self.desktops}) < len(self.desktops):
            raise ValueError(f"pool {self.name} has two desktops of one name")
        if len({desktop.address for desktop in self.desktops}) < len(self.desktops):
            raise ValueError(f"pool {self.name} has two desktops at one address")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A desktop of a pool is a user's until a time (seconds since 1970)."""

    pool: str
    desktop: str
    user: str
    until: float


def target(pool: DesktopPool, desktop: Desktop) -> Target:
    """What a desktop is as a resource."""
    return Target(ip_network(desktop.address), Protocol.TCP, PortRange(pool.port, pool.port))


def assign(
    pool: DesktopPool, assignments: Iterable[Assignment], user: str, now: float, lease_s: float
) -> Assignment | None:
    """The user's desktop for the next lease_s seconds; None where every desktop is taken.

    A user keeps the desktop they have, and gets back the one they had last if it is free and its assignment
    is still in the list. Otherwise the first that nobody had, then the one free for longest.
    """
    names = {desktop.name for desktop in pool.desktops}
    mine = [held for held in assignments if held.pool == pool.name and held.desktop in names]
    taken = {held.desktop for held in mine if held.until > now and held.user != user}
    last = {held.desktop: held.until for held in mine if held.user == user and held.desktop not in taken}
    if last:
        return Assignment(pool.name, max(last, key=lambda name: last[name]), user, now + lease_s)
    ended = {name: max((h.until for h in mine if h.desktop == name), default=0.0) for name in names - taken}
    free = [desktop.name for desktop in pool.desktops if desktop.name in ended]
    return Assignment(pool.name, min(free, key=ended.__getitem__), user, now + lease_s) if free else None


def release(assignments: Iterable[Assignment], ended: Assignment, now: float) -> tuple[Assignment, ...]:
    """The assignments once the user gave this one back: it ends now, and is kept to be remembered."""
    given_back = Assignment(ended.pool, ended.desktop, ended.user, min(ended.until, now))
    return tuple(given_back if held == ended else held for held in assignments)


def expired(assignments: Iterable[Assignment], now: float) -> tuple[Assignment, ...]:
    """Those whose time is over: their grants go, their desktops are free."""
    return tuple(held for held in assignments if held.until <= now)
