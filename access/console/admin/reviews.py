"""Reviews in the console: which permits are under review, who signed, and signing for one. ◆"""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template
from flask.typing import ResponseReturnValue

from access.changes import reviewing
from access.changes.reviewing import By, Desk, Review, is_owner
from access.console.admin.campaign_lines import campaigns, may_run
from access.console.admin.scope import of_head_office, own
from access.console.current import gate, visitor
from access.console.reviewed import ReviewLine, desk, line, signed, visitor_as
from access.console.roles import role
from access.console.rooms import WATCH
from access.model import Role
from access.policy.reviews import rules_of

pages = Blueprint("reviews", __name__)


@pages.get("/reviews")
@role(*WATCH)
def listed() -> ResponseReturnValue:
    """For the head office all, for others those of their own part of the policy and of their own."""
    return show()


def show(wrong: str = "") -> str:
    """The page, with what was wrong with what was asked."""
    at = desk()
    visible, by = _visible(at), _by(at)
    lines: list[ReviewLine] = [line(at, by(each), each) for each in reviewing.listed(at) if visible(each)]
    return render_template(
        "admin/reviews.html",
        lines=lines,
        campaigns=list(campaigns(at)),
        may_run=may_run(),
        companies=gate().pages.organizations(),
        wrong=wrong,
    )


@pages.post("/reviews/<int:number>/sign")
@role(Role.ADMIN)
def sign(number: int) -> ResponseReturnValue:
    """Keep a permit, or say that it should end."""
    at = desk()
    visible, by = _visible(at), _by(at)
    found = (each for each in at.ports.open_reviews() if each.id == number and visible(each))
    review = next(found, None)
    if review is None:
        abort(404)
    signed(at, by(review), review)
    return redirect("/console/reviews", 303)


def _visible(at: Desk) -> Callable[[Review], bool]:
    everything, ours, user = of_head_office(), _ours(at), visitor().user

    def is_theirs(review: Review) -> bool:
        rule = at.rule(review)
        return everything or review.rule in ours or (rule is not None and is_owner(at, rule, user))

    return is_theirs


def _by(at: Desk) -> Callable[[Review], By]:
    """The visitor, who keeps every rule at the head office, or else those of their company's own part.

    Whoever is an administrator of zones alone keeps none.
    """
    may = Role.ADMIN in visitor().roles and gate().policy.keeps_all(visitor().user)
    everything, ours = of_head_office(), _ours(at)
    return lambda review: visitor_as(keeps=may and (everything or review.rule in ours))


def _ours(at: Desk) -> frozenset[str]:
    return rules_of(at.document, own().key) if at.document is not None else frozenset()
