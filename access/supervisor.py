"""Starts processes, restarts what dies, says so, and stops all of them cleanly. ◆

Rules: a child is STARTING until it says READY (sd_notify), then UP. One that ends while nobody asked is
started again, at once the first time, then after 0.2, 0.4 ... 5 s; ten seconds of life forgive the past. What
it left running in its process group is killed first. On SIGINT or SIGTERM every child gets SIGTERM, and
SIGKILL after stop_timeout_s. Nothing is restarted from then on.

Sockets stay open here over the life and death of the children that read them: packets that arrive meanwhile
wait in the kernel, and with SO_REUSEPORT no flow moves to another worker (measured: closing one of four
sockets moved 82 of 143 flows).

Whoever started us hears of it through `tell` (sd_notify): ready once, when every child is, and the stop. The
children speak to a socket of ours, never to theirs.
"""

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog

log = structlog.get_logger()

FORGIVEN_AFTER_S = 10.0
FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0
BACKLOG = 128


@dataclass(frozen=True)
class Program:
    """What to run: a name for the log, the command, and descriptors it inherits."""

    name: str
    command: tuple[str, ...]
    descriptors: tuple[int, ...] = ()


@dataclass
class Child:
    """One program and the process that runs it now, if any."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay_s: float = 0.0
    start_at: float = 0.0
    ready: bool = False
    restarts: int = field(default=0)

    @property
    def pid(self) -> int:
        """The pid of the running process, 0 if none runs."""
        return self.process.pid if self.process else 0


class Supervisor:
    """Keeps the given programs running until it is told to stop."""

    def __init__(
        self,
        programs: Sequence[Program],
        run_dir: Path,
        tell: Callable[[str], None],
        stop_timeout_s: float = 10.0,
    ) -> None:
        """tell passes sd_notify assignments on to whoever started us, if anyone listens there."""
        self._tell = tell
        self._children = [Child(program) for program in programs]
        self._run_dir = run_dir
        self._stop_timeout_s = stop_timeout_s
        self._stopping = False
        self._announced = False

    def run(self, announcement: str) -> int:
        """Return 0 after a clean stop, 1 if a child had to be killed.

        announcement is logged once, when every child has said that it is ready.
        """
        notify = _notify_socket(self._run_dir / "supervisor.sock")
        wake_read, wake_write = socket.socketpair()
        for end in (wake_read, wake_write):
            end.setblocking(False)
        previous = _take_signals(wake_write, self._on_signal)
        selector = selectors.DefaultSelector()
        selector.register(notify, selectors.EVENT_READ, self._hear)
        selector.register(wake_read, selectors.EVENT_READ, _drain)
        log.info("starting", processes=len(self._children))
        try:
            while not self._stopping:
                self._start_due(notify)
                for key, _ in selector.select(timeout=self._next_start()):
                    key.data(key.fileobj)
                self._reap()
                self._announce(announcement)
            return self._stop()
        finally:
            _give_back_signals(previous)
            selector.close()
            for end in (notify, wake_read, wake_write):
                end.close()
            (self._run_dir / "supervisor.sock").unlink(missing_ok=True)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number in (signal.SIGINT, signal.SIGTERM):
            self._stopping = True

    def _start_due(self, notify: socket.socket) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None and child.start_at <= now:
                self._start(child, str(notify.getsockname()), now)
        self._write_pids()

    def _start(self, child: Child, notify_path: str, now: float) -> None:
        environment = os.environ | {
            "NOTIFY_SOCKET": notify_path,
            "OFFICEGATE_SUPERVISOR": str(os.getpid()),
            "OFFICEGATE_PROCESS": child.program.name,
        }
        # A process group of its own: Ctrl-C in the terminal reaches us alone; we stop the children in order.
        child.process = subprocess.Popen(  # noqa: S603 - our own command
            child.program.command,
            env=environment,
            pass_fds=child.program.descriptors,
            process_group=0,
        )
        child.started_at = now
        child.ready = False

    def _write_pids(self) -> None:
        lines = [f"{child.program.name} {child.pid}\n" for child in self._children if child.process]
        path = self._run_dir / "pids"
        text = "".join(lines)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)

    def _next_start(self) -> float:
        waiting = [child.start_at for child in self._children if child.process is None]
        return max(0.0, min([1.0, *(at - time.monotonic() for at in waiting)]))

    def _hear(self, notify: socket.socket) -> None:
        message = notify.recv(4096).decode(errors="replace")
        fields = dict(line.split("=", 1) for line in message.splitlines() if "=" in line)
        for child in self._children:
            if fields.get("READY") == "1" and fields.get("MAINPID") == str(child.pid):
                child.ready = True
                if child.restarts:
                    log.info("is back", process=child.program.name, pid=child.pid)

    def _reap(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None or child.process.poll() is None:
                continue
            _kill_group(child.process.pid)
            lived_s = now - child.started_at
            child.delay_s = 0.0 if lived_s > FORGIVEN_AFTER_S else _longer(child.delay_s, child.restarts)
            child.start_at = now + child.delay_s
            child.restarts += 1
            if not self._stopping:
                log.warning(
                    "died, starting it again",
                    process=child.program.name,
                    pid=child.process.pid,
                    how=_how_it_ended(child.process.returncode),
                    lived_s=round(lived_s, 1),
                    in_s=child.delay_s,
                )
            child.process = None

    def _announce(self, announcement: str) -> None:
        if not self._announced and all(child.ready for child in self._children):
            self._announced = True
            log.info(announcement, processes=len(self._children))
            self._tell(f"READY=1\nMAINPID={os.getpid()}\nSTATUS={announcement}")

    def _stop(self) -> int:
        log.info("stopping")
        self._tell("STOPPING=1")
        running = [child for child in self._children if child.process and child.process.poll() is None]
        for child in running:
            os.kill(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._stop_timeout_s
        killed = [child for child in running if not _ends_before(child, deadline)]
        for child in killed:
            log.warning("did not stop in time, killed it", process=child.program.name, pid=child.pid)
        (self._run_dir / "pids").unlink(missing_ok=True)
        log.info("stopped")
        return 1 if killed else 0


def reuseport_sockets(address: str, port: int, count: int, alone: bool = True) -> list[socket.socket]:
    """Return count UDP sockets that share one address and port, each with its own share of the flows.

    "::" takes IPv4 as well, unless it is not alone. Raises OSError, and then none of them stays open.
    """
    with ExitStack() as opened:
        sockets = [opened.enter_context(_socket(address, socket.SOCK_DGRAM, alone)) for _ in range(count)]
        for sock in sockets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            sock.bind((address, port))
        opened.pop_all()
    return sockets


def listening_sockets(address: str, port: int, count: int, alone: bool = True) -> list[socket.socket]:
    """Return count TCP sockets that share one address and port, each with its own share of the connections.

    None for port 0. "::" takes IPv4 as well, unless it is not alone. Raises OSError, and then none of them
    stays open.
    """
    wanted = count if port else 0
    with ExitStack() as opened:
        sockets = [opened.enter_context(_socket(address, socket.SOCK_STREAM, alone)) for _ in range(wanted)]
        for sock in sockets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.bind((address, port))
            sock.listen(BACKLOG)
        opened.pop_all()
    return sockets


def _socket(address: str, kind: socket.SocketKind, alone: bool) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not alone)
    return sock


def doorway(path: Path) -> socket.socket:
    """Return a unix datagram socket bound at path, replacing what an earlier run left there."""
    path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(str(path))
    path.chmod(0o600)
    return sock


def _notify_socket(path: Path) -> socket.socket:
    sock = doorway(path)
    sock.setblocking(False)
    return sock


SignalHandlers = dict[signal.Signals, object]


def _take_signals(wake: socket.socket, handler: object) -> tuple[int, SignalHandlers]:
    fd = signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    taken = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
    return fd, {number: signal.signal(number, handler) for number in taken}  # type: ignore[arg-type]


def _give_back_signals(previous: tuple[int, SignalHandlers]) -> None:
    fd, handlers = previous
    signal.set_wakeup_fd(fd)
    for number, handler in handlers.items():
        signal.signal(number, handler)  # type: ignore[arg-type]


def _drain(sock: socket.socket) -> None:
    sock.recv(4096)


def _longer(delay_s: float, restarts: int) -> float:
    if restarts == 0:
        return 0.0
    return min(LONGEST_DELAY_S, max(FIRST_DELAY_S, delay_s * 2))


def _how_it_ended(returncode: int) -> str:
    if returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    return f"exit status {returncode}"


def _ends_before(child: Child, deadline: float) -> bool:
    assert child.process is not None
    try:
        child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        _kill_group(child.process.pid)
        child.process.wait()
        return False
    _kill_group(child.process.pid)
    return True


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def close_all(sockets: Iterable[socket.socket]) -> None:
    """Close every socket."""
    for sock in sockets:
        sock.close()
