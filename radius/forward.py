"""What workers tell each other: packets on their way to where they belong, and what a successor takes over.

octets   what
1        what it is, a Kind
1        endpoint, the number of the socket it came to
1        role of that endpoint
2        the sender's port
4        the connection it came by, 0: none
1        octets of its address, 4 or 16
4 or 16  its address
1        octets of the NAS's key
any      the NAS's key, which a connection tells and an address does not
rest     the packet

What is KEPT has, in place of the packet:

octets   what
8        not before when its reply may leave, a double
16       the authenticator of the request
1        octets of the key
any      the key under which a duplicate of it is known
rest     the reply; nothing while the request is worked on
"""

import struct
from collections.abc import Iterable, Iterator
from enum import IntEnum
from ipaddress import IPv4Address, ip_address

from radius.cursor import Cursor, Overrun
from radius.duplicates import Kept
from radius.effects import Role, Send, Source
from radius.errors import RadiusError
from radius.frozen import value

_ADDRESS_OCTETS = (4, 16)
_NOT_BEFORE = struct.Struct("!d")
_AUTHENTICATOR_OCTETS = 16
NOWHERE = Source(IPv4Address(0), 0)


class Kind(IntEnum):
    """What it is: a packet; a reply, for the connection that the other worker has; what a worker that steps
    aside knows of a request; and that this was all, so that its successor begins.
    """

    PACKET = 0
    REPLY = 1
    KEPT = 2
    BEGIN = 3


class BadForward(RadiusError):
    """What came is not from a worker of ours."""


@value
class Forwarded:
    """What one worker hands to another. nas is empty where the address tells it."""

    source: Source
    data: bytes
    nas: str = ""
    kind: Kind = Kind.PACKET


def encode(forwarded: Forwarded) -> bytes:
    """Return the octets for the other worker."""
    source, nas = forwarded.source, forwarded.nas.encode()
    address = source.address.packed
    head = bytes((forwarded.kind, source.endpoint, source.role))
    numbers = source.port.to_bytes(2, "big") + source.connection.to_bytes(4, "big")
    return head + numbers + bytes((len(address),)) + address + bytes((len(nas),)) + nas + forwarded.data


def decode(octets: bytes) -> Forwarded:
    """Return what the other worker handed over. Raises BadForward."""
    cursor = Cursor(octets)
    try:
        kind, endpoint, role = cursor.number(1), cursor.number(1), cursor.number(1)
        port, connection = cursor.number(2), cursor.number(4)
        address, key = cursor.take(cursor.number(1)), cursor.take(cursor.number(1))
    except Overrun as error:
        raise BadForward(str(error)) from error
    if len(address) not in _ADDRESS_OCTETS or role not in list(Role) or kind not in list(Kind):
        raise BadForward(f"an address of {len(address)} octets, role {role}")
    source = Source(ip_address(address), port, endpoint, Role(role), connection)
    return Forwarded(source, cursor.rest(), key.decode(errors="replace"), Kind(kind))


def handed_over(kept: Iterable[Kept]) -> Iterator[Forwarded]:
    """Yield what a successor takes over.

    Without the replies for connections: those end with the process that has them.
    """
    for each in kept:
        send = each.send
        if send is not None and send.to.role is Role.RADSEC:
            continue
        source, not_before, reply = (send.to, send.not_before, send.data) if send else (NOWHERE, 0.0, b"")
        head = _NOT_BEFORE.pack(not_before) + each.authenticator + bytes((len(each.key),)) + each.key
        yield Forwarded(source, head + reply, kind=Kind.KEPT)


def taken_over(forwarded: Forwarded) -> Kept:
    """Return what the process before knows. Raises BadForward."""
    cursor = Cursor(forwarded.data)
    try:
        (not_before,) = _NOT_BEFORE.unpack(cursor.take(_NOT_BEFORE.size))
        authenticator, key = cursor.take(_AUTHENTICATOR_OCTETS), cursor.take(cursor.number(1))
    except Overrun as error:
        raise BadForward(str(error)) from error
    reply = cursor.rest()
    return Kept(key, authenticator, Send(forwarded.source, reply, not_before) if reply else None)
