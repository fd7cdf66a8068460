"""The first page after signing in: sessions, desktops, refusals, and what is recorded. ◆"""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.portal.acting import companies
from access.console.roles import role
from access.console.typed import read_case
from access.console.why import BY_POLICY, why_refused
from access.model import Role, User
from access.nas.registry import Endpoint
from access.policy.telling import render, render_needs

pages = Blueprint("home", __name__)
RECENT_RECORDS = 100
SHOWN_REFUSALS = 5
# Whoever answers for an endpoint reads of its end so long before it, and after it.
TOLD_BEFORE_S = 14 * 86400.0
ENDED_SHOWN_S = 7 * 86400.0
KNOWN_SHOWN_S = 7 * 86400.0


@pages.get("/")
@role(Role.EMPLOYEE)
def home() -> ResponseReturnValue:
    """What is going on with the visitor's own access."""
    user = visitor().user
    records = gate().pages.records_of(user.id, RECENT_RECORDS)
    refusals = [record for record in records if record.case_code][:SHOWN_REFUSALS]
    held = gate().identity.factors(user.id)
    return render_template(
        "portal/home.html",
        sessions=gate().pages.sessions_of(user.id),
        companies=companies(),
        desktops=gate().desktops.held(user),
        refusals=refusals,
        by_policy=BY_POLICY,
        recovery_left=held.recovery_left,
        to_hand_over=len(gate().identity.passes_to_hand_over(user.id, now())),
        ending=_ending(user),
        known=gate().pages.wrong_code(user.id, now() - KNOWN_SHOWN_S),
    )


@pages.post("/wrong-codes/seen")
@role(Role.EMPLOYEE)
def saw_wrong_codes() -> ResponseReturnValue:
    """The visitor knows of the logins with their password and a wrong code."""
    gate().pages.saw_wrong_codes(visitor().user.id)
    return redirect("/", 303)


def _ending(user: User) -> list[Endpoint]:
    """The endpoints somebody answers for that end soon, or have just ended."""
    owned = gate().endpoints.owned_by(user)
    return [
        each
        for each in owned
        if each.valid_until is not None and -ENDED_SHOWN_S < each.valid_until - now() < TOLD_BEFORE_S
    ]


@pages.post("/sessions/<int:session_id>/end")
@role(Role.EMPLOYEE)
def end(session_id: int) -> ResponseReturnValue:
    """End a session of one's own."""
    user = visitor().user
    if gate().pages.end_session(session_id, user.id, f"{user.name}@{user.organization}"):
        flash(_("The session is being ended."), "good")
    else:
        flash(_("That session is over already."), "quiet")
    return redirect("/", 303)


@pages.post("/desktops/<pool>/take")
@role(Role.EMPLOYEE)
def take(pool: str) -> ResponseReturnValue:
    """Get a desktop of a pool."""
    took = gate().desktops.take(visitor().user, pool)
    if took.desktop:
        flash(_("%(desktop)s is yours.", desktop=took.desktop), "good")
    else:
        flash(took.why or _("No desktop is free at the moment."), "bad")
    return redirect("/#desktops", 303)


@pages.post("/desktops/<pool>/give-back")
@role(Role.EMPLOYEE)
def give_back(pool: str) -> ResponseReturnValue:
    """Let others have it."""
    if gate().desktops.give_back(visitor().user, pool):
        flash(_("The desktop is given back."), "good")
    return redirect("/#desktops", 303)


@pages.get("/case")
@role(Role.EMPLOYEE)
def case() -> ResponseReturnValue:
    """What a case code means, for the person it is about and nobody else."""
    typed = request.args.get("code", "")
    code = read_case(typed)
    record = gate().pages.case_of(visitor().user.id, code) if code else None
    # The same words for a mistyped code, another person's and one that never was.
    told = why_refused(record, visitor().user) if record else None
    shown = render_template(
        "portal/case.html",
        typed=typed,
        record=record,
        help=render_needs(told, language(), gate().face.time_zone) if told else (),
        lines=render(told, language(), gate().face.time_zone) if told else (),
    )
    return shown, 404 if typed and record is None else 200


@pages.get("/records")
@role(Role.EMPLOYEE)
def records() -> ResponseReturnValue:
    """Everything recorded about the visitor's account."""
    return render_template(
        "portal/records.html", records=gate().pages.records_of(visitor().user.id, RECENT_RECORDS)
    )
