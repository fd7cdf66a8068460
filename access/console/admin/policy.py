"""The policy document: read, edited, checked, published. ◆"""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.changes.drafts import StoredDraft
from access.console.admin import changes, company_part
from access.console.admin.ends import by_rule, lines
from access.console.admin.scope import of_head_office
from access.console.current import gate, now, visitor
from access.console.roles import role
from access.console.rooms import WATCH
from access.console.turned_away import locks_out
from access.model import Role

pages = Blueprint("policy", __name__)
DAY_S = 86400.0
AHEAD_DAYS, MOST_DAYS = 30, 366


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on the page for editing. draft: the number of the draft it is of, if it is of one."""

    text: str
    replaces: str
    note: str = ""
    draft: str = ""


@pages.get("/policy")
@role(*WATCH)
def show() -> ResponseReturnValue:
    """The document in force, with its line numbers; of another company than the head office its own part."""
    if not of_head_office():
        return company_part.show()
    published = gate().policy.published()
    current = gate().policy.current()
    return render_template(
        "admin/policy.html",
        published=published,
        newer=current.newer if current is not None else None,
        wave=current.wave if current is not None else None,
        may_edit=Role.ADMIN in visitor().roles,
    )


@pages.get("/policy/proof")
@role(*WATCH)
def proof() -> ResponseReturnValue:
    """Rules that no test of the document guards, and what of it ends within some days, thirty if not said."""
    if not of_head_office():
        abort(403)
    typed = request.args.get("days", "").strip()
    known = typed.isascii() and typed.isdecimal() and len(typed) < 5 and 0 < int(typed) <= MOST_DAYS
    days = int(typed) if known else AHEAD_DAYS
    until = gate().clock() + days * DAY_S
    found, ends = by_rule(gate().policy.unguarded()), lines(gate().policy.ends(until))
    wrong = bool(typed) and not known
    shown = render_template(
        "admin/policy_proof.html", unguarded=found, ends=ends, days=days, wrong=wrong, most_days=MOST_DAYS
    )
    return shown, 400 if wrong else 200


@pages.get("/policy/edit")
@role(Role.ADMIN)
def edit() -> ResponseReturnValue:
    """The document in force, or a draft, to be changed; or a company's own part of it."""
    if not of_head_office():
        return company_part.edit()
    published = gate().policy.published()
    text, revision = (published.document, published.revision) if published else ("version: 1\n", "")
    number = request.args.get("draft", "")
    draft = _draft(number)
    page = Page(draft.text, revision, draft.note, number) if draft else Page(text, revision)
    return render_template("admin/policy_edit.html", typed=page, checked=None, preview=None)


@pages.post("/policy/edit")
@role(Role.ADMIN)
def check_or_publish() -> ResponseReturnValue:
    """Check a text, keep it as a draft; or publish it, if it holds, nobody was faster, and it may be."""
    if not of_head_office():
        return company_part.check_or_publish()
    # A browser sends line ends as CR LF, and the revision is a hash of every octet.
    page = Page(
        request.form.get("document", "").replace("\r\n", "\n"),
        request.form.get("replaces", ""),
        request.form.get("note", "").strip()[:500],
        request.form.get("draft", ""),
    )
    made = changes.written(page.text, page.replaces, page.note)
    if request.form.get("save") is not None:
        return changes.save(made)
    publishes = request.form.get("publish") is not None
    shut_out = publishes and locks_out(page.text)
    if publishes and not shut_out and not visitor().session.fresh(now()):
        return changes.save(made, unproven=True)
    if publishes and not shut_out:
        checked = gate().policy.publish(page.text, page.replaces, visitor().user, page.note)
        if checked.passed:
            flash(_("The policy is published. Open sessions are being brought into line."), "good")
            return redirect("/console/policy", 303)
        if checked.waits:
            return changes.save(made, submitted=True)
    else:
        checked = gate().policy.check(page.text)
    if shut_out:
        flash(_("Not published: you could not sign in here any more (login:portal)."), "bad")
    preview = changes.preview(page.text, page.replaces) if checked.passed and not publishes else None
    shown = render_template(
        "admin/policy_edit.html",
        typed=page,
        checked=checked,
        wrong=changes.lines_of(checked),
        preview=preview,
        most_names=changes.MOST_NAMES,
    )
    passed = checked.passed and not shut_out
    return shown, 200 if passed else 409 if checked.overtaken else 422


def _draft(number: str) -> StoredDraft | None:
    """The draft that was asked for; None where none was. One that is gone is not found."""
    known = changes.number_in(number)
    return changes.kept(known) if known is not None else None
