"""Starts processes, restarts what dies, says so, and stops all of them cleanly. ◆

Rules: a child is STARTING until it says READY (sd_notify), then UP. One that ends while nobody asked is
started again, at once the first time, then after 0.2, 0.4 ... 5 s; ten seconds of life forgive the past. What
it left running in its process group is killed first. On SIGINT or SIGTERM every child gets SIGTERM, and
SIGKILL after stop_timeout_s. Nothing is restarted from then on.

On SIGHUP, or when a datagram with RELOAD=1 asks for it at our socket, we are told anew what to run. Where
that cannot be said, nothing changes; otherwise every child is replaced (reloading.py). Who asked with a
datagram gets one back: RELOADED= and an exit status, then a line of text.

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
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import structlog

from access.errors import AccessError, Misconfigured
from access.supervision.child import Child, Program, how_it_ended, kill_group
from access.supervision.reloading import Reload
from access.supervision.sockets import doorway

log = structlog.get_logger()

FORGIVEN_AFTER_S = 10.0
FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0


class Supervisor:
    """Keeps the given programs running until it is told to stop."""

    def __init__(
        self,
        programs: Sequence[Program],
        run_dir: Path,
        tell: Callable[[str], None],
        plan: Callable[[], Sequence[Program]],
        stop_timeout_s: float = 10.0,
    ) -> None:
        """tell passes sd_notify assignments on to whoever started us, if anyone listens there.

        plan says for each reload what to run, under the names of programs. Raises AccessError.
        """
        self._tell, self._plan = tell, plan
        self._children = [Child(program) for program in programs]
        self._run_dir = run_dir
        self._stop_timeout_s = stop_timeout_s
        self._stopping = False
        self._announced = False
        self._is_asked = False
        self._askers: list[str | bytes] = []
        self._waiting: list[str | bytes] = []
        self._reload: Reload | None = None

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
                self._go_on_reloading(notify)
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
        elif number == signal.SIGHUP:
            self._is_asked = True

    def _start_due(self, notify: socket.socket) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None and not child.held and child.start_at <= now:
                child.start(str(notify.getsockname()), now)
        self._write_pids()

    def _write_pids(self) -> None:
        lines = [f"{child.program.name} {child.pid}\n" for child in self._children if child.process]
        path = self._run_dir / "pids"
        text = "".join(lines)
        if not path.exists() or path.read_text() != text:
            # Whoever looks meanwhile must not see half of it.
            draft = path.with_suffix(".new")
            draft.write_text(text)
            draft.rename(path)

    def _next_start(self) -> float:
        waiting = [child.start_at for child in self._children if child.process is None and not child.held]
        return max(0.0, min([1.0, *(at - time.monotonic() for at in waiting)]))

    def _hear(self, notify: socket.socket) -> None:
        octets, asker = notify.recvfrom(4096)
        message = octets.decode(errors="replace")
        fields = dict(line.split("=", 1) for line in message.splitlines() if "=" in line)
        if fields.get("RELOAD") == "1":
            self._is_asked = True
            self._askers.append(asker)
        for child in self._everybody:
            if fields.get("READY") == "1" and fields.get("MAINPID") == str(child.pid):
                child.ready = True
                if child.restarts:
                    log.info("is back", process=child.program.name, pid=child.pid)

    @property
    def _everybody(self) -> list[Child]:
        """The children, and those that a reload has beside them."""
        return [*self._children, *(self._reload.besides if self._reload is not None else ())]

    def _go_on_reloading(self, notify: socket.socket) -> None:
        """Begin a reload that was asked for, or do what can be done of the one under way."""
        if self._reload is None and self._is_asked and self._announced:
            self._is_asked = False
            self._waiting, self._askers = self._askers, []
            self._begin_reload(notify)
        if self._reload is None:
            return
        try:
            if self._reload.advance():
                self._reload = None
                log.info("everything runs with the new configuration")
                self._answer(notify, 0, "everything runs with the new configuration")
        except AccessError as error:
            self._reload = None
            log.error("the reload was broken off", why=str(error))
            self._answer(notify, 1, str(error))

    def _begin_reload(self, notify: socket.socket) -> None:
        try:
            programs = self._plan()
        except AccessError as error:
            log.error("the new configuration is not taken; everything goes on as before", why=str(error))
            self._answer(notify, 2 if isinstance(error, Misconfigured) else 1, str(error))
            return
        log.info("the configuration was read anew; replacing every process")

        def start(child: Child, stand_by: bool) -> None:
            child.start(str(notify.getsockname()), time.monotonic(), stand_by=stand_by)

        self._reload = Reload(self._children, programs, start, self._stop_timeout_s)

    def _answer(self, notify: socket.socket, status: int, text: str) -> None:
        for asker in self._waiting:
            try:
                notify.sendto(f"RELOADED={status}\n{text}".encode(), asker)
            except OSError:
                # Who asked has gone; the log has it too.
                continue
        self._waiting = []

    def _reap(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None or child.held or child.process.poll() is None:
                continue
            kill_group(child.process.pid)
            lived_s = now - child.started_at
            child.delay_s = 0.0 if lived_s > FORGIVEN_AFTER_S else _longer(child.delay_s, child.restarts)
            child.start_at = now + child.delay_s
            child.restarts += 1
            if not self._stopping:
                log.warning(
                    "died, starting it again",
                    process=child.program.name,
                    pid=child.process.pid,
                    how=how_it_ended(child.process.returncode),
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
        running = [child for child in self._everybody if child.runs]
        for child in running:
            os.kill(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._stop_timeout_s
        killed = [child for child in running if not _ends_before(child, deadline)]
        for child in killed:
            log.warning("did not stop in time, killed it", process=child.program.name, pid=child.pid)
        (self._run_dir / "pids").unlink(missing_ok=True)
        log.info("stopped")
        return 1 if killed else 0


def _notify_socket(path: Path) -> socket.socket:
    sock = doorway(path)
    sock.setblocking(False)
    return sock


SignalHandlers = dict[signal.Signals, object]


def _take_signals(wake: socket.socket, handler: object) -> tuple[int, SignalHandlers]:
    fd = signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    taken = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
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


def _ends_before(child: Child, deadline: float) -> bool:
    assert child.process is not None
    try:
        child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        kill_group(child.process.pid)
        child.process.wait()
        return False
    kill_group(child.process.pid)
    return True
