"""One daemon of the tests: started in its own directory, ready by a condition, logged, stopped by pid."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.available import program
from tests.peers.leftovers import running
from tests.peers.waiting import NotInTime, wait_until

READY_S = 60.0
# Long, for a busy machine: a database that is killed while it closes leaves processes that still write.
STOP_S = 60.0
LOG_TAIL_LINES = 40


class Died(RuntimeError):
    """The program ended, or did not get ready; the message carries the end of its log."""


class Daemon:
    """A program in the foreground. Use it as a context manager, or start() and stop()."""

    def __init__(
        self,
        command: Sequence[str | Path],
        directory: Path,
        *,
        ready: Callable[[], bool],
        user: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """command[0] is looked up in PATH and sbin; its output goes to DIRECTORY/NAME.log.

        With `user`, and root to give up, the program runs as that user.
        """
        self.name = Path(command[0]).name
        self.directory = directory
        self.log_path = directory / f"{self.name}.log"
        self._command = [program(str(command[0])) or str(command[0]), *map(str, command[1:])]
        self._user = user
        self._ready = ready
        self._environment = dict(os.environ) | dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise Died(f"{self.name} is not running")
        return self._process.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text("utf-8", "replace") if self.log_path.exists() else ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it is ready. Raises Died with the end of its log, and leaves nothing running."""
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._wrapper(), *self._command],
                cwd=self.directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until(self._ready_or_dead, f"{self.name} to be ready", READY_S)
        except NotInTime as late:
            self.stop()
            raise Died(f"{late}\n{self.log_tail()}") from late

    def stop(self, farewell: signal.Signals = signal.SIGTERM) -> None:
        """Ends the daemon and all of its process group; does nothing when it is not running."""
        if self._process is None:
            return
        self._process.send_signal(farewell)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            kill_group(self._process.pid)
            self._process = None

    def kill(self) -> None:
        """As a crash would: SIGKILL, nothing said."""
        self.stop(signal.SIGKILL)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log_tail(self) -> str:
        return "\n".join(self.log.splitlines()[-LOG_TAIL_LINES:])

    def _wrapper(self) -> list[str]:
        """setpriv becomes the program, so the pid stays; the program dies with us even if we are killed."""
        drop = ["--reuid", self._user, "--regid", self._user, "--init-groups"] if self._drops_root() else []
        return [program("setpriv"), *drop, "--pdeathsig", "KILL", "--"]

    def _drops_root(self) -> bool:
        return bool(self._user) and os.geteuid() == 0

    def _ready_or_dead(self) -> bool:
        if not self.is_running():
            status = self._process.returncode if self._process else "?"
            self._process = None
            raise Died(f"{self.name} ended with status {status}\n{self.log_tail()}")
        return self._ready()


def kill_group(leader: int) -> None:
    """What a daemon has forked may outlive it, and writes into its directory until it is gone."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
    wait_until(lambda: not group(leader), f"the processes of group {leader} to go")


def group(leader: int) -> set[int]:
    """The processes of a group."""
    return {pid for pid, stat in running().items() if int(stat[2]) == leader}
