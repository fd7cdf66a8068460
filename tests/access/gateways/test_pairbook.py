from ipaddress import ip_address

from access.gateways.pairbook import HeldPair, PairBook, Place, Wanted
from vpn.grant import Pair

ADDRESS = ip_address("10.8.0.2")
PLACE = Place(1, ADDRESS)


def pair(atom: int, until: float | None = None) -> Pair:
    return Pair(ADDRESS, atom, until)


def row(atom: int, until: float | None = None, session_id: int = 7, **state: object) -> HeldPair:
    return HeldPair(1, pair(atom, until), session_id, **state)


def wanted(*pairs: Pair, session_id: int = 7, look_again: float | None = None) -> Wanted:
    return Wanted(session_id, frozenset(pairs), look_again)


def test_what_is_wanted_and_not_there_is_added():
    settlement = PairBook().settle(PLACE, wanted(pair(5)))

    assert settlement.changes == (row(5),)
    assert not settlement.waits


def test_what_is_there_as_wanted_is_left_alone():
    assert PairBook([row(5, 100.0)]).settle(PLACE, wanted(pair(5, 100.0))).changes == ()


def test_what_is_not_wanted_any_more_is_removed():
    book = PairBook([row(5), row(6)])

    assert book.settle(PLACE, wanted(pair(6))).changes == (row(5, removed=True),)
    assert set(book.settle(PLACE, None).changes) == {row(5, removed=True), row(6, removed=True)}


def test_what_was_removed_and_is_wanted_again_is_added_again():
    book = PairBook([row(5, removed=True, generation=3)])

    assert book.settle(PLACE, wanted(pair(5))).changes == (row(5),)
    assert book.settle(PLACE, None).changes == ()


def test_an_address_that_goes_to_another_session_is_emptied_first():
    settlement = PairBook([row(5), row(6)]).settle(PLACE, wanted(pair(5), session_id=8))

    assert set(settlement.changes) == {row(5, removed=True), row(6, removed=True)}
    assert settlement.waits


def test_the_next_session_waits_until_the_last_removal_is_confirmed():
    book = PairBook([row(5, removed=True, generation=3), row(6, removed=True, generation=4)])
    after = wanted(pair(5), session_id=8)

    assert book.settle(PLACE, after).waits
    assert book.confirm(1, 3) == {PLACE}
    assert book.settle(PLACE, after).waits
    assert book.confirm(1, 4) == {PLACE}
    assert book.settle(PLACE, after).changes == (row(5, session_id=8),)


def test_a_session_that_reaches_nothing_waits_for_nothing():
    assert not PairBook([row(5, removed=True)]).settle(PLACE, wanted(session_id=8)).waits


def test_confirming_leaves_what_stands_and_what_is_newer():
    book = PairBook([row(5, generation=1), row(6, removed=True, generation=2)])

    assert book.confirm(1, 1) == set()
    assert book.confirm(1, 2) == {PLACE}
    assert list(book.rows()) == [(1, ADDRESS, 5)]


def test_another_device_is_another_place():
    book = PairBook([row(5, removed=True, generation=2)])

    assert book.confirm(2, 9) == set()
    assert book.settle(Place(2, ADDRESS), wanted(pair(5), session_id=8)).changes == (HeldPair(2, pair(5), 8),)


def test_an_end_that_comes_sooner_is_written_at_once():
    book = PairBook([row(5, 200.0), row(6)])

    changes = book.settle(PLACE, wanted(pair(5, 100.0), pair(6, 100.0), look_again=50.0)).changes

    assert set(changes) == {row(5, 100.0), row(6, 100.0)}


def test_a_later_end_is_written_only_when_the_present_one_would_come_before_the_next_look():
    book = PairBook([row(5, 100.0)])

    assert book.settle(PLACE, wanted(pair(5, 300.0), look_again=50.0)).changes == ()
    assert book.settle(PLACE, wanted(pair(5, 300.0), look_again=100.0)).changes == (row(5, 300.0),)
    assert book.settle(PLACE, wanted(pair(5), look_again=None)).changes == (row(5),)


def test_an_atom_that_is_kept_stays_as_long_as_its_session_reaches_anything():
    book = PairBook([row(5), row(6)])

    assert book.settle(PLACE, wanted(pair(6)), keep={5}).changes == ()
    assert book.settle(PLACE, wanted(pair(6)), keep={9}).changes == (row(5, removed=True),)
    assert len(book.settle(PLACE, None, keep={5}).changes) == 2
    assert len(book.settle(PLACE, wanted(pair(6), session_id=8), keep={5}).changes) == 2


def test_a_device_that_is_gone_takes_its_rows_with_it():
    book = PairBook([row(5), HeldPair(2, pair(5), 7)])

    book.forget(1)

    assert book.places() == [Place(2, ADDRESS)]
    assert book.standing(2) == {pair(5)}
