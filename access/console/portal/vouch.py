"""Vouching for a colleague who has lost what they sign in with. ◆"""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.roles import role
from access.errors import Refused
from access.model import Role
from access.proof import vouching
from access.proof.authentication import Refusal

pages = Blueprint("vouch", __name__, url_prefix="/vouch")


@pages.get("")
@role(Role.EMPLOYEE)
def ask() -> ResponseReturnValue:
    """Ask for whom."""
    may = vouching.may_vouch(gate().identity, visitor(), now())
    return render_template("portal/vouch.html", may=may, name="")


@pages.post("")
@role(Role.EMPLOYEE)
@limiter.limit(FOR_TYPING_SECRETS)
def vouch() -> ResponseReturnValue:
    """Keep the word of the visitor."""
    name = request.form.get("name", "")
    try:
        answer = vouching.vouch(gate().identity, visitor(), name, now())
    except Refused as refused:
        shown = render_template("portal/vouch.html", may=True, name=name, wrong=refused.to(language()))
        return shown, 409
    if isinstance(answer, Refusal):
        return redirect("/confirm?next=/vouch", 303)
    return render_template("portal/vouch.html", may=True, vouched=answer)
