"""What was published of a company's own part of the policy, for its administrators: who, when, and what. ◆"""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.changes.drafts import StoredDraft
from access.changes.part_history import PartChange
from access.console.admin.differing import difference
from access.console.admin.scope import own
from access.console.current import gate, visitor
from access.model import Role


def show() -> ResponseReturnValue:
    """The publications that changed the part, of the last ones, or of those before a number."""
    typed = request.args.get("before", "")
    before = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
    found, earlier = gate().policy.parts.history(own().key, before)
    part = gate().policy.parts.current(own().key)
    return render_template(
        "admin/part_history.html",
        found=found,
        earlier=earlier,
        in_force=part.revision if part is not None else "",
        may_edit=_may_edit(),
    )


def one(number: int) -> ResponseReturnValue:
    """What a publication changed in the part. One that changed nothing there is not found."""
    change = _change(number)
    lines = difference(change.before, change.after)
    return render_template("admin/part_difference.html", change=change, lines=lines, may_edit=_may_edit())


def part_after(number: int) -> str:
    """The part as a publication left it, to be edited. One that changed nothing there is not found."""
    return _change(number).after


def take_back(number: int) -> StoredDraft | None:
    """A draft of the part as a publication left it. One that changed nothing there is not found."""
    note = _("back to %(revision)s", revision=_change(number).revision[:12])
    return gate().policy.parts.take_back(own().key, number, note, visitor().user)


def _change(number: int) -> PartChange:
    change = gate().policy.parts.change(own().key, number)
    if change is None:
        abort(404)
    return change


def _may_edit() -> bool:
    return Role.ADMIN in visitor().roles
