"""The zones of the network, and every exception to them: who answers for it, and until when. ◆"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from access.console.admin import changes
from access.console.current import gate
from access.console.languages import language
from access.console.roles import role
from access.console.rooms import WATCH
from access.policy.zoning import exceptions

pages = Blueprint("zones", __name__)
SOON_S = 30 * 86400.0


@pages.get("/policy/zones")
@role(*WATCH)
def show() -> ResponseReturnValue:
    """What each zone holds, and the exceptions, the next to end first and those that are over last."""
    changes.only_for_its_keepers()
    policy = gate().policy.current()
    document = policy.document if policy is not None else None
    at = gate().clock()
    found = sorted(exceptions(document), key=lambda each: (each.end <= at, each.end)) if document else []
    rules = {rule.id: rule for rule in document.rules} if document is not None else {}
    zones = document.zones if document is not None else {}
    titles = {zone.name: zone.title.to(language()) for zone in zones.values() if zone.title is not None}
    return render_template(
        "admin/zones.html",
        zones=list(zones.values()),
        titles=titles,
        crossings=[(each, rules[each.rule], each.reason.to(language())) for each in found],
        soon=at + SOON_S,
    )
