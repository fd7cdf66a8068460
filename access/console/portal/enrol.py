"""Registering a phone in three steps: open the app, prove it, keep the recovery codes. ◆"""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console import carried
from access.console.current import gate, now, visitor
from access.console.diagnosis import clock_off_s
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.passkey_place import passkeys_here
from access.console.picture import qr
from access.console.refusals import Sentence, told_of
from access.console.roles import step
from access.model import Reason
from access.proof import enrolment
from access.proof.authentication import Refusal
from access.proof.enrolment import PENDING_S, Proof
from access.proof.signin import Due
from access.words.reasons import MEANINGS
from otp.token import State

pages = Blueprint("enrol", __name__, url_prefix="/enrol")
at_enrolment = step(Due.ENROLMENT, Due.NOTHING)


@pages.get("")
@at_enrolment
def begin() -> ResponseReturnValue:
    """The code to scan. Coming back within ten minutes shows the same one."""
    return _show()


@pages.post("")
@at_enrolment
@limiter.limit(FOR_TYPING_SECRETS)
def prove() -> ResponseReturnValue:
    """The first code of the new phone."""
    typed = request.form.get("code", "")
    before = visitor()
    off_s = _clock_off_s(typed)
    proof = Proof(typed, replaces=request.form.get("keep") is None)
    answer = enrolment.prove(gate().identity, before, proof, now())
    if isinstance(answer, Refusal):
        return _show(answer, off_s)
    response = carried.carry(answer.opened, "/enrol/recovery")
    carried.keep_codes(response, answer.opened.session.id, answer.recovery_codes)
    return response


@pages.get("/recovery")
@step(Due.NOTHING)
def recovery() -> ResponseReturnValue:
    """The recovery codes, as often as their owner looks until they say that they have them."""
    return render_template("portal/recovery.html", codes=carried.kept_codes())


@pages.post("/recovery")
@step(Due.NOTHING)
def saved() -> ResponseReturnValue:
    """Their owner has them."""
    codes = carried.kept_codes()
    if codes and not request.form.get("saved"):
        return render_template("portal/recovery.html", codes=codes, forgot=True), 400
    response = redirect("/", 303)
    carried.forget_codes(response)
    return response


@pages.post("/recovery/new")
@step(Due.NOTHING)
def renew() -> ResponseReturnValue:
    """Ten new recovery codes; the old ones are worth nothing."""
    answer = enrolment.renew_recovery(gate().identity, visitor(), now())
    if isinstance(answer, Refusal):
        return redirect("/confirm?next=/enrol/recovery", 303)
    response = redirect("/enrol/recovery", 303)
    carried.keep_codes(response, visitor().session.id, answer)
    return response


def _show(refusal: Refusal | None = None, off_s: int | None = None) -> ResponseReturnValue:
    begun = enrolment.begin(gate().identity, visitor(), _nickname(), now())
    if isinstance(begun, Refusal):
        return redirect("/confirm?next=/enrol", 303)
    held = gate().identity.factors(visitor().user.id).tokens
    shown = render_template(
        "portal/enrol.html",
        begun=begun,
        picture=qr(begun.link, _("QR code to scan with the authenticator app")),
        passkeys_here=passkeys_here(),
        another=any(token.state is State.ACTIVE for token in held),
        refusal=_diagnose(refusal, off_s) if refusal else None,
    )
    return shown, int(MEANINGS[refusal.reason].http_status) if refusal else 200


def _nickname() -> str:
    return request.args.get("nickname", "").strip()[:40]


def _clock_off_s(typed: str) -> int | None:
    """How far the phone's clock seems off; looked at before the try, which may settle what is pending."""
    pending = gate().identity.pending_token(visitor().user.id, now() - PENDING_S)
    return clock_off_s(pending.token, typed, now()) if pending else None


def _diagnose(refusal: Refusal, off_s: int | None) -> Sentence:
    told = told_of(refusal)
    if refusal.reason is not Reason.WRONG_CODE:
        return told
    if off_s is None:
        advice = _(
            "It is not a code of this registration. Look in the app for the line with today's registration, "
            "wait for its next code and enter all six digits."
        )
    elif off_s > 0:
        advice = _(
            "The clock of your phone is about %(seconds)d seconds fast. "
            "Switch on automatic date and time in its settings, then enter the next code.",
            seconds=off_s,
        )
    else:
        advice = _(
            "The clock of your phone is about %(seconds)d seconds slow. "
            "Switch on automatic date and time in its settings, then enter the next code.",
            seconds=-off_s,
        )
    return Sentence(told.title, advice)
