"""Servers on a loopback port: one that answers what it is told, and one that never says a word."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.peers.ports import LOOPBACK

Answer = Callable[[bytes], bytes]


@dataclass
class Web:
    """What a server answers, to whatever path, and what it was asked. The answer may be changed meanwhile."""

    url: str
    answer: Answer
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def web(answer: Answer) -> Iterator[Web]:
    """A server of HTTP; answer gets the body of a request and returns that of the response."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            site.asked.append(body)
            said = site.answer(body)
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.daemon_threads = True
    site = Web(f"http://{LOOPBACK}:{server.server_port}", answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silence() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"


@contextmanager
def drip() -> Iterator[str]:
    """The address of a server that says a letter of its first line now and then, for ever."""
    stopping = threading.Event()

    def serve() -> None:
        # Whoever asks may hang up whenever it likes, and may never come.
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not stopping.wait(0.02):
                    connection.sendall(b"x")

    with socket.create_server((LOOPBACK, 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        finally:
            stopping.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()
