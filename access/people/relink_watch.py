"""Tells now and then of people whose entry was deleted and made again in their directory. ◆"""

import threading
from collections.abc import Callable

import structlog

from access.errors import Unavailable

LOG = structlog.get_logger()
LOOK_EVERY_S = 60.0


def watch_returns(tell: Callable[[float], int], clock: Callable[[], float], stop: threading.Event) -> None:
    """Look every minute until stop is set; a database that is away is looked at a minute later."""
    while not stop.is_set():
        try:
            tell(clock())
        except Unavailable as error:
            LOG.warning("nobody can be looked for who came back", why=str(error))
        stop.wait(LOOK_EVERY_S)
