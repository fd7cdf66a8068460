"""Registering a hardware authenticator: the number printed on it, and two codes in a row. ◆"""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from access.console import carried
from access.console.current import gate, now, visitor
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.refusals import told_of
from access.console.roles import step
from access.model import Reason
from access.proof import enrolment
from access.proof.authentication import Refusal
from access.proof.enrolment import Device
from access.proof.signin import Due
from access.words.reasons import MEANINGS

pages = Blueprint("device", __name__, url_prefix="/enrol/device")
at_enrolment = step(Due.ENROLMENT, Due.NOTHING)


@pages.get("")
@at_enrolment
def ask() -> ResponseReturnValue:
    """Ask for the number and the codes."""
    return render_template("portal/device.html", serial="")


@pages.post("")
@at_enrolment
@limiter.limit(FOR_TYPING_SECRETS)
def bind() -> ResponseReturnValue:
    """Take them; the recovery codes follow, as for a phone."""
    serial = request.form.get("serial", "").strip()
    typed = Device(serial, request.form.get("first", ""), request.form.get("second", ""))
    answer = enrolment.bind_own(gate().identity, visitor(), typed, now())
    if isinstance(answer, Refusal):
        if answer.reason in (Reason.CODE_MISSING, Reason.REGISTRATION_REQUIRED):
            return redirect("/confirm?next=/enrol/device", 303)
        shown = render_template("portal/device.html", serial=serial, refusal=told_of(answer))
        return shown, int(MEANINGS[answer.reason].http_status)
    response = carried.carry(answer.opened, "/enrol/recovery")
    carried.keep_codes(response, answer.opened.session.id, answer.recovery_codes)
    return response
