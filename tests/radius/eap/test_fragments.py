import pytest

from radius.eap.fragments import MAX_MESSAGE_OCTETS, Answer, BadFragment, Fragments, Whole
from radius.questions import Failure

ACK = b"\0"


def test_a_message_that_fits_travels_whole_and_without_a_length():
    assert Fragments(100).send(b"hello") == b"\0hello"


def test_a_long_message_travels_in_fragments_with_a_length_on_the_first():
    fragments = Fragments(100)
    message = bytes(range(200))

    first = fragments.send(message)
    second = fragments.receive(ACK)
    third = fragments.receive(ACK)

    assert first[:5] == b"\xc0\0\0\0\xc8"
    assert second.data[:1] == b"\x40"
    assert third.data[:1] == b"\0"
    assert first[5:] + second.data[1:] + third.data[1:] == message
    assert all(len(data) + 5 <= 100 for data in (first, second.data, third.data))
    assert fragments.receive(ACK) == Whole(b"")


def test_fragments_of_the_peer_are_acknowledged_and_joined():
    fragments = Fragments(100)

    assert fragments.receive(b"\xc0\0\0\0\x06ab") == Answer(ACK)
    assert fragments.receive(b"\x40cd") == Answer(ACK)
    assert fragments.receive(b"\0ef") == Whole(b"abcdef")
    assert fragments.receive(b"\0next") == Whole(b"next")


@pytest.mark.parametrize(
    ("datas", "reason"),
    [
        ([b""], Failure.BAD_EAP),
        ([b"\x20"], Failure.BAD_EAP),
        ([b"\x01x"], Failure.BAD_EAP),
        ([b"\x80\0\0\0"], Failure.BAD_EAP),
        ([b"\x80\0\0\0\x05abc"], Failure.BAD_EAP),
        ([b"\x80\0\0\0\x02abc"], Failure.TOO_LONG),
        ([b"\x80\0\x01\0\x01abc"], Failure.TOO_LONG),
        ([b"\x40"], Failure.BAD_EAP),
        ([b"\xc0\0\0\0\x06ab", b"\x80\0\0\0\x07cdef"], Failure.BAD_EAP),
        ([b"\x40" + bytes(1000)] * 66, Failure.TOO_LONG),
    ],
    ids=[
        "no flags",
        "a start",
        "another version",
        "no room for the length",
        "shorter than announced",
        "longer than announced",
        "too long announced",
        "empty with more",
        "a length that changes",
        "longer than 64 KiB",
    ],
)
def test_what_breaks_the_rules_is_refused(datas, reason):
    fragments = Fragments(1024)

    with pytest.raises(BadFragment) as caught:
        for data in datas:
            fragments.receive(data)

    assert caught.value.reason is reason


def test_a_message_where_an_acknowledgement_is_due_is_refused():
    for data in (b"\0x", b"\x40"):
        fragments = Fragments(100)
        fragments.send(bytes(200))

        with pytest.raises(BadFragment):
            fragments.receive(data)


def test_sixty_four_kib_are_not_too_long():
    fragments = Fragments(1024)

    for _ in range(MAX_MESSAGE_OCTETS // 1024 - 1):
        assert fragments.receive(b"\x40" + bytes(1024)) == Answer(ACK)

    assert len(fragments.receive(b"\0" + bytes(1024)).message) == MAX_MESSAGE_OCTETS
