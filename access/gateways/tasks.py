"""The worker process: Celery hears the bell, a sweep finds what it missed, threads do the work. ◆

Lanes of membership, lanes of structure and disconnections have threads of their own, so that none of them
waits for another. Nothing is lost with a worker that is killed: its claims run out and the sweep of another
takes them.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import structlog
from celery import Celery
from celery.worker import WorkController

from access.app import App, open_postman
from access.errors import Unavailable
from access.gateways import owners
from access.gateways.bell import TASK, make_celery
from access.gateways.channels import Channels, Located
from access.gateways.crew import Crew
from access.gateways.lanes import Due, Lane
from access.gateways.reconcile import serve
from access.lifeline import ready
from access.policy.compiled import Policy
from access.store import devices, standing, sweeping, unheeded, work
from access.store.alarms import StoredAlarms
from access.store.desktops import StoredDesktops
from access.store.lanes import Grounds, StoredLanes

LOG = structlog.get_logger()

WRITER = "worker"
SWEEP_EVERY_S = 2.0
PATIENCE_S = 2.0
LOOK_EVERY_S = 0.2
BROKER_PATIENCE_S = 5.0
THREADS = {Lane.MEMBERSHIP: 4, Lane.STRUCTURE: 2}
# They wait for NASes and do little else.
DISCONNECT_THREADS = 16

Disconnect = Callable[[int], None]


@dataclass
class Workforce:
    """The threads of one worker and what they work with."""

    app: App
    disconnect: Disconnect
    owner: str = field(default_factory=owners.own_name)

    def __post_init__(self) -> None:
        app = self.app
        self._grounds = Grounds()
        self._lanes = StoredLanes(app.database, app.keyring, app.random, self.owner, self._grounds)
        self._desktops = StoredDesktops(
            app.database, app.keyring, app.random, app.clock, WRITER, self._policy
        )
        self._channels = Channels(self._find)
        self._lane_crews = {lane: Crew(lane.value, count, self._work) for lane, count in THREADS.items()}
        self._messengers = Crew("disconnect", DISCONNECT_THREADS, self._end)
        self._asking: set[int] = set()
        self._lock = threading.Lock()

    def hear(self, lanes: Collection[tuple[int, str]], ends: Collection[int]) -> None:
        """The bell has rung for these lanes and sessions."""
        for device_id, lane in lanes:
            self._lane_crews[Lane(lane)].put(Due(device_id, Lane(lane)))
        for session_id in ends:
            self._messengers.put(session_id)

    def sweep(self) -> None:
        """Find what is due: lanes, gateways to read whole, sessions to disconnect, desktops to take back."""
        now = self.app.clock()
        self._want_full_reads(now)
        self._release_gone(now)
        with self.app.database.read() as conn:
            due, ends = work.due(conn, now), sweeping.unanswered_ends(conn, now)
            heeded = unheeded.over(conn)
        self.hear([(each.device_id, each.lane.value) for each in due], ends)
        self._desktops.release_lost()
        if heeded:
            with self.app.database.write() as conn:
                unheeded.clear(StoredAlarms(conn, self.app.keyring, self.app.random, WRITER), now)

    def close(self) -> None:
        """Finish what is begun if that goes quickly, and let go of the devices."""
        idle = [crew.close(PATIENCE_S) for crew in self._lane_crews.values()]
        self._messengers.close(PATIENCE_S)
        if all(idle):
            self._channels.close()

    def _work(self, due: Due) -> None:
        """Work on a lane until nothing is due there."""
        try:
            while serve(self._lanes, self._channels.device, due, self.app.clock):
                continue
        except Unavailable as error:
            LOG.warning("lane left to the sweep", device=due.device_id, lane=due.lane.value, why=str(error))
        except Exception:
            LOG.exception("work failed; this is a mistake in Officegate", device=due.device_id)

    def _end(self, session_id: int) -> None:
        """Ask about a session, unless that is being done: the sweep finds what is wanted meanwhile."""
        with self._lock:
            if session_id in self._asking:
                return
            self._asking.add(session_id)
        try:
            self.disconnect(session_id)
        except Unavailable as error:
            LOG.warning("disconnection left to the sweep", session=session_id, why=str(error))
        except Exception:
            LOG.exception("disconnecting failed; this is a mistake in Officegate", session=session_id)
        finally:
            with self._lock:
                self._asking.discard(session_id)

    def _want_full_reads(self, now: float) -> None:
        """Have gateways read whole that no worker has read for as long as the settings say."""
        with self.app.database.read() as conn:
            late = sweeping.unread(conn, now - self.app.settings.enforce.reconcile_s)
        if late:
            with self.app.database.write() as conn:
                for device_id in late:
                    work.want(conn, device_id, Lane.STRUCTURE)

    def _release_gone(self, now: float) -> None:
        """Free what workers of this machine held that have died: nobody need wait for their leases."""
        with self.app.database.read() as conn:
            gone = {owner for owner in work.held_by(conn, now) if owners.is_gone(owner)}
        if gone:
            with self.app.database.write() as conn:
                work.release(conn, gone)

    def _policy(self) -> Policy | None:
        with self.app.database.read() as conn:
            return standing.beside(conn, self._grounds.current(conn).policy)

    def _find(self, device_id: int) -> Located | None:
        with self.app.database.read() as conn:
            device = devices.device_by_id(conn, device_id)
        return Located(device.name, device.kind, device.address) if device else None


class Ear(WorkController):  # type: ignore[misc]
    """Celery's worker as a part of this process, which keeps its own signals and its own end."""

    heard: threading.Event

    def on_consumer_ready(self, _consumer: object) -> None:
        """Celery calls this when it hears the bell."""
        self.heard.set()


