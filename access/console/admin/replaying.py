"""Recorded logins decided again by a draft: who would have been refused, let in, or moved. ◆"""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console import moments
from access.console.admin import changes
from access.console.admin.looks import looked_through
from access.console.current import gate, now
from access.console.roles import role
from access.console.rooms import WATCH
from access.policy.replay import Replayed
from access.policy.vocabulary import PolicyErrors

pages = Blueprint("replaying", __name__)
USUAL_S = 7 * 86400.0
LONGEST_DAYS = 31
# Enough for a page, and done before a browser gives up.
MOST_LOGINS = 20_000
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Window:
    """The logins that were asked for: from a moment on, and before another. wrong: why that is none."""

    since: float
    until: float
    wrong: str = ""


@pages.get("/policy/changes/<int:number>/replay")
@role(*WATCH)
def show(number: int) -> ResponseReturnValue:
    """The form for a window of time, and what a draft would have done to its logins."""
    draft, window = changes.of_the_whole(number), _window()
    found, wrong = None, window.wrong
    if request.args.get("from") and not wrong:
        looked_through("replay", f"{draft.revision[:12]} {request.args['from']} {request.args.get('to', '')}")
        try:
            found = gate().policy.changes.replay(draft.text, (window.since, window.until), MOST_LOGINS)
        except PolicyErrors:
            wrong = _("The draft has mistakes: mend them first, and try it then.")
    shown = render_template(
        "admin/replay.html",
        draft=draft,
        window=window,
        found=found,
        turned=sum(line.count for line in found.lines) if found is not None else 0,
        is_cut=found is not None and _is_cut(found),
        wrong=wrong,
        most_logins=MOST_LOGINS,
        most_lines=MOST_LINES,
    )
    return shown, 400 if wrong else 200


def _is_cut(found: Replayed) -> bool:
    return found.total >= MOST_LOGINS


def _window() -> Window:
    zone, usual = gate().face.time_zone, Window(now() - USUAL_S, now())
    typed = [request.args.get(each, "").strip() for each in ("from", "to")]
    since = moments.read(typed[0], zone) if typed[0] else usual.since
    until = moments.read(typed[1], zone) if typed[1] else usual.until
    if since is None or until is None:
        return Window(usual.since, usual.until, _("That is no time, such as 2026-11-17T14:03."))
    if until <= since:
        return Window(since, until, _("The end has to be later than the beginning."))
    if until - since > LONGEST_DAYS * 86400.0:
        wrong = _(
            "At most %(days)d days at once here; the command officegate policy replay takes any.",
            days=LONGEST_DAYS,
        )
        return Window(since, until, wrong)
    return Window(since, until)
