"""Containments: who and what is cut off now, cutting off, and letting back in. ◆"""

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
from access.policy.subjects import canonical_mac
from access.rights.containment import (
    By,
    NotSure,
    Order,
    Target,
    Whom,
    agree,
    contain,
    take_back,
    takes_two,
)

pages = Blueprint("containments", __name__)
HOURS = (1, 4, 8, 24, 72)
HOUR_S = 3600.0


@pages.get("/containments")
@role(*WATCH)
def containments() -> ResponseReturnValue:
    """What is contained now, and the form for another."""
    return _show()


@pages.post("/containments")
@role(Role.ADMIN)
def begin() -> ResponseReturnValue:
    """Cut off what the form names."""
    form = request.form
    try:
        target = _target(form.get("whom", ""), form.get("name", "").strip())
        hours = form.get("hours", "")
        until = now() + int(hours) * HOUR_S if hours.isdecimal() and int(hours) in HOURS else None
        call = form.get("call", "").strip() or gate().face.security_contact
        order = Order(form.get("reason", ""), until, call, form.get("ticket", ""), "sure" in form)
        kept = contain(gate().standing, _by(), target, order, now())
    except NotSure as asked:
        return _show(ask=asked.to(language())), 409
    except Refused as refused:
        return _show(wrong=refused.to(language())), 400
    if takes_two(_by(), target):
        flash(_("Another administrator has to agree before %(name)s is contained.", name=target.name), "wait")
    else:
        flash(_("%(name)s is contained (%(rule)s).", name=target.name, rule=kept.rule), "good")
    return redirect("/console/containments", 303)


@pages.post("/containments/<int:number>/agree")
@role(Role.ADMIN)
def agreed(number: int) -> ResponseReturnValue:
    """Put in force what another administrator has asked for."""
    return _done(lambda: agree(gate().standing, _by(), number, now()), _("It is in force."))


@pages.post("/containments/<int:number>/end")
@role(Role.ADMIN)
def end(number: int) -> ResponseReturnValue:
    """Let whoever is contained back in."""
    return _done(
        lambda: take_back(gate().standing, _by(), number, now()),
        _("It is taken back: whoever may, can log in again."),
    )


def _done(act: Callable[[], object], told: str) -> ResponseReturnValue:
    try:
        act()
    except Refused as refused:
        flash(refused.to(language()), "bad")
    else:
        flash(told, "good")
    return redirect("/console/containments", 303)


def _show(wrong: str = "", ask: str = "") -> str:
    typed = request.form or request.args
    policy = gate().policy.current()
    owners = policy.owners if policy is not None else {}
    return render_template(
        "admin/containments.html",
        lines=gate().standing.containments(now(), own().key),
        wrong=wrong,
        ask=ask,
        typed=typed,
        hours=HOURS,
        objects=sorted(object for object, owner in owners.items() if owner == own().key),
        organization=own(),
        may_change=Role.ADMIN in visitor().roles,
        contact=gate().face.security_contact,
        helper=visitor().user,
    )


def _target(whom: str, name: str) -> Target:
    """Return what the form names, of the visitor's organization. Raises Refused."""
    if whom not in set(Whom):
        raise _nothing(name)
    return _TARGETS[Whom(whom)](name)


def _person(name: str) -> Target:
    claim = gate().identity.claim(name if "@" in name else f"{name}@{own().key}", "")
    if claim.user is None or claim.user.organization != own().key:
        raise _nothing(name)
    return Target(Whom.USER, f"{claim.user.name}@{own().key}", own().key, claim.user.id)


def _endpoint(name: str) -> Target:
    mac = canonical_mac(name)
    if mac is None:
        raise _nothing(name)
    # Whoever of this company sits at it: what other companies have there is theirs to decide about.
    return Target(Whom.ENDPOINT, f"{mac}@{own().key}", own().key)


def _object(name: str) -> Target:
    policy = gate().policy.current()
    if policy is None or policy.owners.get(name) != own().key:
        raise _nothing(name)
    return Target(Whom.OBJECT, name, own().key)


def _organization(name: str) -> Target:
    if name not in ("", own().key):
        raise _nothing(name)
    return Target(Whom.ORGANIZATION, own().key, own().key)


_TARGETS = {
    Whom.USER: _person,
    Whom.ENDPOINT: _endpoint,
    Whom.OBJECT: _object,
    Whom.ORGANIZATION: _organization,
}


def _nothing(name: str) -> Refused:
    return Refused(
        f"Your company has nothing called {name[:80] or '(nothing)'}: choose what it is, and write its name.",
        f"회사에 {name[:80] or '(빈 이름)'}이(가) 없습니다. 종류를 고르고 이름을 적으십시오.",
    )


def _by() -> By:
    user = visitor().user
    return By(f"{user.name}@{user.organization}", user)
