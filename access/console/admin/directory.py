"""The directory of an organization: how it does, what waits for an answer, what it changed lately. ◆"""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import own
from access.console.current import gate, visitor
from access.console.roles import role
from access.console.rooms import WATCH
from access.directory.fuse import What
from access.model import MAIN, Role
from access.shown import HeldLine

pages = Blueprint("directory", __name__)
MOST_RUNS = 20
# More would not be read; the command line shows them all.
MOST_HELD = 500


@pages.get("/directory")
@role(*WATCH)
def show() -> ResponseReturnValue:
    """What was read, and the difference that waits for an answer."""
    told = gate().directory.shown(own(), MOST_RUNS, _name())
    if _name() != MAIN and _name() not in told.names:
        abort(404)
    return render_template(
        "admin/directory.html",
        told=told,
        summed=_summed(told.held),
        most=MOST_HELD,
        may_decide=Role.ADMIN in visitor().roles,
        name=_name(),
        asked=_asked(),
    )


@pages.post("/directory/approve")
@role(Role.ADMIN)
def approve() -> ResponseReturnValue:
    """Have what is shown believed by the next reading."""
    if gate().directory.approve(own(), _by(), _name()) is None:
        return _answered(_("Nothing waits for an answer any more."), "bad")
    return _answered(_("It is approved. The next reading takes it over, within seconds."), "good")


@pages.post("/directory/reject")
@role(Role.ADMIN)
def reject() -> ResponseReturnValue:
    """Keep what is shown as it is."""
    if not gate().directory.reject(own(), _by(), _name()):
        return _answered(_("Nothing waits for an answer any more."), "bad")
    return _answered(_("It stays as it is until the directory shows it again."), "good")


def _summed(held: Sequence[HeldLine]) -> list[tuple[tuple[str, str], int]]:
    """How often each difference is there, the most frequent first; a new name is each one's own."""
    own = {What.NAME}
    return Counter((line.what, "" if line.what in own else line.more) for line in held).most_common()


def _name() -> str:
    """Which of the organization's directories the page is about."""
    return request.args.get("name", MAIN)


def _asked() -> str:
    return "" if _name() == MAIN else "?" + urlencode({"name": _name()})


def _by() -> str:
    user = visitor().user
    return f"{user.name}@{user.organization}"


def _answered(text: str, tone: str) -> ResponseReturnValue:
    flash(text, tone)
    return redirect(f"/console/directory{_asked()}", 303)
