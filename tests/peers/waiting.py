"""Wait for what will be true, with a deadline: the tests' only way to let time pass."""

import time
from collections.abc import Callable

PAUSE_S = 0.01
# Long: what comes is not waited for any longer, and a machine with other work is slow.
PATIENCE_S = 60.0


class NotInTime(AssertionError):
    """The condition did not come true before its deadline."""


def wait_until(condition: Callable[[], bool], what: str, deadline_s: float = PATIENCE_S) -> float:
    """The seconds it took. Raises NotInTime, which names `what` was waited for."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > deadline_s:
            raise NotInTime(f"waited {deadline_s:g} s for {what}")
        time.sleep(PAUSE_S)
    return time.monotonic() - started
