"""Codes that people read from paper or a message and type once: how they look and how they are stored.

They are digits only, in groups of four. Letters would carry more per character, but a Korean phone opens
with the Hangul keyboard and a code in Latin letters means switching twice; digits have a keypad of their
own, no upper or lower case, and nothing among them looks like anything else.

Stored is salt + HMAC-SHA256(key, label, salt, digits). The key is derived from the key file and never in the
database, so a stolen database yields nothing, whatever the length of the codes: what is guessed against is
256 bits. A password hash (ASVS 6.5.2 asks for one below 112 bits where there is no such key) would slow down
only someone who holds the key file too, and such a one reads every TOTP seed anyway. The salt is each
code's own, so that equal codes do not look equal; the label keeps the kinds of code apart.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from otp.errors import BadToken
from otp.typed_digits import read_digits

SALT_OCTETS = 16
# 128 bits taken modulo 10**16 favour no code by more than one part in 10**22.
_RANDOM_OCTETS = 16


@dataclass(frozen=True)
class WrittenCode:
    """One kind of written code: what sets its fingerprints apart, and how many digits it has (at most 16).

    group is how many of them are printed together.
    """

    label: bytes
    digits: int
    group: int = 4

    def generate(self, random: Callable[[int], bytes]) -> str:
        """Return a new code such as 0123-4567-8901; random(n) gives n unguessable octets."""
        number = int.from_bytes(random(_RANDOM_OCTETS)) % 10**self.digits
        plain = f"{number:0{self.digits}}"
        return "-".join(plain[start : start + self.group] for start in range(0, self.digits, self.group))

    def fingerprint(self, code: str, key: bytes, salt: bytes) -> bytes:
        """Return the 48 octets to store instead of the code; salt is 16 random octets. Raises BadToken."""
        plain = self.read(code)
        if plain is None or len(salt) != SALT_OCTETS:
            raise BadToken(f"a fingerprint needs {self.digits} digits and {SALT_OCTETS} octets of salt")
        return self._hash(plain, key, salt)

    def matches(self, code: str, key: bytes, stored: bytes) -> bool:
        """Return whether this is the code behind a stored fingerprint, in the same time either way."""
        presented = self._hash(self.read(code) or "-" * self.digits, key, stored[:SALT_OCTETS])
        return hmac.compare_digest(presented, stored)

    def read(self, typed: str) -> str | None:
        """Return the digits of what was typed, or None when it cannot be such a code."""
        return read_digits(typed, self.digits)

    def _hash(self, plain: str, key: bytes, salt: bytes) -> bytes:
        return salt + hmac.digest(key, self.label + b"\0" + salt + plain.encode(), hashlib.sha256)
