"""Permits under review as the portal and the console show them, and signing for one. ◆"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import abort, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from access.changes.reviewing import STATES, Answer, By, Desk, Fate, Review, State, right_of, sign
from access.console.current import gate, now, visitor
from access.console.languages import language
from access.errors import Refused
from access.policy.reviews import fingerprint
from access.policy.vocabulary import Rule
from access.proof.signin import by_own_code

TONES = {
    State.KEPT: "good",
    State.GONE: "quiet",
    State.TO_END: "bad",
    State.SILENCED: "bad",
    State.ENDED: "quiet",
}
FATES = {
    Fate.KEEP: "",
    Fate.SILENCE: _l("What nobody signs is silenced when the review is closed."),
    Fate.END: _l("What nobody signs ends when the review is closed."),
}


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One permit under review. rule None: it is gone. right: by what the visitor may sign, "" for not at all.
    warning: what will come of it unsigned, "" for nothing.

    seen: what the rule says now, which comes back with the signature.
    """

    review: Review
    rule: Rule | None
    state: str
    tone: str
    right: str
    seen: str
    warning: str


def desk() -> Desk:
    """Where permits are reviewed now."""
    return Desk(gate().policy.reviews, gate().policy.current(), now())


def visitor_as(keeps: bool) -> By:
    """The visitor. keeps: whether they keep the rule in question."""
    user = visitor().user
    return By(f"{user.name}@{user.organization}", user, keeps)


def line(at: Desk, by: By, review: Review) -> ReviewLine:
    """A permit under review, as somebody sees it."""
    rule, state = at.rule(review), at.state(review)
    seen = fingerprint(rule) if rule is not None else ""
    tone = TONES.get(state, "wait")
    right = right_of(at, by, review) if state is not State.ENDED else ""
    warning = str(FATES[review.fate]) if review.closed_at is None else ""
    return ReviewLine(review, rule, STATES[state].to(language()), tone, right, seen, warning)


def owned(at: Desk) -> Iterator[ReviewLine]:
    """What the visitor is named as the owner of."""
    by = visitor_as(keeps=False)
    theirs = (each for each in at.ports.open_reviews() if right_of(at, by, each))
    return (line(at, by, each) for each in theirs)


def signed(at: Desk, by: By, review: Review) -> None:
    """Sign as the form says, and tell the visitor."""
    form = request.form
    if form.get("answer") not in set(Answer):
        abort(400)
    said = Answer(form["answer"]), form.get("note", "")
    try:
        by_own_code(visitor())
        sign(at, by, review, said, form.get("seen", ""))
    except Refused as refused:
        flash(refused.to(language()), "bad")
    else:
        flash(_("Signed."), "good")
