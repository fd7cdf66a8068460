"""Distinguished names compared (RFC 4514), and values made harmless inside filters (RFC 4515)."""

import re
import unicodedata
from functools import lru_cache

from access.directory.errors import BadName

SPECIAL_IN_VALUE = re.compile(r'[\\",+;<>=#\x00]')
SPACES = re.compile(r"\s+")
TYPE = re.compile(r"[A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)*")
SEPARATORS = ",;"
# What nearly every entry is called by: nothing in it that could be written in two ways, but for its case.
PLAIN_RDN = re.compile(r"[A-Za-z][A-Za-z0-9-]*=[A-Za-z0-9._@'-]+(?: [A-Za-z0-9._@'-]+)*,")
HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
FILTER_ESCAPES = {ord(char): f"\\{ord(char):02x}" for char in "\\*()\x00"}


def escape_filter(value: str) -> str:
    """Return value so that inside a filter it can only be a value (RFC 4515 section 3)."""
    return value.translate(FILTER_ESCAPES)


def normalise_dn(dn: str) -> str:
    """Return the one spelling of dn: two names are the same entry exactly if theirs are equal.

    Attribute types and values are lower case, values NFKC with single spaces (RFC 4518 section 2), the parts
    of a multi-valued RDN in order. Raises BadName.
    """
    plain = PLAIN_RDN.match(dn)
    if plain is not None:
        return f"{dn[: plain.end()].lower()}{_normalise_parent(dn[plain.end() :])}"
    at = _find_unescaped(dn, SEPARATORS)
    if at < 0:
        return _normalise_rdn(dn)
    return _normalise_rdn(dn[:at]) + "," + _normalise_parent(dn[at + 1 :])


@lru_cache(maxsize=4096)
def _normalise_parent(dn: str) -> str:
    """Return dn normalised: the parents of a thousand people are the same few, so they are remembered."""
    parts = []
    rest = dn
    while (at := _find_unescaped(rest, SEPARATORS)) >= 0:
        parts.append(_normalise_rdn(rest[:at]))
        rest = rest[at + 1 :]
    return ",".join([*parts, _normalise_rdn(rest)])


def _find_unescaped(text: str, wanted: str) -> int:
    quoted = False
    skip = False
    for at, char in enumerate(text):
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in wanted:
            return at
    return -1


def _normalise_rdn(rdn: str) -> str:
    parts = []
    rest: str | None = rdn
    while rest is not None:
        at = _find_unescaped(rest, "+")
        part, rest = (rest, None) if at < 0 else (rest[:at], rest[at + 1 :])
        parts.append(_normalise_assertion(part))
    return "+".join(sorted(parts))


def _normalise_assertion(part: str) -> str:
    kind, equals, value = part.partition("=")
    kind = kind.strip().lower()
    if not equals or not TYPE.fullmatch(kind):
        raise BadName(f"{part!r} is not TYPE=VALUE")
    return f"{kind}={_escape(_fold(_unescape(_strip(value))))}"


def _strip(value: str) -> str:
    """Return value without the spaces around it; a trailing escaped space stays."""
    value = value.lstrip(" ")
    bare = value.rstrip(" ")
    escaped = (len(bare) - len(bare.rstrip("\\"))) % 2 == 1
    return value[: len(bare) + 1] if escaped and len(bare) < len(value) else bare


def _fold(value: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).lower())
    return SPACES.sub(" ", folded).strip(" ")


def _unescape(value: str) -> str:
    if len(value) >= 2 and value[0] == '"' == value[-1]:
        value = value[1:-1]
    if "\\" not in value:
        return value
    octets = bytearray()
    at = 0
    while at < len(value):
        if value[at] != "\\":
            octets += value[at].encode()
            at += 1
            continue
        pair = value[at + 1 : at + 3]
        if HEX_PAIR.fullmatch(pair):
            octets.append(int(pair, 16))
            at += 3
        elif at + 1 < len(value):
            octets += value[at + 1].encode()
            at += 2
        else:
            raise BadName(f"{value!r} ends within an escape")
    return _text(bytes(octets))


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise BadName("an escaped value is not UTF-8") from None


def _escape(value: str) -> str:
    return SPECIAL_IN_VALUE.sub(lambda match: f"\\{ord(match[0]):02x}", value)
