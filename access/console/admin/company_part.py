"""A company's own part of the policy, for its administrators: read, edited, checked, published. ◆"""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.changes.outlook import Preview
from access.changes.part_history import Rebased
from access.changes.part_publishing import PartPublication
from access.changes.publishing import Draft, Outcome
from access.console.admin import changes, part_history
from access.console.admin.scope import own
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.turned_away import locks_out
from access.model import Role
from access.shown import Checked

_HARMLESS = frozenset({Outcome.PUBLISHED, Outcome.UNCHANGED, Outcome.NEEDS_APPROVAL})


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands on the page for editing. replaces: the part's revision; draft: a draft's number, or "".

    over: how that draft came over the part in force; None where it was asked for in no draft.
    """

    text: str
    replaces: str
    note: str = ""
    draft: str = ""
    over: Rebased | None = None


def show() -> ResponseReturnValue:
    """The part, as a text of its own."""
    part = gate().policy.parts.current(own().key)
    return render_template(
        "admin/policy_part.html",
        part=part.shown() if part is not None else "",
        revision=part.revision if part is not None else "",
        may_edit=part is not None and Role.ADMIN in visitor().roles,
    )


def edit() -> ResponseReturnValue:
    """The part, or a draft of it, or what a publication had made of it, to be changed."""
    part = gate().policy.parts.current(own().key)
    if part is None:
        abort(404)
    earlier, number = (changes.number_in(request.args.get(each, "")) for each in ("earlier", "draft"))
    typed = Typed(part.shown(), part.revision)
    if number is not None:
        draft = changes.kept(number)
        over = gate().policy.parts.rebased(draft)
        typed = Typed(over.text, part.revision, draft.note, str(number), over)
    elif earlier is not None:
        typed = Typed(part_history.part_after(earlier), part.revision)
    return _page(typed)


def check_or_publish() -> ResponseReturnValue:
    """Check a part, keep it as a draft; or publish it, if it holds, nobody was faster, and it may be."""
    form = request.form
    typed = Typed(
        form.get("document", "").replace("\r\n", "\n"),
        form.get("replaces", ""),
        form.get("note", "").strip()[:500],
        form.get("draft", ""),
    )
    made = changes.written(typed.text, typed.replaces, typed.note, own().key)
    if form.get("save") is not None:
        return changes.save(made)
    if form.get("publish") is not None:
        return _publish(typed, made)
    found = gate().policy.parts.rehearse(made)
    preview = found.preview if found.outcome in _HARMLESS else None
    return _page(typed, _checked(found), preview)


def _publish(typed: Typed, made: Draft) -> ResponseReturnValue:
    if locks_out(gate().policy.parts.whole(made)):
        flash(_("Not published: you could not sign in here any more (login:portal)."), "bad")
        return _page(typed, _checked(gate().policy.parts.rehearse(made)), status=422)
    if not visitor().session.fresh(now()):
        return changes.save(made, unproven=True)
    done = gate().policy.parts.publish(made, visitor().user)
    if done.outcome in (Outcome.PUBLISHED, Outcome.UNCHANGED):
        flash(_("The policy is published. Open sessions are being brought into line."), "good")
        return redirect("/console/policy", 303)
    if done.outcome is Outcome.NEEDS_APPROVAL:
        return changes.save(made, submitted=True)
    if done.outcome is Outcome.OVERTAKEN:
        flash(_("Not published: your text is kept as a draft, beside what others have changed."), "bad")
        return changes.save(made)
    return _page(typed, _checked(done))


def _checked(found: PartPublication) -> Checked:
    return Checked(
        found.told,
        found.promises,
        overtaken=found.outcome is Outcome.OVERTAKEN,
        outside=found.outside,
        busy=found.outcome is Outcome.ON_ITS_WAY,
    )


def _page(
    typed: Typed, checked: Checked | None = None, preview: Preview | None = None, status: int = 200
) -> ResponseReturnValue:
    shown = render_template(
        "admin/policy_part_edit.html",
        typed=typed,
        checked=checked,
        wrong=changes.lines_of(checked),
        preview=preview,
        own=True,
        both=[each.to(language()) for each in typed.over.both] if typed.over is not None else [],
        most_names=changes.MOST_NAMES,
    )
    if checked is not None and not checked.passed:
        status = 409 if checked.overtaken else 422
    return shown, status
