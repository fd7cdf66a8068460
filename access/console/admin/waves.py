"""A publication that comes in waves: begun from a draft, looked at, moved on, held and taken back. ◆"""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.changes.publishing import Outcome
from access.changes.rollout import Step
from access.console.admin import changes
from access.console.admin.scope import of_head_office
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
    changes.only_for_its_keepers()
    return _show()


@pages.post("/policy/changes/<int:number>/waves")
@role(Role.ADMIN)
@by_fresh_code(_of_draft, _draft_again)
def begin(number: int) -> ResponseReturnValue:
    """Put a draft in force for the people of a first wave, if nothing speaks against it."""
    changes.only_for_its_keepers()
    draft = changes.visible(number)
    if locks_out(draft.text):
        return _draft_again(_("Not published: you could not sign in here any more (login:portal)."), number)
    typed = request.form.get("waves", "").replace(" ", "")[:500]
    pause = request.form.get("pause", "").strip()[:20]
    seen = request.form.get("revision", "")
    publication = gate().policy.waves.begin(number, seen, typed, pause, visitor().user)
    if publication.outcome is Outcome.PUBLISHED:
        flash(_("The first wave stands. For everybody else the policy in force still speaks."), "good")
        return redirect(HERE, 303)
    return changes.not_published(draft, publication)


@pages.post("/policy/wave/next")
@role(Role.ADMIN)
@moves
def go_on() -> ResponseReturnValue:
    """Go on to the next wave now, or to everybody after the last."""
    changes.only_for_its_keepers()
    rollout = gate().policy.waves.current()
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
    changes.only_for_its_keepers()
    gate().policy.waves.hold(_seen(), visitor().user)
    flash(_("The wave is held. It stands until somebody goes on or takes it back."), "good")
    return redirect(HERE, 303)


@pages.post("/policy/wave/back")
@role(Role.ADMIN)
@moves
def take_back() -> ResponseReturnValue:
    """Let the policy in force speak for everybody again."""
    changes.only_for_its_keepers()
    gate().policy.waves.take_back(_seen(), visitor().user)
    flash(_("It is taken back. The policy in force speaks for everybody again."), "good")
    return redirect("/console/policy", 303)


def _seen() -> str:
    """The mark of the waves as they were on the page."""
    seen = request.form.get("seen", "")
    return seen if seen else abort(400)


def _show(wrong: str = "") -> str:
    waves = gate().policy.waves
    rollout = waves.current()
    return render_template(
        "admin/wave.html",
        rollout=rollout,
        course=waves.course(rollout) if rollout is not None else (),
        bearable=waves.bearable,
        may_edit=of_head_office() and Role.ADMIN in visitor().roles,
        wrong=wrong,
        most_names=changes.MOST_NAMES,
    )
