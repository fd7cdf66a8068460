"""Openings in the console: what is prepared, what is open, whom it has let in. ◆"""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import own
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.roles import role
from access.console.rooms import WATCH
from access.errors import Refused
from access.model import Role
from access.rights.containment import By
from access.rights.office_opening import Desk, agree, ask, close

pages = Blueprint("openings", __name__)
RECENT = 10


@pages.get("/openings")
@role(*WATCH)
def openings() -> ResponseReturnValue:
    """What the policy has prepared for the company, and what became of it."""
    desk, key = _desk(), own().key
    prepared = desk.policy.document.openings if desk.policy is not None else {}
    lines = gate().standing.every_opening(key)[:RECENT]
    let_in = {each.standing.id: gate().standing.let_in(each) for each in lines}
    return render_template(
        "admin/openings.html",
        prepared=[each for each in prepared.values() if each.organization == key],
        lines=lines,
        let_in=let_in,
        busy={each.standing.opening for each in gate().standing.openings(now())},
        may_change=Role.ADMIN in visitor().roles,
    )


@pages.post("/openings")
@role(Role.ADMIN)
def asked() -> ResponseReturnValue:
    """Ask another administrator to agree."""
    name, reason = request.form.get("opening", ""), request.form.get("reason", "")

    def begin() -> None:
        gate().policy.refuse_opening(visitor().user, name)
        ask(_desk(), _by(), name, reason)

    return _done(begin, _("Another administrator has to agree within 15 minutes."))


@pages.post("/openings/<int:number>/agree")
@role(Role.ADMIN)
def agreed(number: int) -> ResponseReturnValue:
    """Open it, as the second administrator."""

    def go_on() -> None:
        for each in gate().standing.openings(now()):
            if each.standing.id == number:
                gate().policy.refuse_opening(visitor().user, each.standing.opening)
        agree(_desk(), _by(), number)

    return _done(go_on, _("It is open."))


@pages.post("/openings/<int:number>/close")
@role(Role.ADMIN)
def closed(number: int) -> ResponseReturnValue:
    """Close it."""
    return _done(
        lambda: close(_desk(), _by(), number),
        _("Closed. Whoever was let in by it alone is being disconnected."),
    )


def _done(act: Callable[[], object], told: str) -> ResponseReturnValue:
    try:
        act()
    except Refused as refused:
        flash(refused.to(language()), "bad")
    else:
        flash(told, "good")
    return redirect("/console/openings", 303)


def _desk() -> Desk:
    return Desk(gate().standing, gate().policy.current(), now())


def _by() -> By:
    user = visitor().user
    return By(f"{user.name}@{user.organization}", user)
