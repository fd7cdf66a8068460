"""Who may use which page: every route declares it, and one that does not is refused. ◆"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from access.console.current import program_or_none, visitor_or_none
from access.keys.api_key import Scope
from access.model import Role
from access.proof.signin import Due, Visitor

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "officegate_needs"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route asks of whoever comes: nothing at all, one of these roles or steps, or a program's key."""

    anyone: bool = False
    roles: frozenset[Role] = frozenset()
    steps: frozenset[Due] = frozenset()
    scope: Scope | None = None


ANYONE = Needs(anyone=True)
# Routes that libraries bring. Each hands out files of its own and nothing else.
OF_LIBRARIES: Mapping[str, Needs] = {"static": ANYONE, "bootstrap.static": ANYONE}
# Where somebody goes on who has not yet come all the way in.
STEPS: Mapping[Due, str] = {
    Due.CODE: "portal.code",
    Due.REGISTRATION: "portal.registration",
    Due.ENROLMENT: "enrol.begin",
}
# Pages that go on, once done, to what was asked for.
LEADS_BACK = ("portal.sign_in", "passkeys.needed")


def public(view: View) -> View:
    """Let strangers use the route."""
    return _declare(view, ANYONE)


def role(*roles: Role) -> Callable[[View], View]:
    """Let everybody with one of these roles use the route."""
    return lambda view: _declare(view, Needs(roles=frozenset(roles)))


def step(*steps: Due) -> Callable[[View], View]:
    """Let those use the route who are at one of these steps of signing in."""
    return lambda view: _declare(view, Needs(steps=frozenset(steps)))


def for_programs(scope: Scope) -> Callable[[View], View]:
    """Let programs use the route whose key is good for this; browsers send such a key never by themselves."""
    return lambda view: _declare(view, Needs(scope=scope))


def needs_of(app: Flask, endpoint: str) -> Needs | None:
    """What a route declares; None if it declares nothing and so is closed to everyone."""
    return OF_LIBRARIES.get(endpoint) or getattr(app.view_functions.get(endpoint), _MARK, None)


def guard(app: Flask) -> None:
    """Ask at every request, before anything else looks at it."""

    @app.before_request
    def refuse_those_who_may_not() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        needs = needs_of(app, request.endpoint)
        if needs is None:
            abort(403)
        if needs.scope is not None:
            return _judge_program(needs.scope)
        return None if needs.anyone else _judge(needs, visitor_or_none())


def _judge(needs: Needs, visitor: Visitor | None) -> ResponseReturnValue | None:
    if visitor is None:
        return _send("portal.sign_in")
    if visitor.roles & needs.roles or visitor.due in needs.steps:
        return None
    if visitor.held_back & needs.roles:
        return _send("passkeys.needed")
    if visitor.due in STEPS:
        return _send(STEPS[visitor.due])
    if needs.roles:
        abort(403)
    return _send("home.home")


def _judge_program(scope: Scope) -> ResponseReturnValue | None:
    key = program_or_none()
    if key is None:
        abort(401)
    if scope not in key.scopes:
        abort(403)
    return None


def _send(endpoint: str) -> ResponseReturnValue:
    """Show people the page they have to see first; tell programs that they are not signed in."""
    if request.path.startswith("/api/"):
        abort(401)
    target = url_for(endpoint)
    if endpoint in LEADS_BACK and request.method == "GET" and request.path != "/":
        target += "?" + urlencode({"next": request.full_path.removesuffix("?")})
    return redirect(target, 303)


def _declare(view: View, needs: Needs) -> View:
    setattr(view, _MARK, needs)
    return view
