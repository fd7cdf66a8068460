"""Keeps what a RADIUS worker counts true, and reads only while there is a limit to count for. ▸"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from access.errors import AccessError
from access.presence import Presence, PresenceNews

LOG = structlog.get_logger()
NOTHING = PresenceNews()


class Presences(Protocol):
    """Where open sessions are read."""

    def news(self) -> PresenceNews:
        """Return what changed since the last call, everything at the first. Raises Unavailable."""

    def forget(self) -> None:
        """Read everything the next time."""


@dataclass(frozen=True, slots=True)
class PresenceWatch:
    """look() may wait, in a thread of its own; put() belongs to the thread that decides.

    limited: whether there is a limit at the moment.
    """

    presence: Presence
    presences: Presences
    limited: Callable[[], bool]

    def look(self) -> PresenceNews:
        """Return what has changed; nothing where nobody counts, or where the database is away."""
        if not self.limited():
            self.presences.forget()
            return NOTHING
        try:
            return self.presences.news()
        except AccessError:
            # What is known goes on counting; whoever looks for everything else says that it is away.
            return NOTHING
        except Exception:
            LOG.exception("sessions cannot be counted; this is a mistake in Officegate")
            return NOTHING

    def put(self, news: PresenceNews) -> None:
        """Count by what was seen."""
        if not self.limited():
            self.presence.whole = False
        if news.whole:
            self.presence.put_all(news.known)
        else:
            for session in news.known:
                self.presence.put(session)
        for class_ in news.gone:
            self.presence.remove(class_)
