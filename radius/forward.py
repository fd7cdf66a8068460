"""A packet on its way from the worker that received it to the worker it belongs to, or a reply going back.

octets   what
1        0: a packet; 1: a reply, for the connection that the other worker has
1        endpoint, the number of the socket it came to
1        role of that endpoint
2        the sender's port
4        the connection it came by, 0: none
1        octets of its address, 4 or 16
4 or 16  its address
1        octets of the NAS's key
any      the NAS's key, which a connection tells and an address does not
rest     the packet
"""

from dataclasses import dataclass
from ipaddress import ip_address

from radius.cursor import Cursor, Overrun
from radius.effects import Role, Source
from radius.errors import RadiusError

_ADDRESS_OCTETS = (4, 16)


class BadForward(RadiusError):
    """What came is not from a worker of ours."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What one worker hands to another. nas is empty where the address tells it."""

    source: Source
    data: bytes
    nas: str = ""
    is_reply: bool = False


def encode(forwarded: Forwarded) -> bytes:
    """Return the octets for the other worker."""
    source, nas = forwarded.source, forwarded.nas.encode()
    address = source.address.packed
    head = bytes((forwarded.is_reply, source.endpoint, source.role))
    numbers = source.port.to_bytes(2, "big") + source.connection.to_bytes(4, "big")
    return head + numbers + bytes((len(address),)) + address + bytes((len(nas),)) + nas + forwarded.data


def decode(octets: bytes) -> Forwarded:
    """Return what the other worker handed over. Raises BadForward."""
    cursor = Cursor(octets)
    try:
        is_reply, endpoint, role = cursor.number(1), cursor.number(1), cursor.number(1)
        port, connection = cursor.number(2), cursor.number(4)
        address, key = cursor.take(cursor.number(1)), cursor.take(cursor.number(1))
    except Overrun as error:
        raise BadForward(str(error)) from error
    if len(address) not in _ADDRESS_OCTETS or role not in list(Role) or is_reply > 1:
        raise BadForward(f"an address of {len(address)} octets, role {role}")
    source = Source(ip_address(address), port, endpoint, Role(role), connection)
    return Forwarded(source, cursor.rest(), key.decode(errors="replace"), bool(is_reply))
