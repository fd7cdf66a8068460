"""What a browser keeps for us: the cookie of its session, and recovery codes until they are saved. ◆"""

import json
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from flask import Response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from access.console.current import cookie_name, gate, now, visitor
from access.proof.signin import Opened

# As long as a fresh code opens changes of factors: afterwards ten new ones can be had instead.
CODES_S = 10 * 60


def carry(opened: Opened, location: str) -> AnyResponse:
    """Go on to location under the new session; forms that were open before are worth nothing."""
    session.clear()
    response = redirect(location, 303)
    _set(response, cookie_name(), opened.cookie)
    return response


def drop(location: str) -> AnyResponse:
    """Go to location as a stranger."""
    session.clear()
    return forget(redirect(location, 303))


def forget(response: AnyResponse) -> AnyResponse:
    """Have the browser forget its session with this answer."""
    for name in (cookie_name(), _codes_name()):
        response.delete_cookie(name, secure=gate().face.secure, httponly=True, samesite="Lax")
    return response


def local(target: str) -> str:
    """A page of ours to go on to, whatever somebody put into the address; "/" for anything else."""
    parts = urlsplit(target)
    ours = (
        target.startswith("/") and not target.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    )
    return target if ours and target.isprintable() else "/"


def keep_codes(response: AnyResponse, session_id: str, codes: tuple[str, ...]) -> None:
    """Have the browser keep recovery codes, sealed and for this session only, until they are saved."""
    inside = json.dumps([session_id, *codes]).encode()
    sealed = _envelope().encrypt_at_time(inside, int(now())).decode()
    _set(response, _codes_name(), sealed, CODES_S)


def kept_codes() -> tuple[str, ...]:
    """The recovery codes still to be saved; none if the envelope is old, torn or another session's."""
    try:
        inside = _envelope().decrypt_at_time(request.cookies.get(_codes_name(), ""), CODES_S, int(now()))
    except InvalidToken:
        return ()
    session_id, *codes = json.loads(inside)
    return tuple(codes) if session_id == visitor().session.id else ()


def forget_codes(response: AnyResponse) -> None:
    """Have the browser throw the recovery codes away."""
    response.delete_cookie(_codes_name(), secure=gate().face.secure, httponly=True, samesite="Lax")


def _envelope() -> Fernet:
    return Fernet(urlsafe_b64encode(gate().envelope_key))


def _codes_name() -> str:
    return gate().face.cookie_name("codes")


def _set(response: AnyResponse | Response, name: str, value: str, max_age: int | None = None) -> None:
    secure = gate().face.secure
    response.set_cookie(name, value, max_age, httponly=True, samesite="Lax", secure=secure, path="/")
