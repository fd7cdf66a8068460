"""officegate run: every process of an installation on one machine; officegate radius: RADIUS alone. ◆"""

import fcntl
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click
import structlog

from access import lifeline
from access.app import open_radius
from access.commands.invocation import Invocation, passed
from access.config import RadiusSettings, Settings
from access.errors import Misconfigured
from access.radius.radius_workers import shared_doorway, worker_count, worker_key
from access.snapshot import Snapshot
from access.supervision.child import Program
from access.supervision.sockets import close_all, doorway, listening_sockets, reuseport_sockets, steer
from access.supervision.supervisor import Supervisor
from radius.steering import Homes

LOG = structlog.get_logger()
READY = "officegate is ready"
# What a worker takes to step aside at most, beside drain_s: to tell its successor, and to end.
ASIDE_S = 20.0
# unix(7): an address has room for 107 octets; the longest we make is that of the supervisor.
LONGEST_RUN_DIR = 107 - len("/supervisor.sock")


class PathTooLong(Misconfigured):
    """The sockets below the state directory would have longer names than the kernel takes."""


class PortTaken(Misconfigured):
    """Something else listens where we should."""


class RunsAlready(Misconfigured):
    """Another supervisor runs in the same state directory."""


@dataclass(frozen=True)
class Sockets:
    """What the supervisor keeps open for one RADIUS worker: a socket for each address, and a doorway."""

    auth: tuple[socket.socket, ...]
    acct: tuple[socket.socket, ...]
    radsec: tuple[socket.socket, ...]
    forwarded: socket.socket

    @property
    def words(self) -> tuple[tuple[str, socket.socket], ...]:
        """Every one of them, with the option that tells the worker of it."""
        several = (("--auth-fd", self.auth), ("--acct-fd", self.acct), ("--radsec-fd", self.radsec))
        words = [(option, sock) for option, sockets in several for sock in sockets]
        return (*words, ("--forward-fd", self.forwarded))

    @property
    def all(self) -> tuple[socket.socket, ...]:
        """Every one of them."""
        return tuple(sock for _, sock in self.words)


@click.command()
@passed
def run(invocation: Invocation) -> int:
    """Run everything on this machine until Ctrl-C: portal, RADIUS, directories, enforcement, workers."""
    others = [("web", "web"), ("directory", "directory", "run"), ("enforce", "enforce"), ("worker", "worker")]
    return _supervise(invocation, others)


@click.command()
@passed
def radius(invocation: Invocation) -> int:
    """Run the RADIUS service alone: its workers, and the loader of their journals."""
    return _supervise(invocation, [])


class NeedsRestart(Misconfigured):
    """A setting has changed that the open sockets, or the files of the running service, depend on."""


@dataclass
class Plan:
    """What to run, from the configuration as it was read last; called, from what it is now."""

    config_file: Path
    others: list[tuple[str, ...]]
    snapshot: Snapshot
    workers: list[Sockets]

    def __call__(self) -> list[Program]:
        """Read the configuration anew. Raises AccessError, and then all is as before."""
        snapshot = Snapshot(self.config_file)
        changed = [key for key, of in FIXED.items() if of(snapshot.settings) != of(self.snapshot.settings)]
        if changed:
            raise NeedsRestart(
                f"{' and '.join(changed)} cannot change while it runs, so nothing was changed:"
                " restart Officegate."
            )
        key = _opened(snapshot.settings)
        self.snapshot = snapshot
        _steer(self.workers, key)
        return self.programs()

    def programs(self) -> list[Program]:
        """Return every program, the RADIUS workers first."""
        programs = [self._worker(number, sockets) for number, sockets in enumerate(self.workers)]
        programs.append(self._program("loader", "radius-loader"))
        return programs + [self._program(name, *words) for name, *words in self.others]

    def _worker(self, number: int, sockets: Sockets) -> Program:
        words = [word for option, sock in sockets.words for word in (option, str(sock.fileno()))]
        program = self._program(f"radius-{number}", "radius-worker", "--index", str(number), *words)
        descriptors = (*program.descriptors, *(sock.fileno() for sock in sockets.all))
        aside_s = self.snapshot.settings.radius.drain_s + ASIDE_S
        return replace(program, descriptors=descriptors, aside_s=aside_s)

    def _program(self, name: str, *words: str) -> Program:
        snapshot = self.snapshot
        command = (sys.executable, "-m", "access.cli", "--config", str(snapshot.path), *words)
        return Program(name, command, (snapshot.descriptor,), kept=snapshot)


FIXED: dict[str, Callable[[Settings], object]] = {
    "state_dir": lambda settings: settings.state_dir,
    "radius.listen": lambda settings: settings.radius.listen,
    "radius.auth_port": lambda settings: settings.radius.auth_port,
    "radius.acct_port": lambda settings: settings.radius.acct_port,
    "radius.radsec_port": lambda settings: settings.radius.radsec_port,
    "radius.workers": lambda settings: worker_count(settings.radius.workers),
}


