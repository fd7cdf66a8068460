"""The web process: gunicorn inside our own, a few workers with threads, stopped cleanly by SIGTERM. ◆"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from access.lifeline import die_with_parent, ready

log = structlog.get_logger()

WORKERS = 2
THREADS = 8
# A password check waits for the directory, which has its own and shorter time limits.
REQUEST_TIMEOUT_S = 60
GRACEFUL_S = 5

MakePages = Callable[[], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen, as host:port, and with which certificate; shown is the address for the log."""

    bind: str
    shown: str
    certificate: Path | None = None
    private_key: Path | None = None


class QuietLogger(Logger):  # type: ignore[misc]
    """Gunicorn's words through our own log; its account of its own starting and stopping is left out."""

    def setup(self, settings: Any) -> None:
        """Leave formatting to whoever configured the log of this process."""
        super().setup(settings)
        self.error_log.handlers[:] = []
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


class WebServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn over the pages; every worker makes its own, after the fork."""

    def __init__(self, make: MakePages, listener: Listener) -> None:
        self._make = make
        self._listener = listener
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to run."""
        listener = self._listener
        options = {
            "bind": [listener.bind],
            "worker_class": "gthread",
            "workers": WORKERS,
            "threads": THREADS,
            "timeout": REQUEST_TIMEOUT_S,
            "graceful_timeout": GRACEFUL_S,
            "keepalive": 5,
            "control_socket_disable": True,
            "logger_class": QuietLogger,
            "when_ready": self._announce,
        }
        if listener.certificate and listener.private_key:
            options |= {"certfile": str(listener.certificate), "keyfile": str(listener.private_key)}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Make the pages of one worker."""
        return self._make()

    def _announce(self, _arbiter: Any) -> None:
        log.info("web pages are served", url=self._listener.shown)
        ready()


def serve(make: MakePages, listener: Listener) -> None:
    """Serve until SIGTERM or SIGINT. make is called once in each worker process."""
    die_with_parent()
    WebServer(make, listener).run()
