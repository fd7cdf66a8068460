"""How addresses, paths and zones are written in a configuration. ◆"""

from ipaddress import ip_address, ip_network
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from access.config.reader import Spelling
from access.config.values import HostPort, IPAddress, IPNetwork


def absolute_path(text: str) -> Path:
    """A path that means the same whatever directory a process starts in. Raises ValueError."""
    path = Path(text)
    if not path.is_absolute():
        raise ValueError(text)
    return path


def host_port(text: str) -> HostPort:
    """HOST:PORT or [IPV6]:PORT. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535 or (":" in host and not bracketed):
        raise ValueError(text)
    return HostPort(host[1:-1] if bracketed else host, int(port))


def time_zone(text: str) -> ZoneInfo:
    """A zone of the IANA database. Raises ValueError."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(text) from error


SPELLINGS = {
    Path: Spelling(absolute_path, 'an absolute path, like "/var/lib/officegate"'),
    HostPort: Spelling(host_port, 'an address and a port, like "127.0.0.1:8080" or "[::1]:8080"'),
    IPAddress: Spelling(ip_address, 'an IP address, like "127.0.0.1" or "::"'),
    IPNetwork: Spelling(ip_network, 'a network, like "10.20.30.0/28"'),
    ZoneInfo: Spelling(time_zone, 'a time zone, like "Asia/Seoul"'),
}
