"""Network passwords: each made for one endpoint of one person, and nothing a directory has ever heard of.

A network password is sixteen letters and digits: fourteen random ones (67 bits) and two that check them, so
that a worker sees at once whether something typed is one at all. That matters more than it seems: a telephone
goes on trying a revoked one for weeks, and what has this form is never sent to a directory, where each try
would count against the account. No look-alikes, no capitals, no hyphens: what MSCHAPv2 hashes has to be
typed exactly, and a telephone's keyboard is switched once at the most.

It is a bearer's secret until its first use. That use binds it to the endpoint's MAC address, unless the
address is a randomised one: telephones change those, and the next telephone may draw the same.

Sealed is the NT hash and, behind it, the password itself, bound to the row and the person. Nothing is opened
before somebody logs in as that person.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable
from dataclasses import field
from functools import lru_cache
from math import inf

from access.keys.sealing import Keyring
from access.model import Via
from access.nas.registry import GROUP, LOCALLY_ADMINISTERED, mac_octets
from access.words import casecode
from radius.frozen import value
from radius.mschap import nt_hash

# Where an endpoint has a MAC address that one can be bound to: nowhere else does any count.
DOORS = (Via.WIRED, Via.WIRELESS)
ALPHABET = casecode.ALPHABET.lower()
LENGTH = 16
MOST_NAME = 40
_CHECKS = 2
_CHARACTERS = frozenset(ALPHABET)
_NT_HASH_OCTETS = 16
_CODES = len(ALPHABET) ** (LENGTH - _CHECKS)


@value
class NetworkPassword:
    """One that is not revoked. endpoint is the MAC address it is bound to, empty while there is none."""

    id: int
    user_id: int
    organization_id: int
    binding: str
    sealed: bytes = field(repr=False)
    endpoint: str = ""
    valid_until: float | None = None

    def lasts(self, now: float) -> bool:
        """Return whether it may still be used."""
        return self.valid_until is None or now < self.valid_until


# One of a person's in memory: id, organization, end (infinite: none), and the lengths of what follows.
_PACKED = struct.Struct("<QQdBBH")


def packed(own: Iterable[NetworkPassword]) -> bytes:
    """Return the network passwords of one person in few octets: a worker knows 100,000 people."""
    parts = []
    for each in own:
        binding, endpoint = each.binding.encode(), each.endpoint.encode()
        end = inf if each.valid_until is None else each.valid_until
        lengths = (len(binding), len(endpoint), len(each.sealed))
        parts.append(_PACKED.pack(each.id, each.organization_id, end, *lengths))
        parts += (binding, endpoint, each.sealed)
    return b"".join(parts)


@lru_cache(maxsize=4096)
def unpacked(user_id: int, octets: bytes) -> tuple[NetworkPassword, ...]:
    """Return the network passwords that packed() made these octets of. A login asks for them three times."""
    own, at = [], 0
    while at < len(octets):
        password_id, organization_id, end, *lengths = _PACKED.unpack_from(octets, at)
        at += _PACKED.size
        texts = []
        for length in lengths:
            texts.append(octets[at : at + length])
            at += length
        binding, endpoint, sealed = texts
        valid_until = None if end == inf else end
        place = (binding.decode(), sealed, endpoint.decode())
        own.append(NetworkPassword(password_id, user_id, organization_id, *place, valid_until))
    return tuple(own)


@value
class Opened:
    """What a network password proves itself with."""

    password: str = field(repr=False)
    nt_hash: bytes = field(repr=False)


@value
class PasswordSummary:
    """What may be shown of a network password: never the password."""

    id: int
    nickname: str
    created_at: float
    endpoint: str = ""
    valid_until: float | None = None
    used_at: float | None = None
    used_place: str = ""
    revoked_at: float | None = None

    def stands(self, now: float) -> bool:
        """Return whether it may be used: not revoked and not over."""
        return self.revoked_at is None and (self.valid_until is None or now < self.valid_until)


def generate(random: Callable[[int], bytes]) -> str:
    """Return a new network password; random(n) gives n unguessable octets."""
    # 192 bits taken modulo 29**14 favour no password by more than one part in 10**37.
    number = int.from_bytes(random(24)) % _CODES
    characters = ""
    for _ in range(LENGTH - _CHECKS):
        number, digit = divmod(number, len(ALPHABET))
        characters += ALPHABET[digit]
    return characters + _checks(characters)


def groups(password: str) -> tuple[str, ...]:
    """Return a network password in fours, as people read it."""
    return tuple(password[start : start + 4] for start in range(0, len(password), 4))


def read(typed: str) -> str | None:
    """Return the network password in what was typed; None where it cannot be one.

    Capitals, spaces and hyphens are forgiven: a telephone puts in the first by itself, people the others.
    """
    if len(typed) > 2 * LENGTH:
        return None
    plain = typed.replace(" ", "").replace("-", "").lower()
    if len(plain) != LENGTH or not _CHARACTERS.issuperset(plain):
        return None
    return plain if hmac.compare_digest(plain[-_CHECKS:], _checks(plain[:-_CHECKS])) else None


def bound_to(binding: str, user_id: int, organization_id: int) -> bytes:
    """Return what a sealed network password is bound to: it opens in no other row and for nobody else."""
    return f"network-password:{binding}:{user_id}:{organization_id}".encode()


def seal(
    password: str, place: tuple[str, int, int], keyring: Keyring, random: Callable[[int], bytes]
) -> bytes:
    """Return the password sealed for a place: binding, user, organization."""
    return keyring.seal(nt_hash(password) + password.encode(), bound_to(*place), random)


def open_one(known: NetworkPassword, keyring: Keyring) -> Opened:
    """Return what a network password proves itself with. Raises SealBroken."""
    place = bound_to(known.binding, known.user_id, known.organization_id)
    plain = keyring.open_sealed(known.sealed, place)
    return Opened(plain[_NT_HASH_OCTETS:].decode(), plain[:_NT_HASH_OCTETS])


def bindable(station: str) -> str:
    """Return the MAC address a password can be bound to; empty for none and for a randomised one."""
    octets = mac_octets(station)
    return "" if octets is None or octets[0] & (GROUP | LOCALLY_ADMINISTERED) else octets.hex("-")


def fits(known: NetworkPassword, station: str) -> bool:
    """Return whether the endpoint may use it: it is bound to none, or to this one."""
    return not known.endpoint or known.endpoint == spelt(station)


def spelt(station: str) -> str:
    """Return a Calling-Station-Id as endpoints are spelt, whatever kind of address it is."""
    return station.lower().replace(":", "-")


def _checks(characters: str) -> str:
    digest = hashlib.sha256(b"officegate network password " + characters.encode()).digest()
    number = int.from_bytes(digest[:8])
    first, rest = number % len(ALPHABET), number // len(ALPHABET)
    return ALPHABET[first] + ALPHABET[rest % len(ALPHABET)]
