"""The policy document: read, edited, checked, published. ◆"""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console.admin.scope import of_head_office
from access.console.current import gate, visitor
from access.console.roles import role
from access.console.rooms import WATCH
from access.console.turned_away import locks_out
from access.model import Role

pages = Blueprint("policy", __name__)


@pages.get("/policy")
@role(*WATCH)
def show() -> ResponseReturnValue:
    """The document in force, with its line numbers."""
    _only_for_its_keepers()
    published = gate().policy.published()
    return render_template("admin/policy.html", published=published, may_edit=Role.ADMIN in visitor().roles)


@pages.get("/policy/edit")
@role(Role.ADMIN)
def edit() -> ResponseReturnValue:
    """The document in force, to be changed."""
    _only_for_its_keepers()
    published = gate().policy.published()
    text, revision = (published.document, published.revision) if published else ("version: 1\n", "")
    return render_template("admin/policy_edit.html", text=text, replaces=revision, note="", checked=None)


@pages.post("/policy/edit")
@role(Role.ADMIN)
def check_or_publish() -> ResponseReturnValue:
    """Check a draft; or publish it, if it holds and nobody was faster."""
    _only_for_its_keepers()
    # A browser sends line ends as CR LF, and the revision is a hash of every octet.
    text = request.form.get("document", "").replace("\r\n", "\n")
    replaces = request.form.get("replaces", "")
    note = request.form.get("note", "").strip()[:500]
    publishes = request.form.get("publish") is not None
    shut_out = publishes and locks_out(text)
    if publishes and not shut_out:
        checked = gate().policy.publish(text, replaces, visitor().user, note)
        if checked.passed:
            flash(_("The policy is published. Open sessions are being brought into line."), "good")
            return redirect("/console/policy", 303)
    else:
        checked = gate().policy.check(text)
    if shut_out:
        flash(_("Not published: you could not sign in here any more (login:portal)."), "bad")
    shown = render_template(
        "admin/policy_edit.html", text=text, replaces=replaces, note=note, checked=checked
    )
    passed = checked.passed and not shut_out
    return shown, 200 if passed else 409 if checked.overtaken else 422


def _only_for_its_keepers() -> None:
    if not of_head_office():
        abort(403)
