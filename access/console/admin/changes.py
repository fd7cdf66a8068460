"""Changes of the policy: drafts, what they would do, who agrees, and what was in force before. ◆"""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.changes.approving import Approval, NotApproved
from access.changes.drafts import NoSuchDraft, StoredDraft, Told
from access.changes.outlook import Preview, affected
from access.changes.publishing import Draft, Outcome, Publication
from access.console.admin import part_history
from access.console.admin.differing import difference
from access.console.admin.scope import of_head_office, own
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.console.roles import role
from access.console.rooms import WATCH
from access.console.turned_away import locks_out
from access.errors import Refused
from access.model import Role

pages = Blueprint("changes", __name__)
HERE = "/console/policy/changes"
# So many names are listed under a line.
MOST_NAMES = 100


@pages.get("/policy/changes")
@role(*WATCH)
def listed() -> ResponseReturnValue:
    """The drafts: for the head office all, for others those that take something from their people."""
    found = gate().policy.changes.drafts()
    if not of_head_office():
        found = [each for each in found if each.submitted_at is not None and _concerns_us(each)]
    return render_template(
        "admin/changes.html", drafts=found, head_office=of_head_office(), may_edit=_may_edit()
    )


@pages.get("/policy/changes/<int:number>")
@role(*WATCH)
def one(number: int) -> ResponseReturnValue:
    """A draft: what it changes in the text and for whom, who has agreed, what can be done with it."""
    return _show(visible(number))


@pages.post("/policy/changes/<int:number>/approve")
@role(Role.ADMIN)
def approve(number: int) -> ResponseReturnValue:
    """Agree to a draft as it is now, with a fresh code."""
    draft = visible(number)
    if not visitor().session.fresh(now()):
        return redirect(f"/confirm?next={HERE}/{number}", 303)
    if request.form.get("revision") != draft.revision:
        return _show(draft, _("The text has changed since you looked at it. Look at it again.")), 409
    try:
        gate().policy.changes.approve(number, visitor().user)
    except Refused as refused:
        return _show(draft, refused.to(language())), 403
    flash(_("You have approved it. It counts for this text, over the revision in force now."), "good")
    return redirect(f"{HERE}/{number}", 303)


@pages.post("/policy/changes/<int:number>/submit")
@role(Role.ADMIN)
def submit(number: int) -> ResponseReturnValue:
    """Have others approve a draft."""
    only_for_its_keepers()
    draft = visible(number)
    try:
        gate().policy.changes.submit(number, visitor().user)
    except NotApproved as refused:
        return _show(draft, refused.to(language())), 403
    flash(_("It waits for the approval of others now."), "good")
    return redirect(f"{HERE}/{number}", 303)


@pages.post("/policy/changes/<int:number>/drop")
@role(Role.ADMIN)
def drop(number: int) -> ResponseReturnValue:
    """Forget a draft."""
    only_for_its_keepers()
    gate().policy.changes.drop(visible(number).id, visitor().user)
    flash(_("The draft is gone. The policy in force is as it was."), "good")
    return redirect(HERE, 303)


@pages.post("/policy/changes/<int:number>/publish")
@role(Role.ADMIN)
def publish(number: int) -> ResponseReturnValue:
    """Put a draft in force as it was on the page, with a fresh code, if nothing speaks against it."""
    only_for_its_keepers()
    draft = visible(number)
    if not visitor().session.fresh(now()):
        return redirect(f"/confirm?next={HERE}/{number}", 303)
    if locks_out(draft.text):
        return _show(draft, _("Not published: you could not sign in here any more (login:portal).")), 422
    try:
        publication = gate().policy.changes.publish(number, request.form.get("revision", ""), visitor().user)
    except Refused as refused:
        return show_again(number, refused.to(language())), 409
    if publication.outcome is Outcome.PUBLISHED:
        flash(_("The policy is published. Open sessions are being brought into line."), "good")
        return redirect("/console/policy", 303)
    return not_published(draft, publication)


def not_published(draft: StoredDraft, publication: Publication) -> ResponseReturnValue:
    """The page of a draft that something speaks against."""
    if publication.outcome is Outcome.BEYOND_ZONES:
        what = ", ".join(publication.outside)
        return _show(
            draft, _("Not published: it changes more than the zones you answer for: %(what)s.", what=what)
        ), 403
    return _show(draft), 409


@pages.get("/policy/history")
@role(*WATCH)
def history() -> ResponseReturnValue:
    """Every publication, the last first; for other companies those that changed their part."""
    if not of_head_office():
        return part_history.show()
    published = gate().policy.published()
    return render_template(
        "admin/policy_history.html",
        told=gate().policy.changes.history(),
        in_force=published.revision if published else "",
        may_edit=_may_edit(),
    )


@pages.get("/policy/history/<int:number>")
@role(*WATCH)
def publication(number: int) -> ResponseReturnValue:
    """What a publication changed in the text; for other companies than the head office in their part."""
    if not of_head_office():
        return part_history.one(number)
    changes, told = gate().policy.changes, _publication(number)
    before = changes.text_of(told.replaced)
    lines = difference(before, changes.text_of(told.revision))
    return render_template("admin/policy_difference.html", told=told, difference=lines)


