"""Asking others over HTTP, on loopback; no server can hold us up, or fill the memory."""

import pytest

from access.certificates.errors import BadAnswer
from access.certificates.fetching import Patience, fetch
from tests.peers.ports import LOOPBACK
from tests.peers.web import drip, silence, web

SOON = Patience(0.2, 1000)
CALM = Patience(30.0, 1000)


def test_what_is_there_is_fetched():
    with web(lambda body: b"list" + body) as site:
        assert fetch(f"{site.url}/ca.crl?x=1", CALM) == b"list"
        assert fetch(site.url, CALM, b" and question", "text/plain") == b"list and question"


@pytest.mark.parametrize("server", [silence, drip])
def test_a_server_that_never_comes_to_an_end_is_left(server):
    with server() as url, pytest.raises(BadAnswer, match="does not answer"):
        fetch(url, SOON)


def test_more_than_was_allowed_for_is_not_taken():
    with web(lambda _: b"x" * 1001) as site, pytest.raises(BadAnswer, match="more than 1000"):
        fetch(site.url, CALM)


def test_nobody_there_is_said():
    with silence() as url:
        pass

    with pytest.raises(BadAnswer, match="does not answer"):
        fetch(url, CALM)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", f"http:{LOOPBACK}", ""])
def test_what_is_no_address_of_http_is_not_asked(url):
    with pytest.raises(BadAnswer, match="no address"):
        fetch(url, SOON)


def test_an_error_of_the_server_is_none_of_the_authoritys_words():
    def broken(_: bytes) -> bytes:
        raise ConnectionResetError

    with web(broken) as site, pytest.raises(BadAnswer, match="does not answer"):
        fetch(site.url, CALM)
