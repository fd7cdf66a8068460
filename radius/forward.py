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

from radius.effects import Role, Source
from radius.errors import RadiusError

_HEADER_OCTETS = 10
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
    if len(octets) < _HEADER_OCTETS:
        raise BadForward(f"{len(octets)} octets")
    size = octets[9]
    end = _HEADER_OCTETS + size
    if size not in _ADDRESS_OCTETS or len(octets) <= end or octets[2] not in list(Role) or octets[0] > 1:
        raise BadForward(f"an address of {size} octets, role {octets[2]}")
    key_end = end + 1 + octets[end]
    if len(octets) < key_end:
        raise BadForward("a key that is cut off")
    source = Source(
        ip_address(octets[_HEADER_OCTETS:end]),
        int.from_bytes(octets[3:5], "big"),
        octets[1],
        Role(octets[2]),
        int.from_bytes(octets[5:9], "big"),
    )
    key = octets[end + 1 : key_end].decode(errors="replace")
    return Forwarded(source, octets[key_end:], key, bool(octets[0]))
