import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.framing import BadFrame, Frames


def packet(size, code=1):
    return bytes((code, 0, size >> 8, size & 255)) + bytes(size - 4)


def test_a_packet_that_comes_octet_by_octet_is_one_packet():
    frames = Frames()
    octets = packet(40)

    found = [each for at in range(len(octets)) for each in frames.feed(octets[at : at + 1])]

    assert found == [octets]
    assert not frames.partial


def test_two_packets_in_one_record_are_two_packets_and_the_rest_is_kept():
    frames = Frames()

    assert frames.feed(packet(20) + packet(4096, 4) + packet(30)[:29]) == [packet(20), packet(4096, 4)]
    assert frames.partial
    assert frames.feed(b"\0") == [packet(30)]


@pytest.mark.parametrize("length", [0, 3, 19, 4097, 65535])
def test_a_length_that_no_packet_has_ends_the_stream(length):
    with pytest.raises(BadFrame):
        Frames().feed(bytes((1, 0, length >> 8, length & 255)))


def test_a_truncated_packet_is_never_handed_out():
    frames = Frames()

    assert frames.feed(packet(100)[:99]) == []
    assert frames.partial


@given(st.lists(st.integers(20, 300), max_size=8), st.lists(st.integers(1, 50), min_size=1, max_size=40))
def test_however_a_stream_is_cut_the_packets_are_the_same(sizes, cuts):
    stream = b"".join(packet(size, number) for number, size in enumerate(sizes))
    frames, found, at = Frames(), [], 0

    for cut in [*cuts, len(stream)]:
        found += frames.feed(stream[at : at + cut])
        at += cut

    assert found == [packet(size, number) for number, size in enumerate(sizes)]
