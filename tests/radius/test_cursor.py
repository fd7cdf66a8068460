import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.cursor import Cursor, Overrun


def test_it_reads_from_left_to_right():
    cursor = Cursor(b"\x01\x02\x03\x04\x05\x06", at=1)

    assert cursor.number(2) == 0x0203
    assert cursor.left == 3
    assert cursor.take(1) == b"\x04"
    assert cursor.rest() == b"\x05\x06"


@pytest.mark.parametrize("read", [lambda c: c.take(3), lambda c: c.number(3), lambda c: c.take(-1)])
def test_it_never_reads_past_the_end_or_backwards(read):
    cursor = Cursor(b"\1\2")

    with pytest.raises(Overrun):
        read(cursor)
    assert cursor.rest() == b"\1\2"


def test_pairs_say_where_the_watched_ones_are():
    octets = b"??" + b"\x01\x03a" + b"\x50\x02" + b"\x02\x04bc"

    assert Cursor(octets, 2).pairs(tuple, 9, frozenset({80})) == (
        [(1, b"a", 9), (80, b"", 9), (2, b"bc", 9)],
        [(1, 7)],
    )


@given(st.binary(max_size=40))
def test_pairs_are_the_items_of_one_octet_each(octets):
    def outcome(read):
        try:
            return read(Cursor(octets))
        except Overrun:
            return None

    pairs = outcome(lambda cursor: [(kind, value) for kind, value, _ in cursor.pairs(tuple)[0]])
    assert pairs == outcome(lambda cursor: cursor.items(1, 1))


@given(st.binary(max_size=60), st.sampled_from([(1, 1), (2, 1), (2, 2), (4, 0)]))
def test_items_of_any_octets_end_or_raise_overrun_only(octets, layout):
    type_octets, length_octets = layout
    try:
        items = Cursor(octets).items(*layout)
    except Overrun:
        return
    assert sum(type_octets + length_octets + len(value) for _, value in items) == len(octets)
