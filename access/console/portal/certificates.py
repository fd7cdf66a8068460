"""A person's certificates: a file for each device, with a password shown once; renewed and revoked here. ◆"""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.certificates.values import Packed
from access.console.current import gate, now, visitor
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.roles import role
from access.model import Role
from access.proof import own_certificates
from access.proof.authentication import Refusal
from access.proof.own_certificates import MOST_OWN, Desk

pages = Blueprint("certificates", __name__, url_prefix="/certificates")
# A certificate that ends so soon is marked.
SOON_S = 30 * 86400.0


@pages.get("")
@role(Role.EMPLOYEE)
def certificates() -> ResponseReturnValue:
    """What the visitor has, and the form for another device."""
    moment = now()
    desk = _desk()
    held = own_certificates.standing(desk.ports, visitor().user.id, moment)
    return render_template(
        "portal/certificates.html",
        held=held,
        issues=desk.ports.issues_for(desk.organization.id),
        full=len(held) >= MOST_OWN,
        fresh=visitor().session.fresh(moment),
        soon=moment + SOON_S,
        days=desk.rules.days,
    )


@pages.post("")
@role(Role.EMPLOYEE)
@limiter.limit(FOR_TYPING_SECRETS)
def get() -> ResponseReturnValue:
    """Make one and show its password, this once."""
    return _handed_out(own_certificates.get(_desk(), visitor(), request.form.get("device", ""), now()))


@pages.post("/<int:certificate_id>/renew")
@role(Role.EMPLOYEE)
@limiter.limit(FOR_TYPING_SECRETS)
def renew(certificate_id: int) -> ResponseReturnValue:
    """Make the one that follows; the one before counts on for some days."""
    return _handed_out(own_certificates.renew(_desk(), visitor(), certificate_id, now()))


@pages.post("/<int:certificate_id>/revoke")
@role(Role.EMPLOYEE)
def revoke(certificate_id: int) -> ResponseReturnValue:
    """Stop one at once. It takes no fresh code: whoever lost a device must not be held up."""
    if own_certificates.revoke(gate().certificates, visitor(), certificate_id, now()):
        flash(_("The certificate is revoked. The device that used it is being disconnected."), "good")
    return redirect("/certificates", 303)


@pages.get("/<int:certificate_id>/file")
@role(Role.EMPLOYEE)
def file(certificate_id: int) -> ResponseReturnValue:
    """The file with certificate and key (PKCS#12), for some minutes and for its owner alone."""
    octets = gate().certificates.kept_file(certificate_id, visitor().user.id, now())
    if octets is None:
        abort(404)
    name = f"{visitor().user.name}-{certificate_id}.p12"
    if not name.isascii():
        name = f"certificate-{certificate_id}.p12"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(octets, mimetype="application/x-pkcs12", headers=headers)


def _desk() -> Desk:
    return Desk(
        gate().certificates, gate().certificate_rules, gate().identity.organization_of(visitor().user)
    )


def _handed_out(made: Packed | Refusal | None) -> ResponseReturnValue:
    if isinstance(made, Refusal):
        return redirect("/confirm?next=/certificates", 303)
    if made is None:
        return redirect("/certificates", 303)
    minutes = round(own_certificates.PICKUP_S / 60)
    return render_template("portal/certificate.html", made=made, minutes=minutes)
