"""Live sessions. ◆"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from access.console.admin.scope import own
from access.console.current import gate
from access.console.roles import role
from access.console.rooms import DESK
from access.model import Via
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
    lines = gate().pages.sessions(Asked(own().id, text, via, limit=MOST), state)
    part = "admin/sessions_table.html" if request.args.get("part") == "table" else "admin/sessions.html"
    chosen = {"text": text, "via": via, "state": state}
    return render_template(part, lines=lines, vias=NETWORKS, states=STATES, most=MOST, **chosen)
