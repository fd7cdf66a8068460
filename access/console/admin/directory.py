"""The directory of an organization: how it does, what waits for an answer, what it changed lately. ◆"""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import own
from access.console.current import gate, visitor
from access.console.roles import role
from access.console.rooms import WATCH
from access.model import Role

pages = Blueprint("directory", __name__)
MOST_RUNS = 20
# More would not be read; the command line shows them all.
MOST_HELD = 500


@pages.get("/directory")
@role(*WATCH)
def show() -> ResponseReturnValue:
    """What was read, and the difference that waits for an answer."""
    told = gate().directory.shown(own(), MOST_RUNS)
    may_decide = Role.ADMIN in visitor().roles
    return render_template("admin/directory.html", told=told, most=MOST_HELD, may_decide=may_decide)


@pages.post("/directory/approve")
@role(Role.ADMIN)
def approve() -> ResponseReturnValue:
    """Have what is shown believed by the next reading."""
    if gate().directory.approve(own(), _by()) is None:
        return _answered(_("Nothing waits for an answer any more."), "bad")
    return _answered(_("It is approved. The next reading takes it over, within seconds."), "good")


@pages.post("/directory/reject")
@role(Role.ADMIN)
def reject() -> ResponseReturnValue:
    """Keep what is shown as it is."""
    if not gate().directory.reject(own(), _by()):
        return _answered(_("Nothing waits for an answer any more."), "bad")
    return _answered(_("It stays as it is until the directory shows it again."), "good")


def _by() -> str:
    user = visitor().user
    return f"{user.name}@{user.organization}"


def _answered(text: str, tone: str) -> ResponseReturnValue:
    flash(text, tone)
    return redirect("/console/directory", 303)
