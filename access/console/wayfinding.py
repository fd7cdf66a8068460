"""Where somebody goes on after a step, and where they wanted to go before we asked who they are. ◆"""

from flask import request, session
from werkzeug.wrappers import Response

from access.console.carried import local
from access.proof.signin import Due

PATHS = {
    Due.CODE: "/sign-in/code",
    Due.REGISTRATION: "/sign-in/registration",
    Due.ENROLMENT: "/enrol",
}
_WANTED = "wanted"


def go_on(due: Due) -> str:
    """The next page; after the last step the one that was wanted first."""
    wanted = request.form.get("next", "") or str(session.get(_WANTED, ""))
    return PATHS.get(due) or (local(wanted) if wanted else "/")


def remember(response: Response, target: str) -> Response:
    """Keep in mind where somebody wanted to go."""
    if target:
        session[_WANTED] = local(target)
    return response
