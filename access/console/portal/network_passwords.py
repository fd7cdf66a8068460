"""Network passwords: made for one endpoint each, shown once, revoked at once. ◆"""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.current import gate, now, visitor
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.refusals import told_of
from access.console.roles import role
from access.model import Reason, Role
from access.proof import network_passwords
from access.proof.authentication import Refusal
from access.proof.network_password import groups
from access.proof.network_passwords import Wanted
from access.words.reasons import MEANINGS

pages = Blueprint("network_passwords", __name__, url_prefix="/network-passwords")
# An endpoint that ends so soon is marked.
SOON_S = 30 * 86400.0


@pages.get("")
@role(Role.EMPLOYEE)
def passwords() -> ResponseReturnValue:
    """What the visitor has, and the form for another one."""
    return _show()


@pages.post("")
@role(Role.EMPLOYEE)
@limiter.limit(FOR_TYPING_SECRETS)
def make() -> ResponseReturnValue:
    """Make one and show it, this once."""
    days = request.form.get("days", "")
    wanted = Wanted(
        nickname=request.form.get("nickname", ""),
        days=int(days) if days.isdecimal() and len(days) < 6 else 1,
        endpoint=request.form.get("endpoint", "").strip(),
    )
    made = network_passwords.make(gate().identity, visitor(), wanted, now())
    if isinstance(made, Refusal):
        if made.reason is Reason.CODE_MISSING:
            return redirect("/confirm?next=/network-passwords", 303)
        return _show(made)
    return render_template("portal/network_password.html", made=made, groups=groups(made.password))


@pages.post("/<int:password_id>/revoke")
@role(Role.EMPLOYEE)
def revoke(password_id: int) -> ResponseReturnValue:
    """Stop one at once. It takes no fresh code: it only lessens what anyone can do."""
    if network_passwords.revoke_own(gate().identity, visitor(), password_id, now()) is True:
        flash(_("The network password is revoked. The endpoint that used it is being disconnected."), "good")
    return redirect("/network-passwords", 303)


def _show(refusal: Refusal | None = None) -> ResponseReturnValue:
    user, moment = visitor().user, now()
    held = gate().identity.network_passwords(user.id)
    allowed = gate().identity.allowance(user)
    standing = [each for each in held if each.stands(moment)]
    shown = render_template(
        "portal/network_passwords.html",
        standing=standing,
        allowed=allowed,
        full=len(standing) >= allowed.most,
        fresh=visitor().session.fresh(moment),
        endpoints=gate().endpoints.owned_by(user),
        soon=moment + SOON_S,
        typed=request.form,
        refusal=told_of(refusal) if refusal else None,
    )
    return shown, int(MEANINGS[refusal.reason].http_status) if refusal else 200
