"""One search under content synchronization: the refresh in its three kinds, then change by change."""

import pytest

from access.directory.errors import DirectoryMisconfigured, DirectoryUnavailable, RefreshRequired
from access.directory.refresh import Refresh, SyncNotOffered
from access.directory.syncrepl_codec import Disconnection, Done, IdSet, NewCookie, PhaseEnd, State, SyncEntry


def same(raw):
    return raw


def shown(*names, state=State.ADD, cookie=None):
    return [SyncEntry(name, state, f"uid={name}", {"uid": (name.encode(),)}, cookie) for name in names]


def taken(refresh, *events):
    for event in events:
        refresh.take_in(event)
    entries, gone, known = refresh.drain()
    return {entry.uuid for entry in entries}, gone, known


def test_without_a_cookie_the_refresh_is_everything_however_it_ends():
    refresh = Refresh(same)

    assert taken(refresh, *shown("a", "b"), PhaseEnd(False, True, b"1")) == ({"a", "b"}, set(), {"a", "b"})
    assert refresh.cookie == b"1"


def test_after_a_present_phase_everyone_unmentioned_is_gone():
    refresh = Refresh(same, b"0")

    events = [*shown("a"), *shown("b", state=State.PRESENT), IdSet(frozenset("cd"), gone=False)]

    assert taken(refresh, *events, PhaseEnd(True, True)) == ({"a"}, set(), {"a", "b", "c", "d"})


def test_after_a_delete_phase_only_the_named_are_gone():
    refresh = Refresh(same, b"0")

    events = [*shown("a"), *shown("b", state=State.DELETE), IdSet(frozenset("c"), gone=True)]

    assert taken(refresh, *events, PhaseEnd(False, True)) == ({"a"}, {"b", "c"}, None)


def test_a_present_phase_that_is_not_done_is_followed_by_a_delete_phase():
    refresh = Refresh(same, b"0")
    for event in [*shown("a", "b"), PhaseEnd(True, False)]:
        refresh.take_in(event)
    assert not refresh.done

    assert taken(refresh, IdSet(frozenset("b"), gone=True), PhaseEnd(False, True)) == ({"a"}, {"b"}, {"a"})


def test_after_the_refresh_each_change_stands_alone():
    refresh = Refresh(same)
    taken(refresh, *shown("a"), PhaseEnd(False, True))
    assert not refresh.has_news()

    assert taken(refresh, *shown("a", state=State.MODIFY, cookie=b"2")) == ({"a"}, set(), None)
    assert taken(refresh, *shown("a", state=State.DELETE), *shown("a")) == ({"a"}, set(), None)
    assert taken(refresh, *shown("a"), *shown("a", state=State.DELETE)) == (set(), {"a"}, None)
    refresh.take_in(NewCookie(b"3"))
    assert not refresh.has_news()
    assert refresh.cookie == b"3"


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (Done(4096, ""), RefreshRequired),
        (Done(12, ""), SyncNotOffered),
        (Done(32, ""), DirectoryMisconfigured),
        (Done(51, "busy"), DirectoryUnavailable),
        (Done(0, ""), DirectoryUnavailable),
        (Disconnection("bye"), DirectoryUnavailable),
    ],
)
def test_a_search_that_ends_says_why(event, error):
    with pytest.raises(error):
        Refresh(same).take_in(event)
