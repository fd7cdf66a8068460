"""A browser may hang up: what it had asked for is closed, and no thread outlives the pages."""

import io
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.peers.pages import pages

ASKED = b"GET / HTTP/1.1\r\nHost: pages\r\n\r\n"
# close() sends a reset at once, as a browser does whose page is left.
RESET = struct.pack("ii", 1, 0)
App = Callable[[dict, Callable], Iterator[bytes]]


class Body(io.BytesIO):
    """Octets that are given piece by piece, their end when the test says so, and that are to be closed."""

    def __init__(self, given: threading.Event, left: threading.Event):
        super().__init__(b"x" * 64)
        self.given, self.left = given, left

    def __next__(self) -> bytes:
        piece = self.read(16)
        if piece:
            return piece
        self.given.set()
        assert self.left.wait(20)
        raise StopIteration


def answering(bodies: list[Body], given: threading.Event, left: threading.Event) -> App:
    def app(_: dict, start_response: Callable) -> Iterator[bytes]:
        bodies.append(Body(given, left))
        start_response("200 OK", [("Content-Length", "64")])
        return bodies[-1]

    return app


def call(port: int) -> socket.socket:
    caller = socket.create_connection(("127.0.0.1", port), timeout=20)
    caller.sendall(ASKED)
    return caller


def test_what_was_asked_for_is_closed_when_the_browser_hangs_up() -> None:
    bodies: list[Body] = []
    given, left = threading.Event(), threading.Event()

    with pages(answering(bodies, given, left)) as server:
        caller = call(server.server_port)
        assert given.wait(20)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        caller.close()
        left.set()

    assert bodies[0].closed


def test_no_thread_outlives_the_pages() -> None:
    before = threading.active_count()
    left = threading.Event()
    left.set()

    with pages(answering([], threading.Event(), left)) as server:
        silent = socket.create_connection(("127.0.0.1", server.server_port), timeout=20)
        with call(server.server_port) as caller:
            answer = b"".join(iter(lambda: caller.recv(4096), b""))

    assert threading.active_count() == before
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"x" * 64)
    assert silent.recv(1) == b""
    silent.close()


@pytest.mark.parametrize("said", [b"", b"GET", b"GET / HTTP/1.1\r\n"])
def test_who_hangs_up_in_the_middle_of_a_request_is_forgotten(said: bytes) -> None:
    left = threading.Event()
    left.set()
    with pages(answering([], threading.Event(), left)) as server:
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as caller:
            caller.sendall(said)
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

        with call(server.server_port) as caller:
            assert b"".join(iter(lambda: caller.recv(4096), b"")).endswith(b"x" * 64)
