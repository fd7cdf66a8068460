"""The Class that every Accept carries, so that accounting can be told to belong to it.

16 random octets, which name the session, then the first 16 of HMAC-SHA256 over the NAS and them. Nobody can
make one up, and one that was heard from one NAS is worth nothing from another.

A NAS that gives no Class back may say its own name of the session in every login of it: OpenVPN does, which
logs in anew with each renegotiation. Then the first 16 octets are an HMAC of that name: the session keeps its
Class.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from access.logins.login_record import Attempt, own_name

RANDOM_OCTETS = 16
SIGNATURE_OCTETS = 16
PURPOSE = "class"
_BLOCK_OCTETS = 64
_INNER_PAD = bytes(octet ^ 0x36 for octet in range(256))
_OUTER_PAD = bytes(octet ^ 0x5C for octet in range(256))


@dataclass(frozen=True, slots=True)
class SessionClasses:
    """keys are 32 octets each: the first signs, the others were current before and still hold."""

    keys: tuple[bytes, ...] = field(repr=False)

    def make(self, nas: str, random: bytes) -> bytes:
        """Return the Class of a new session at a NAS, out of 16 unguessable octets."""
        return random + _signature(self.keys[0], nas, random)

    def of_login(self, nas: str, attempt: Attempt, random: Callable[[int], bytes]) -> bytes:
        """Return the Class of a login's session: a new one, or that of the session its NAS says goes on."""
        name = own_name(attempt.client, attempt.facts)
        if not name:
            return self.make(nas, random(RANDOM_OCTETS))
        said = json.dumps((nas, name, attempt.user_name, attempt.station)).encode()
        return self.make(nas, hmac.digest(self.keys[0], said, "sha256")[:RANDOM_OCTETS])

    def is_ours(self, nas: str, class_: bytes) -> bool:
        """Return whether we gave this Class to this NAS."""
        if len(class_) != RANDOM_OCTETS + SIGNATURE_OCTETS:
            return False
        random, signature = class_[:RANDOM_OCTETS], class_[RANDOM_OCTETS:]
        return any(hmac.compare_digest(_signature(key, nas, random), signature) for key in self.keys)


def _signature(key: bytes, nas: str, random: bytes) -> bytes:
    inner, outer = _padded(key)
    within = hashlib.sha256(inner + f"{nas}|".encode() + random).digest()
    return hashlib.sha256(outer + within).digest()[:SIGNATURE_OCTETS]


@lru_cache(maxsize=16)
def _padded(key: bytes) -> tuple[bytes, bytes]:
    """Return what HMAC-SHA256 puts before what it hashes, inside and outside (RFC 2104), a key of 32 octets.

    hmac.digest() makes them anew each time, and takes twice as long as the hashes.
    """
    block = key.ljust(_BLOCK_OCTETS, b"\0")
    return block.translate(_INNER_PAD), block.translate(_OUTER_PAD)
