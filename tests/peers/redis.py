"""A real Redis on a loopback port, in memory or with its append-only file."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.ports import LOOPBACK, answers, free_port
from tests.peers.process import Daemon


@dataclass
class Redis:
    """durable keeps what it acknowledged through restart() and kill()."""

    durable: bool = False

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="redis-")
        self.port = free_port()
        try:
            self._start()
        except BaseException:
            self._kept.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.daemon.stop()
        self._kept.cleanup()

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int:
        return self.daemon.pid

    def restart(self) -> None:
        self.daemon.stop()
        self._start()

    def kill(self) -> None:
        self.daemon.kill()

    def _start(self) -> None:
        command = ["redis-server", "--bind", LOOPBACK, "--port", str(self.port), "--dir", self._kept.name]
        command += ["--save", "", "--appendonly", "yes" if self.durable else "no", "--appendfsync", "always"]
        self.daemon = Daemon(command, Path(self._kept.name), ready=lambda: answers(self.port))
        self.daemon.start()
