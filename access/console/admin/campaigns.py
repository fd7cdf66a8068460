"""Campaigns of reviews: started, how far they are, owners reminded, told what will come of it, closed. ◆"""

from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from access.changes import review_closing, reviewing
from access.changes.review_closing import After, Closing
from access.changes.reviewing import By, Fate, Wish
from access.console.admin import changes, reviews
from access.console.admin.campaign_lines import may_run
from access.console.current import gate
from access.console.fresh_code import by_fresh_code
from access.console.languages import language
from access.console.reviewed import desk, visitor_as
from access.console.roles import role
from access.console.turned_away import shuts_out
from access.errors import Refused
from access.model import Role

pages = Blueprint("campaigns", __name__)
HERE = "/console/reviews"


def _again(wrong: str, **_values: int) -> ResponseReturnValue:
    return reviews.show(wrong), 409


fresh = by_fresh_code(lambda **_: HERE, _again)


@pages.post("/reviews/campaigns")
@role(Role.ADMIN)
@fresh
def start() -> ResponseReturnValue:
    """Ask the owners of permits whose day has come, or of all, until a day."""
    _only_for_who_may()
    form, zone = request.form, gate().face.time_zone
    try:
        day = datetime.fromisoformat(form.get("until", "")).replace(tzinfo=zone)
        until = (day + timedelta(days=1)).timestamp()
    except (ValueError, OverflowError) as error:
        raise Refused(
            "Choose the last day on which owners may sign.", "소유자가 서명할 수 있는 마지막 날을 고르십시오."
        ) from error
    at = desk()
    due = None if form.get("which") == "all" else datetime.fromtimestamp(at.now, zone).date()
    known = {each.key for each in gate().pages.organizations()} | {""}
    company = form.get("organization", "")
    wish = Wish(until, due, company if company in known else abort(400), _fate() or Fate.KEEP)
    begun = reviewing.start(at, _by(), wish)
    count = len(begun)
    flash(_("Review %(number)d has begun: %(count)d permits.", number=begun[0].campaign, count=count), "good")
    return redirect(HERE, 303)


@pages.post("/reviews/campaigns/<int:number>/remind")
@role(Role.ADMIN)
@fresh
def remind(number: int) -> ResponseReturnValue:
    """Tell owners again who have not signed."""
    _only_for_who_may()
    told = reviewing.remind(desk(), _by(), number)
    flash(_("%(count)d owners are reminded.", count=len({each.user_id for each in told})), "good")
    return redirect(HERE, 303)


@pages.post("/reviews/campaigns/<int:number>/announce")
@role(Role.ADMIN)
@fresh
def announce(number: int) -> ResponseReturnValue:
    """Tell owners what will come of what they do not sign."""
    _only_for_who_may()
    at = desk()
    review_closing.announce(at, gate().policy.reviews, _by(), number, _fate() or abort(400))
    flash(_("The owners of what is unsigned are told."), "good")
    return redirect(HERE, 303)


@pages.get("/reviews/campaigns/<int:number>/close")
@role(Role.ADMIN)
def closing(number: int) -> ResponseReturnValue:
    """What closing a campaign would do, before anybody does it."""
    _only_for_who_may()
    try:
        planned = _planned(number)
    except Refused as refused:
        return _again(refused.to(language()))
    return _show(planned, gate().policy.after(planned))


@pages.post("/reviews/campaigns/<int:number>/close")
@role(Role.ADMIN)
@fresh
def close(number: int) -> ResponseReturnValue:
    """Close a campaign, if what that stops is no more than one person may take."""
    _only_for_who_may()
    planned = _planned(number)
    after = gate().policy.after(planned)
    wrong = _against(planned, after)
    if wrong:
        return _show(planned, after, wrong), 409
    seen = after.preview if after is not None else None
    done = review_closing.carry_out(desk(), gate().policy.reviews, planned, seen)
    count = len(done.unsigned)
    flash(_("Review %(number)d is closed. Unsigned: %(count)d.", number=number, count=count), "good")
    return redirect(HERE, 303)


@pages.post("/reviews/<int:number>/resume")
@role(Role.ADMIN)
@fresh
def resume(number: int) -> ResponseReturnValue:
    """Let a rule speak again that a review has stopped."""
    _only_for_who_may()
    at = desk()
    rule = next((each.rule for each in at.ports.open_reviews() if each.id == number), None)
    if rule is None:
        abort(404)
    review_closing.resume(at, gate().policy.reviews, _by(), rule)
    flash(_("%(rule)s speaks again.", rule=rule), "good")
    return redirect(HERE, 303)


def _against(planned: Closing, after: After | None) -> str:
    """What speaks against closing it so from here; "" for nothing."""
    seen = ",".join(sorted(each.review.rule for each in planned.stops))
    if request.form.get("seen", "") != seen:
        return str(_("Somebody has signed or changed something meanwhile. Look at it again."))
    if after is None:
        return ""
    if after.beyond:
        return str(_("More than one person may take. Close it and keep everything, or do it on the server."))
    return str(_("You could not sign in here any more (login:portal).")) if shuts_out(after.policy) else ""


def _planned(number: int) -> Closing:
    return review_closing.closing(desk(), gate().policy.reviews, _by(), number, _fate())


def _fate() -> Fate | None:
    typed = request.values.get("unsigned", "")
    return Fate(typed) if typed in set(Fate) else None


def _by() -> By:
    return visitor_as(keeps=may_run())


def _only_for_who_may() -> None:
    if not may_run():
        abort(403)


def _show(planned: Closing, after: After | None, wrong: str = "") -> str:
    return render_template(
        "admin/campaign_close.html",
        planned=planned,
        seen=",".join(sorted(each.review.rule for each in planned.stops)),
        preview=after.preview if after is not None else None,
        beyond=after.beyond if after is not None else (),
        wrong=wrong,
        most_names=changes.MOST_NAMES,
    )
