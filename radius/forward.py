"""A datagram on its way from the worker that received it to the worker it belongs to.

octets   what
1        endpoint, the number of the socket it came to
1        role of that endpoint
2        the sender's port
1        octets of its address, 4 or 16
4 or 16  its address
rest     the datagram
"""

from ipaddress import ip_address

from radius.effects import Role, Source
from radius.errors import RadiusError

_HEADER_OCTETS = 5
_ADDRESS_OCTETS = (4, 16)


class BadForward(RadiusError):
    """What came is not from a worker of ours."""


def encode(source: Source, data: bytes) -> bytes:
    """Return the octets for the other worker."""
    address = source.address.packed
    head = bytes((source.endpoint, source.role)) + source.port.to_bytes(2, "big") + bytes((len(address),))
    return head + address + data


def decode(octets: bytes) -> tuple[Source, bytes]:
    """Return where the datagram came from, and the datagram. Raises BadForward."""
    if len(octets) < _HEADER_OCTETS:
        raise BadForward(f"{len(octets)} octets")
    size = octets[4]
    end = _HEADER_OCTETS + size
    if size not in _ADDRESS_OCTETS or len(octets) < end or octets[1] not in list(Role):
        raise BadForward(f"an address of {size} octets, role {octets[1]}")
    address = ip_address(octets[_HEADER_OCTETS:end])
    source = Source(address, int.from_bytes(octets[2:4], "big"), octets[0], Role(octets[1]))
    return source, octets[end:]
