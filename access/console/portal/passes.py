"""Codes of the helpdesk that the visitor hands over to a colleague. ◆"""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from access.console.current import gate, now, visitor
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.roles import role
from access.model import Reason, Role
from access.proof import helping
from access.proof.authentication import Refusal

pages = Blueprint("passes", __name__, url_prefix="/passes")


@pages.get("")
@role(Role.EMPLOYEE)
def passes() -> ResponseReturnValue:
    """Whom the visitor is asked to hand a code to."""
    return _page()


@pages.post("/<int:pass_id>")
@role(Role.EMPLOYEE)
@limiter.limit(FOR_TYPING_SECRETS)
def collect(pass_id: int) -> ResponseReturnValue:
    """Show the code, this once; it takes a fresh code of the visitor's own."""
    waiting = {each.id: user for each, user in gate().identity.passes_to_hand_over(visitor().user.id, now())}
    answer = helping.collect(gate().identity, visitor(), pass_id, now())
    if isinstance(answer, Refusal):
        if answer.reason is Reason.CODE_MISSING:
            return redirect("/confirm?next=/passes", 303)
        return _page(gone=True), 409
    return render_template("portal/pass.html", handed=answer, user=waiting[pass_id])


def _page(gone: bool = False) -> str:
    waiting = gate().identity.passes_to_hand_over(visitor().user.id, now())
    return render_template("portal/passes.html", waiting=waiting, gone=gone)
