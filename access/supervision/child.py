"""One program of the supervisor and the process that runs it: started, asked for, ended. ◆"""

import os
import signal
import subprocess
from dataclasses import dataclass, field

# What a process that others replace while it serves understands beside SIGTERM.
BEGIN = signal.SIGUSR1
STEP_ASIDE = signal.SIGUSR2


@dataclass(frozen=True)
class Program:
    """What to run: a name for the log, the command, and descriptors it inherits.

    One with aside_s understands BEGIN, STEP_ASIDE and the options --turn and --stand-by: its successor is
    started beside it, and it may take so long to step aside. kept is not closed while somebody may run this.
    """

    name: str
    command: tuple[str, ...]
    descriptors: tuple[int, ...] = ()
    aside_s: float | None = None
    kept: object = None


@dataclass(eq=False)
class Child:
    """One program and the process that runs it now, if any. held: nobody but who holds it starts it."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay_s: float = 0.0
    start_at: float = 0.0
    ready: bool = False
    restarts: int = field(default=0)
    turn: int = 0
    held: bool = False

    @property
    def pid(self) -> int:
        """The pid of the running process, 0 if none runs."""
        return self.process.pid if self.process else 0

    @property
    def runs(self) -> bool:
        """Whether a process runs it."""
        return self.process is not None and self.process.poll() is None

    def start(self, notify_path: str, now: float, *, stand_by: bool = False) -> None:
        """Start a process, which tells notify_path when it is ready."""
        program = self.program
        environment = os.environ | {
            "NOTIFY_SOCKET": notify_path,
            "OFFICEGATE_SUPERVISOR": str(os.getpid()),
            "OFFICEGATE_PROCESS": program.name,
        }
        turn = ("--turn", str(self.turn)) if program.aside_s is not None else ()
        # A process group of its own: Ctrl-C in the terminal reaches us alone; we stop the children in order.
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            (*program.command, *turn, *(("--stand-by",) if stand_by else ())),
            env=environment,
            pass_fds=program.descriptors,
            process_group=0,
        )
        self.started_at, self.ready = now, False

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, if one runs."""
        if self.process is not None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """Kill the process, and whatever it has started."""
        if self.process is not None:
            kill_group(self.process.pid)
            self.process.wait()


def kill_group(pid: int) -> None:
    """Kill a process group; nothing where it is gone."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def how_it_ended(returncode: int) -> str:
    """Return what an exit status means, in words."""
    if returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    return f"exit status {returncode}"
