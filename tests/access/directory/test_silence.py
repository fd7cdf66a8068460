"""Who calls a server that does not behave may hang up: it goes on, and closes what it has taken."""

import socket
import struct
import threading

import pytest

from tests.access.directory.silence import server_that

# close() sends a reset at once.
RESET = struct.pack("ii", 1, 0)


def call(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def reset(caller: socket.socket) -> None:
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    caller.close()


def is_over(caller: socket.socket) -> bool:
    """Whether the server has hung up; who was not accepted yet is reset."""
    try:
        return caller.recv(1) == b""
    except ConnectionResetError:
        return True


def test_who_hangs_up_before_the_answer_is_forgotten() -> None:
    asked, left = threading.Event(), threading.Event()

    def late(request: bytes) -> bytes:
        asked.set()
        assert left.wait(20)
        return request

    with server_that(late) as (port, heard):
        caller = call(port)
        caller.sendall(b"first")
        assert asked.wait(20)
        reset(caller)
        left.set()

        with call(port) as another:
            another.sendall(b"second")
            assert another.recv(4096) == b"second"

    assert heard == [b"first", b"second"]


@pytest.mark.parametrize("answers", [None, b"never", lambda request: request[:1]])
def test_who_says_nothing_is_not_answered_and_the_next_one_is_heard(answers) -> None:
    with server_that(answers) as (port, heard):
        call(port).close()
        reset(call(port))
        with call(port) as another:
            another.sendall(b"here")
            if answers is not None:
                assert another.recv(4096)
                assert b"here" in heard


def test_the_end_does_not_wait_for_who_has_connected_and_says_nothing() -> None:
    before = threading.active_count()

    with server_that(lambda request: request[:1]) as (port, _):
        silent = call(port)
        waiting = call(port)

    assert threading.active_count() == before
    with silent, waiting:
        assert is_over(silent)
        assert is_over(waiting)
