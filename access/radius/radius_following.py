"""What a RADIUS worker knows, kept true: looks at the database, and what they have seen put into memory. ◆"""

import time
from dataclasses import dataclass, replace

import structlog

from access.app import App
from access.errors import AccessError, Unavailable
from access.logins.login_ports import Freshness
from access.logins.memory import Memory
from access.radius.lookout import Lookout
from access.store.glance import Glance
from access.store.world import News, World
from access.store.world_copy import news_of
from access.store.world_shelf import WorldShelf

LOG = structlog.get_logger()
LOOK_EVERY_S = 0.25
LOOK_PATIENCE_S = 0.5
# Where very much changes at once, as in a first reading of a directory, nobody waits longer for all of it.
CATCH_UP_S = 0.02


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look at the database: what was new at that moment, or why nothing could be seen."""

    at: float
    news: News | None
    failure: str = ""


class Following:
    """Keeps a memory true. take(), take_fresh() and close() belong to the thread that decides.

    glance: how that thread looks by itself, where the database is a file that it need not wait for: waking
    the lookout costs more than the look.
    """

    def __init__(self, app: App, world: World, memory: Memory, glance: Glance | None = None) -> None:
        self._clock, self._world, self._memory, self._glance = app.clock, world, memory, glance
        self.freshness = Freshness(true_at=app.clock())
        self._away = self._behind = self._reads = False
        first = self._first(app)
        self._position = first.position
        self._put(first)
        self._known_until = first.position
        self._lookout = Lookout(self._look, LOOK_EVERY_S)
        self.start, self.stop = self._lookout.start, self._lookout.stop

    def _first(self, app: App) -> News:
        """Return everything; what was known before, where the database is away. Raises Unavailable."""
        try:
            return self._world.all()
        except Unavailable as error:
            remembered = WorldShelf(app.settings.state_dir, app.keyring, app.random).read()
            if remembered is None:
                raise
            self.freshness.true_at = min(remembered.true_at, self.freshness.true_at)
            self._gone(str(error))
            age_s = round(self._clock() - self.freshness.true_at)
            LOG.warning("begins with what was known before", age_s=age_s)
            return replace(news_of(remembered.known), position=remembered.position)

    def take(self) -> None:
        """Put in what has been seen; where there is more, have it looked for at once."""
        for sighting in self._lookout.fresh_news(0.0) if self._behind else self._lookout.news():
            self._see(sighting)

    def take_fresh(self) -> None:
        """Look until all is seen, and put it in; a database that is away is not waited for again.

        Very much is not waited for either: what is known is then as old as the freshness says.
        """
        if self._is_quiet():
            return
        until = time.monotonic() + CATCH_UP_S
        self._look_once()
        while self._behind and not self._away and time.monotonic() < until:
            self._look_once()

    def _is_quiet(self) -> bool:
        """Return whether nothing has happened, by the glance; False too where that is not known.

        What is still being read has happened, and the feed says nothing of its end.
        """
        if self._glance is None or self._away or self._behind or self._reads:
            return False
        at = self._clock()
        try:
            quiet = self._glance.nothing_until(self._known_until)
        except Unavailable:
            return False
        if quiet is None:
            return False
        self._known_until, self.freshness.true_at = quiet, at
        return True

    def close(self) -> None:
        """Let go of the glance."""
        if self._glance is not None:
            self._glance.close()

    def _look_once(self) -> None:
        sightings = self._lookout.fresh_news(0.0 if self._away else LOOK_PATIENCE_S)
        for sighting in sightings:
            self._see(sighting)
        if not sightings and not self._away:
            self._gone("no answer in time")

    def _look(self) -> Sighting:
        at = self._clock()
        try:
            news = self._world.since(self._position)
        except AccessError as error:
            return Sighting(at, None, str(error))
        except Exception as error:
            LOG.exception("the change feed cannot be followed; this is a mistake in Officegate")
            return Sighting(at, None, str(error))
        self._position = news.position
        return Sighting(at, news)

    def _see(self, sighting: Sighting) -> None:
        if sighting.news is None:
            self._gone(sighting.failure)
            return
        self._put(sighting.news)
        self._known_until = sighting.news.position
        self._behind, self._reads = sighting.news.behind, sighting.news.reading
        if not self._behind and not self._reads:
            self.freshness.true_at = sighting.at
        if self._away:
            self._away = False
            LOG.info("the database answers again")

    def _gone(self, why: str) -> None:
        self.freshness.away_at = self._clock()
        if not self._away:
            self._away = True
            LOG.warning("the database is away; deciding from memory", why=why)

    def _put(self, news: News) -> None:
        for put in news.puts:
            put(self._memory)
            self.freshness.world += 1
