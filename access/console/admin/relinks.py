"""Accounts whose entry was deleted in the directory and made again: the same person, or another one. ◆"""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import own
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.roles import role
from access.errors import Refused
from access.model import Role

pages = Blueprint("relinks", __name__)
HERE = "/console/relinks"


@pages.get("/relinks")
@role(Role.ADMIN)
def listed() -> ResponseReturnValue:
    """Who looks like somebody that was there before, and what would go on."""
    return render_template("admin/relinks.html", found=gate().relinks.candidates(own().key))


@pages.post("/relinks/<int:old_id>/<int:new_id>/approve")
@role(Role.ADMIN)
def approve(old_id: int, new_id: int) -> ResponseReturnValue:
    """Let the account of before go on under the new entry."""
    if not visitor().session.fresh(now()):
        return redirect(f"/confirm?next={HERE}", 303)
    try:
        made = gate().relinks.relink(visitor().user, old_id, new_id, now())
    except Refused as refused:
        flash(refused.to(language()), "bad")
        return redirect(HERE, 303)
    words = _("%(login)s goes on with the phones, passwords, certificates and history of before.")
    flash(words % {"login": made.new.login}, "good")
    return redirect(HERE, 303)


@pages.post("/relinks/<int:old_id>/<int:new_id>/refuse")
@role(Role.ADMIN)
def refuse(old_id: int, new_id: int) -> ResponseReturnValue:
    """Say that they are two people: nothing moves, and the alarm is over."""
    try:
        kept = gate().relinks.refuse(visitor().user, old_id, new_id, now())
    except Refused as refused:
        flash(refused.to(language()), "bad")
        return redirect(HERE, 303)
    flash(_("%(login)s is another person. Nothing was moved.") % {"login": kept.new.login}, "good")
    return redirect(HERE, 303)
