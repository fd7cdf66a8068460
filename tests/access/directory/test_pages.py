"""What may answer a paged search, and what ends it: a server made of octets."""

import socket
from types import SimpleNamespace

import pytest

from access.directory.errors import BadMessage, DirectoryUnavailable
from access.directory.pages import PAGED_RESULTS, Page, ask_page, paging
from access.directory.settings import DirectorySettings
from tests.access.directory.test_syncrepl_codec import control, done, encode, entry, message, sequence, text

SETTINGS = DirectorySettings("ldap://127.0.0.1", "dc=x", "dc=x")
REFERENCE = encode(0x73, text("ldap://elsewhere"))
NEXT = control(PAGED_RESULTS.encode(), sequence(encode(0x02, b"\x00"), text("next")))


def answered(*octets: bytes) -> Page:
    """The page that a server sends as these octets, and closes the connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"".join(octets))
        theirs.shutdown(socket.SHUT_WR)
        strategy = SimpleNamespace(_outstanding={7: "asked"})
        connection = SimpleNamespace(send=lambda *_: 7, strategy=strategy, socket=ours)
        page = ask_page(connection, SETTINGS, ("dc=x", "(uid=*)", ["uid"]), [paging(1000, b"")])
        assert strategy._outstanding == {}
        return page


def test_entries_are_found_and_references_to_others_passed_over():
    page = answered(
        message(entry()), message(REFERENCE), message(entry("uid=lee,dc=x")), message(done(), NEXT)
    )

    assert [dn for dn, _ in page.found] == ["uid=kim,dc=x", "uid=lee,dc=x"]
    assert page.found[0][1] == {"uid": (b"kim",)}
    assert (page.code, page.cookie) == (0, b"next")


def test_a_refusal_is_a_page_with_its_reason():
    page = answered(message(done(51, "later")))

    assert (page.code, page.description, page.cookie) == (51, "busy", b"")


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (message(entry()), DirectoryUnavailable),
        (message(done())[:-1], DirectoryUnavailable),
        (message(done(52, "bye", kind=0x78), message_id=0), DirectoryUnavailable),
        (message(entry(), message_id=8), BadMessage),
        (message(encode(0x61, b"")), BadMessage),
        (message(done(), control(PAGED_RESULTS.encode(), b"\x30\x00")), BadMessage),
        (b"HTTP/1.1 200", BadMessage),
    ],
)
def test_half_an_answer_or_another_one_is_an_error_and_never_a_page(octets, error):
    with pytest.raises(error):
        answered(octets)


@pytest.mark.parametrize(("size", "octets"), [(127, "02017f"), (1000, "020203e8"), (255, "020200ff")])
def test_the_size_of_a_page_is_a_positive_number(size, octets):
    _, critical, value = paging(size, b"")

    assert critical
    assert value.hex() == "30" + f"{len(octets) // 2 + 2:02x}" + octets + "0400"
