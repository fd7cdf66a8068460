"""A publication that comes in waves: begun from a draft, looked at, moved on, held and taken back. ◆

The head office has every one before it, another company that of its own part; of what its waves do it is
told what was recorded of its own people, and any other publication is not there for it.
"""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.changes.publishing import Outcome
from access.changes.rollout import Rollout, Step
from access.console.admin import changes
from access.console.admin.scope import of_head_office, own
from access.console.current import gate, visitor
from access.console.fresh_code import by_fresh_code
from access.console.roles import role
from access.console.rooms import WATCH
from access.console.turned_away import locks_out
from access.model import Role

pages = Blueprint("waves", __name__)
HERE = "/console/policy/wave"


def _of_draft(number: int) -> str:
    return f"{changes.HERE}/{number}"


def _draft_again(wrong: str, number: int) -> ResponseReturnValue:
    return changes.show_again(number, wrong), 409


def _again(wrong: str) -> ResponseReturnValue:
    return _show(wrong), 409


moves = by_fresh_code(lambda: HERE, _again)


@pages.get("/policy/wave")
@role(*WATCH)
def show() -> ResponseReturnValue:
    """Which wave stands, what each has done so far, and what can be done with it."""
    return _show()


@pages.post("/policy/changes/<int:number>/waves")
@role(Role.ADMIN)
@by_fresh_code(_of_draft, _draft_again)
def begin(number: int) -> ResponseReturnValue:
    """Put a draft in force for the people of a first wave, if nothing speaks against it."""
    draft = changes.kept(number)
    if locks_out(changes.document_of(draft)):
        return _draft_again(_("Not published: you could not sign in here any more (login:portal)."), number)
    typed = request.form.get("waves", "").replace(" ", "")[:500]
    pause = request.form.get("pause", "").strip()[:20]
    seen = request.form.get("revision", "")
    desk = gate().policy.parts if draft.organization else gate().policy.waves
    publication = desk.begin(number, seen, typed, pause, visitor().user)
    if publication.outcome is Outcome.PUBLISHED:
        flash(_("The first wave stands. For everybody else the policy in force still speaks."), "good")
        return redirect(HERE, 303)
    return changes.not_published(draft, publication.outcome, publication.outside)


@pages.post("/policy/wave/next")
@role(Role.ADMIN)
@moves
def go_on() -> ResponseReturnValue:
    """Go on to the next wave now, or to everybody after the last."""
    rollout = _current()
    if rollout is not None and locks_out(gate().policy.changes.text_of(rollout.revision)):
        return _again(_("Not published: you could not sign in here any more (login:portal)."))
    step = gate().policy.waves.go_on(_seen(), visitor().user)
    if step is Step.FINISHED:
        flash(_("The policy is published. Open sessions are being brought into line."), "good")
        return redirect("/console/policy", 303)
    flash(_("The next wave stands."), "good")
    return redirect(HERE, 303)


@pages.post("/policy/wave/hold")
@role(Role.ADMIN)
@moves
def hold() -> ResponseReturnValue:
    """Let the wave stand until somebody goes on or takes it back."""
    gate().policy.waves.hold(_seen(), visitor().user)
    flash(_("The wave is held. It stands until somebody goes on or takes it back."), "good")
    return redirect(HERE, 303)


@pages.post("/policy/wave/back")
@role(Role.ADMIN)
@moves
def take_back() -> ResponseReturnValue:
    """Let the policy in force speak for everybody again."""
    gate().policy.waves.take_back(_seen(), visitor().user)
    flash(_("It is taken back. The policy in force speaks for everybody again."), "good")
    return redirect("/console/policy", 303)


def _seen() -> str:
    """The mark of the waves as they were on the page; of those of others none was."""
    seen = request.form.get("seen", "")
    if not seen:
        abort(400)
    return seen if _current() is not None else ""


def _current() -> Rollout | None:
    """The publication on its way, where it is for the visitor to see."""
    rollout = gate().policy.waves.current()
    is_seen = rollout is not None and (of_head_office() or rollout.organization == own().key)
    return rollout if is_seen else None


def _show(wrong: str = "") -> str:
    waves, rollout = gate().policy.waves, _current()
    only = "" if of_head_office() else own().key
    return render_template(
        "admin/wave.html",
        rollout=rollout,
        course=waves.course(rollout, only) if rollout is not None else (),
        bearable=waves.bearable,
        may_edit=Role.ADMIN in visitor().roles,
        head_office=of_head_office(),
        wrong=wrong,
        most_names=changes.MOST_NAMES,
    )
