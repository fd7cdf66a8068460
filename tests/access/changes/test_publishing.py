from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from access.changes.outlook import Budget, Excess, Outlook, Preview
from access.changes.publishing import Draft, Outcome, Taken, examine, publish
from access.errors import Refused
from access.model import Subject
from access.policy.compiled import Policy
from access.policy.document import load
from access.policy.preview import Change, Line
from access.policy.vocabulary import Document, World

WORLD = World(
    groups=frozenset({"hangang/staff"}),
    users={"minjun.kim@hangang": Subject(1, "hangang", "minjun.kim", frozenset({"hangang/staff"}))},
    organizations=frozenset({"hangang"}),
)
GOOD = """
version: 1
rules:
  - id: staff
    permit: [login:vpn]
    who: [group:hangang/staff]
tests:
  - name: staff may use the VPN
    who: {user: minjun.kim@hangang}
    facts: {via: vpn, now: "2026-11-23T09:00:00+09:00"}
    accept: [login:vpn]
"""
BROKEN = GOOD.replace("accept:", "deny:")
MISTAKEN = GOOD.replace("group:hangang/staff", "group:hangang/stuff")
UNREADABLE = "version: 1\nrulez: []\n"


@dataclass
class Shelf:
    """One that remembers; overtaken_by is what somebody else publishes in between."""

    revision: str | None = None
    overtaken_by: str | None = None
    taken: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    lately: tuple[str, ...] = ()
    waving: bool = False
    budget: Budget = Budget(people=2)  # noqa: RUF009 - frozen
    kept: list[str] = field(default_factory=list)
    stranger: str = ""

    def in_force(self) -> str | None:
        return self.revision

    def document(self) -> Document | None:
        return load(GOOD) if self.revision else None

    def world(self) -> World:
        return WORLD

    def on_its_way(self) -> bool:
        return self.waving

    def preview(self, policy: Policy, now: float) -> Preview:
        line = Outlook(Line("login:vpn", Change.LOSES, "hangang", self.taken))
        return Preview(self.revision, policy.revision, now, (line,), people={"hangang": 10})

    def taken_lately(self, author_id: int | None, now: float) -> dict[str, frozenset[str]]:
        return {"hangang": frozenset(self.lately)}

    def missing(self, draft: Draft, revision: str, organizations: Sequence[str]) -> tuple[str, ...]:
        return tuple(each for each in organizations if each not in self.agreed)

    def refuse_beyond(self, draft: Draft, document: Document) -> None:
        if document.rules and draft.author == self.stranger:
            raise Refused("rule 'staff' is not yours")

    def put_in_force(self, draft: Draft, revision: str, now: float, taken: Taken) -> bool:
        if self.overtaken_by:
            self.revision = self.overtaken_by
            return False
        self.revision = revision
        self.kept.append(draft.text)
        return True


def test_a_good_document_is_put_in_force():
    shelf = Shelf()

    publication = publish(Draft(GOOD, "minjun", None), shelf, now=1.0)

    assert publication.outcome is Outcome.PUBLISHED
    assert publication.in_force == shelf.revision
    assert shelf.kept == [GOOD]


def test_a_document_with_a_mistake_stays_out():
    shelf = Shelf("old")

    for text in (MISTAKEN, UNREADABLE):
        publication = publish(Draft(text, "minjun", "old"), shelf, now=1.0)
        assert publication.outcome is Outcome.MISTAKES
        assert publication.examination.problems
        assert shelf.revision == "old"


def test_a_document_that_breaks_its_own_tests_stays_out():
    shelf = Shelf("old")

    publication = publish(Draft(BROKEN, "minjun", "old"), shelf, now=1.0)

    assert publication.outcome is Outcome.TESTS_FAILED
    assert [failure.name for failure in publication.examination.failures] == ["staff may use the VPN"]
    assert shelf.revision == "old"


def test_the_same_document_again_changes_nothing():
    shelf = Shelf()
    first = publish(Draft(GOOD, "minjun", None), shelf, now=1.0)

    again = publish(Draft(GOOD, "minjun", first.in_force), shelf, now=2.0)

    assert again.outcome is Outcome.UNCHANGED
    assert len(shelf.kept) == 1


def test_a_document_written_over_another_revision_stays_out():
    shelf = Shelf("newer")

    assert publish(Draft(GOOD, "minjun", "older"), shelf, now=1.0).outcome is Outcome.OVERTAKEN
    assert publish(Draft(GOOD, "minjun", None), shelf, now=1.0).outcome is Outcome.OVERTAKEN
    assert shelf.kept == []


def test_whoever_is_faster_is_not_undone():
    shelf = Shelf("old", overtaken_by="theirs")

    publication = publish(Draft(GOOD, "minjun", "old"), shelf, now=1.0)

    assert publication.outcome is Outcome.OVERTAKEN
    assert publication.in_force == "theirs"


def test_what_was_previewed_beside_another_revision_than_the_one_in_force_stays_out():
    class Overtaken(Shelf):
        def preview(self, policy: Policy, now: float) -> Preview:
            return replace(super().preview(policy, now), base="theirs")

    shelf = Overtaken("old")

    publication = publish(Draft(GOOD, "minjun", "old"), shelf, now=1.0)

    assert (publication.outcome, publication.in_force) == (Outcome.OVERTAKEN, "theirs")
    assert shelf.kept == []


def test_what_takes_more_than_the_budget_waits_for_somebody_else():
    shelf = Shelf("old", taken=("kim@hangang", "lee@hangang"))

    waiting = publish(Draft(GOOD, "minjun", "old"), shelf, now=1.0)
    assert waiting.outcome is Outcome.NEEDS_APPROVAL
    assert (waiting.missing, waiting.beyond) == (("hangang",), (Excess("hangang", 2, 10),))
    assert shelf.kept == []

    shelf.agreed = ("hangang",)
    assert publish(Draft(GOOD, "minjun", "old"), shelf, now=2.0).outcome is Outcome.PUBLISHED


def test_while_a_publication_is_on_its_way_in_waves_there_is_no_other():
    shelf = Shelf("old", waving=True)

    assert publish(Draft(GOOD, "minjun", "old"), shelf, now=1.0).outcome is Outcome.ON_ITS_WAY
    assert shelf.kept == []


def test_what_is_within_the_budget_waits_for_nobody():
    shelf = Shelf("old", taken=("kim@hangang",))

    assert publish(Draft(GOOD, "minjun", "old"), shelf, now=1.0).outcome is Outcome.PUBLISHED


def test_an_examination_tells_everything_that_is_wrong():
    assert examine(GOOD, WORLD).passed
    assert not examine(MISTAKEN, WORLD).passed
    assert not examine(BROKEN, WORLD).passed
    assert examine(UNREADABLE, WORLD).policy is None


def test_who_is_held_to_a_zone_publishes_nothing_of_another():
    shelf = Shelf("old")
    text = GOOD.replace("[group:hangang/staff]", "[organization:hangang]")

    held = publish(Draft(text, "minjun", "old", zones=frozenset({"development"})), shelf, now=1.0)
    whole = publish(Draft(text, "minjun", "old"), shelf, now=1.0)

    assert held.outcome is Outcome.BEYOND_ZONES
    assert [*map(str, held.outside)] == ["rule staff"]
    assert whole.outcome is Outcome.PUBLISHED


def test_what_is_not_its_authors_to_change_stays_out():
    shelf = Shelf("old", stranger="anna")

    with pytest.raises(Refused, match="staff"):
        publish(Draft(GOOD, "anna", "old"), shelf, now=1.0)

    assert shelf.kept == []
