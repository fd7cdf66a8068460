"""Codes by e-mail: a last resort, good once and for ten minutes (ASVS 5.0 6.5.5), where a company allows it.

Eight digits: it is typed on a page alone, and guessed at without having the phone. How often one is sent is
limited, and a newer one takes the place of the one before; wrong ones go on counting.
"""

from collections.abc import Callable, Sequence

from otp.issued import IssuedCode
from otp.issued import issue as issue_code
from otp.throttle import Throttle
from otp.written_code import WrittenCode

CODE = WrittenCode(label=b"mailed", digits=8)
LIFETIME_S = 600.0
GAP_S = 60.0
HOUR_S = 3600.0
MOST_AN_HOUR = 5


def issue(
    random: Callable[[int], bytes], key: bytes, doors: frozenset[str], throttle: Throttle, now: float
) -> tuple[str, IssuedCode]:
    """Return a new code and what to store of it; throttle is what wrong ones before it have come to."""
    return issue_code(CODE, random, key, IssuedCode(b"", now + LIFETIME_S, 1, doors, throttle))


def wait_s(sent_at: Sequence[float], now: float) -> float:
    """Return how long to wait before the next one may be sent, given when the last ones were; 0: none.

    After a clock that went back nothing is sent before it is where it was.
    """
    lately = sorted(at for at in sent_at if now - at < HOUR_S)
    waits = [lately[-1] + GAP_S - now] if lately else []
    if len(lately) >= MOST_AN_HOUR:
        waits.append(lately[-MOST_AN_HOUR] + HOUR_S - now)
    return max(0.0, *waits) if waits else 0.0
