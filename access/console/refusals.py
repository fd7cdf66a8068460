"""A refusal as a sentence for whoever is concerned. ◆"""

from dataclasses import dataclass

from flask_babel import gettext as _

from access.console.languages import language
from access.model import Reason
from access.policy.standing import Standing
from access.proof.authentication import Refusal
from access.words.reasons import MEANINGS


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened, and what to do."""

    title: str
    advice: str


def told_of(refusal: Refusal) -> Sentence:
    """Return the words for a refusal. A wrong name and a wrong password have the same."""
    if refusal.reason is Reason.WRONG_PASSWORD:
        title = _("The name or the password is not right")
        return Sentence(title, _("Check both, Caps Lock and the keyboard language, and try again."))
    meaning = MEANINGS[refusal.reason]
    advice = meaning.owner.to(language())
    if refusal.wait_s > 0:
        advice = _("You can try again in %(seconds)d seconds.", seconds=round(refusal.wait_s + 0.5))
    return Sentence(meaning.title.to(language()), advice)


def told_of_containment(standing: Standing) -> Sentence:
    """Return the words for somebody who is contained: why, and whom to call."""
    title = MEANINGS[Reason.CONTAINED].title.to(language())
    whom = _("Call %(contact)s.", contact=standing.owner)
    return Sentence(title, f"{standing.reason}. {whom}" if standing.reason else whom)
