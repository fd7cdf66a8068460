"""Changes of the policy: drafts, what they would do, who agrees, and what was in force before. ◆

Whoever keeps a draft (the head office those of the whole document, a company those of its own part) edits,
publishes and drops it; others see it as far as they are asked to approve it.
"""

from dataclasses import dataclass, replace

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.changes.approving import Approval, NotApproved
from access.changes.drafts import NoSuchDraft, StoredDraft, Told
from access.changes.outlook import Excess, Preview, affected
from access.changes.publishing import Draft, Outcome
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
from access.shown import Checked
from access.words.phrase import Sayable, joined

pages = Blueprint("changes", __name__)
HERE = "/console/policy/changes"
# So many names are listed under a line.
MOST_NAMES = 100


@dataclass(frozen=True, slots=True)
class Looked:
    """A draft as it would end now. text: what it is compared with; document: the whole that would come of it.

    withdraws: whether it takes what people of other companies were permitted, who are not counted.
    """

    outcome: Outcome
    text: str
    document: str
    wrong: tuple[str, ...] = ()
    promises: int = 0
    preview: Preview | None = None
    beyond: tuple[Excess, ...] = ()
    withdraws: bool = False
    outside: tuple[Sayable, ...] = ()


@pages.get("/policy/changes")
@role(*WATCH)
def listed() -> ResponseReturnValue:
    """The visitor's drafts, and those of others that they may be asked to approve."""
    found = [each for each in gate().policy.changes.drafts() if _is_visible(each)]
    return render_template(
        "admin/changes.html",
        drafts=found,
        head_office=of_head_office(),
        own=own().key,
        may_edit=Role.ADMIN in visitor().roles,
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
    draft = kept(number)
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
    gate().policy.changes.drop(kept(number).id, visitor().user)
    flash(_("The draft is gone. The policy in force is as it was."), "good")
    return redirect(HERE, 303)


@pages.post("/policy/changes/<int:number>/publish")
@role(Role.ADMIN)
def publish(number: int) -> ResponseReturnValue:
    """Put a draft in force as it was on the page, with a fresh code, if nothing speaks against it."""
    draft = kept(number)
    if not visitor().session.fresh(now()):
        return redirect(f"/confirm?next={HERE}/{number}", 303)
    if locks_out(document_of(draft)):
        return _show(draft, _("Not published: you could not sign in here any more (login:portal).")), 422
    desk = gate().policy.parts.publish_kept if draft.organization else gate().policy.changes.publish
    try:
        publication = desk(number, request.form.get("revision", ""), visitor().user)
    except Refused as refused:
        return show_again(number, refused.to(language())), 409
    if publication.outcome is Outcome.PUBLISHED:
        flash(_("The policy is published. Open sessions are being brought into line."), "good")
        return redirect("/console/policy", 303)
    return not_published(draft, publication.outcome, publication.outside)


def not_published(draft: StoredDraft, outcome: Outcome, outside: tuple[Sayable, ...]) -> ResponseReturnValue:
    """The page of a draft that something speaks against."""
    if outcome is Outcome.BEYOND_ZONES:
        return _show(draft, beyond_zones(outside)), 403
    return _show(draft), 409


def beyond_zones(outside: tuple[Sayable, ...]) -> str:
    """Why something is not for its publisher."""
    what = joined(outside, language())
    told: str = _("Not published: it changes more than the zones you answer for: %(what)s.", what=what)
    return told


def lines_of(checked: Checked | None) -> tuple[str, ...]:
    """What is wrong with a text that somebody has before them, in the visitor's language."""
    if checked is None:
        return ()
    if checked.outside:
        return (beyond_zones(checked.outside),)
    if checked.busy and of_head_office():
        return (_("Another change is on its way in waves"),)
    if checked.busy:
        return (_("Nothing can be published at the moment. Try again later."),)
    return in_words(checked.problems)


def document_of(draft: StoredDraft) -> str:
    """The whole document that publishing a draft would put in force; empty where it is no part."""
    if not draft.organization:
        return draft.text
    return gate().policy.parts.whole(made_of(draft))


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
        may_edit=Role.ADMIN in visitor().roles,
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
    draft = _taken_back(number) if of_head_office() else part_history.take_back(number)
    if draft is None:
        abort(404)
    flash(_("This is what it would do. Nothing is published yet."), "good")
    return redirect(f"{HERE}/{draft.id}", 303)


def _taken_back(number: int) -> StoredDraft | None:
    revision = _publication(number).revision
    note = _("back to %(revision)s", revision=revision[:12])
    return gate().policy.changes.take_back(revision, note, visitor().user)


def save(made: Draft, submitted: bool = False, unproven: bool = False) -> ResponseReturnValue:
    """Keep what is on the page for editing as a draft, and show what it would do.

    submitted: others have to approve it first. unproven: its publisher has to prove a code first.
    """
    user = visitor().user
    changes = gate().policy.changes
    try:
        kept = changes.save(number_in(request.form.get("draft", "")), made)
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
        if made.organization:
            told = _("Not published: another administrator has to approve it first.")
        flash(told, "bad")
    return redirect(f"{HERE}/{kept.id}", 303)


def written(text: str, replaces: str, note: str = "", organization: str = "") -> Draft:
    """What the visitor has written. organization: whose part it is, "" for the whole document."""
    user = visitor().user
    author = f"{user.name}@{user.organization}"
    return Draft(text, author, replaces or None, note, user.id, organization=organization)


def preview(text: str, replaces: str) -> Preview | None:
    """What a text would do over the revision it was written over; None where that is no longer in force."""
    return gate().policy.changes.rehearse(written(text, replaces)).preview


def show_again(number: int, wrong: str) -> str:
    """The page of a draft, with what was wrong with what was asked."""
    return _show(visible(number), wrong)


def _show(draft: StoredDraft, wrong: str = "") -> str:
    head_office, keeps = of_head_office(), _keeps(draft)
    looked = _part_looked(draft) if draft.organization else _whole_looked(draft)
    seen = looked.preview
    if seen is not None and not head_office:
        seen = seen.of(own().key)
    differs = (head_office or keeps) and looked.text
    overtaken = draft.organization and looked.outcome is Outcome.OVERTAKEN
    base = gate().policy.parts.text_of(draft.organization, draft.base) if overtaken else ""
    waves = gate().policy.waves.current() if looked.outcome is Outcome.ON_ITS_WAY else None
    return render_template(
        "admin/change.html",
        draft=draft,
        looked=looked,
        preview=seen,
        approvals=_approvals(draft),
        difference=difference(base or looked.text, draft.text) if differs else [],
        meanwhile=difference(base, looked.text) if base else [],
        head_office=head_office,
        keeps=keeps,
        sees_waves=waves is not None and (head_office or waves.organization == own().key),
        may_edit=keeps and Role.ADMIN in visitor().roles,
        may_approve=_may_approve(draft, looked),
        may_submit=draft.submitted_at is None and draft.author_id in (None, visitor().user.id),
        wrong=wrong,
        most_names=MOST_NAMES,
    )


def _whole_looked(draft: StoredDraft) -> Looked:
    publication = gate().policy.changes.rehearse(made_of(draft))
    published, examination = gate().policy.published(), publication.examination
    return Looked(
        outcome=publication.outcome,
        text=published.document if published is not None else "",
        document=draft.text,
        wrong=in_words(examination.findings),
        promises=len(examination.policy.document.tests) if examination.policy else 0,
        preview=publication.preview,
        beyond=publication.beyond,
    )


def _part_looked(draft: StoredDraft) -> Looked:
    publication = gate().policy.parts.rehearse(made_of(draft))
    part = gate().policy.parts.current(draft.organization)
    return Looked(
        outcome=publication.outcome,
        text=part.shown() if part is not None else "",
        document=publication.document,
        wrong=in_words(publication.told),
        promises=publication.promises,
        preview=publication.preview,
        beyond=publication.beyond,
        withdraws=publication.withdraws,
    )


def in_words(told: tuple[Sayable, ...]) -> tuple[str, ...]:
    """What was found, in the visitor's language."""
    return tuple(each.to(language()) for each in told)


def _approvals(draft: StoredDraft) -> list[Approval]:
    """Who has approved it; outside the head office others than the visitor's own people have no name."""
    given = gate().policy.changes.approvals(draft)
    if of_head_office():
        return list(given)
    key = own().key
    shown = [each if each.organization == key else replace(each, login="") for each in given]
    return [each for each in shown if each.login or draft.organization]


def _may_approve(draft: StoredDraft, looked: Looked) -> bool:
    """Whether the button is shown; who presses it is looked at anew."""
    who = visitor()
    waits = draft.submitted_at is not None and looked.outcome is Outcome.NEEDS_APPROVAL
    return waits and Role.ADMIN in who.roles and who.user.id != draft.author_id


def made_of(draft: StoredDraft) -> Draft:
    """What publishing a draft would publish."""
    return Draft(
        draft.text,
        draft.author,
        draft.base or None,
        draft.note,
        draft.author_id,
        organization=draft.organization,
    )


def visible(number: int) -> StoredDraft:
    """A draft that the visitor may see; one that does not concern them is not there."""
    try:
        draft = gate().policy.changes.draft(number)
    except NoSuchDraft:
        abort(404)
    if not _is_visible(draft):
        abort(404)
    return draft


def of_the_whole(number: int) -> StoredDraft:
    """A draft of the whole document, for the head office: a part by itself is no policy."""
    only_for_its_keepers()
    draft = visible(number)
    if draft.organization:
        abort(404)
    return draft


def number_in(typed: str) -> int | None:
    """The number that was typed; None where that is none that a row could have."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None


def kept(number: int) -> StoredDraft:
    """A draft that the visitor's organization keeps; what is done with another one is refused."""
    draft = visible(number)
    if not _keeps(draft):
        abort(403)
    return draft


def _keeps(draft: StoredDraft) -> bool:
    return draft.organization == own().key if draft.organization else of_head_office()


def _is_visible(draft: StoredDraft) -> bool:
    if _keeps(draft):
        return True
    if draft.submitted_at is None:
        return False
    return of_head_office() if draft.organization else _concerns_us(draft)


def _concerns_us(draft: StoredDraft) -> bool:
    """Whether it takes something from people of the visitor's organization."""
    seen = gate().policy.changes.rehearse(made_of(draft)).preview
    return seen is not None and bool(affected(seen, own().key))


def _publication(number: int) -> Told:
    told = next((each for each in gate().policy.changes.history() if each.number == number), None)
    if told is None:
        abort(404)
    return told


def only_for_its_keepers() -> None:
    """Refuse whoever is not of the head office."""
    if not of_head_office():
        abort(403)
