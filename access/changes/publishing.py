"""Publishing a policy: read it, check it against the people there are, keep its promises, put it in force. ▸

Nothing is put in force that has a mistake, breaks one of its own tests, or was written over another revision
than the one in force now: whoever was faster would be undone without noticing. What takes more from the
people of an organization than the budget allows needs the word of somebody else (access.changes.approving).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Protocol

from access.changes.outlook import Budget, Excess, Preview, excesses, taken_by
from access.policy import document_tests
from access.policy.check import check
from access.policy.compiled import Policy
from access.policy.document_tests import TestFailure
from access.policy.kept_texts import policy_of
from access.policy.vocabulary import Document, PolicyErrors, Problem, World
from access.policy.zone_scope import beyond as beyond_zones
from access.words.phrase import Phrase


class Outcome(Enum):
    """How an attempt to publish ended."""

    PUBLISHED = "published"
    UNCHANGED = "in force already"
    MISTAKES = "has mistakes"
    TESTS_FAILED = "breaks its own tests"
    OVERTAKEN = "another revision is in force than the one it was written over"
    BEYOND_ZONES = "changes what is not of the zones that its publisher may change"
    ON_ITS_WAY = "not published: another revision is on its way in waves"
    NEEDS_APPROVAL = "takes more than one person may take: another administrator has to approve it"


@dataclass(frozen=True, slots=True)
class Draft:
    """A document somebody wants in force. expected: the revision it was written over, None for the first.

    author: who wrote it, as people know them; author_id where they are a user of ours. by: who publishes it,
    where that is somebody else. zones: what whoever publishes is held to; None: to nothing. organization:
    whose part of the document it changes, "" where the whole is written. of_part: how that part is called.
    """

    text: str
    author: str
    expected: str | None
    note: str = ""
    author_id: int | None = None
    by: str = ""
    zones: frozenset[str] | None = None
    organization: str = ""
    of_part: "OfPart | None" = None

    def signed(self, revision: str) -> tuple[str, str]:
        """What an approval names: the revision that the text is, and what it was written over."""
        part = self.of_part
        return (part.revision, part.base) if part is not None else (revision, self.expected or "")


@dataclass(frozen=True, slots=True)
class OfPart:
    """A part that was put into the whole document: its revision as it was written, and that of its base.

    withdraws: whether people of other companies may lose something by it, of whom nothing is counted.
    """

    revision: str
    base: str
    withdraws: bool = False


@dataclass(frozen=True, slots=True)
class Examination:
    """A document with all that is wrong with it. policy is None where it cannot be read."""

    policy: Policy | None
    problems: tuple[Problem, ...] = ()
    failures: tuple[TestFailure, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it may be published."""
        return self.policy is not None and not self.problems and not self.failures

    @property
    def findings(self) -> tuple[Problem | TestFailure, ...]:
        """Everything that is wrong with it."""
        return (*self.problems, *self.failures)


@dataclass(frozen=True, slots=True)
class Publication:
    """How an attempt ended, the revision in force afterwards, and why where it is another than the draft's.

    preview: what it does, where it came so far. beyond: the organizations from which it takes more than the
    budget allows; missing: those of them for which nobody has agreed yet. outside: what is changed beyond the
    zones of whoever publishes.
    """

    outcome: Outcome
    in_force: str | None
    examination: Examination
    preview: Preview | None = None
    beyond: tuple[Excess, ...] = ()
    missing: tuple[str, ...] = ()
    outside: tuple[Phrase, ...] = ()


# From whom something is taken, by organization.
Taken = Mapping[str, frozenset[str]]
NOTHING: Taken = MappingProxyType({})


