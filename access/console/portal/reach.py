"""What the visitor may reach, and what would help where they may not. ◆"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from access.console.current import gate, now, visitor
from access.console.languages import reader
from access.console.reaching import reach_of
from access.console.roles import role
from access.explaining.standpoint import standpoint
from access.model import Role

pages = Blueprint("reach", __name__)


@pages.get("/reach")
@role(Role.EMPLOYEE)
def reach() -> ResponseReturnValue:
    """Everything the policy says about the visitor, from where they stand."""
    user = visitor().user
    here = standpoint(gate().pages.sessions_of(user.id), now(), gate().identity.factors(user.id).tokens)
    lines = reach_of(gate().policy.current(), user, here.facts, now(), reader())
    return render_template("portal/reach.html", lines=lines, here=here)
