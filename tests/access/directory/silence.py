"""Servers that do not behave: one accepts and says nothing, one hangs up, one talks something else."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.peers.waiting import PATIENCE_S

Answers = bytes | Callable[[bytes], bytes] | None


@contextmanager
def server_that(answers: Answers, port: int = 0) -> Iterator[tuple[int, list[bytes]]]:
    """Yield (port, what clients sent). answers None: silence; b"": the connection is closed at once.

    A client may hang up whenever it likes, and come again whenever it likes.
    """
    heard: list[bytes] = []
    accepted: list[socket.socket] = []
    ended = threading.Event()

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            accepted.append(client)
            # Either this sees that it is over, or who ends it sees the client.
            if ended.is_set():
                return
            with suppress(OSError):
                _serve(client, answers, heard)

    with socket.create_server(("127.0.0.1", port)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1], heard
        finally:
            ended.set()
            for each in (listening, *accepted):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE_S)
            for each in accepted:
                each.close()
            assert not thread.is_alive()


def _serve(client: socket.socket, answers: Answers, heard: list[bytes]) -> None:
    if answers == b"":
        client.close()
        return
    request = client.recv(4096)
    heard.append(request)
    if request and answers is not None:
        client.sendall(answers(request) if callable(answers) else answers)


def refuse_starttls(request: bytes) -> bytes:
    """The answer of a server that speaks no TLS: an ExtendedResponse with protocolError."""
    content = message_id(request) + bytes.fromhex("78070a010204000400")
    return bytes((0x30, len(content))) + content


def message_id(request: bytes) -> bytes:
    """The messageID element of an LDAPMessage shorter than 128 octets."""
    return request[2 : 4 + request[3]]
