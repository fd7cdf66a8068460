"""Pages over HTTP on a free loopback port, for a real browser, which may hang up whenever it likes."""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

from werkzeug.serving import ThreadedWSGIServer

from tests.peers.ports import LOOPBACK

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def _whole(app: App) -> App:
    """The application, its answers made and closed before the first octet leaves.

    Werkzeug's server leaves an answer open when the browser hangs up and that is seen by the last look
    for what else it sent; whoever collects it then warns of an open file.
    """

    def answered(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        answer = app(environ, start_response)
        try:
            return list(answer)
        finally:
            close = getattr(answer, "close", None)
            if close:
                close()

    return answered


class Pages(ThreadedWSGIServer):
    """Werkzeug's server, which knows its connections, and waits for its threads."""

    daemon_threads = False

    def __init__(self, app: App):
        self._connections: set[socket.socket] = set()
        super().__init__(LOOPBACK, 0, _whole(app))

    def show(self, app: App) -> None:
        """Answer by another application from now on."""
        self.app = _whole(app)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Hang up, so that no thread waits for a browser that has connected and says nothing."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


@contextmanager
def pages(app: App) -> Iterator[Pages]:
    """The application on a free port."""
    server = Pages(app)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
