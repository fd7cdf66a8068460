"""How many requests of each kind an address sent of late, counted in this process. ◆

The counts that come with the library start a thread at nearly every request, to forget what is over: a tenth
of what a code costs that another application has checked. These forget at a request, once a minute.
"""

import time
from threading import Lock

from limits.storage.base import Storage

FORGET_EVERY_S = 60.0


class RequestCounts(Storage):
    """Fixed windows: a count, and when it ends. Found by flask-limiter under its scheme."""

    STORAGE_SCHEME = ["counts"]  # noqa: RUF012 - as the library has it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._lock = Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._forget_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a count could fail with."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a new window where the last one is over, and return the count."""
        now = time.time()
        with self._lock:
            if now >= self._forget_at:
                self._forget(now)
            count, ends_at = self._counts.get(key, (0, 0.0))
            if ends_at <= now:
                count, ends_at = 0, now + expiry
            self._counts[key] = (count + amount, ends_at)
        return count + amount

    def get(self, key: str) -> int:
        """Return the count; 0 once its window is over."""
        count, ends_at = self._counts.get(key, (0, 0.0))
        return count if ends_at > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends; now where there is none."""
        now = time.time()
        return max(now, self._counts.get(key, (0, now))[1])

    def check(self) -> bool:
        """Return that memory is there."""
        return True

    def reset(self) -> int | None:
        """Forget everything, and return how many counts there were."""
        with self._lock:
            count = len(self._counts)
            self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget a count."""
        with self._lock:
            self._counts.pop(key, None)

    def _forget(self, now: float) -> None:
        self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}
        self._forget_at = now + FORGET_EVERY_S
