"""What a request says about itself, as values.

Facts are what a policy may ask about and a person wants to read. A malformed one is None or empty: whether it
is needed is decided elsewhere, and there what is missing fails closed.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

from radius.attributes import AttributeType
from radius.frozen import value
from radius.packet import Packet

# Of a User-Name (RFC 2865 section 5.1); names that come another way are held to it too.
MAX_NAME_OCTETS = 253
# Endpoints whose facts are known without reading them again.
REMEMBERED = 8192
_MAC_SEPARATORS = str.maketrans("", "", "-:. ")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


@value
class Facts:
    """calling_station is a MAC in lower case with colons where it is one, else the text the NAS sent.

    tunnel_client is where the far end of a tunnel is, as text. source is where the request came from; secret
    which of the NAS's secrets it was made with, 0 the current.
    """

    calling_station: str = ""
    called_station: str = ""
    nas_identifier: str = ""
    nas_port: int | None = None
    nas_port_id: str = ""
    nas_port_type: int | None = None
    service_type: int | None = None
    connect_info: str = ""
    eap: bool = False
    framed_mtu: int | None = None
    framed_ip: IPv4Address | None = None
    framed_ipv6: IPv6Address | None = None
    framed_ipv6_prefix: IPv6Network | None = None
    tunnel_client: str = ""
    source: IPv4Address | IPv6Address | None = None
    secret: int = 0
    acct_session_id: str = ""


NO_FACTS = Facts()


@value
class Usage:
    """What a session has used so far. in is from the endpoint, out is to it (RFC 2866)."""

    session_time_s: int = 0
    octets_in: int = 0
    octets_out: int = 0
    cause: int | None = None


def facts(
    values: Mapping[int, bytes], source: IPv4Address | IPv6Address | None = None, secret: int = 0
) -> Facts:
    """Return the facts in the values of a request, with where it came from and how it was signed."""
    said = tuple(map(values.get, _READ))
    return _facts(said, AttributeType.EAP_MESSAGE in values, source, secret)


@lru_cache(maxsize=REMEMBERED)
def _facts(
    said: tuple[bytes | None, ...], eap: bool, source: IPv4Address | IPv6Address | None, secret: int
) -> Facts:
    """Return the facts in what was said. Endpoints come again from the same port: most are known."""
    known = {
        name: read(value)
        for (name, read), value in zip(_READERS.values(), said, strict=True)
        if value is not None
    }
    return Facts(eap=eap, source=source, secret=secret, **known)


def networks(packet: Packet) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return every address and prefix that a request says its session has, each once."""
    found = {
        network: None
        for kind, read in _NETWORKS.items()
        for value in packet.all(kind)
        if (network := read(value)) is not None
    }
    return tuple(found)


def usage(values: Mapping[int, bytes]) -> Usage:
    """Return what an Accounting-Request says was used, gigawords added (RFC 2869 section 5.1)."""
    return Usage(
        session_time_s=integer(values.get(AttributeType.ACCT_SESSION_TIME)) or 0,
        octets_in=_octets(values, AttributeType.ACCT_INPUT_OCTETS, AttributeType.ACCT_INPUT_GIGAWORDS),
        octets_out=_octets(values, AttributeType.ACCT_OUTPUT_OCTETS, AttributeType.ACCT_OUTPUT_GIGAWORDS),
        cause=integer(values.get(AttributeType.ACCT_TERMINATE_CAUSE)),
    )


def text(value: bytes | None) -> str:
    """Return value as text for people to read; what is not UTF-8 or not printable is spelt out."""
    if not value:
        return ""
    decoded = value.decode(errors="backslashreplace")
    if decoded.isprintable():
        return decoded
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in decoded)


def exact_text(value: bytes) -> str | None:
    """Return value as text to be compared: None where it is not UTF-8 or holds control characters."""
    try:
        decoded = value.decode()
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(decoded) else decoded


def exact_name(value: bytes) -> str | None:
    """Return value as a name to be compared and shown; None where it is too long, not UTF-8 or not printable.

    A name with U+202E or U+2028 in it would say something else in a log than what was compared.
    """
    try:
        name = value.decode()
    except UnicodeDecodeError:
        return None
    return name if name.isprintable() and len(value) <= MAX_NAME_OCTETS else None


