"""Cases and the audit: what happened, when, and whether the record still holds. ◆"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from access.console.admin.looks import looked_at, looked_through
from access.console.admin.scope import of_head_office, own
from access.console.current import gate
from access.console.languages import language
from access.console.roles import role
from access.console.rooms import DESK, WATCH
from access.console.steps import rest_of, steps_of
from access.console.typed import read_case
from access.console.why import why_refused
from access.model import Reason
from access.policy.explain import Explanation
from access.policy.telling import render
from access.records.record_search import Line, fold
from access.shown import Asked, Record

pages = Blueprint("records", __name__)
# What a record has of the policy as it is, rules of every company among it.
OF_POLICY = frozenset({"policy", "standing", "permits", "forbids", "failed", "clash"})
# Folded, many records are few lines.
PAGE, PAGE_EACH = 200, 50


@pages.get("/cases")
@role(*DESK)
def case() -> ResponseReturnValue:
    """One refused login, step by step."""
    typed = request.args.get("code", "")
    code = read_case(typed)
    record = gate().pages.case(own().id, code) if code else None
    told = _why(record) if record is not None else None
    shown = render_template(
        "admin/case.html",
        typed=typed,
        record=record,
        steps=steps_of(record.detail) if record else (),
        lines=render(told, language(), gate().face.time_zone) if told else (),
        rest=rest_of(record.detail, frozenset() if of_head_office() else OF_POLICY) if record else (),
    )
    return shown, 404 if typed and record is None else 200


def _why(record: Record) -> Explanation | None:
    """Why it was refused, where it is about somebody, whom the visitor looks at with that."""
    user = gate().pages.person(own().id, record.user_id) if record.user_id is not None else None
    if user is None:
        return None
    looked_at("case", user.id)
    return why_refused(record, user)


@pages.get("/audit")
@role(*WATCH)
def audit() -> ResponseReturnValue:
    """The newest records of the organization, repeats folded; before= goes further back, each=yes unfolds."""
    chosen = {name: request.args.get(name, "").strip() for name in ("q", "kind", "reason")}
    looked_through("audit", chosen["q"])
    each = request.args.get("each") is not None
    asked = Asked(
        own().id,
        chosen["q"],
        before_id=request.args.get("before", type=int),
        limit=PAGE_EACH if each else PAGE,
        installation_too=of_head_office(),
        kind=chosen["kind"],
        reason=chosen["reason"],
    )
    found = gate().pages.records(asked)
    lines = [Line(record, since=record.at) for record in found.records] if each else fold(found.records)
    shown = {"lines": lines, "older": found.older, "each": each, "reasons": list(Reason)}
    return render_template("admin/audit.html", **shown, **chosen, **_verified())


def _verified() -> dict[str, object]:
    """What verifying found, where somebody who may asked for it."""
    may_verify = of_head_office()
    asked = may_verify and request.args.get("verify") is not None
    findings = gate().pages.verify_audit() if asked else None
    return {"findings": findings, "may_verify": may_verify}
