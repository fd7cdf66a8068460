"""Values of attributes as people write and read them, and as they travel (RFC 8044)."""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from radius.cursor import Cursor, Overrun
from radius.definitions import Kind


def encode_value(kind: Kind, text: str) -> bytes:
    """Return the octets of a value. Raises ValueError."""
    write = _WRITERS.get(kind)
    if write is None:
        raise ValueError(f"a value of type {kind.value} cannot be written")
    return write(text)


def decode_value(kind: Kind, octets: bytes) -> str | None:
    """Return a value for people; None where the octets are none of this type."""
    read = _READERS.get(kind)
    try:
        return None if read is None else read(octets)
    except (ValueError, Overrun):
        return None


def hexadecimal(octets: bytes) -> str:
    """Return octets as 0x0a0b."""
    return f"0x{octets.hex()}"


def number_octets(kind: Kind) -> int:
    """Return how many octets a number of this type has; 0 for what is no number."""
    return _NUMBERS.get(kind, 0)


_NUMBERS = {Kind.BYTE: 1, Kind.SHORT: 2, Kind.INTEGER: 4, Kind.DATE: 4, Kind.SIGNED: 4, Kind.INTEGER64: 8}


def _write_number(octets: int, signed: bool = False) -> Callable[[str], bytes]:
    def write(text: str) -> bytes:
        try:
            return int(text, 0 if text.startswith("0x") else 10).to_bytes(octets, "big", signed=signed)
        except OverflowError as error:
            raise ValueError(text) from error

    return write


def _read_number(octets: int, signed: bool = False) -> Callable[[bytes], str]:
    return lambda value: str(int.from_bytes(_exactly(octets, value), "big", signed=signed))


def _write_octets(text: str) -> bytes:
    return bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()


def _read_text(octets: bytes) -> str:
    text = octets.decode()
    if not text.isprintable():
        raise ValueError("not printable")
    return text


def _read_address(octets: bytes) -> str:
    return str(IPv4Address(octets) if len(octets) == 4 else IPv6Address(_exactly(16, octets)))


def _write_ipv4_prefix(text: str) -> bytes:
    """Return RFC 8044 section 3.11: a reserved octet, the length in bits, all four octets."""
    network = IPv4Network(text)
    return bytes((0, network.prefixlen)) + network.network_address.packed


def _read_ipv4_prefix(octets: bytes) -> str:
    cursor = Cursor(_exactly(6, octets))
    _reserved, bits = cursor.take(1), cursor.number(1)
    return str(IPv4Network((cursor.rest(), bits)))


def _write_ipv6_prefix(text: str) -> bytes:
    """Return RFC 3162 section 2.3: a reserved octet, the length in bits, no more octets than those need."""
    network = IPv6Network(text)
    return bytes((0, network.prefixlen)) + network.network_address.packed[: (network.prefixlen + 7) // 8]


def _read_ipv6_prefix(octets: bytes) -> str:
    cursor = Cursor(octets)
    _reserved, bits, address = cursor.take(1), cursor.number(1), cursor.rest()
    if len(address) > 16 or bits > 8 * len(address):
        raise ValueError("a prefix longer than its octets")
    return str(IPv6Network((address.ljust(16, b"\0"), bits)))


def _write_groups(count: int, octets: int) -> Callable[[str], bytes]:
    def write(text: str) -> bytes:
        groups = text.split(":")
        if len(groups) != count or not all(1 <= len(group) <= 2 * octets for group in groups):
            raise ValueError(text)
        return b"".join(int(group, 16).to_bytes(octets, "big") for group in groups)

    return write


def _read_ifid(octets: bytes) -> str:
    cursor = Cursor(_exactly(8, octets))
    return ":".join(f"{cursor.number(2):x}" for _ in range(4))


def _exactly(count: int, octets: bytes) -> bytes:
    if len(octets) != count:
        raise ValueError(f"{len(octets)} octets, not {count}")
    return octets


_WRITERS: Mapping[Kind, Callable[[str], bytes]] = {
    Kind.STRING: str.encode,
    Kind.OCTETS: _write_octets,
    Kind.ABINARY: _write_octets,
    **{kind: _write_number(octets, kind is Kind.SIGNED) for kind, octets in _NUMBERS.items()},
    Kind.IPADDR: lambda text: IPv4Address(text).packed,
    Kind.IPV6ADDR: lambda text: IPv6Address(text).packed,
    Kind.COMBO_IP: lambda text: ip_address(text).packed,
    Kind.IPV4PREFIX: _write_ipv4_prefix,
    Kind.IPV6PREFIX: _write_ipv6_prefix,
    Kind.IFID: _write_groups(4, 2),
    Kind.ETHER: _write_groups(6, 1),
}
_READERS: Mapping[Kind, Callable[[bytes], str]] = {
    Kind.STRING: _read_text,
    Kind.OCTETS: hexadecimal,
    Kind.ABINARY: hexadecimal,
    **{kind: _read_number(octets, kind is Kind.SIGNED) for kind, octets in _NUMBERS.items()},
    Kind.IPADDR: lambda octets: str(IPv4Address(_exactly(4, octets))),
    Kind.IPV6ADDR: lambda octets: str(IPv6Address(_exactly(16, octets))),
    Kind.COMBO_IP: _read_address,
    Kind.IPV4PREFIX: _read_ipv4_prefix,
    Kind.IPV6PREFIX: _read_ipv6_prefix,
    Kind.IFID: _read_ifid,
    Kind.ETHER: lambda octets: _exactly(6, octets).hex(":"),
}
