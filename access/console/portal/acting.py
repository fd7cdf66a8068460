"""Which of their companies somebody works for at the moment. ◆"""

from flask import Blueprint, abort, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console import carried
from access.console.current import gate, now, visitor
from access.console.roles import role
from access.model import Role
from access.people.person_link import Membership
from access.proof.authentication import Refusal
from access.proof.signin import act_for

pages = Blueprint("acting", __name__)


@pages.post("/act-for/<int:user_id>")
@role(Role.EMPLOYEE)
def change(user_id: int) -> ResponseReturnValue:
    """Go on as the same person at another company; an account of nobody's own is not there."""
    answer = act_for(gate().identity, visitor(), user_id, now())
    if answer is None:
        abort(404)
    if isinstance(answer, Refusal):
        flash(_("To go on at the other company, sign in with a code of your phone."), "bad")
        return redirect("/", 303)
    return carried.carry(answer, "/")


def companies() -> list[Membership]:
    """The visitor's accounts at all companies that have linked them; empty for those who have one."""
    session = visitor().session
    known = gate().identity.memberships(session.signed_in_as or session.user_id)
    return [each for each in known if each.present] if len(known) > 1 else []