def run(app: App, disconnect: Disconnect, stop: threading.Event) -> int:
    """Work until stop is set; the exit status: 1 where the bell can never be heard again."""
    workforce = Workforce(app, disconnect)
    heard, deaf = threading.Event(), threading.Event()
    hearing = threading.Thread(target=_hear, args=(workforce, heard, deaf), name="hearing", daemon=True)
    chores = [
        threading.Thread(target=_repeat, args=(name, work, stop), name=name, daemon=True)
        for name, work in (("sweep", workforce.sweep), ("notices", open_postman(app).deliver))
    ]
    hearing.start()
    for chore in chores:
        chore.start()
    if not heard.wait(BROKER_PATIENCE_S) and not stop.is_set():
        LOG.warning("broker does not answer; work is found by the sweep alone", every_s=SWEEP_EVERY_S)
    ready()
    while not stop.wait(LOOK_EVERY_S) and not deaf.is_set():
        continue
    status = 0 if stop.is_set() else 1
    stop.set()
    for chore in chores:
        chore.join(PATIENCE_S)
    workforce.close()
    return status


def _hear(workforce: Workforce, heard: threading.Event, deaf: threading.Event) -> None:
    try:
        celery = make_celery(workforce.app.settings)
        add_task(celery, workforce)
        # Celery looks up the application of a task by the thread it runs in, and then here.
        celery.set_default()
        ear = Ear(
            app=celery,
            pool="solo",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        ear.heard = heard
        ear.start()
    except Exception:
        LOG.exception("the bell cannot be heard; this is a mistake in Officegate")
    finally:
        deaf.set()


def add_task(celery: Celery, workforce: Workforce) -> None:
    """Have the workforce hear what comes over the broker."""

    @celery.task(name=TASK, shared=False)  # type: ignore[untyped-decorator]
    def hear(lanes: list[tuple[int, str]], ends: list[int]) -> None:
        workforce.hear(lanes, ends)


def _repeat(name: str, work: Callable[[], object], stop: threading.Event) -> None:
    """Do a chore again and again; that it has to wait is told once."""
    told = ""
    while not stop.wait(SWEEP_EVERY_S):
        try:
            work()
            told = ""
        except Unavailable as error:
            if not told:
                LOG.warning("a chore is waiting", chore=name, why=str(error))
            told = str(error)
        except Exception:
            LOG.exception("a chore failed; this is a mistake in Officegate", chore=name)
            stop.wait(PATIENCE_S)
