"""The certificates by which a NAS may connect with RadSec: added by pasting one, removed. ◆"""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.nas import by, client_or_404, shown
from access.console.admin.scope import of_head_office
from access.console.current import gate
from access.console.languages import language
from access.console.roles import role
from access.model import Role
from access.nas.nas_certificate import NasCertificate, Pin, read_certificate
from access.nas.registry import BadNas, NasClient

pages = Blueprint("nas_certificates", __name__)


@pages.post("/nas/<int:nas_id>/certificates/add")
@role(Role.ADMIN)
def add(nas_id: int) -> ResponseReturnValue:
    """Let a NAS connect with the certificate that was pasted."""
    return _settle(nas_id, gate().nas.certify, _("It may connect with that certificate."))


@pages.post("/nas/<int:nas_id>/certificates/remove")
@role(Role.ADMIN)
def remove(nas_id: int) -> ResponseReturnValue:
    """Let a NAS connect with it no more."""
    return _settle(nas_id, gate().nas.decertify, _("It may not connect with that certificate any more."))


def _settle(
    nas_id: int, settle: Callable[[NasClient, NasCertificate, str], None], said: str
) -> ResponseReturnValue:
    client = client_or_404(nas_id)
    try:
        settle(client, _pasted(), by())
    except BadNas as error:
        return shown(client, refused=error.to(language())), 422
    flash(said, "good")
    return redirect(f"/console/nas/{nas_id}", 303)


def _pasted() -> NasCertificate:
    """The certificate of the form. Raises BadNas.

    A name counts in whatever radius.radsec_authority signs, for every organization: who may claim it is the
    head office's to say.
    """
    found = read_certificate(request.form.get("certificate", ""))
    if found.pin is Pin.NAME and not of_head_office():
        raise BadNas(
            "Only the head office gives names to NAS. Paste the certificate or its fingerprint.",
            "DNS 이름은 본사만 지정할 수 있습니다. 인증서나 지문을 붙여 넣으십시오.",
        )
    return found
