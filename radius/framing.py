"""Packets out of a stream of octets, for RADIUS over TLS (RFC 6613 section 2.2, RFC 6614).

A stream has no edges but the Length of each packet, so after one that cannot be right nothing that follows
can be told apart: the connection has to end.
"""

from radius.errors import RadiusError
from radius.packet import HEADER_OCTETS, MAX_OCTETS

_LENGTH_END = 4


class BadFrame(RadiusError):
    """The peer sent a Length that no packet has: close the connection."""


class Frames:
    """Cuts one connection's octets into packets, however they were cut on the way."""

    __slots__ = ("_octets",)

    def __init__(self) -> None:
        self._octets = bytearray()

    @property
    def partial(self) -> bool:
        """Return whether a packet has begun and not ended."""
        return bool(self._octets)

    def feed(self, octets: bytes) -> list[bytes]:
        """Return the packets that are whole now. Raises BadFrame; no more than one packet is ever kept."""
        self._octets += octets
        packets: list[bytes] = []
        at = 0
        while len(self._octets) - at >= _LENGTH_END:
            length = int.from_bytes(self._octets[at + 2 : at + _LENGTH_END], "big")
            if not HEADER_OCTETS <= length <= MAX_OCTETS:
                raise BadFrame(f"a Length of {length}")
            if len(self._octets) - at < length:
                break
            packets.append(bytes(self._octets[at : at + length]))
            at += length
        del self._octets[:at]
        return packets
