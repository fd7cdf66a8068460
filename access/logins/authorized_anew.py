"""A session whose NAS asks about it anew (RFC 5176 section 3.2): who has it, and how that was proven. ▸"""

from dataclasses import dataclass

from access.logins.certificate_login import with_endpoint
from access.logins.memory import Memory
from access.logins.proving import UserKey
from access.logins.radius_reasons import METHODS
from radius.questions import SessionRight


@dataclass(frozen=True, slots=True)
class KnownSession:
    """What is stored of a session; method as the policy names it."""

    class_: bytes
    user_id: int | None
    endpoint_id: int | None
    network_password_id: int | None
    user_name: str
    method: str
    otp_at: float | None
    certificate: str
    code: str = ""


def session_right(memory: Memory, session: KnownSession) -> SessionRight | None:
    """Return the session as a login that has proven what it had; None where nothing is known of its proof."""
    method = next((known for known, name in METHODS.items() if name.value == session.method), None)
    if method is None:
        return None
    user = None if session.user_id is None else str(UserKey(session.user_id, session.network_password_id))
    endpoint = memory.endpoint_by_id(session.endpoint_id) if session.endpoint_id is not None else None
    return SessionRight(
        user=user,
        user_name=session.user_name,
        mac=endpoint.mac if endpoint is not None and user is None and not session.certificate else None,
        method=method,
        code_at=session.otp_at,
        certificate=with_endpoint(session.certificate, session.endpoint_id),
        session=session.class_,
        code=session.code,
    )
