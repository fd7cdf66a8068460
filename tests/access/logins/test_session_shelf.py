from dataclasses import replace

from access.logins.network_session import NetworkSession
from access.logins.session_shelf import Shelf

ONE = NetworkSession(
    id=1,
    organization_id=1,
    nas_id=3,
    class_=b"k" * 32,
    via="vpn",
    method="pap",
    admitted_at=0.0,
    acct_session_id="one",
    calling_station="00:00:5e:00:53:01",
    address4="10.77.0.5",
    address6="fd77::5",
)
OTHER = replace(ONE, id=2, class_=b"l" * 32, nas_id=4, address6=None)


def shelved(*sessions):
    shelf = Shelf()
    for each in sessions:
        shelf.put(each)
    return shelf


def test_a_session_is_found_by_all_that_it_is_known_by():
    shelf = shelved(OTHER, ONE)

    assert shelf.of_class(ONE.class_) == shelf[1] == ONE
    assert shelf.from_station(ONE.calling_station) == [ONE, OTHER]
    assert shelf.named(3, "one") == [ONE]
    assert shelf.with_address("10.77.0.5") == [ONE, OTHER]
    assert shelf.with_address("fd77::5") == [ONE]


def test_what_is_not_there_is_not_found():
    shelf = shelved(ONE)

    assert (2 in shelf, shelf.of_class(OTHER.class_)) == (False, None)
    assert shelf.from_station("elsewhere") == shelf.named(4, "one") == shelf.with_address("10.77.0.6") == []


def test_a_session_is_found_by_what_it_is_now_and_not_by_what_it_was():
    shelf = shelved(ONE)
    moved = replace(ONE, acct_session_id="two", address4="10.77.0.6", address6=None)

    shelf.put(moved)

    assert shelf.named(3, "one") == shelf.with_address("10.77.0.5") == shelf.with_address("fd77::5") == []
    assert shelf.named(3, "two") == shelf.with_address("10.77.0.6") == [moved]


def test_nobody_is_found_by_a_name_that_is_empty():
    shelf = shelved(replace(ONE, acct_session_id="", calling_station="", address4=None))

    assert shelf.named(3, "") == shelf.from_station("") == shelf.with_address("") == []
