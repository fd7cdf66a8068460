"""People: finding one, and all that helps one on the phone. ◆"""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from access.console.admin.scope import own, person_or_404
from access.console.current import gate, now
from access.console.languages import language
from access.console.reaching import as_if, facts_of, subject_of, visible_objects
from access.console.roles import role
from access.console.rooms import DESK
from access.model import Absent, Facts, Request, User, Via
from access.policy.explain import explain, render
from access.policy.vocabulary import LOGINS
from access.shown import Asked
from otp.token import State

pages = Blueprint("people", __name__)
MOST = 50
RECENT = 20


@pages.get("/users")
@role(*DESK)
def search() -> ResponseReturnValue:
    """People whose name or display name begins with what was typed."""
    text = request.args.get("q", "").strip()
    lines = gate().pages.people(Asked(own().id, text, limit=MOST)) if text else ()
    return render_template("admin/users.html", lines=lines, text=text, most=MOST)


@pages.get("/users/<int:user_id>")
@role(*DESK)
def person(user_id: int) -> ResponseReturnValue:
    """One person: groups, phones, sessions, recent records."""
    return _page(person_or_404(user_id))


@pages.get("/users/<int:user_id>/explain")
@role(*DESK)
def explained(user_id: int) -> ResponseReturnValue:
    """The decision about one thing for one person, with every rule that spoke and what would help."""
    user = person_or_404(user_id)
    via = _via(request.args.get("via", ""))
    policy = gate().policy.current()
    wanted = request.args.get("object", "") or f"login:{via}"
    if wanted not in (*LOGINS, *visible_objects(policy, user)):
        abort(404)
    told = explain(policy, subject_of(user), Request(wanted, _facts(user, via)), now())
    return _page(
        user,
        {
            "told": told,
            "lines": render(told, language(), gate().face.time_zone),
            "object": wanted,
            "via": via,
        },
    )


def _page(user: User, explained: dict[str, object] | None = None) -> ResponseReturnValue:
    held = gate().identity.factors(user.id)
    return render_template(
        "admin/user.html",
        user=user,
        phones=[token for token in held.tokens if token.state is not State.REVOKED],
        held=held,
        sessions=gate().pages.sessions_of(user.id),
        records=gate().pages.records_of(user.id, RECENT),
        explained=explained,
        vias=list(Via),
        objects=visible_objects(gate().policy.current(), user),
    )


def _via(text: str) -> Via:
    return Via(text) if text in set(Via) else Via.VPN


def _facts(user: User, via: Via) -> Facts:
    """Those of the person's live session through that door; else as if they came now, with no code yet."""
    for session in gate().pages.sessions_of(user.id):
        if session.state == "live" and session.via == via:
            return facts_of(session)
    otp_at = now() if request.args.get("code") == "fresh" else Absent.DOES_NOT_APPLY
    return as_if(via, otp_at)
