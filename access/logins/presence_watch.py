"""Keeps what a RADIUS worker counts true, and reads only while there is a limit to count for. ▸"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from access.errors import AccessError
from access.logins.presence import Presence, PresenceNews
from access.logins.trails import Trails

LOG = structlog.get_logger()
NOTHING = PresenceNews()


class Presences(Protocol):
    """Where open sessions are read."""

    def news(self, visits: bool) -> PresenceNews:
        """Return what changed since the last call, everything at the first. Raises Unavailable.

        visits: whether to read as well where people have been.
        """

    def forget(self) -> None:
        """Read everything the next time."""


@dataclass(frozen=True, slots=True)
class PresenceWatch:
    """look() may wait, in a thread of its own; put() belongs to the thread that decides.

    limited: whether there is a limit at the moment; trailed: whether it matters where people have been.
    """

    presence: Presence
    presences: Presences
    limited: Callable[[], bool]
    trails: Trails = field(default_factory=Trails)
    trailed: Callable[[], bool] = lambda: False

    def look(self) -> PresenceNews:
        """Return what has changed; nothing where nobody counts, or where the database is away."""
        if not self.limited() and not self.trailed():
            self.presences.forget()
            return NOTHING
        try:
            return self.presences.news(self.trailed())
        except AccessError:
            # What is known goes on counting; whoever looks for everything else says that it is away.
            return NOTHING
        except Exception:
            LOG.exception("sessions cannot be counted; this is a mistake in Officegate")
            return NOTHING

    def put(self, news: PresenceNews) -> None:
        """Count by what was seen."""
        if not self.limited() and not self.trailed():
            self.presence.whole = False
        if news.whole:
            self.presence.put_all(news.known)
        else:
            for session in news.known:
                self.presence.put(session)
        for class_ in news.gone:
            self.presence.remove(class_)
        self._put_visits(news)

    def _put_visits(self, news: PresenceNews) -> None:
        if not self.trailed():
            self.trails.forget()
        elif news.all_visits:
            self.trails.put_all(news.visits)
        else:
            for user_id, visit in news.visits:
                self.trails.put(user_id, visit)
