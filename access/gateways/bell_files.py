"""The bell on one machine: every message a file, whole from the moment it can be seen. ◆

kombu's own transport opens a message and then writes it, so that a worker which looks between the two reads
nothing and dies of it; and what it takes goes by way of /tmp. Here a file is written under another name
first, and whoever removes a message has it. Nothing depends on one, so what cannot be read is dropped.
"""

import json
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.transport import filesystem

LOG = structlog.get_logger()

Binding = filesystem.exchange_queue_t


class Channel(filesystem.Channel):
    """Messages and bindings in files. The installation has one queue, so that bindings never differ."""

    def get_table(self, exchange: str) -> list[Binding]:
        """Which queues an exchange feeds; none where nobody has bound one yet."""
        try:
            return [Binding(*each) for each in json.loads(self._table(exchange).read_text())]
        except (FileNotFoundError, ValueError):
            return []

    def _table(self, exchange: str) -> Path:
        return Path(self._exchange_file(exchange))  # type: ignore[no-untyped-call]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        binding = Binding(routing_key or "", pattern or "", queue or "")
        known = self.get_table(exchange)
        if binding not in known:
            _write_whole(self._table(exchange), [binding, *known])

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns():020}_{uuid.uuid4().hex}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, payload)

    def _get(self, queue: str, *_: object, **__: object) -> Any:
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            try:
                text = path.read_text()
                path.unlink()
            except FileNotFoundError:
                continue
            try:
                return json.loads(text)
            except ValueError:
                LOG.warning("a message of the queue is broken and was dropped", file=path.name)
        raise Empty


class Transport(filesystem.Transport):
    """What Celery is told to use instead of kombu's."""

    Channel = Channel


def _write_whole(path: Path, content: object) -> None:
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        part.write_text(json.dumps(content))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
