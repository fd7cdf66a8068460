"""A company's own part of the policy, for its administrators: read, edited, checked, published. ◆"""

from dataclasses import dataclass, replace

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.changes.company_policy import CompanyPart
from access.changes.publishing import Outcome
from access.console.admin import changes, part_history
from access.console.admin.scope import own
from access.console.current import gate, visitor
from access.console.languages import language
from access.console.turned_away import locks_out
from access.errors import Refused
from access.model import Role
from access.policy.kept_texts import document_of
from access.policy.part_text import read_part
from access.policy.vocabulary import PolicyErrors
from access.shown import Checked, Published


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands on the page for editing."""

    text: str
    replaces: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a part, and the whole document with it where that can be read."""

    checked: Checked
    merged: str = ""


def show() -> ResponseReturnValue:
    """The part, as a text of its own."""
    published = gate().policy.published()
    part = _part(published).shown() if published is not None else ""
    may_edit = published is not None and Role.ADMIN in visitor().roles
    return render_template("admin/policy_part.html", part=part, may_edit=may_edit)


def edit() -> ResponseReturnValue:
    """The part, or what a publication had made of it, to be changed."""
    published = gate().policy.published()
    if published is None:
        abort(404)
    earlier = request.args.get("earlier", "")
    known = earlier.isascii() and earlier.isdecimal() and len(earlier) < 10
    text = part_history.part_after(int(earlier)) if known else _part(published).shown()
    typed = Typed(text, published.revision)
    return render_template("admin/policy_part_edit.html", typed=typed, checked=None, preview=None)


def check_or_publish() -> ResponseReturnValue:
    """Check a part; or put it into the document of all, if it holds, nobody was faster, and it may be."""
    form = request.form
    typed = Typed(
        form.get("document", "").replace("\r\n", "\n"),
        form.get("replaces", ""),
        form.get("note", "").strip()[:500],
    )
    found = _examined(typed)
    publishes = form.get("publish") is not None and found.checked.passed
    shut_out = publishes and locks_out(found.merged)
    if publishes and not shut_out:
        found = _published(typed, found.merged)
        if found.checked.passed:
            flash(_("The policy is published. Open sessions are being brought into line."), "good")
            return redirect("/console/policy", 303)
    if shut_out:
        flash(_("Not published: you could not sign in here any more (login:portal)."), "bad")
    seen = changes.preview(found.merged, typed.replaces) if found.checked.passed and not publishes else None
    shown = render_template(
        "admin/policy_part_edit.html",
        typed=typed,
        checked=found.checked,
        preview=seen.of(own().key) if seen is not None else None,
        most_names=changes.MOST_NAMES,
    )
    passed = found.checked.passed and not shut_out
    return shown, 200 if passed else 409 if found.checked.overtaken else 422


def _examined(typed: Typed) -> Examined:
    """What is wrong with a part in the document of all, told without what others have."""
    published = gate().policy.published()
    if published is None or published.revision != typed.replaces:
        return Examined(Checked((), overtaken=True))
    part = _part(published)
    try:
        merged = part.merged(typed.text)
        # Before anything is tried: whether a promise about somebody of another company holds is not theirs.
        _refuse_beyond(part, merged)
        checked = gate().policy.check(merged)
    except PolicyErrors as errors:
        return Examined(Checked(tuple(map(str, errors.problems))))
    except Refused as refused:
        return Examined(Checked((refused.to(language()),)))
    told = part.told(merged, checked.problems, typed.text) if checked.problems else ()
    promises = sum(place.section == "tests" for place in read_part(typed.text))
    return Examined(replace(checked, problems=told, promises=promises), merged)


def _refuse_beyond(part: CompanyPart, merged: str) -> None:
    """Refuse what changes more than the part. What cannot be read is tried by nobody. Raises Refused."""
    try:
        document = document_of(merged)
    except PolicyErrors:
        return
    part.refuse_beyond(document)


def _published(typed: Typed, merged: str) -> Examined:
    """What became of publishing a part that holds."""
    checked = gate().policy.publish(merged, typed.replaces, visitor().user, typed.note)
    if checked.waits:
        waits = _(
            "It takes access from many people: ask the head office, where it is approved and published."
        )
        return Examined(Checked((waits,)))
    zones = tuple(each for each in checked.problems if each.startswith(Outcome.BEYOND_ZONES.value))
    if zones:
        return Examined(Checked(zones))
    # Of a moment ago: what is wrong now came from others meanwhile.
    return Examined(replace(checked, problems=(), overtaken=not checked.passed), merged)


def _part(published: Published) -> CompanyPart:
    return CompanyPart(published.document, own().key)
