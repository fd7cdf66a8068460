"""The Class that every Accept carries, so that accounting can be told to belong to it.

16 random octets, which name the session, then the first 16 of HMAC-SHA256 over the NAS and them. Nobody can
make one up, and one that was heard from one NAS is worth nothing from another.
"""

import hmac
from dataclasses import dataclass, field

RANDOM_OCTETS = 16
SIGNATURE_OCTETS = 16
PURPOSE = "class"


@dataclass(frozen=True, slots=True)
class SessionClasses:
    """keys are 32 octets each: the first signs, the others were current before and still hold."""

    keys: tuple[bytes, ...] = field(repr=False)

    def make(self, nas: str, random: bytes) -> bytes:
        """Return the Class of a new session at a NAS, out of 16 unguessable octets."""
        return random + _signature(self.keys[0], nas, random)

    def is_ours(self, nas: str, class_: bytes) -> bool:
        """Return whether we gave this Class to this NAS."""
        if len(class_) != RANDOM_OCTETS + SIGNATURE_OCTETS:
            return False
        random, signature = class_[:RANDOM_OCTETS], class_[RANDOM_OCTETS:]
        return any(hmac.compare_digest(_signature(key, nas, random), signature) for key in self.keys)


def _signature(key: bytes, nas: str, random: bytes) -> bytes:
    return hmac.digest(key, f"{nas}|".encode() + random, "sha256")[:SIGNATURE_OCTETS]
