"""The worker process: Celery hears the bell, a sweep finds what it missed, threads do the work. ◆

Lanes of membership, lanes of structure and disconnections have threads of their own, so that none of them
waits for another. Nothing is lost with a worker that is killed: its claims run out and the sweep of another
takes them.
"""

import os
import socket
import threading
import warnings
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import structlog
from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import worker_ready

from access.app import App
from access.bell import TASK, make_celery
from access.channels import Channels, Located
from access.errors import Unavailable
from access.lanes import Due, Lane
from access.lifeline import ready
from access.policy.compiled import Policy
from access.reconcile import serve
from access.store import devices, sweeping, work
from access.store.desktops import StoredDesktops
from access.store.lanes import Grounds, StoredLanes

LOG = structlog.get_logger()

WRITER = "worker"
SWEEP_EVERY_S = 2.0
PATIENCE_S = 5.0
THREADS = {Lane.MEMBERSHIP: 4, Lane.STRUCTURE: 2}
DISCONNECT_THREADS = 4
HEARING_THREADS = 2

Disconnect = Callable[[int], None]


@dataclass
class Workforce:
    """The threads of one worker and what they work with."""

    app: App
    disconnect: Disconnect
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}/{os.getpid()}/{os.urandom(4).hex()}")

    def __post_init__(self) -> None:
        app = self.app
        self._grounds = Grounds()
        self._lanes = StoredLanes(app.database, app.keyring, app.random, self.owner, self._grounds)
        self._desktops = StoredDesktops(
            app.database, app.keyring, app.random, app.clock, WRITER, self._policy
        )
        self._channels = Channels(self._find)
        self._crews = {
            lane: ThreadPoolExecutor(count, thread_name_prefix=lane.value) for lane, count in THREADS.items()
        }
        self._messengers = ThreadPoolExecutor(DISCONNECT_THREADS, thread_name_prefix="disconnect")
        self._queued: set[Due | int] = set()
        self._lock = threading.Lock()

    def hear(self, lanes: Collection[tuple[int, str]], ends: Collection[int]) -> None:
        """The bell has rung for these lanes and sessions."""
        for device_id, lane in lanes:
            self._put(Due(device_id, Lane(lane)))
        for session_id in ends:
            self._put(session_id)

    def sweep(self) -> None:
        """Find what is due: lanes, gateways to read whole, sessions to disconnect, desktops to take back."""
        now = self.app.clock()
        self._want_full_reads(now)
        with self.app.database.read() as conn:
            found: list[Due | int] = [*work.due(conn, now), *sweeping.unanswered_ends(conn, now)]
        for each in found:
            self._put(each)
        self._desktops.release_lost()

    def close(self) -> None:
        """Finish what is begun, and let go of the devices."""
        for crew in (*self._crews.values(), self._messengers):
            crew.shutdown(wait=True, cancel_futures=True)
        self._channels.close()

    def _put(self, job: Due | int) -> None:
        """Queue a lane, or a session to disconnect, unless it waits there already."""
        with self._lock:
            if job in self._queued:
                return
            self._queued.add(job)
        if isinstance(job, Due):
            self._crews[job.lane].submit(self._work, job)
        else:
            self._messengers.submit(self._end, job)

    def _begin(self, job: Due | int) -> None:
        """From here on a bell for the job is news."""
        with self._lock:
            self._queued.discard(job)

    def _work(self, due: Due) -> None:
        """Work on a lane until nothing is due there."""
        self._begin(due)
        try:
            while serve(self._lanes, self._channels.device, due, self.app.clock):
                continue
        except Unavailable as error:
            LOG.warning("lane left to the sweep", device=due.device_id, lane=due.lane.value, why=str(error))
        except Exception:
            LOG.exception("work failed; this is a mistake in Officegate", device=due.device_id)

    def _end(self, session_id: int) -> None:
        self._begin(session_id)
        try:
            self.disconnect(session_id)
        except Unavailable as error:
            LOG.warning("disconnection left to the sweep", session=session_id, why=str(error))
        except Exception:
            LOG.exception("disconnecting failed; this is a mistake in Officegate", session=session_id)

    def _want_full_reads(self, now: float) -> None:
        """Have gateways read whole that no worker has read for as long as the settings say."""
        with self.app.database.read() as conn:
            late = sweeping.unread(conn, now - self.app.settings.enforce.reconcile_s)
        if late:
            with self.app.database.write() as conn:
                for device_id in late:
                    work.want(conn, device_id, Lane.STRUCTURE)

    def _policy(self) -> Policy | None:
        with self.app.database.read() as conn:
            return self._grounds.current(conn).policy

    def _find(self, device_id: int) -> Located | None:
        with self.app.database.read() as conn:
            device = devices.device_by_id(conn, device_id)
        return Located(device.name, device.kind, device.address) if device else None


def run(app: App, disconnect: Disconnect) -> int:
    """Work until SIGTERM or SIGINT; the exit status."""
    workforce = Workforce(app, disconnect)
    stop = threading.Event()
    sweeper = threading.Thread(target=_sweep, args=(workforce, stop), name="sweeper", daemon=True)
    celery = make_celery(app.settings)
    add_task(celery, workforce)
    # Celery warns of root, because of pickle; messages are JSON, and gateways are root's to change.
    warnings.simplefilter("ignore", SecurityWarning)
    worker = celery.Worker(
        pool="threads",
        concurrency=HEARING_THREADS,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker_ready.connect(_say_ready, weak=False)
    sweeper.start()
    try:
        worker.start()
        return int(worker.exitcode or 0)
    finally:
        stop.set()
        sweeper.join()
        workforce.close()


def add_task(celery: Celery, workforce: Workforce) -> None:
    """Have the workforce hear what comes over the broker."""

    @celery.task(name=TASK, shared=False)  # type: ignore[untyped-decorator]
    def hear(lanes: list[tuple[int, str]], ends: list[int]) -> None:
        workforce.hear(lanes, ends)


def _say_ready(**_: Any) -> None:
    ready()


def _sweep(workforce: Workforce, stop: threading.Event) -> None:
    told = ""
    while not stop.wait(SWEEP_EVERY_S):
        try:
            workforce.sweep()
            told = ""
        except Unavailable as error:
            if not told:
                LOG.warning("sweep is waiting", why=str(error))
            told = str(error)
        except Exception:
            LOG.exception("sweep failed; this is a mistake in Officegate")
            stop.wait(PATIENCE_S)
