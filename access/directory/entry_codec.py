"""An entry that a search found, in octets (RFC 4511 section 4.5.2). Any others raise BadMessage."""

from functools import lru_cache

from access.directory import ber
from access.directory.errors import BadMessage


def decode_entry(octets: bytes) -> tuple[str, dict[str, tuple[bytes, ...]]]:
    """Return the DN and the attributes of a SearchResultEntry's content; names are in lower case."""
    until = len(octets)
    dn, at = ber.content(octets, 0, until, ber.OCTET_STRING)
    start, end = ber.content(octets, at, until, ber.SEQUENCE)
    if end != until:
        raise BadMessage("octets are left over at the end of an entry")
    return text(octets[dn:at]), _attributes(octets, start, until)


def text(octets: bytes) -> str:
    """Return an LDAPString."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise BadMessage("a name is not UTF-8") from None


def _attributes(octets: bytes, at: int, until: int) -> dict[str, tuple[bytes, ...]]:
    found = {}
    while at < until:
        start, at = ber.content(octets, at, until, ber.SEQUENCE)
        name, stop = ber.content(octets, start, at, ber.OCTET_STRING)
        value, end = ber.content(octets, stop, at, ber.SET)
        if end != at:
            raise BadMessage("octets are left over at the end of an attribute")
        values = []
        while value < end:
            start, value = ber.content(octets, value, end, ber.OCTET_STRING)
            values.append(octets[start:value])
        found[_name(octets[name:stop])] = tuple(values)
    return found


@lru_cache(maxsize=256)
def _name(octets: bytes) -> str:
    """Return an attribute's name: there are a dozen, and every entry has them."""
    return text(octets).lower()