def integer(value: bytes | None) -> int | None:
    """Return the number in four octets, None for any other size."""
    return int.from_bytes(value, "big") if value is not None and len(value) == 4 else None


def mac(value: str) -> str | None:
    """Return '02:00:5e:10:00:01' for any common spelling of a MAC address, None for anything else."""
    digits = value.translate(_MAC_SEPARATORS)
    if len(digits) != 12:
        return None
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        return None
    # fromhex() skips white space of its own.
    return octets.hex(":") if len(octets) == 6 else None


def _octets(values: Mapping[int, bytes], low: AttributeType, high: AttributeType) -> int:
    return (integer(values.get(high)) or 0) << 32 | (integer(values.get(low)) or 0)


def _ipv4(value: bytes) -> IPv4Address | None:
    """Return the address; 255.255.255.254 and .255 are wishes and not addresses (RFC 2865 section 5.8)."""
    if len(value) != 4 or value >= b"\xff\xff\xff\xfe":
        return None
    return IPv4Address(value)


def _ipv6(value: bytes) -> IPv6Address | None:
    return IPv6Address(value) if len(value) == 16 else None


def _ipv6_prefix(value: bytes) -> IPv6Network | None:
    """Return the prefix (RFC 3162 section 2.3): reserved, length in bits, up to sixteen octets."""
    if not 2 <= len(value) <= 18 or value[1] > 128:
        return None
    return IPv6Network((value[2:].ljust(16, b"\0"), value[1]), strict=False)


def _host(value: bytes) -> IPv4Network | IPv6Network | None:
    """Return an address as the network that holds nothing else."""
    ipv4 = _ipv4(value)
    if ipv4 is not None:
        return IPv4Network(ipv4)
    ipv6 = _ipv6(value)
    return None if ipv6 is None else IPv6Network(ipv6)


@lru_cache(maxsize=REMEMBERED)
def station(value: bytes) -> str:
    """Return a MAC in lower case with colons where value is one in any spelling, else the text."""
    spelt = text(value)
    return mac(spelt) or spelt


def _tunnel_end(value: bytes) -> str:
    """Return the end of a tunnel without its tag, which is at most 0x1F (RFC 2868 section 3.3)."""
    return text(value[1:] if value[:1] <= b"\x1f" else value)


_READERS: dict[int, tuple[str, Callable[[bytes], Any]]] = {
    AttributeType.CALLING_STATION_ID: ("calling_station", station),
    AttributeType.CALLED_STATION_ID: ("called_station", text),
    AttributeType.NAS_IDENTIFIER: ("nas_identifier", text),
    AttributeType.NAS_PORT: ("nas_port", integer),
    AttributeType.NAS_PORT_ID: ("nas_port_id", text),
    AttributeType.NAS_PORT_TYPE: ("nas_port_type", integer),
    AttributeType.SERVICE_TYPE: ("service_type", integer),
    AttributeType.CONNECT_INFO: ("connect_info", text),
    AttributeType.FRAMED_MTU: ("framed_mtu", integer),
    AttributeType.FRAMED_IP_ADDRESS: ("framed_ip", _ipv4),
    AttributeType.FRAMED_IPV6_ADDRESS: ("framed_ipv6", _ipv6),
    AttributeType.FRAMED_IPV6_PREFIX: ("framed_ipv6_prefix", _ipv6_prefix),
    AttributeType.TUNNEL_CLIENT_ENDPOINT: ("tunnel_client", _tunnel_end),
    AttributeType.ACCT_SESSION_ID: ("acct_session_id", text),
}
_READ = tuple(map(int, _READERS))

_NETWORKS: dict[int, Callable[[bytes], IPv4Network | IPv6Network | None]] = {
    AttributeType.FRAMED_IP_ADDRESS: _host,
    AttributeType.FRAMED_IPV6_ADDRESS: _host,
    AttributeType.FRAMED_IPV6_PREFIX: _ipv6_prefix,
    AttributeType.DELEGATED_IPV6_PREFIX: _ipv6_prefix,
}
