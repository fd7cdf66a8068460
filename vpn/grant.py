"""Who may reach what, who has which address, and the two joined: pairs."""

from dataclasses import dataclass

from vpn.atoms import Address


@dataclass(frozen=True, slots=True)
class Grant:
    """The decision that a subject may reach these atoms, until a time (seconds since 1970) or without end.

    subject is the session it was decided for: conditions speak of one session, not of a person.
    """

    subject: str
    atoms: frozenset[int]
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A session holds an address on a gateway.

    generation counts the claims on an address: of two leases of one address the higher is the live one.
    """

    session: str
    address: Address
    gateway: str
    generation: int


@dataclass(frozen=True, slots=True)
class Pair:
    """This address may reach this atom, until a time (seconds since 1970) or without end."""

    address: Address
    atom: int
    until: float | None = None

    @property
    def key(self) -> tuple[Address, int]:
        """What the gateway looks up; a gateway holds at most one pair of a key."""
        return self.address, self.atom


def later(one: float | None, other: float | None) -> float | None:
    """The later of two ends; None is no end."""
    return None if one is None or other is None else max(one, other)
