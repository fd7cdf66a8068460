"""Pages for what went wrong: what happened, and what to do next. Programs get the same as JSON. ◆"""

from types import TracebackType

import structlog
from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from access.console.current import visitor_or_none_calmly
from access.console.languages import language
from access.errors import AccessError, Unavailable
from access.proof.signin import ActsAcross
from access.words.request_mistakes import in_language

LOG = structlog.get_logger()
Raised = tuple[type, BaseException, TracebackType] | tuple[None, None, None]
TEXTS = {
    400: (lazy_gettext("This address is not one of ours"), lazy_gettext("Open the address you were given.")),
    401: (lazy_gettext("You are not signed in"), lazy_gettext("Sign in and try again.")),
    403: (
        lazy_gettext("This page is not for you"),
        lazy_gettext("If your work needs it, ask your administrator for the right group."),
    ),
    404: (
        lazy_gettext("There is nothing here"),
        lazy_gettext("The address may be mistyped, or what it showed is gone."),
    ),
    405: (lazy_gettext("There is nothing here"), lazy_gettext("Go back and use the buttons of the page.")),
    413: (lazy_gettext("That is too much at once"), lazy_gettext("Send less.")),
    422: (
        lazy_gettext("The request is not as the description says"),
        lazy_gettext("The answer names each field that is wrong: /api/v1/openapi.json describes them."),
    ),
    429: (lazy_gettext("Too many requests"), lazy_gettext("Wait a minute, then try again.")),
    500: (
        lazy_gettext("Something went wrong on our side"),
        lazy_gettext("It has been written down. Try again, and tell your administrator if it stays."),
    ),
    503: (
        lazy_gettext("The service cannot answer at the moment"),
        lazy_gettext("Nothing was changed. Try again in a moment."),
    ),
}


class Pages(Flask):
    """Flask, which tells the log in our words of what no page foresaw."""

    def log_exception(self, exc_info: Raised) -> None:
        """One line with its traceback."""
        LOG.error("page failed; this is a mistake in Officegate", path=request.path, exc_info=exc_info)


def install(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, show_http)
    app.register_error_handler(CSRFError, show_stale_form)
    app.register_error_handler(Unavailable, show_unavailable)
    app.register_error_handler(ActsAcross, show_across)
    app.register_error_handler(AccessError, show_ours)


def show_http(error: HTTPException) -> ResponseReturnValue:
    """A refusal by its status."""
    if error.response is not None:
        return error.response
    status = error.code or 500
    # What is wrong with the body of a request, told by the library that reads it.
    wrong = getattr(error, "data", {}).get("messages")
    title, advice = TEXTS[422] if wrong else TEXTS.get(status, TEXTS[500])
    if wrong and request.path.startswith("/api/"):
        told = in_language(wrong, language())
        return jsonify(status=status, title=str(title), detail=str(advice), errors=told), status
    return page(status, str(title), str(advice))


def show_stale_form(_error: CSRFError) -> ResponseReturnValue:
    """A form that is not of this session: too old, or not ours at all."""
    return page(400, _("This page has been open too long"), _("Go back, reload the page and try again."))


def show_across(error: ActsAcross) -> ResponseReturnValue:
    """Something that lasts, for the account of a company whose password was not typed."""
    return page(403, _("You came here from your other company's account"), error.to(language()))


def show_unavailable(error: Unavailable) -> ResponseReturnValue:
    """The database or the directory is away."""
    LOG.warning("page unavailable", path=request.path, why=str(error))
    title, advice = TEXTS[503]
    return page(503, str(title), str(advice))


def show_ours(error: AccessError) -> ResponseReturnValue:
    """What an operator has to put right; the page does not tell what."""
    LOG.error("page failed", path=request.path, why=str(error))
    title, advice = TEXTS[500]
    return page(500, str(title), str(advice))


def page(status: int, title: str, advice: str) -> ResponseReturnValue:
    """The answer for a person, or for a program."""
    if request.path.startswith("/api/"):
        return jsonify(status=status, title=title, detail=advice), status
    shown = render_template(
        "error.html", status=status, title=title, advice=advice, calm=visitor_or_none_calmly()
    )
    return shown, status