class Shelf(Protocol):
    """Where policies are kept."""

    @property
    def budget(self) -> Budget:
        """What one person may take from an organization's people."""

    def in_force(self) -> str | None:
        """The revision in force; None before the first."""

    def document(self) -> Document | None:
        """The document in force; None before the first."""

    def world(self) -> World:
        """What the directories know."""

    def on_its_way(self) -> bool:
        """Whether another publication comes in waves at the moment."""

    def preview(self, policy: Policy, now: float) -> Preview:
        """What happens when the policy takes the place of the one in force."""

    def taken_lately(self, author_id: int | None, now: float) -> Mapping[str, frozenset[str]]:
        """From whom somebody took something within a day before, by organization, whatever they did."""

    def missing(self, draft: Draft, revision: str, organizations: Sequence[str]) -> tuple[str, ...]:
        """Those of the organizations for which nobody has agreed who may."""

    def refuse_beyond(self, draft: Draft, document: Document) -> None:
        """Refuse a change beyond what is its author's organization's alone. Raises Refused, naming it."""

    def put_in_force(self, draft: Draft, revision: str, now: float, taken: Taken) -> bool:
        """Keep the draft and make it the one in force, all or nothing; False if another came before it.

        taken: from whom it takes something, which is written down where nobody has approved it.
        """


def examine(text: str, world: World) -> Examination:
    """Everything that is wrong with a document. Its tests run only where it has no mistake."""
    try:
        policy = policy_of(text)
    except PolicyErrors as errors:
        return Examination(None, errors.problems)
    problems = tuple(check(policy.document, world))
    return Examination(policy, problems, () if problems else tuple(document_tests.run(policy, world)))


def publish(draft: Draft, shelf: Shelf, now: float) -> Publication:
    """Put a draft in force if nothing speaks against it. Raises Refused where it is not for its author."""
    rehearsed = rehearse(draft, shelf, now)
    if rehearsed.outcome is not Outcome.PUBLISHED or rehearsed.examination.policy is None:
        return rehearsed
    shelf.refuse_beyond(draft, rehearsed.examination.policy.document)
    revision = rehearsed.examination.policy.revision
    taken = taken_by(rehearsed.preview) if rehearsed.preview is not None else {}
    if not shelf.put_in_force(draft, revision, now, taken):
        return replace(rehearsed, outcome=Outcome.OVERTAKEN, in_force=shelf.in_force())
    return replace(rehearsed, in_force=revision)


def over_budget(draft: Draft, preview: Preview, shelf: Shelf, now: float) -> tuple[Excess, ...]:
    """The organizations from which a draft takes more than the budget allows; of a part, its own alone."""
    counted = preview.of(draft.organization) if draft.organization else preview
    return excesses(counted, shelf.budget, shelf.taken_lately(draft.author_id, now))


def asked_to_agree(draft: Draft, beyond: Sequence[Excess]) -> tuple[str, ...]:
    """The organizations for which somebody else has to agree to a draft."""
    asked = tuple(each.organization for each in beyond)
    withdraws = draft.of_part is not None and draft.of_part.withdraws
    return (draft.organization,) if withdraws and not asked else asked


def rehearse(draft: Draft, shelf: Shelf, now: float) -> Publication:
    """How publishing a draft would end and what it would do now; nothing is changed."""
    in_force = shelf.in_force()
    examination = examine(draft.text, shelf.world())
    if examination.policy is None or examination.problems:
        return Publication(Outcome.MISTAKES, in_force, examination)
    if examination.failures:
        return Publication(Outcome.TESTS_FAILED, in_force, examination)
    revision = examination.policy.revision
    if revision == in_force:
        return Publication(Outcome.UNCHANGED, in_force, examination)
    if shelf.on_its_way():
        return Publication(Outcome.ON_ITS_WAY, in_force, examination)
    if draft.expected != in_force:
        return Publication(Outcome.OVERTAKEN, in_force, examination)
    if draft.zones is not None:
        outside = tuple(beyond_zones(shelf.document(), examination.policy.document, draft.zones))
        if outside:
            return Publication(Outcome.BEYOND_ZONES, in_force, examination, outside=outside)
    preview = shelf.preview(examination.policy, now)
    beyond = over_budget(draft, preview, shelf, now)
    missing = shelf.missing(draft, revision, asked_to_agree(draft, beyond))
    if missing:
        return Publication(Outcome.NEEDS_APPROVAL, in_force, examination, preview, beyond, missing)
    if preview.base != in_force:
        return Publication(Outcome.OVERTAKEN, preview.base, examination)
    return Publication(Outcome.PUBLISHED, in_force, examination, preview, beyond)
