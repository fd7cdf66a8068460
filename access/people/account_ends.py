"""Disables accounts at the moment their directory has set for it, whether or not that directory answers. ◆"""

import threading
from collections.abc import Callable

import structlog

from access.errors import Unavailable

LOG = structlog.get_logger()
LOOK_EVERY_S = 1.0
LONGEST_PAUSE_S = 30.0


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
        except Exception:
            # The thread must not end: nobody's account would any more.
            LOG.exception("accounts could not be ended; this is a mistake in Officegate")
            stop.wait(LONGEST_PAUSE_S)
            continue
        if ended:
            LOG.info("accounts have ended", people=ended)
