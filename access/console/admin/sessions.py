"""Live sessions. ◆"""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.looks import looked_through
from access.console.admin.scope import own
from access.console.current import gate, visitor
from access.console.roles import role
from access.console.rooms import DESK, HELP
from access.logins.network_session import Wish
from access.model import Role, Via
from access.shown import Asked

pages = Blueprint("sessions", __name__)
MOST = 200
NETWORKS = (Via.VPN, Via.WIRED, Via.WIRELESS)
STATES = ("live", "admitted", "ended")


@pages.get("")
@pages.get("/sessions")
@role(*DESK)
def live() -> ResponseReturnValue:
    """Who is on the network, or was; with part=table only the table, for the page that keeps itself fresh."""
    text, via = request.args.get("q", "").strip(), request.args.get("via", "")
    via = via if via in set(Via) else ""
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    looked_through("sessions", text)
    lines = gate().pages.sessions(Asked(own().id, text, via, limit=MOST), state)
    part = "admin/sessions_table.html" if request.args.get("part") == "table" else "admin/sessions.html"
    chosen = {"text": text, "via": via, "state": state, "may_contain": Role.ADMIN in visitor().roles}
    return render_template(
        part,
        lines=lines,
        vias=NETWORKS,
        states=STATES,
        most=MOST,
        may_end=may_end(),
        **chosen,
    )


@pages.post("/sessions/<int:session_id>/disconnect")
@role(*HELP)
def disconnect(session_id: int) -> ResponseReturnValue:
    """Have the NAS end a session of the organization."""
    return _ask(session_id, Wish.END, _("The NAS is asked to end the session."))


@pages.post("/sessions/<int:session_id>/reauthenticate")
@role(*HELP)
def reauthenticate(session_id: int) -> ResponseReturnValue:
    """Have the endpoint of a session of the organization log in anew."""
    return _ask(session_id, Wish.REAUTHENTICATE, _("The NAS is asked for a new login."))


def _ask(session_id: int, wish: Wish, done: str) -> ResponseReturnValue:
    user = visitor().user
    by = f"{user.name}@{user.organization}"
    if gate().pages.ask_of_session(own().id, session_id, wish, by):
        flash(done, "good")
    else:
        flash(_("That session is over, or was asked for that already."), "quiet")
    return redirect("/console/sessions", 303)


def may_end() -> bool:
    """Whether the visitor may end sessions of others."""
    return bool(visitor().roles.intersection(HELP))
