"""A browser's signed-in state, kept on our side: the cookie is a random value, we store only its hash.

A session is `password` (the password was right, a code is due), `enrolling` (a registration code was spent
as well) or `signed-in` (a code was proven). Each step upwards gets a new cookie, so that a cookie planted or
seen before a step is worth nothing after it. A session ends after 30 minutes without a request, 12 hours
after the password at the latest, and much sooner while a step is still due.
"""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

from access.proof.factors import Purpose

COOKIE_OCTETS = 32
IDLE_S = 30 * 60.0
# A code opens the door to changes of factors for this long; then it is asked for again.
FRESH_S = 10 * 60.0
# Writing down every request would make each page a write; idleness need not be known to the second.
TOUCH_EVERY_S = 60.0


class SessionState(StrEnum):
    """How far somebody has come with signing in."""

    PASSWORD = "password"  # noqa: S105 - a state, not a password
    ENROLLING = "enrolling"
    SIGNED_IN = "signed-in"


# How long each state may last, counted from the password.
LIFETIME_S = {
    SessionState.PASSWORD: 10 * 60.0,
    SessionState.ENROLLING: 30 * 60.0,
    SessionState.SIGNED_IN: 12 * 3600.0,
}


@dataclass(frozen=True, slots=True)
class WebSession:
    """One browser's session. id is the hash of the cookie; code_at is when the newest code was proven.

    code_kind and code_origin say what that code was and how its owner had come by it; empty before the first.
    signed_in_as: whose password was typed, where the session acts for another membership of the same person.
    risk: as access.logins.risk spells it.
    """

    id: str
    user_id: int
    state: SessionState
    created_at: float
    seen_at: float
    valid_until: float
    code_at: float | None = None
    address: str = ""
    code_kind: str = ""
    code_origin: str = ""
    signed_in_as: int | None = None
    risk: str = ""

    def alive(self, now: float) -> bool:
        """Return whether the session may still be used."""
        return now < self.valid_until and now - self.seen_at < IDLE_S

    def fresh(self, now: float) -> bool:
        """Return whether a code was proven recently enough to change factors.

        One by e-mail never is: whoever has the password may read the mail as well.
        """
        recent = self.code_at is not None and 0 <= now - self.code_at < FRESH_S
        return recent and self.code_kind != Purpose.E_MAIL


def session_id(cookie: str) -> str:
    """Return the id under which the session of a cookie is stored."""
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()


def opened(user_id: int, cookie: str, now: float, address: str) -> WebSession:
    """Return the session that a right password opens."""
    state = SessionState.PASSWORD
    return WebSession(session_id(cookie), user_id, state, now, now, now + LIFETIME_S[state], None, address)


def promoted(session: WebSession, cookie: str, state: SessionState, now: float) -> WebSession:
    """Return the session after one more step, under the id of its new cookie."""
    return replace(
        session,
        id=session_id(cookie),
        state=state,
        seen_at=now,
        valid_until=session.created_at + LIFETIME_S[state],
        code_at=now if state is SessionState.SIGNED_IN else None,
    )
