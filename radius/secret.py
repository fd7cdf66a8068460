"""A shared secret, and the hashes made with it.

A login needs six MD5 of a few blocks each. Python's own one makes them in half of the time that OpenSSL
takes, which looks its algorithm up for each; where Python was built without, OpenSSL's does.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Protocol

try:
    import _md5
except ImportError:
    HAS_OWN_MD5 = False
else:
    HAS_OWN_MD5 = True


class Hashed(Protocol):
    """What a hash has come to."""

    def digest(self) -> bytes:
        """Return its octets."""


# What RADIUS needs of MD5 is what its RFCs say; it is refused to nobody for being weak.
by_openssl: Callable[[bytes], Hashed] = partial(hashlib.md5, usedforsecurity=False)
md5: Callable[[bytes], Hashed] = _md5.md5 if HAS_OWN_MD5 else by_openssl
_BLOCK_OCTETS = 64
_INNER_PAD = bytes(x ^ 0x36 for x in range(256))
_OUTER_PAD = bytes(x ^ 0x5C for x in range(256))


class SharedSecret:
    """What a NAS and we both know. Its repr says nothing.

    The padded keys of HMAC are kept and hashed again for every packet: to copy a state of OpenSSL's that has
    hashed them already costs more than the one block it saves.
    """

    __slots__ = ("_inner", "_outer", "octets")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        key = octets if len(octets) <= _BLOCK_OCTETS else md5(octets).digest()
        key = key.ljust(_BLOCK_OCTETS, b"\0")
        self._inner = key.translate(_INNER_PAD)
        self._outer = key.translate(_OUTER_PAD)

    def __repr__(self) -> str:
        return "SharedSecret()"

    def md5_after(self, octets: bytes) -> bytes:
        """Return MD5(secret + octets), as hidden attributes use it (RFC 2865 section 5.2)."""
        return md5(self.octets + octets).digest()

    def md5_before(self, octets: bytes) -> bytes:
        """Return MD5(octets + secret), as authenticators use it (RFC 2865 section 3)."""
        return md5(octets + self.octets).digest()

    def hmac_md5(self, octets: bytes) -> bytes:
        """Return HMAC-MD5(secret, octets) (RFC 2104)."""
        return md5(self._outer + md5(self._inner + octets).digest()).digest()


@lru_cache(maxsize=16384)
def shared_secret(octets: bytes) -> SharedSecret:
    """Return the SharedSecret for these octets, prepared once however many packets use it."""
    return SharedSecret(octets)
