"""Alarms: what somebody has to look at, and the button of whoever has. ◆"""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import of_head_office, own
from access.console.current import gate, visitor
from access.console.roles import role
from access.console.rooms import WATCH
from access.model import Role

pages = Blueprint("alarms", __name__)
MOST_CLEARED = 20


@pages.get("/alarms")
@role(*WATCH)
def alarms() -> ResponseReturnValue:
    """The open alarms, and the last that were cleared. Those of nobody are the head office's."""
    lines = gate().pages.alarms(own().id, of_head_office(), MOST_CLEARED)
    still = [line for line in lines if line.cleared_at is None]
    over = [line for line in lines if line.cleared_at is not None]
    may_clear = Role.ADMIN in visitor().roles
    return render_template("admin/alarms.html", still=still, over=over, may_clear=may_clear)


@pages.post("/alarms/<int:alarm_id>/clear")
@role(Role.ADMIN)
def clear(alarm_id: int) -> ResponseReturnValue:
    """Clear an alarm; it comes back if its cause goes on."""
    user = visitor().user
    by = f"{user.name}@{user.organization}"
    if gate().pages.clear_alarm(alarm_id, own().id, of_head_office(), by):
        flash(_("The alarm is cleared. It comes back if it happens again."), "good")
    else:
        flash(_("That alarm is not open any more."), "bad")
    return redirect("/console/alarms", 303)
