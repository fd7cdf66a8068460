"""RFC 4533 on the wire: what is sent, what is understood, and that nothing else gets through."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.directory import ber
from access.directory.ber import BOOLEAN, ENUMERATED, INTEGER, OCTET_STRING, SEQUENCE, SET, encode
from access.directory.errors import BadMessage
from access.directory.syncrepl_codec import (
    SYNC_DONE,
    SYNC_INFO,
    SYNC_STATE,
    Disconnection,
    Done,
    IdSet,
    Ignored,
    NewCookie,
    PhaseEnd,
    State,
    SyncEntry,
    decode_message,
    encode_request,
    read_message,
)

ID = UUID("12345678-1234-5678-1234-567812345678")
TRUE, FALSE = encode(BOOLEAN, b"\xff"), encode(BOOLEAN, b"\x00")
COOKIE = encode(OCTET_STRING, b"here")


def sequence(*parts):
    return encode(SEQUENCE, b"".join(parts))


def message(operation, *controls, message_id=7):
    listed = encode(0xA0, b"".join(controls)) if controls else b""
    return sequence(encode(INTEGER, bytes((message_id,))), operation, listed)


def control(kind, value, critical=False):
    return sequence(encode(OCTET_STRING, kind), TRUE if critical else b"", encode(OCTET_STRING, value))


def state(number, *more, uuid=ID.bytes):
    value = sequence(encode(ENUMERATED, bytes((number,))), encode(OCTET_STRING, uuid), *more)
    return control(SYNC_STATE, value)


def text(value):
    return encode(OCTET_STRING, value.encode("utf-8", "surrogatepass"))


def entry(dn="uid=kim,dc=x", attributes=(("uid", [b"kim"]),)):
    listed = []
    for name, values in attributes:
        inside = b"".join(encode(OCTET_STRING, value) for value in values)
        listed.append(sequence(text(name), encode(SET, inside)))
    return encode(0x64, text(dn) + sequence(*listed))


def info(value):
    return encode(0x79, encode(0x80, SYNC_INFO) + encode(0x81, value))


def done(code=0, diagnostic="", kind=0x65):
    return encode(kind, encode(ENUMERATED, bytes((code,))) + text("") + text(diagnostic))


UNDERSTOOD = [
    (
        message(entry(), state(1, COOKIE)),
        SyncEntry(str(ID), State.ADD, "uid=kim,dc=x", {"uid": (b"kim",)}, b"here"),
    ),
    (message(entry(attributes=()), state(3)), SyncEntry(str(ID), State.DELETE, "uid=kim,dc=x")),
    (
        message(entry("uid=홍,dc=x", [("CN", ["홍길동".encode(), b"Hong"])]), state(2)),
        SyncEntry(str(ID), State.MODIFY, "uid=홍,dc=x", {"cn": ("홍길동".encode(), b"Hong")}),
    ),
    (message(info(encode(0x80, b"here"))), NewCookie(b"here")),
    (message(info(encode(0xA1, b""))), PhaseEnd(present=False, done=True)),
    (message(info(encode(0xA1, COOKIE + FALSE))), PhaseEnd(present=False, done=False, cookie=b"here")),
    (message(info(encode(0xA2, TRUE))), PhaseEnd(present=True, done=True)),
    (
        message(info(encode(0xA3, COOKIE + TRUE + encode(SET, encode(OCTET_STRING, ID.bytes))))),
        IdSet(frozenset([str(ID)]), gone=True, cookie=b"here"),
    ),
    (
        message(info(encode(0xA3, encode(SET, encode(OCTET_STRING, ID.bytes))))),
        IdSet(frozenset([str(ID)]), gone=False),
    ),
    (message(done(), control(SYNC_DONE, sequence(COOKIE, TRUE))), Done(0, "", b"here")),
    (message(done(32, "none such")), Done(32, "none such")),
    (message(encode(0x73, encode(OCTET_STRING, b"ldap://elsewhere"))), Ignored()),
    (message(encode(0x79, encode(0x80, b"1.2.3"))), Ignored()),
    (message(done(52, "bye", kind=0x78), message_id=0), Disconnection("bye")),
    (message(entry(), state(0), control(b"1.2.3", b"x", critical=True)), None),
]
LISTED = encode(SET, text("kim"))
FORBIDDEN = [
    message(encode(0x64, text("uid=kim") + sequence() + text("more")), state(1)),
    message(encode(0x64, text("uid=kim") + sequence(sequence(text("uid"), LISTED, text("more")))), state(1)),
    message(encode(0x64, text("uid=kim") + sequence(sequence(text("uid"), sequence(text("kim"))))), state(1)),
    message(encode(0x64, text("uid=kim") + sequence(sequence(text("\udcff"), LISTED))), state(1)),
    message(entry()),
    message(entry(), state(4)),
    message(entry(), state(1, uuid=b"short")),
    message(entry(), state(1) + b"\x00"),
    message(info(encode(0xA4, b""))),
    message(info(encode(0xA1, TRUE + TRUE))),
    message(info(b"")),
    message(info(encode(0xA3, COOKIE))),
    message(encode(0x61, b"")),
    message(entry("\udcff"), state(1)),
    message(entry(), state(1)) + b"\x00",
    b"\x30\x80\x02\x01\x01\x00\x00",
    b"\x30\x00",
    b"\x02\x01\x01",
]


@pytest.mark.parametrize(("octets", "expected"), UNDERSTOOD)
def test_what_the_rfc_describes_is_understood(octets, expected):
    _, event = decode_message(octets)

    assert expected is None or event == expected


@pytest.mark.parametrize("octets", FORBIDDEN)
def test_what_the_rfc_forbids_is_refused(octets):
    with pytest.raises(BadMessage):
        decode_message(octets)


@given(st.binary(max_size=200))
def test_any_octets_are_a_message_or_bad(octets):
    try:
        decode_message(octets)
    except BadMessage:
        return


@given(st.sampled_from(UNDERSTOOD), st.data())
def test_a_message_with_one_octet_changed_is_a_message_or_bad(known, data):
    octets = bytearray(known[0])
    at = data.draw(st.integers(0, len(octets) - 1))
    octets[at] = data.draw(st.integers(0, 255))
    try:
        decode_message(bytes(octets))
    except BadMessage:
        return


@pytest.mark.parametrize("octets", [each for each, _ in UNDERSTOOD])
def test_every_message_cut_short_is_bad(octets):
    for size in range(len(octets)):
        with pytest.raises(BadMessage):
            decode_message(octets[:size])


@given(st.lists(st.sampled_from([each for each, _ in UNDERSTOOD]), max_size=6), st.integers(1, 40))
def test_messages_are_cut_off_the_stream_wherever_it_breaks(messages, size):
    stream, received, found = b"".join(messages), bytearray(), []
    for at in range(0, len(stream), size):
        received += stream[at : at + size]
        while (one := read_message(received)) is not None:
            found.append(one)

    assert found == messages
    assert not received


@pytest.mark.parametrize("octets", [b"\x31\x00", b"\x30\x84\x7f\xff\xff\xff", b"HTTP/1.1 200"])
def test_a_stream_of_something_else_is_refused_at_once(octets):
    with pytest.raises(BadMessage):
        read_message(bytearray(octets))


def test_a_request_carries_its_cookie():
    assert encode_request(None) == bytes.fromhex("30030a0103")
    assert encode_request(b"abc") == bytes.fromhex("30080a01030403616263")


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 70_000])
def test_lengths_are_read_as_they_are_written(size):
    reader = ber.Reader(encode(OCTET_STRING, b"x" * size))

    assert reader.octet_string() == b"x" * size
    assert not reader.more()
