"""Publishing one company's part of the policy: as publishing the whole, and told without what others have. ▸

A draft of a part is put into the document in force, whatever that is by then: what others publish meanwhile
is kept, and only a part that is another by now stands in the way. What is checked, previewed and published is
the whole document that comes of it. What comes back speaks of the company's own entries and people alone,
so that nobody finds out by trying what others have: neither their rules nor how many of their people it
concerns. For the same reason the budget counts the company's own people, and what takes something that people
of other companies were permitted needs a second administrator of the company, however many they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from access.changes import publishing, rollout
from access.changes.company_policy import CompanyPart
from access.changes.outlook import Excess, Preview
from access.changes.publishing import Draft, OfPart, Outcome, Publication, Shelf
from access.changes.rollout import Asked, Rollouts
from access.errors import Refused
from access.model import Bilingual
from access.policy.kept_texts import document_of
from access.policy.part_text import read_part, revision_of_typed
from access.policy.parts import owned_places, withdraws
from access.policy.vocabulary import PolicyErrors
from access.words.phrase import Phrase

# How often a part is put into a document that somebody else changes in the very moment.
_MOST_TRIES = 3
Act = Callable[[Draft], Publication]


class PartShelf(Shelf, Protocol):
    """Where policies are kept, as far as the text itself is asked for."""

    def text_in_force(self) -> tuple[str, str] | None:
        """The revision and the text in force; None before the first."""


@dataclass(frozen=True, slots=True)
class PartPublication:
    """How an attempt ended, as the company's administrators may know it.

    revision: what their part in force is called by, afterwards. told: what is wrong. preview: of their own
    people. withdraws: whether people of other companies may lose something. outside: the zones that keep it
    from whoever publishes. document: the whole that it would be, for nobody's eyes.
    """

    outcome: Outcome
    revision: str
    told: tuple[Bilingual, ...] = ()
    promises: int = 0
    preview: Preview | None = None
    beyond: tuple[Excess, ...] = ()
    withdraws: bool = False
    outside: tuple[Phrase, ...] = ()
    document: str = field(default="", repr=False)


def rehearse(draft: Draft, shelf: PartShelf, now: float) -> PartPublication:
    """How publishing a draft of a part would end and what it would do now; nothing is changed."""
    return _tried(draft, shelf, lambda whole: publishing.rehearse(whole, shelf, now))


def publish(draft: Draft, shelf: PartShelf, now: float) -> PartPublication:
    """Put a part in force over the one it was written over, if nothing speaks against it."""
    return _tried(draft, shelf, lambda whole: publishing.publish(whole, shelf, now))


def begin(draft: Draft, asked: Asked, shelf: PartShelf, rollouts: Rollouts, now: float) -> PartPublication:
    """Publish a part to the first of some waves, if nothing speaks against it."""
    return _tried(draft, shelf, lambda whole: rollout.begin(whole, asked, shelf, rollouts, now))


def whole_of(draft: Draft, revision: str, text: str) -> Draft:
    """The draft of the whole document that one of a part is over a text in force.

    Raises PolicyErrors where it cannot be read, and Refused where it is no part or more than that.
    """
    part = CompanyPart(text, draft.organization)
    merged = part.merged(draft.text)
    document = document_of(merged)
    # Before anything is tried: whether a promise about somebody of another company holds is not theirs.
    part.refuse_beyond(document)
    of_part = OfPart(
        revision_of_typed(draft.organization, draft.text),
        draft.expected or "",
        withdraws(document_of(text), document, draft.organization),
    )
    return replace(draft, text=merged, expected=revision, of_part=of_part)


def whole_text(draft: Draft, shelf: PartShelf) -> str:
    """The whole document that would come of a draft of a part; empty where it is none."""
    in_force = shelf.text_in_force()
    try:
        return whole_of(draft, *in_force).text if in_force is not None else ""
    except Refused:
        return ""


def _tried(draft: Draft, shelf: PartShelf, act: Act) -> PartPublication:
    found = _once(draft, shelf, act)
    for _ in range(_MOST_TRIES - 1):
        # Somebody changed another part in that moment.
        if found.outcome is not Outcome.OVERTAKEN or found.revision != draft.expected:
            break
        found = _once(draft, shelf, act)
    return found


def _once(draft: Draft, shelf: PartShelf, act: Act) -> PartPublication:
    in_force = shelf.text_in_force()
    if in_force is None:
        return PartPublication(Outcome.OVERTAKEN, "")
    part = CompanyPart(in_force[1], draft.organization)
    if draft.expected != part.revision:
        # What it leaves out may be what somebody has added meanwhile.
        return PartPublication(Outcome.OVERTAKEN, part.revision)
    try:
        whole = whole_of(draft, *in_force)
    except PolicyErrors as errors:
        return PartPublication(Outcome.MISTAKES, part.revision, _read_errors(draft, part, errors))
    except Refused as refused:
        told = Bilingual(refused.to("ko"), refused.to("en"))
        return PartPublication(Outcome.MISTAKES, part.revision, (told,))
    return _told(draft, part, whole, act(whole))


def _read_errors(draft: Draft, part: CompanyPart, errors: PolicyErrors) -> tuple[Bilingual, ...]:
    """What is wrong with a part that cannot be read, or with the whole that would come of it."""
    try:
        merged = part.merged(draft.text)
    except PolicyErrors:
        return tuple(Bilingual(each.to("ko"), each.to("en")) for each in errors.problems)
    return part.told(merged, errors.problems, draft.text)


def _told(draft: Draft, part: CompanyPart, whole: Draft, done: Publication) -> PartPublication:
    published = done.outcome is Outcome.PUBLISHED and done.in_force != whole.expected
    now = CompanyPart(whole.text, draft.organization).revision if published else part.revision
    return PartPublication(
        outcome=done.outcome,
        revision=now,
        told=part.told(whole.text, done.examination.findings, draft.text),
        promises=sum(place.section == "tests" for place in read_part(draft.text)),
        preview=_own(done.preview, whole),
        beyond=done.beyond,
        withdraws=whole.of_part is not None and whole.of_part.withdraws,
        outside=done.outside,
        document=whole.text,
    )


def _own(preview: Preview | None, whole: Draft) -> Preview | None:
    """What is of the company's people and rules in a preview."""
    if preview is None:
        return None
    rules = {place.name for place in owned_places(document_of(whole.text), whole.organization)}
    own = preview.of(whole.organization)
    return replace(own, untold=tuple(each for each in own.untold if each.rule in rules))
