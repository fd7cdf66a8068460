"""What was proven in sessions of TLS that their peers may resume, by a hash of the session's key.

What was proven by a whole login counts for a lifetime. Each single session is kept for half of that. Who
resumes one while the whole login is younger than that half is given a new session, which ends before the
lifetime does; who resumes later is given none, and logs in whole the next time. So nobody comes back with a
session that we have forgotten, and nothing is resumed for ever.
"""

from collections import OrderedDict
from collections.abc import Iterable

from radius.frozen import value
from radius.login import Proven


@value
class Kept:
    """What was proven, None where the session itself proves it; began is when the whole login was."""

    proven: Proven | None
    began: float


class KeptSessions:
    """The sessions of one EAP type. lifetime_s 0 keeps none; the oldest go where there are more than most."""

    __slots__ = ("_kept", "_lifetime_s", "_most")

    def __init__(self, lifetime_s: float, most: int) -> None:
        self._lifetime_s = lifetime_s
        self._most = most
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def session_s(self) -> float:
        """Return how long a single session may be kept."""
        return self._lifetime_s / 2

    def keep(self, keys: Iterable[bytes], proven: Proven | None, began: float | None, now: float) -> bool:
        """Keep what was proven under each of keys; return False where it is too old to be kept on.

        began is that of the session resumed, None after a whole login.
        """
        began = now if began is None else began
        if now - began >= self._lifetime_s - self.session_s:
            return False
        for key in keys:
            self._kept[key] = Kept(proven, began)
            self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return True

    def find(self, key: bytes, now: float) -> Kept | None:
        """Return what was proven in the session with this key, while it counts."""
        kept = self._kept.get(key)
        return kept if kept is not None and now - kept.began < self._lifetime_s else None
