"""Temporary access of a company: what runs, what waits, what ended lately, and ending it by hand. ◆"""

from functools import partial

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import own
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.roles import role
from access.console.rooms import WATCH
from access.errors import Refused
from access.model import Role
from access.rights.temporary_access import By, Desk
from access.rights.temporary_access import revoke as revoke_now
from access.rights.zone_outlook import only_by

pages = Blueprint("grants", __name__)
LATELY_S = 14 * 86400.0


@pages.get("/grants")
@role(*WATCH)
def grants() -> ResponseReturnValue:
    """What is granted of the organization's, to whoever it is, and what ended within two weeks."""
    known = gate().standing.grants(own().key, now() - LATELY_S)
    running = [each for each in known if each.stands(now()) or each.waits(now())]
    return render_template(
        "admin/grants.html",
        running=running,
        over=[each for each in known if each not in running],
        may_change=Role.ADMIN in visitor().roles,
        only_by=partial(only_by, language=language()),
    )


@pages.post("/grants/<int:number>/revoke")
@role(Role.ADMIN)
def revoke(number: int) -> ResponseReturnValue:
    """End a grant of the organization's before its time, or what was asked for."""
    user, key = visitor().user, own().key
    known = gate().standing.grant(number)
    try:
        if known is None or known.standing.organization != key:
            raise Refused("There is no such grant here.", "여기에 그런 권한이 없습니다.")
        by = By(f"{user.name}@{user.organization}", user, administrator_of=key)
        revoke_now(Desk(gate().standing, gate().policy.current(), now()), by, number)
    except Refused as refused:
        flash(refused.to(language()), "bad")
    else:
        flash(_("It is over; the person is told."), "good")
    return redirect("/console/grants", 303)
