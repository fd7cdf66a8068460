"""Why the first code of a phone was wrong, as far as the code itself can tell."""

import hmac

from otp.token import Token
from otp.totp import code_at, step_at
from otp.typed_digits import read_digits

# Ten minutes either way: a clock further off is set by hand, and a match by chance grows likelier.
FURTHEST_STEPS = 20


def clock_off_s(token: Token, code: str, now: float) -> int | None:
    """How many seconds the phone's clock seems fast (slow: negative); None if no step near explains the code.

    Only for the owner of a token that is still being registered: its secret is before their eyes, so the
    answer tells them nothing they could misuse.
    """
    typed = read_digits(code, token.digits)
    if typed is None:
        return None
    here = step_at(now, token.period_s)
    found = None
    for distance in range(FURTHEST_STEPS, 0, -1):
        for step in (here - distance, here + distance):
            if step >= 0 and hmac.compare_digest(code_at(token, step), typed):
                found = (step - here) * token.period_s
    return found
