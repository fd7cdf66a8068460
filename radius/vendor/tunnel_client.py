"""What a VPN gateway tells the client of a session: its address, its routes and whom it asks for names."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from radius.attributes import Attribute, AttributeType, text
from radius.vendor.family import UnknownFeature

MICROSOFT_VENDOR = 311
MS_DNS_SERVERS = (28, 29)
# Of the Cisco VPN 3000, for clients that speak its dialect of IKEv1 (Unity).
VPN3000_VENDOR = 3076
DEFAULT_DOMAIN, SPLIT_DNS_NAMES = 28, 29
FRAMED_ROUTE, FRAMED_IPV6_ROUTE, DNS_SERVER_IPV6_ADDRESS = 22, 99, 169


def address(value: str) -> tuple[Attribute, ...]:
    """Return the address of a session (RFC 2865 section 5.8, RFC 6911 section 3.1)."""
    found = ip_address(value)
    kind = AttributeType.FRAMED_IP_ADDRESS if found.version == 4 else AttributeType.FRAMED_IPV6_ADDRESS
    return (Attribute(kind, found.packed),)


def address4(value: str) -> tuple[Attribute, ...]:
    """Return the address of a session, of IPv4 alone. Raises UnknownFeature."""
    if ip_address(value).version != 4:
        raise UnknownFeature(f"it takes no address of IPv6: {value}")
    return address(value)


def dns4(value: str) -> tuple[Attribute, ...]:
    """Return at most two name servers of IPv4 (RFC 2548 section 2.6). Raises UnknownFeature."""
    servers = [ip_address(each) for each in value.split()]
    if len(servers) > len(MS_DNS_SERVERS) or any(each.version != 4 for each in servers):
        raise UnknownFeature(f"it takes two name servers of IPv4, not {value}")
    return tuple(
        Attribute(kind, each.packed, MICROSOFT_VENDOR)
        for kind, each in zip(MS_DNS_SERVERS, servers, strict=False)
    )


def dns(value: str) -> tuple[Attribute, ...]:
    """Return at most two name servers of IPv4, any of IPv6 (RFC 6911 section 3.2). Raises UnknownFeature."""
    servers = [ip_address(each) for each in value.split()]
    old = " ".join(str(each) for each in servers if isinstance(each, IPv4Address))
    new = (each for each in servers if isinstance(each, IPv6Address))
    return (*dns4(old), *(Attribute(DNS_SERVER_IPV6_ADDRESS, each.packed) for each in new))


def unity_suffixes(value: str) -> tuple[Attribute, ...]:
    """Return the domains of names that are looked up through the tunnel, the first also for short names."""
    first, *_ = suffixes = value.split()
    return (
        text(DEFAULT_DOMAIN, first, VPN3000_VENDOR),
        text(SPLIT_DNS_NAMES, ",".join(suffixes), VPN3000_VENDOR),
    )


def routes(value: str) -> tuple[Attribute, ...]:
    """Return what a client sends through the tunnel, as ocserv reads it: a network in CIDR.

    To other gateways it is the way to what lies behind the client (RFC 2865 section 5.22, RFC 3162 section
    2.5). Route-IPv6-Information, which would be for this, ocserv passes over.
    """
    return tuple(_route(each) for each in value.split())


def _route(network: str) -> Attribute:
    found = ip_network(network)
    return text(FRAMED_IPV6_ROUTE if isinstance(found, IPv6Network) else FRAMED_ROUTE, str(found))
