"""Who had what open lately: what the enforcer sees of it, handed out in small portions to be written down.

To the day: somebody's use of an object is told again when the day is another one, and when the session ends.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

DAY_S = 86400.0
# Uses wait so long at most, and so many are handed out at once.
EVERY_S = 20.0
MOST = 500


class Use(NamedTuple):
    """An object was open to a session of a user at a moment."""

    user_id: int
    object: str
    at: float


@dataclass(slots=True)
class Uses:
    """What was seen and is not yet written."""

    _told: dict[int, tuple[int, frozenset[str]]] = field(default_factory=dict)
    _waiting: dict[tuple[int, str], float] = field(default_factory=dict)
    _due_at: float = 0.0

    def note(self, user_id: int, objects: Collection[str], now: float) -> None:
        """Take down that these are open to a user now."""
        day = int(now // DAY_S)
        known_day, known = self._told.get(user_id, (day, frozenset()))
        if known_day != day:
            known = frozenset()
        fresh = frozenset(objects) - known
        if fresh:
            self._told[user_id] = day, known | fresh
            self._waiting.update({(user_id, object): now for object in fresh})

    def ended(self, user_id: int, objects: Collection[str], now: float) -> None:
        """Take down that these were open to a user until now."""
        self._waiting.update({(user_id, object): now for object in objects})

    def due(self, now: float) -> list[Use]:
        """What is to be written now; it is forgotten here with that."""
        if not self._waiting or (now < self._due_at and len(self._waiting) < MOST):
            return []
        portion = list(self._waiting)[:MOST]
        if len(portion) == len(self._waiting):
            self._due_at = now + EVERY_S
        return [Use(*key, self._waiting.pop(key)) for key in portion]
