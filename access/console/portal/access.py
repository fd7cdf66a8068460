"""Temporary access in the portal: what may be asked for, what one has, and what one's owners decide. ◆"""

from collections.abc import Callable, Iterable
from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console import reviewed
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.roles import role
from access.errors import Refused
from access.model import Role
from access.nas.registry import Endpoint
from access.policy.asking import requestable_by
from access.policy.standing import Kept
from access.policy.subjects import subject_of
from access.policy.vocabulary import Requestable
from access.proof.signin import by_own_code
from access.rights.temporary_access import (
    By,
    Desk,
    Granting,
    Wish,
    approve,
    ask,
    deciders,
    extend,
    may_decide,
    refuse,
    revoke,
    zone_notes,
)
from access.rights.zone_outlook import only_by

pages = Blueprint("access", __name__)
HOUR_S = 3600.0
# For how long people usually ask for something; its owner's longest is offered as well.
USUAL_S = (0.25 * HOUR_S, 0.5 * HOUR_S, *(hours * HOUR_S for hours in (1, 2, 4, 8, 24, 72)))


@pages.get("/access")
@role(Role.EMPLOYEE)
def show() -> ResponseReturnValue:
    """Everything at once: what waits for the visitor, what they have, what they may ask for."""
    return _show()


@pages.post("/access")
@role(Role.EMPLOYEE)
def asked() -> ResponseReturnValue:
    """Ask an owner for something."""
    form = request.form
    wish = Wish(
        form.get("object", ""),
        form.get("reason", ""),
        _seconds(form.get("hours", "")),
        form.get("purpose", ""),
        form.get("endpoint", ""),
        form.get("ticket", ""),
    )
    try:
        kept = ask(_desk(), visitor().user, wish)
    except Refused as refused:
        return _show(refused.to(language())), 400
    _say_who_decides(kept)
    return redirect("/access", 303)


@pages.post("/access/<int:number>/approve")
@role(Role.EMPLOYEE)
def approved(number: int) -> ResponseReturnValue:
    """Grant what somebody has asked the visitor for."""
    try:
        granted = _grant(number)
    except Refused as refused:
        flash(refused.to(language()), "bad")
    else:
        doors = only_by(granted.doors, language())
        flash(_("Granted, %(doors)s.", doors=doors) if doors else _("Granted."), "good")
    return redirect("/access", 303)


@pages.post("/access/<int:number>/refuse")
@role(Role.EMPLOYEE)
def refused(number: int) -> ResponseReturnValue:
    """Do not grant it."""
    why = request.form.get("why", "")
    return _done(
        lambda: refuse(_desk(), _by(), number, why),
        _("Refused; the person is told."),
    )


@pages.post("/access/<int:number>/extend")
@role(Role.EMPLOYEE)
def longer(number: int) -> ResponseReturnValue:
    """Ask to have something for longer."""
    form = request.form
    lasts_s = _seconds(form.get("hours", ""))
    try:
        _say_who_decides(extend(_desk(), visitor().user, number, lasts_s, form.get("reason", "")))
    except Refused as refused:
        flash(refused.to(language()), "bad")
    return redirect("/access", 303)


@pages.post("/access/<int:number>/end")
@role(Role.EMPLOYEE)
def over(number: int) -> ResponseReturnValue:
    """End it before its time, or take a request back."""
    return _done(lambda: revoke(_desk(), _by(), number), _("It is over."))


@pages.post("/access/reviews/<int:number>/sign")
@role(Role.EMPLOYEE)
def signed(number: int) -> ResponseReturnValue:
    """Keep a permit that names the visitor as its owner, or say that it should end."""
    at = reviewed.desk()
    found = (each.review for each in reviewed.owned(at) if each.review.id == number)
    review = next(found, None)
    if review is None:
        abort(404)
    reviewed.signed(at, reviewed.visitor_as(keeps=False), review)
    return redirect("/access", 303)


def _done(act: Callable[[], object], told: str) -> ResponseReturnValue:
    try:
        act()
    except Refused as refused:
        flash(refused.to(language()), "bad")
    else:
        flash(told, "good")
    return redirect("/access", 303)


def _show(wrong: str = "") -> str:
    user, desk = visitor().user, _desk()
    known = desk.ports.open_grants(now())
    subject, policy = subject_of(user), desk.policy
    objects = sorted(policy.requestable) if policy is not None else []
    offered = {each: found for each in objects if (found := requestable_by(policy, subject, each))}
    mine = [each for each in known if each.user_id == user.id]
    owned = [each for each in known if may_decide(desk, _by(), each)]
    to_decide = list(filter(_waits, owned))
    return render_template(
        "portal/access.html",
        wrong=wrong,
        typed=request.form,
        mine=mine,
        to_decide=to_decide,
        to_owner=zone_notes(desk, to_decide, language(), to_owner=True),
        to_asker=zone_notes(desk, filter(_waits, mine), language(), to_owner=False),
        only_by=partial(only_by, language=language()),
        granted=[each for each in owned if each.stands(now())],
        offered=offered,
        to_sign=list(reviewed.owned(reviewed.desk())),
        lengths=_lengths(offered.values()),
        longer={each: _lengths([found]) for each, found in offered.items()},
        waits_for={each.standing.id: _deciders(each) for each in mine},
        known=policy.owners if policy is not None else {},
        endpoints=[each for each in desk.ports.endpoints_of(user) if not _is_over(each)],
    )


def _waits(kept: Kept) -> bool:
    return kept.waits(now())


def _lengths(offered: Iterable[Requestable]) -> list[float]:
    """For how many hours something may be asked for, of what is offered."""
    longest = {each.longest_s for each in offered}
    usual = {each for each in USUAL_S if longest and each <= max(longest)}
    return sorted(each / HOUR_S for each in usual | longest)


def _say_who_decides(kept: Kept) -> None:
    names = _deciders(kept)
    if names:
        flash(_("%(owner)s is told, and you will be when it is decided.", owner=names), "wait")
        return
    flash(
        _(
            "None of its owners can decide: they are gone, or it is you. "
            "Ask an administrator about request %(number)d.",
            number=kept.standing.id,
        ),
        "bad",
    )


def _deciders(kept: Kept) -> str:
    """Who could decide about what the visitor asks for; empty where nobody can."""
    found = deciders(_desk(), visitor().user, kept.standing.objects[0])
    return ", ".join(f"{each.name}@{each.organization}" for each in found)


def _grant(number: int) -> Granting:
    by_own_code(visitor())
    return approve(_desk(), _by(), number)


def _is_over(endpoint: Endpoint) -> bool:
    return endpoint.valid_until is not None and endpoint.valid_until <= now()


def _desk() -> Desk:
    return Desk(gate().standing, gate().policy.current(), now())


def _seconds(hours: str) -> float:
    known = hours.isascii() and hours.replace(".", "", 1).isdecimal() and len(hours) < 10
    return float(hours) * HOUR_S if known else 0.0


def _by() -> By:
    user = visitor().user
    return By(f"{user.name}@{user.organization}", user)
