"""What somebody sees whom the policy refuses the portal: why, what would help, and a case code. ◆"""

from flask import Flask, g, jsonify, make_response, render_template, request, session
from flask.typing import ResponseReturnValue

from access.console.carried import forget
from access.console.current import gate, now, source, visitor, whence
from access.console.languages import language
from access.console.typed import show_case
from access.model import Request
from access.policy.compiled import Policy, compile
from access.policy.document import load
from access.policy.explain import explain
from access.policy.subjects import subject_of
from access.policy.telling import render_needs
from access.policy.vocabulary import LOGIN_PORTAL, PolicyErrors
from access.rights.portal_door import PortalRefused, pass_or_refuse, turn_away
from access.words.reasons import MEANINGS


def install(app: Flask) -> None:
    """Answer with it wherever a page finds that its visitor is refused."""
    app.register_error_handler(PortalRefused, show)


def show(refused: PortalRefused) -> ResponseReturnValue:
    """End the session, and say what the policy said."""
    case = turn_away(gate().identity, refused, source(), now())
    g.visitor = None
    meaning = MEANINGS[refused.decision.reason]
    title, advice = meaning.title.to(language()), meaning.owner.to(language())
    if request.path.startswith("/api/"):
        return jsonify(status=403, title=title, detail=advice, case=show_case(case)), 403
    user, wanted = refused.visitor.user, Request(LOGIN_PORTAL, refused.facts)
    told = explain(gate().policy.current(), subject_of(user), wanted, now())
    remedies = render_needs(told, language(), gate().face.time_zone)
    shown = render_template(
        "portal/turned_away.html", title=title, advice=advice, remedies=remedies, case=case
    )
    session.clear()
    return forget(make_response(shown, 403))


def locks_out(text: str) -> bool:
    """Whether a document would refuse the portal to whoever is about to publish it."""
    try:
        return shuts_out(compile(load(text)))
    except PolicyErrors:
        return False


def shuts_out(policy: Policy) -> bool:
    """Whether a policy would refuse the portal to the visitor."""
    try:
        pass_or_refuse(policy, visitor(), whence(), now())
    except PortalRefused:
        return True
    return False
