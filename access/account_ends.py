"""Disables accounts at the moment their directory has set for it, whether or not that directory answers. ◆"""

import threading
from collections.abc import Callable

import structlog

from access.errors import Unavailable

LOG = structlog.get_logger()
LOOK_EVERY_S = 1.0


def watch(end: Callable[[float], int], clock: Callable[[], float], stop: threading.Event) -> None:
    """Look every second until stop is set; a database that is away is waited for.

    end disables everyone whose end has come by a moment, and returns how many they were.
    """
    reached = True
    while not stop.wait(LOOK_EVERY_S):
        try:
            ended = end(clock())
            reached = True
        except Unavailable as error:
            if reached:
                LOG.warning("accounts cannot be looked at", why=str(error))
            reached = False
            continue
        if ended:
            LOG.info("accounts have ended", people=ended)
