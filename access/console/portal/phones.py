"""The phones somebody signs in with. ◆"""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.current import gate, now, visitor
from access.console.passkey_place import passkeys_here
from access.console.roles import role
from access.model import Role
from access.proof import enrolment
from access.proof.token_desk import rename_own
from access.proof.vouching import may_vouch
from otp.token import State

pages = Blueprint("phones", __name__, url_prefix="/phones")


@pages.get("")
@role(Role.EMPLOYEE)
def phones() -> ResponseReturnValue:
    """What is registered, and how many recovery codes are left."""
    held = gate().identity.factors(visitor().user.id)
    shown = tuple(token for token in held.tokens if token.state is State.ACTIVE)
    return render_template(
        "portal/phones.html",
        passkeys=held.passkeys,
        here=passkeys_here(),
        phones=shown,
        recovery_left=held.recovery_left,
        may_vouch=may_vouch(gate().identity, visitor(), now()),
    )


@pages.post("/<int:token_id>/rename")
@role(Role.EMPLOYEE)
def rename(token_id: int) -> ResponseReturnValue:
    """Call a phone by another name."""
    if rename_own(gate().identity, visitor(), token_id, request.form.get("nickname", "")):
        flash(_("The new name is kept."), "good")
    return redirect("/phones", 303)


@pages.post("/<int:token_id>/remove")
@role(Role.EMPLOYEE)
def remove(token_id: int) -> ResponseReturnValue:
    """Stop a phone at once. It takes no fresh code: whoever lost one must not be held up."""
    if enrolment.revoke_own(gate().identity, visitor(), token_id, now()) is True:
        flash(_("The phone is removed. Its codes count no longer."), "good")
    return redirect("/phones", 303)
