"""Chains that OpenSSL has verified, by the peer's own certificate, until a certificate in them ends.

OpenSSL takes a resumed session for good and looks at nothing again. We do, in every login; what was signed
stays signed, so of a chain that was verified before only the dates can have become wrong. It counts for the
authorities it was verified with: whoever trusts others begins an empty memory.
"""

from collections import OrderedDict
from collections.abc import Sequence

from cryptography import x509

from radius.frozen import value

MOST = 4096


@value
class _Verified:
    chain: tuple[bytes, ...]
    begins: float
    ends: float


class VerifiedChains:
    """The memory of one context; the oldest go where there are more than most."""

    __slots__ = ("_most", "_verified")

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    def __len__(self) -> int:
        return len(self._verified)

    def keep(self, chain: Sequence[bytes]) -> None:
        """Keep a chain (DER, the peer's own certificate first) that was found to be good just now."""
        dates = _dates(chain)
        if not chain or chain[0] in self._verified or dates is None:
            return
        self._verified[chain[0]] = _Verified(tuple(chain), *dates)
        if len(self._verified) > self._most:
            self._verified.popitem(last=False)

    def find(self, certificate: bytes, now: float) -> tuple[bytes, ...]:
        """Return the chain of a peer's certificate while it is good; () where that has to be seen anew."""
        found = self._verified.get(certificate)
        return found.chain if found is not None and found.begins <= now < found.ends else ()


def _dates(chain: Sequence[bytes]) -> tuple[float, float] | None:
    """Return from when until when all of these count; None where nobody but OpenSSL can read them."""
    try:
        read = [x509.load_der_x509_certificate(each) for each in chain]
    except ValueError:
        return None
    begins = [each.not_valid_before_utc.timestamp() for each in read]
    ends = [each.not_valid_after_utc.timestamp() for each in read]
    return max(begins, default=0.0), min(ends, default=0.0)
