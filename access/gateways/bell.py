"""The bell between the enforcer and the workers: Celery, over files or a broker. ◆

The messages carry ids and nothing else, and nothing depends on them: what is to be done stands in the
database, and the workers sweep it. So nobody waits for a broker, and nothing is kept of a task's result.
"""

import queue
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import structlog
from celery import Celery
from kombu.exceptions import KombuError

from access.config import Settings
from access.gateways.lanes import Lane

LOG = structlog.get_logger()

TASK = "officegate.work"
QUEUE = "officegate"
POLL_S = 0.05
_BROKER_GONE = (KombuError, OSError)


@dataclass(frozen=True, slots=True)
class Call:
    """Lanes of devices, and sessions to disconnect. The last call says that no other follows."""

    lanes: frozenset[tuple[int, str]] = frozenset()
    ends: frozenset[int] = frozenset()
    last: bool = False


def make_celery(settings: Settings) -> Celery:
    """The Celery application of an installation. Makes the folders of the filesystem transport."""
    celery = Celery("officegate", set_as_current=False)
    celery.conf.update(
        broker_url=settings.worker.broker,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=2.0,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_enable_remote_control=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
    )
    if settings.worker.broker == "filesystem":
        celery.conf.update(_folders(settings))
    return celery


def _folders(settings: Settings) -> dict[str, Any]:
    root = settings.state_dir / "queue"
    messages, control = root / "messages", root / "control"
    for folder in (messages, control):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": POLL_S,
    }
    return {
        "broker_url": "filesystem://localhost//",
        "broker_transport": "access.gateways.bell_files:Transport",
        "broker_transport_options": options,
    }


@dataclass
class CeleryBell:
    """Rings in a thread of its own: whoever rings never waits, also where the broker does not answer.

    What is rung while an earlier message is on its way goes out as one.
    """

    celery: Celery
    _calls: "queue.SimpleQueue[Call]" = field(default_factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None
    _silent: bool = False

    def ring(self, membership: Collection[int], structure: Collection[int], ends: Collection[int]) -> None:
        """There is work on lanes of these devices, and these sessions are to be disconnected."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._send, name="bell", daemon=True)
            self._thread.start()
        lanes = {(device_id, Lane.MEMBERSHIP.value) for device_id in membership}
        lanes |= {(device_id, Lane.STRUCTURE.value) for device_id in structure}
        self._calls.put(Call(frozenset(lanes), frozenset(ends)))

    def close(self, patience_s: float = 5.0) -> None:
        """Send what was rung, as far as that is possible at once."""
        if self._thread is not None:
            self._calls.put(Call(last=True))
            self._thread.join(patience_s)

    def _send(self) -> None:
        ended = False
        while not ended:
            calls = [self._calls.get()]
            while not self._calls.empty():
                calls.append(self._calls.get())
            ended = calls[-1].last
            lanes = sorted({lane for call in calls for lane in call.lanes})
            ends = sorted({session_id for call in calls for session_id in call.ends})
            if lanes or ends:
                self._publish({"lanes": lanes, "ends": ends})

    def _publish(self, message: dict[str, Any]) -> None:
        try:
            self.celery.send_task(TASK, kwargs=message, retry=False)
        except _BROKER_GONE as error:
            if not self._silent:
                LOG.warning("broker does not answer; workers find the work within seconds", why=str(error))
            self._silent = True
        else:
            self._silent = False
