"""Who is missing from a sweep that takes its time, and whom no look saw."""

import pytest

from access.directory.sweep import Sweep

BEGUN = "20261126082000"
OLD, NEW = "20261126080000.000001Z#", "20261126083000.000001Z#"
SEEN = {"kim": OLD, "lee": OLD, "park": OLD}


def sweep(*pages, touched=()):
    made = Sweep(BEGUN)
    for page in pages:
        made.show(page.items())
    made.touch(touched)
    return made


def test_whoever_is_on_no_page_is_missing():
    assert sweep({"kim": OLD}, {"park": OLD}).missing(SEEN) == ["lee"]


def test_nobody_is_missing_whom_a_page_shows():
    assert sweep({"kim": OLD, "lee": OLD}, {"park": OLD}).missing(SEEN) == []


@pytest.mark.parametrize("known", [SEEN, SEEN | {"choi": NEW}])
def test_whom_a_look_saw_between_two_pages_is_not_missing(known):
    pages = ({"kim": OLD}, {"park": OLD})

    assert sweep(*pages, touched=["lee", "choi"]).missing(known) == []


def test_a_change_that_no_look_saw_is_late():
    assert sweep(SEEN | {"lee": NEW}).late(SEEN) == ["lee"]


def test_somebody_whom_no_look_saw_is_late():
    assert sweep(SEEN | {"choi": NEW}).late(SEEN) == ["choi"]


def test_what_a_look_saw_after_the_page_is_not_late():
    changed = sweep(SEEN, touched=["lee"])

    assert changed.late(SEEN | {"lee": NEW}) == []


def test_nothing_is_late_where_nothing_changed():
    assert sweep(SEEN).late(SEEN) == []


@pytest.mark.parametrize(("stamp", "strange"), [(OLD, True), (NEW, False)])
def test_a_stranger_is_strange_only_with_an_old_stamp(stamp, strange):
    assert sweep(SEEN | {"choi": stamp}).has_strangers(SEEN) is strange


def test_somebody_known_is_no_stranger_whatever_their_stamp():
    assert not sweep(SEEN).has_strangers({**SEEN, "kim": NEW})


def test_somebody_who_came_under_an_old_stamp_and_was_seen_by_a_look_is_no_stranger():
    assert not sweep(SEEN | {"choi": OLD}, touched=["choi"]).has_strangers(SEEN)