@pages.post("/policy/history/<int:number>/back")
@role(Role.ADMIN)
def take_back(number: int) -> ResponseReturnValue:
    """Make a draft of an earlier text, to be looked at and published like any other."""
    only_for_its_keepers()
    revision = _publication(number).revision
    note = _("back to %(revision)s", revision=revision[:12])
    draft = gate().policy.changes.take_back(revision, note, visitor().user)
    if draft is None:
        abort(404)
    flash(_("This is what it would do. Nothing is published yet."), "good")
    return redirect(f"{HERE}/{draft.id}", 303)


def save(
    text: str, replaces: str, note: str, submitted: bool = False, unproven: bool = False
) -> ResponseReturnValue:
    """Keep what is on the page for editing as a draft, and show what it would do.

    submitted: others have to approve it first. unproven: its publisher has to prove a code first.
    """
    user = visitor().user
    number = request.form.get("draft", "")
    made = Draft(text, f"{user.name}@{user.organization}", replaces or None, note, user.id)
    changes = gate().policy.changes
    try:
        kept = changes.save(int(number) if number.isdigit() else None, made)
    except NoSuchDraft:
        kept = changes.save(None, made)
    if submitted and kept.submitted_at is None:
        if kept.author_id not in (None, user.id):
            # The same text as somebody else's, who has not finished it: it is kept as the visitor's own, too.
            kept = changes.save(None, made)
        changes.submit(kept.id, user)
    if unproven:
        flash(
            _("Not published yet: it is kept as a draft, and is published there after a fresh code."), "bad"
        )
        return redirect(f"/confirm?next={HERE}/{kept.id}", 303)
    if submitted:
        told = _("Not published: it takes access from many people, so others have to approve it first.")
        flash(told, "bad")
    return redirect(f"{HERE}/{kept.id}", 303)


def preview(text: str, replaces: str) -> Preview | None:
    """What a text would do over the revision it was written over; None where that is no longer in force."""
    user = visitor().user
    made = Draft(text, f"{user.name}@{user.organization}", replaces or None, "", user.id)
    return gate().policy.changes.rehearse(made).preview


def show_again(number: int, wrong: str) -> str:
    """The page of a draft, with what was wrong with what was asked."""
    return _show(visible(number), wrong)


def _show(draft: StoredDraft, wrong: str = "") -> str:
    changes, head_office = gate().policy.changes, of_head_office()
    publication = changes.rehearse(_made(draft))
    published = gate().policy.published()
    seen = publication.preview
    if seen is not None and not head_office:
        seen = seen.of(own().key)
    differs = head_office and published is not None
    return render_template(
        "admin/change.html",
        draft=draft,
        publication=publication,
        preview=seen,
        approvals=_approvals(draft),
        difference=difference(published.document, draft.text) if differs and published else [],
        head_office=head_office,
        may_edit=_may_edit(),
        may_approve=_may_approve(draft, publication),
        may_submit=draft.submitted_at is None and draft.author_id in (None, visitor().user.id),
        wrong=wrong,
        most_names=MOST_NAMES,
    )


def _approvals(draft: StoredDraft) -> list[Approval]:
    """Who has approved it; outside the head office those of the visitor's organization alone."""
    given = gate().policy.changes.approvals(draft)
    return [each for each in given if of_head_office() or each.organization == own().key]


def _may_approve(draft: StoredDraft, publication: Publication) -> bool:
    """Whether the button is shown; who presses it is looked at anew."""
    who = visitor()
    waits = draft.submitted_at is not None and publication.outcome is Outcome.NEEDS_APPROVAL
    return waits and Role.ADMIN in who.roles and who.user.id != draft.author_id


def _made(draft: StoredDraft) -> Draft:
    return Draft(draft.text, draft.author, draft.base or None, draft.note, draft.author_id)


def visible(number: int) -> StoredDraft:
    """A draft that the visitor may see; one that does not concern them is not there."""
    try:
        draft = gate().policy.changes.draft(number)
    except NoSuchDraft:
        abort(404)
    if not of_head_office() and (draft.submitted_at is None or not _concerns_us(draft)):
        abort(404)
    return draft


def _concerns_us(draft: StoredDraft) -> bool:
    """Whether it takes something from people of the visitor's organization."""
    seen = gate().policy.changes.rehearse(_made(draft)).preview
    return seen is not None and bool(affected(seen, own().key))


def _publication(number: int) -> Told:
    told = next((each for each in gate().policy.changes.history() if each.number == number), None)
    if told is None:
        abort(404)
    return told


def _may_edit() -> bool:
    return of_head_office() and Role.ADMIN in visitor().roles


def only_for_its_keepers() -> None:
    """Refuse whoever is not of the head office."""
    if not of_head_office():
        abort(403)
