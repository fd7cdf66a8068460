"""Servers that do not behave: one accepts and says nothing, one hangs up, one talks something else."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def server_that(
    answers: bytes | Callable[[bytes], bytes] | None, port: int = 0
) -> Iterator[tuple[int, list[bytes]]]:
    """Yield (port, what clients sent). answers None: silence; b"": the connection is closed at once."""
    heard: list[bytes] = []
    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", port)) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                accepted.append(client)
                if answers == b"":
                    client.close()
                    continue
                heard.append(client.recv(4096))
                if answers is not None:
                    client.sendall(answers(heard[-1]) if callable(answers) else answers)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
        for client in accepted:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            client.close()
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(30)


def refuse_starttls(request: bytes) -> bytes:
    """The answer of a server that speaks no TLS: an ExtendedResponse with protocolError."""
    content = message_id(request) + bytes.fromhex("78070a010204000400")
    return bytes((0x30, len(content))) + content


def message_id(request: bytes) -> bytes:
    """The messageID element of an LDAPMessage shorter than 128 octets."""
    return request[2 : 4 + request[3]]
