"""A draft with the clock moved forward: what it would do then, and whose access ends until then. ◆"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.console import moments
from access.console.admin import changes
from access.console.admin.ends import by_rule, lines
from access.console.current import gate, now
from access.console.roles import role
from access.console.rooms import WATCH
from access.policy.vocabulary import PolicyErrors

pages = Blueprint("ahead", __name__)
USUAL_S = 30 * 86400.0
MOST_DAYS = 366


@pages.get("/policy/changes/<int:number>/ahead")
@role(*WATCH)
def show(number: int) -> ResponseReturnValue:
    """What of a draft ends until a moment to come, thirty days from now if not said, and what it would do."""
    draft = changes.of_the_whole(number)
    moment, wrong = _moment()
    found: dict[str, object] = {}
    if not wrong:
        desk = gate().policy
        try:
            found = {
                "ends": lines(desk.ends(moment, draft.text)),
                "unguarded": by_rule(desk.unguarded(draft.text)),
                "seen": desk.changes.preview(draft.text, moment),
            }
        except PolicyErrors:
            wrong = _("The draft has mistakes: mend them first, and try it then.")
    shown = render_template(
        "admin/ahead.html", draft=draft, moment=moment, wrong=wrong, most_names=changes.MOST_NAMES, **found
    )
    return shown, 400 if wrong else 200


def _moment() -> tuple[float, str]:
    """The moment that was asked for, and why that is none to look at."""
    usual, typed = now() + USUAL_S, request.args.get("at", "").strip()
    moment = moments.read(typed, gate().face.time_zone) if typed else usual
    if moment is None:
        return usual, _("That is no time, such as 2026-11-17T14:03.")
    if moment < now():
        return usual, _("That moment has passed already.")
    if moment > now() + MOST_DAYS * 86400.0:
        return usual, _("At most %(days)d days ahead.", days=MOST_DAYS)
    return moment, ""
