"""The password throttle of one process, for all of its threads. ◆"""

from threading import Lock

from access.throttle import PasswordThrottle


class SharedThrottle:
    """A PasswordThrottle behind a lock; see there."""

    def __init__(self) -> None:
        self._throttle = PasswordThrottle()
        self._lock = Lock()

    def admit(self, name: str, source: str, now: float) -> float:
        """Return 0 and count a try, or return the seconds to wait and count nothing."""
        with self._lock:
            return self._throttle.admit(name, source, now)

    def succeed(self, name: str, source: str) -> None:
        """Take a try back that was right, and know the source from now on."""
        with self._lock:
            self._throttle.succeed(name, source)

    def take_back(self, name: str, source: str) -> None:
        """Forget a try that was not looked at, the directory being away."""
        with self._lock:
            self._throttle.take_back(name, source)
