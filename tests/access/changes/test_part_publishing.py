"""A part is put into whatever is in force at that moment, or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from access.changes.company_policy import CompanyPart
from access.changes.outlook import Budget, Preview
from access.changes.part_publishing import publish, rehearse
from access.changes.publishing import NOTHING, Draft, Outcome, Taken
from access.policy.compiled import Policy
from access.policy.document import load
from access.policy.vocabulary import Document, World
from tests.access.policy.test_parts import TEXT

WORLD = World(
    groups=frozenset({"hangang/vpn-users", "hangang/engineering", "namsan/staff"}),
    users={},
    organizations=frozenset({"hangang", "namsan"}),
)
START = TEXT[: TEXT.index("tests:")]
OTHERS = ("10.99.0.0/25", "10.99.0.0/24")
OURS = ("10.98.0.0/24", "10.98.0.0/25")


@dataclass
class Shelf:
    """One that remembers; meanwhile: what somebody else makes of the text whenever something is published."""

    text: str = START
    meanwhile: list[Callable[[str], str]] = field(default_factory=list)
    budget: Budget = Budget()  # noqa: RUF009 - frozen
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def in_force(self) -> str:
        return load(self.text).revision

    def text_in_force(self) -> tuple[str, str]:
        return self.in_force(), self.text

    def document(self) -> Document:
        return load(self.text)

    def world(self) -> World:
        return WORLD

    def on_its_way(self) -> bool:
        return False

    def preview(self, policy: Policy, now: float) -> Preview:
        return Preview(self.in_force(), policy.revision, now)

    def taken_lately(self, author_id: int | None, now: float) -> dict[str, frozenset[str]]:
        return {}

    def missing(self, draft: Draft, revision: str, organizations: Sequence[str]) -> tuple[str, ...]:
        self.asked.append(tuple(organizations))
        return ()

    def refuse_beyond(self, draft: Draft, document: Document) -> None:
        pass

    def put_in_force(self, draft: Draft, revision: str, now: float, taken: Taken = NOTHING) -> bool:
        if self.meanwhile:
            self.text = self.meanwhile.pop(0)(self.text)
        if draft.expected != self.in_force():
            return False
        self.text = draft.text
        return True


def changed(*what: str) -> Callable[[str], str]:
    return lambda text: text.replace(*what)


def draft(shelf: Shelf, old: str, new: str) -> Draft:
    part = CompanyPart(shelf.text, "namsan")
    assert old in part.shown()
    text = part.shown().replace(old, new)
    return Draft(text, "anna@namsan", part.revision, organization="namsan")


def test_what_somebody_changes_elsewhere_in_the_very_moment_is_kept():
    shelf = Shelf(meanwhile=[changed(*OTHERS), changed("# of hangang", "# of theirs")])

    done = publish(draft(shelf, *OURS), shelf, 1.0)

    assert done.outcome is Outcome.PUBLISHED
    assert done.revision == CompanyPart(shelf.text, "namsan").revision
    assert shelf.text == START.replace(*OTHERS).replace("# of hangang", "# of theirs").replace(*OURS)


def test_where_somebody_changes_the_part_itself_in_the_very_moment_it_is_left_as_they_have_it():
    shelf = Shelf(meanwhile=[changed("10.98.0.0/24", "10.98.0.0/26")])
    made = draft(shelf, *OURS)

    done = publish(made, shelf, 1.0)

    assert done.outcome is Outcome.OVERTAKEN
    assert done.revision == CompanyPart(shelf.text, "namsan").revision != made.expected
    assert shelf.text == START.replace("10.98.0.0/24", "10.98.0.0/26")


def test_it_is_not_tried_for_ever():
    shelf = Shelf(meanwhile=[changed(f"10.99.{n}.0/25", f"10.99.{n + 1}.0/25") for n in range(9)])

    assert publish(draft(shelf, *OURS), shelf, 1.0).outcome is Outcome.OVERTAKEN
    assert OURS[0] in shelf.text
    assert len(shelf.meanwhile) == 6


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        # Some of the readers are of another company.
        (*OURS, ("namsan",)),
        (", group:hangang/engineering]", "]", ("namsan",)),
        ("when: {hours: day}", "when: {otp_age: 1h}", ()),
    ],
)
def test_a_second_person_is_asked_where_people_of_others_may_lose_something(old, new, asked):
    shelf = Shelf()

    found = rehearse(draft(shelf, old, new), shelf, 1.0)

    assert found.outcome is Outcome.PUBLISHED
    assert found.withdraws is bool(asked)
    assert shelf.asked == [asked]
    assert shelf.text == START


def test_an_older_base_is_said_before_anything_else_is_looked_at():
    shelf = Shelf()
    stale = Draft("rules: [", "anna@namsan", "0" * 64, organization="namsan")

    found = rehearse(stale, shelf, 1.0)

    assert (found.outcome, found.told) == (Outcome.OVERTAKEN, ())
