"""A fresh code before something grave: changing what one signs in with. ◆"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from access.console import carried
from access.console.current import gate, now, visitor
from access.console.limits import FOR_TYPING_SECRETS, limiter
from access.console.passkey_place import usable_passkeys
from access.console.refusals import Sentence, told_of
from access.console.roles import role
from access.model import Role
from access.proof import signin
from access.proof.authentication import Refusal
from access.proof.passkeys import restricted_roles
from access.words.reasons import MEANINGS

pages = Blueprint("confirm", __name__)


@pages.get("/confirm")
@role(Role.EMPLOYEE)
def ask() -> ResponseReturnValue:
    """Ask for a code."""
    return ask_again(carried.local(request.args.get("next", "/")))


@pages.post("/confirm")
@role(Role.EMPLOYEE)
@limiter.limit(FOR_TYPING_SECRETS)
def check() -> ResponseReturnValue:
    """Take the code and go back to what it was needed for."""
    target = carried.local(request.form.get("next", "/"))
    answer = signin.give_code(gate().identity, visitor(), request.form.get("code", ""), now())
    if isinstance(answer, Refusal):
        return ask_again(target, told_of(answer)), int(MEANINGS[answer.reason].http_status)
    return carried.carry(answer, target)


def ask_again(target: str, refusal: Sentence | None = None) -> str:
    """The page that asks for a code or a passkey; where a role takes a passkey, for that alone."""
    has_passkey = usable_passkeys()
    return render_template(
        "portal/confirm.html",
        target=target,
        refusal=refusal,
        has_passkey=has_passkey,
        takes_code=not (has_passkey and restricted_roles(gate().identity, visitor().user)),
    )
