"""Where two people type what lay in their envelopes: it needs neither directory nor phone. ◆"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from access.console.current import gate, now, source
from access.console.languages import language
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.roles import public
from access.errors import Refused
from access.rights.office_opening import Desk, open_by_codes

pages = Blueprint("open_office", __name__)


@pages.get("/open-office")
@public
def codes() -> ResponseReturnValue:
    """Two fields for two codes."""
    return render_template("portal/open_office.html")


@pages.post("/open-office")
@public
@limiter.limit(FOR_TYPING_SECRETS)
def typed() -> ResponseReturnValue:
    """Open an office with two sealed codes."""
    desk = Desk(gate().standing, gate().policy.current(), now())
    try:
        kept = open_by_codes(desk, (request.form.get("one", ""), request.form.get("two", "")), source())
    except Refused as refused:
        return render_template("portal/open_office.html", wrong=refused.to(language())), 403
    return render_template("portal/open_office.html", opened=kept)
