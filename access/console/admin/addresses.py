"""Whose an address was at a moment. ◆"""

from ipaddress import ip_address

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from access.console import moments
from access.console.admin.looks import looked_through
from access.console.admin.scope import own
from access.console.current import gate, now
from access.console.roles import role
from access.console.rooms import DESK

pages = Blueprint("addresses", __name__)


@pages.get("/addresses")
@role(*DESK)
def who_had() -> ResponseReturnValue:
    """The sessions of the organization that had an address, now or at a moment."""
    typed, moment = request.args.get("q", "").strip(), request.args.get("at", "").strip()
    lines, wrong = None, ""
    if typed:
        at = _moment(moment)
        try:
            address = ip_address(typed)
        except ValueError:
            wrong = "address"
        else:
            wrong = "moment" if at is None else ""
            looked_through("addresses", f"{typed} {moment}".strip())
            lines = gate().pages.holders(own().id, address, at) if at is not None else None
    shown = render_template("admin/addresses.html", typed=typed, moment=moment, lines=lines, wrong=wrong)
    return shown, 400 if wrong else 200


def _moment(text: str) -> float | None:
    return moments.read(text, gate().face.time_zone) if text else now()
