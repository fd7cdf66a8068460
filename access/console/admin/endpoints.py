"""Endpoints that log in by their MAC address: listed, added, kept for longer, removed. ◆"""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import own
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.roles import role
from access.console.rooms import DESK
from access.errors import Refused
from access.model import Role
from access.nas.registry import Endpoint, check_name, read_mac

pages = Blueprint("endpoints", __name__)
DAY_S = 86400.0
LONGEST_DAYS = 3650
DEFAULT_DAYS = 365
SOON_S = 30 * DAY_S


@pages.get("/endpoints")
@role(*DESK)
def endpoints() -> ResponseReturnValue:
    """Every endpoint of the organization, and the form for another one."""
    return _show()


@pages.post("/endpoints")
@role(Role.ADMIN, Role.HELPDESK)
def add() -> ResponseReturnValue:
    """Register one."""
    form = request.form
    try:
        mac, name = read_mac(form.get("mac", "")), check_name(form.get("name", ""))
        until = now() + _days(form.get("days", "")) * DAY_S
        managed = form.get("managed") is not None and Role.ADMIN in visitor().roles
        new = Endpoint(0, own().id, mac, name, form.get("owner", "").strip(), until, managed=managed)
        gate().endpoints.register(new, _by(), now())
    except Refused as refused:
        return _show(refused.to(language())), 400
    flash(_("%(name)s may log in from now on, as far as the policy permits it.", name=name), "good")
    return redirect("/console/endpoints", 303)


@pages.post("/endpoints/<mac>/extend")
@role(Role.ADMIN, Role.HELPDESK)
def extend(mac: str) -> ResponseReturnValue:
    """Let one log in until another day."""
    until = now() + _days(request.form.get("days", "")) * DAY_S
    if gate().endpoints.extend(mac, own().id, until, _by(), now()):
        flash(_("%(mac)s may log in until another day.", mac=mac), "good")
    else:
        flash(_("That endpoint is not registered any more."), "bad")
    return redirect("/console/endpoints", 303)


@pages.post("/endpoints/<mac>/owner")
@role(Role.ADMIN, Role.HELPDESK)
def give(mac: str) -> ResponseReturnValue:
    """Have somebody else answer for one."""
    try:
        given = gate().endpoints.give(mac, own().id, request.form.get("owner", "").strip(), _by(), now())
    except Refused as refused:
        flash(refused.to(language()), "bad")
    else:
        if given:
            flash(_("%(mac)s has another owner.", mac=mac), "good")
        else:
            flash(_("That endpoint is not registered any more."), "bad")
    return redirect("/console/endpoints", 303)


@pages.post("/endpoints/<mac>/manage")
@role(Role.ADMIN)
def manage(mac: str) -> ResponseReturnValue:
    """Say whether the company manages one: rules may ask for that, so it is for administrators."""
    managed = request.form.get("managed") == "yes"
    if not gate().endpoints.manage(mac, own().id, managed, _by(), now()):
        flash(_("That endpoint is not registered any more."), "bad")
    elif managed:
        flash(_("%(mac)s counts as managed by the company.", mac=mac), "good")
    else:
        flash(_("%(mac)s does not count as managed by the company any more.", mac=mac), "good")
    return redirect("/console/endpoints", 303)


@pages.post("/endpoints/<mac>/remove")
@role(Role.ADMIN, Role.HELPDESK)
def remove(mac: str) -> ResponseReturnValue:
    """Let one log in no more."""
    if gate().endpoints.remove(mac, own().id, _by(), now()):
        flash(_("%(mac)s may not log in any more, and its session is being ended.", mac=mac), "good")
    else:
        flash(_("That endpoint is not registered any more."), "bad")
    return redirect("/console/endpoints", 303)


def _show(wrong: str = "") -> str:
    roles = visitor().roles
    listed = gate().endpoints.listed(own().id)
    over = {each.id for each in listed if each.valid_until is not None and each.valid_until <= now()}
    nobodys = gate().endpoints.unanswered(now()) - over
    return render_template(
        "admin/endpoints.html",
        lines=sorted(listed, key=lambda each: each.id not in nobodys),
        nobodys=nobodys,
        wrong=wrong,
        typed=request.form,
        soon=now() + SOON_S,
        may_change=Role.ADMIN in roles or Role.HELPDESK in roles,
        may_contain=Role.ADMIN in roles,
        may_manage=Role.ADMIN in roles,
        default_days=DEFAULT_DAYS,
    )


def _days(text: str) -> int:
    """How many days somebody chose; what is no number of days is one."""
    return min(int(text), LONGEST_DAYS) if text.isdecimal() and 0 < len(text) < 6 and int(text) else 1


def _by() -> str:
    user = visitor().user
    return f"{user.name}@{user.organization}"