def _supervise(invocation: Invocation, others: list[tuple[str, ...]]) -> int:
    lifeline.die_with_parent()
    snapshot = Snapshot(invocation.config_file)
    settings = snapshot.settings
    # An installation that cannot be opened should say so once, not as a dozen children that die.
    key = _opened(settings)
    run_dir = _run_dir(settings.state_dir)
    with _alone(run_dir):
        _forget_counters(run_dir)
        workers = _bind(settings, run_dir)
        _steer(workers, key)
        plan = Plan(invocation.config_file, others, snapshot, workers)
        try:
            supervisor = Supervisor(plan.programs(), run_dir, lifeline.notify, plan)
            return supervisor.run(_announcement(settings, bool(others)))
        finally:
            close_all(sock for sockets in workers for sock in sockets.all)


def _opened(settings: Settings) -> bytes:
    """Return the key that RADIUS workers have in common, of an installation that can be opened."""
    app = open_radius(settings)
    key = worker_key(app.keyring)
    app.close()
    return key


def _steer(workers: list[Sockets], key: bytes) -> None:
    """Have the kernel give each packet of EAP to the worker that it belongs to."""
    if len(workers) == 1:
        return
    program = Homes(len(workers), key).program()
    taken = [steer(sock, program) for sock in workers[0].auth]
    if not all(taken):
        LOG.warning("the kernel takes no program for the sockets of RADIUS; workers hand packets on")


@contextmanager
def _alone(run_dir: Path) -> Iterator[None]:
    """Hold the state directory. Raises RunsAlready.

    The ports would not refuse a second supervisor: with SO_REUSEPORT it would get half of the packets, and
    its children would tell the socket of the other that they are ready.
    """
    with (run_dir / "supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunsAlready(
                f"Officegate runs already in {run_dir.parent}, or is still stopping. Stop it first, or give"
                " this one a state_dir and ports of its own."
            ) from None
        yield


def _run_dir(state_dir: Path) -> Path:
    run_dir = state_dir / "run"
    spare = LONGEST_RUN_DIR - len(os.fsencode(run_dir))
    if spare < 0:
        raise PathTooLong(
            f"The sockets in {run_dir} cannot have names that long: choose a state_dir that is"
            f" {-spare} octets shorter."
        )
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return run_dir


def _forget_counters(run_dir: Path) -> None:
    """Remove what workers of an earlier run have counted: some may not come back under their names."""
    for counted in run_dir.glob("radius-*.json"):
        counted.unlink()


def _bind(settings: Settings, run_dir: Path) -> list[Sockets]:
    """What each worker gets. Raises PortTaken, and then nothing stays open."""
    radius = settings.radius
    count = worker_count(radius.workers)
    kinds = (
        (radius.auth_port, reuseport_sockets),
        (radius.acct_port, reuseport_sockets),
        (radius.radsec_port, listening_sockets),
    )
    with ExitStack() as opened:
        rows = [_bound(radius, port, count, opens, opened) for port, opens in kinds]
        opened.pop_all()
    doors = [doorway(shared_doorway(run_dir, number)) for number in range(count)]
    return [Sockets(*ends) for ends in zip(*rows, doors, strict=True)]


Opens = Callable[[str, int, int, bool], list[socket.socket]]


def _bound(
    radius: RadiusSettings, port: int, count: int, opens: Opens, opened: ExitStack
) -> list[tuple[socket.socket, ...]]:
    """The sockets of each of count workers for a port, one for each address. Raises PortTaken."""
    alone = len(radius.listen) == 1
    by_address = []
    for address in map(str, radius.listen):
        try:
            sockets = opens(address, port, count, alone)
        except OSError as error:
            raise PortTaken(
                f"RADIUS cannot listen on {address}, port {port}: {error.strerror}. Stop what listens there,"
                " or change [radius] listen, auth_port, acct_port or radsec_port."
            ) from error
        by_address.append([opened.enter_context(sock) for sock in sockets])
    return [tuple(sockets[number] for sockets in by_address if sockets) for number in range(count)]


def _announcement(settings: Settings, everything: bool) -> str:
    radius = settings.radius
    where = (
        f"RADIUS on {' and '.join(map(str, radius.listen))} ports {radius.auth_port} and {radius.acct_port}"
    )
    if radius.radsec_port:
        where += f", RadSec on {radius.radsec_port}"
    if not everything:
        return f"{READY}: {where}"
    web = settings.web
    portal = web.public_url or f"{'https' if web.certificate else 'http'}://{web.listen}"
    return f"{READY}: portal {portal}/, {where}. Ctrl-C stops it"
