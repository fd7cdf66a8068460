"""Passkeys: registering one, proving oneself with one, giving one up. ◆

The script asks for the question when the button is pressed, and sends the browser's answer as a form.
"""

from flask import Blueprint, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console import carried
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.passkey_place import passkeys_here, usable_passkeys
from access.console.portal.confirm import ask_again
from access.console.portal.signin import code_page
from access.console.refusals import told_of
from access.console.roles import role, step
from access.console.wayfinding import go_on
from access.errors import Refused
from access.model import Reason, Role
from access.proof import passkeys
from access.proof.authentication import Refusal
from access.proof.enrolment import may_change
from access.proof.signin import Due
from access.words.reasons import MEANINGS

pages = Blueprint("passkeys", __name__, url_prefix="/passkeys")
at_enrolment = step(Due.ENROLMENT, Due.NOTHING)
at_code = step(Due.CODE, Due.NOTHING)
REGISTER = "/passkeys/register"
# What a code or a passkey, freshly proven, would help.
FIRST = (Reason.CODE_MISSING, Reason.REGISTRATION_REQUIRED, Reason.PASSKEY_REQUIRED)


@pages.get("/register")
@at_enrolment
def show() -> ResponseReturnValue:
    """What a passkey is, and the button that makes one."""
    refusal = may_change(visitor(), now())
    return _confirm_first() if refusal else _register_page()


@pages.post("/register/options")
@at_enrolment
@limiter.limit(FOR_TYPING_SECRETS)
def registration_options() -> ResponseReturnValue:
    """What the browser is to make."""
    try:
        asked = passkeys.begin_registration(gate().identity, visitor(), now())
    except Refused as refused:
        return jsonify(title=refused.to(language()), detail=""), 409
    return _options(asked)


@pages.post("/register")
@at_enrolment
@limiter.limit(FOR_TYPING_SECRETS)
def register() -> ResponseReturnValue:
    """What the browser made. For a first factor the recovery codes follow."""
    answer, nickname = request.form.get("credential", ""), request.form.get("nickname", "")
    added = passkeys.register(gate().identity, visitor(), answer, nickname, now())
    if isinstance(added, Refusal):
        return _confirm_first() if added.reason in FIRST else _register_page(added)
    flash(_("The passkey is registered. From now on it signs you in here after your password."), "good")
    if added.opened is None:
        return redirect("/phones", 303)
    response = carried.carry(added.opened, "/enrol/recovery")
    carried.keep_codes(response, added.opened.session.id, added.recovery_codes)
    return response


@pages.post("/proof/options")
@at_code
@limiter.limit(FOR_TYPING_SECRETS)
def proof_options() -> ResponseReturnValue:
    """What the browser is to sign."""
    return _options(passkeys.begin_proof(gate().identity, visitor(), now()))


@pages.post("/proof")
@at_code
@limiter.limit(FOR_TYPING_SECRETS)
def prove() -> ResponseReturnValue:
    """What the browser signed: the second step of signing in, or a fresh proof before a change."""
    before = visitor()
    answer = passkeys.prove(gate().identity, before, request.form.get("credential", ""), now())
    if not isinstance(answer, Refusal):
        return carried.carry(answer, go_on(answer.due))
    told, status = told_of(answer), int(MEANINGS[answer.reason].http_status)
    if before.due is Due.CODE:
        return code_page(refusal=told), status
    return ask_again(carried.local(request.form.get("next", "/")), told), status


@pages.get("/needed")
@role(Role.EMPLOYEE)
def needed() -> ResponseReturnValue:
    """What opens with a passkey alone, and how to get there."""
    target = carried.local(request.args.get("next", "/console"))
    if not visitor().held_back:
        return redirect(target, 303)
    return render_template(
        "portal/passkey_needed.html", target=target, here=passkeys_here(), has_passkey=usable_passkeys()
    )


@pages.post("/<int:passkey_id>/rename")
@role(Role.EMPLOYEE)
def rename(passkey_id: int) -> ResponseReturnValue:
    """Call a passkey by another name."""
    if passkeys.rename_own(gate().identity, visitor(), passkey_id, request.form.get("nickname", "")):
        flash(_("The new name is kept."), "good")
    return redirect("/phones#passkeys", 303)


@pages.post("/<int:passkey_id>/remove")
@role(Role.EMPLOYEE)
def remove(passkey_id: int) -> ResponseReturnValue:
    """Give a passkey up. It takes no fresh code: whoever lost one must not be held up."""
    removed = passkeys.revoke_own(gate().identity, visitor(), passkey_id, now())
    if isinstance(removed, Refusal):
        return redirect("/confirm?next=/phones", 303)
    if removed:
        flash(_("The passkey is removed. It signs you in no longer."), "good")
    return redirect("/phones#passkeys", 303)


def _options(asked: str | Refusal) -> ResponseReturnValue:
    if isinstance(asked, Refusal):
        told = told_of(asked)
        return jsonify(title=told.title, detail=told.advice), int(MEANINGS[asked.reason].http_status)
    return asked, {"Content-Type": "application/json"}


def _register_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    shown = render_template(
        "portal/passkey.html",
        here=passkeys_here(),
        first=visitor().due is Due.ENROLMENT,
        refusal=told_of(refusal) if refusal else None,
    )
    return shown, int(MEANINGS[refusal.reason].http_status) if refusal else 200


def _confirm_first() -> ResponseReturnValue:
    return redirect(f"/confirm?next={REGISTER}", 303)
