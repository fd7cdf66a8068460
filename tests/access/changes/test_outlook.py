from dataclasses import replace

from access.changes.outlook import Budget, Excess, Outlook, Preview, affected, excesses, joined
from access.changes.session_preview import SessionChange, SessionsSeen
from access.model import Reason
from access.policy.preview import Change, Line

DAY = 86400.0
LOSES = Line("network:db", Change.LOSES, "hangang", ("kim@hangang", "lee@hangang", "park@hangang"))


def preview(*lines: Outlook, sessions: tuple[SessionChange, ...] = (), people: int = 30) -> Preview:
    return Preview("old", "new", 100 * DAY, lines, sessions, {"hangang": people}, 10 * DAY)


def test_a_line_says_who_has_it_open_and_who_has_not_used_it():
    seen = SessionsSeen(open_to={"network:db": frozenset({"kim@hangang"})})
    uses = {"network:db": {"lee@hangang": 50 * DAY, "park@hangang": 9 * DAY}}

    (line,) = joined([LOSES], seen, uses)

    assert line.open_now == ("kim@hangang",)
    assert line.unused(since=10 * DAY) == ("park@hangang",)


def test_days_that_are_still_to_come_are_no_days_without_use():
    assert preview().unused_days(now=100 * DAY) == 90
    assert preview().unused_days(now=15 * DAY) == 5


def test_of_what_makes_no_session_nobody_is_said_not_to_use_it():
    portal = Line("login:portal", Change.LOSES, "hangang", ("kim@hangang",))

    (line,) = joined([portal], SessionsSeen(), {})

    assert line.unused(since=10 * DAY) == ()


def test_everybody_from_whom_something_is_taken_counts_once():
    other = Line("login:vpn", Change.NARROWS, "hangang", ("kim@hangang", "choi@hangang"))
    gains = Line("network:wiki", Change.GAINS, "hangang", ("jung@hangang",))
    ending = SessionChange(7, "yoon@hangang", "hangang", ends=Reason.FORBIDDEN)
    gaining = SessionChange(8, "han@hangang", "hangang", gains=frozenset({"network:wiki"}))

    found = affected(
        preview(Outlook(LOSES), Outlook(other), Outlook(gains), sessions=(ending, gaining)), "hangang"
    )

    names = {name.partition("@")[0] for name in found}
    assert names == {"kim", "lee", "park", "choi", "yoon"}


def test_the_budget_is_a_share_and_a_number_in_any_case():
    three = preview(Outlook(LOSES), people=30)

    assert excesses(three, Budget(percent=5, people=3)) == (Excess("hangang", 3, 30),)
    assert excesses(three, Budget(percent=10, people=3)) == ()
    assert excesses(three, Budget(percent=5, people=4)) == ()
    assert excesses(preview(), Budget(0, 1)) == ()


def test_what_the_same_person_took_before_counts_together_with_it_and_each_person_once():
    three = preview(Outlook(LOSES), people=30)
    before = {"hangang": frozenset({"kim@hangang", "yoon@hangang"})}

    assert excesses(three, Budget(percent=5, people=4), before) == (Excess("hangang", 4, 30),)
    assert excesses(three, Budget(percent=5, people=5), before) == ()
    assert excesses(preview(people=30), Budget(percent=5, people=1), before) == ()
    gains = preview(Outlook(replace(LOSES, change=Change.GAINS)), people=30)
    assert excesses(gains, Budget(percent=5, people=1), before) == ()


def test_a_part_of_a_preview_is_about_one_organization_or_object():
    theirs = Outlook(Line("network:db", Change.LOSES, "namsan", ("anna@namsan",)))
    whole = preview(Outlook(LOSES), theirs)

    assert whole.of("namsan").lines == (theirs,)
    assert whole.about("network:db").lines == whole.lines
    assert whole.about("network:wiki").empty
