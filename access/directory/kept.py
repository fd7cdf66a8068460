"""What a directory says of people that rules may ask for: as one text of lines, "department=research".

Names of attributes are in lower case, since no directory tells them apart by that. A value that a rule could
not be written about (empty, very long, not printable) is left out, and so are more than MOST of one.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from access.policy.scalars import attribute_value
from access.policy.vocabulary import BadValue

MOST = 20
# What is nobody's business but the directory's, whatever a configuration says.
SECRET = frozenset(
    (
        *("userpassword", "unicodepwd", "ntpwdhistory", "lmpwdhistory", "supplementalcredentials"),
        *("sambantpassword", "sambalmpassword", "dbcspwd", "krbprincipalkey", "pwdhistory"),
        *("jpegphoto", "thumbnailphoto", "usercertificate", "usersmimecertificate"),
    )
)


def kept(attributes: Mapping[str, tuple[bytes, ...]], names: Iterable[str]) -> str:
    """Return what is kept of an entry whose attributes are under names in lower case."""
    lines = {
        f"{name}={value}"
        for name in map(str.lower, names)
        for value in filter(None, map(_value, attributes.get(name, ())[:MOST]))
    }
    return "\n".join(sorted(lines))


@lru_cache(maxsize=65536)
def attributes_of(text: str) -> frozenset[str]:
    """Return the same as the policy asks for it. People of whom the same is kept share one set."""
    return frozenset(filter(None, text.split("\n")))


@lru_cache(maxsize=65536)
def _value(octets: bytes) -> str | None:
    try:
        return attribute_value(octets.decode())
    except (UnicodeDecodeError, BadValue):
        return None
