"""Keeps what RADIUS workers know on the shelf, in a thread of the loader, which answers no packet. ◆

Every few seconds it looks whether anything has changed that a login depends on. Where nothing has, it writes
that down; where something has, it reads the world anew and writes all of it, once a minute at most, and never
for more than a fiftieth of the time.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from access.errors import AccessError
from access.keys.sealing import Keyring
from access.store import feed, kept_subkeys
from access.store.database import Database
from access.store.feed import Position
from access.store.world import World, open_world
from access.store.world_copy import everything
from access.store.world_shelf import WorldShelf

LOG = structlog.get_logger()
LOOK_EVERY_S = 5.0
WRITE_EVERY_S = 60.0
# After a write that took so long nothing is written for so many times as long.
REST = 50.0


class WorldKeeper:
    """Looks, and writes what it has seen. Not for two threads at once."""

    def __init__(self, world: World, shelf: WorldShelf, clock: Callable[[], float]) -> None:
        self._world, self._shelf, self._clock = world, shelf, clock
        self._position: Position | None = None
        self._write_at = 0.0

    def look(self) -> None:
        """Look once. Raises Unavailable, OSError."""
        at = self._clock()
        quiet = None if self._position is None else self._quiet_since(self._position)
        if quiet is not None and not self._shelf.needs_rekey:
            self._position = quiet
            self._shelf.still_true(quiet, at)
        elif time.monotonic() >= self._write_at:
            self._write(at)

    def _quiet_since(self, position: Position) -> Position | None:
        """Return how far nothing of what we have kept has changed; None where something has."""
        quiet = self._world.glance.nothing_until(position)
        if quiet is not None:
            return quiet
        with self._world.database.read() as conn:
            return position if feed.head(conn) == position else None

    def _write(self, at: float) -> None:
        began = time.monotonic()
        with self._world.database.read() as conn:
            known = everything(conn, self._world.keyring)
            kept = kept_subkeys.kept(conn, self._world.keyring)
        size = self._shelf.keep(known, kept, at)
        took_s = time.monotonic() - began
        self._position = known.position
        self._write_at = time.monotonic() + max(WRITE_EVERY_S, REST * took_s)
        LOG.debug(
            "what workers know is written down", people=len(known.users), octets=size, took_s=round(took_s, 3)
        )


@contextmanager
def keeping(database: Database, shelf: WorldShelf, keyring: Keyring) -> Iterator[None]:
    """Keep the world on the shelf until the end of the block; database is for this alone, and closed then."""
    stopping = threading.Event()
    world = open_world(database, keyring)
    keeper = WorldKeeper(world, shelf, time.time)
    thread = threading.Thread(target=_run, args=(keeper, stopping), name="world-keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        world.glance.close()
        database.close()


def _run(keeper: WorldKeeper, stopping: threading.Event) -> None:
    failing = False
    while True:
        try:
            keeper.look()
            failing = False
        except (AccessError, OSError) as error:
            if not failing:
                LOG.warning("what workers know cannot be written down", why=str(error))
            failing = True
        except Exception:
            LOG.exception("writing down what workers know failed; this is a mistake in Officegate")
        if stopping.wait(LOOK_EVERY_S):
            return
