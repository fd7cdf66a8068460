"""The password of somebody who is in no directory. ◆"""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.current import gate, now, source, visitor
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.refusals import told_of
from access.console.roles import role
from access.model import Reason, Role
from access.people.local_user import LONGEST_PASSWORD, SHORTEST_PASSWORD, BadLocalUser
from access.proof.authentication import Refusal

pages = Blueprint("password", __name__, url_prefix="/password")


@pages.get("")
@role(Role.EMPLOYEE)
def show() -> ResponseReturnValue:
    """The form; nobody else's password is kept here."""
    if not visitor().user.is_local:
        abort(404)
    return _page()


@pages.post("")
@role(Role.EMPLOYEE)
@limiter.limit(FOR_TYPING_SECRETS)
def change() -> ResponseReturnValue:
    """Change it. It takes the old one, and a code of the last ten minutes."""
    user, moment = visitor().user, now()
    if not user.is_local:
        abort(404)
    if not visitor().session.fresh(moment):
        return redirect("/confirm?next=/password", 303)
    fresh = request.form.get("fresh", "")
    throttle, name = gate().identity.throttle, f"{user.name}@{user.organization}"
    wait_s = throttle.admit(name, source(), moment)
    if wait_s > 0:
        return _page(Refusal(Reason.PASSWORD_THROTTLED, wait_s)), 429
    if not gate().local_users.is_current(user, request.form.get("current", "")):
        return _page(Refusal(Reason.WRONG_PASSWORD)), 403
    throttle.succeed(name, source(), moment)
    if fresh != request.form.get("again", ""):
        return _page(wrong=_("The two new passwords are not the same.")), 400
    try:
        gate().local_users.change(user, fresh, visitor().session.id, moment)
    except BadLocalUser:
        wrong = _(
            "Choose another one: %(least)d to %(most)d characters, of several kinds, without your name.",
            least=SHORTEST_PASSWORD,
            most=LONGEST_PASSWORD,
        )
        return _page(wrong=wrong), 400
    flash(_("Your password is changed."), "good")
    return redirect("/password", 303)


def _page(refusal: Refusal | None = None, wrong: str = "") -> str:
    return render_template(
        "portal/password.html",
        refusal=told_of(refusal) if refusal else None,
        wrong=wrong,
        fresh=visitor().session.fresh(now()),
        least=SHORTEST_PASSWORD,
    )
