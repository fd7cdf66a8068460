"""Groups that are kept here: who answers for each, who is listed in it, and until when. ◆"""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import own
from access.console.current import gate, now, visitor
from access.console.fresh_code import by_fresh_code
from access.console.roles import role
from access.model import Role
from access.people.local_group import DAY_S, MOST_DAYS

pages = Blueprint("groups", __name__)
HERE = "/console/groups"
USUAL_DAYS = 90


def _refused(wrong: str, **_values: int) -> ResponseReturnValue:
    return _show(wrong), 400


fresh = by_fresh_code(lambda **_: HERE, _refused)


@pages.get("/groups")
@role(Role.ADMIN)
def listed() -> ResponseReturnValue:
    """The groups of the company with all that is listed in them, and the form for another one."""
    return _show()


@pages.post("/groups")
@role(Role.ADMIN)
@fresh
def add() -> ResponseReturnValue:
    """Make a group with nobody in it."""
    name, owner, purpose = (request.form.get(key, "")[:500] for key in ("name", "owner", "purpose"))
    made = gate().local_groups.add(visitor().user, name, owner, purpose, now())
    flash(_("%(group)s is there. Nobody is listed in it yet.", group=made.name), "good")
    return redirect(HERE, 303)


@pages.post("/groups/<int:group_id>/join")
@role(Role.ADMIN)
@fresh
def join(group_id: int) -> ResponseReturnValue:
    """List somebody, or a group, until an end."""
    who, typed = request.form.get("who", "")[:300], request.form.get("days", "")
    _refuse_beyond_zones(group_id)
    days = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else 0
    known = gate().local_groups.join(visitor().user, group_id, who, now() + days * DAY_S, now())
    flash(_("%(who)s is listed in %(group)s.", who=who.strip(), group=known.name), "good")
    return redirect(HERE, 303)


@pages.post("/groups/<int:group_id>/members/<int:member_id>/leave")
@role(Role.ADMIN)
@fresh
def leave(group_id: int, member_id: int) -> ResponseReturnValue:
    """Take something off a group's list."""
    _refuse_beyond_zones(group_id)
    known = gate().local_groups.leave(visitor().user, group_id, member_id, now())
    flash(_("Taken off the list of %(group)s.", group=known.name), "good")
    return redirect(HERE, 303)


@pages.post("/groups/<int:group_id>/remove")
@role(Role.ADMIN)
@fresh
def remove(group_id: int) -> ResponseReturnValue:
    """Take a group away."""
    _refuse_beyond_zones(group_id)
    known = gate().local_groups.remove(visitor().user, group_id, now())
    flash(_("%(group)s is gone.", group=known.name), "good")
    return redirect(HERE, 303)


def _refuse_beyond_zones(group_id: int) -> None:
    """Refuse whom zones hold to change a group that reaches beyond them, by itself or listed in others."""
    listed = gate().local_groups.listed(own().id)
    lists = {each.name: {member.who for member in members} for each, members in listed}
    names, before = {each.name for each, _ in listed if each.id == group_id}, set[str]()
    while names != before:
        before = names
        inner = {f"group:{name}" for name in names}
        names = names | {name for name, has in lists.items() if has & inner}
    gate().policy.refuse_groups(visitor().user, names)


def _show(wrong: str = "") -> str:
    company = own()
    found = gate().local_groups.listed(company.id)
    return render_template(
        "admin/groups.html",
        found=found,
        company=company,
        wrong=wrong,
        typed=request.form,
        most_days=MOST_DAYS,
        usual_days=USUAL_DAYS,
    )
