"""officegate run: every process of an installation on one machine; officegate radius: RADIUS alone. ◆"""

import os
import socket
import sys
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import click

from access import lifeline
from access.app import open_app
from access.commands.invocation import Invocation, passed
from access.config import Settings
from access.errors import Misconfigured
from access.supervisor import Program, Supervisor, close_all, doorway, listening_sockets, reuseport_sockets

READY = "officegate is ready"
# unix(7): an address has room for 107 octets; the longest we make is that of the supervisor.
LONGEST_RUN_DIR = 107 - len("/supervisor.sock")


class PathTooLong(Misconfigured):
    """The sockets below the state directory would have longer names than the kernel takes."""


class PortTaken(Misconfigured):
    """Something else listens where we should."""


@dataclass(frozen=True)
class Sockets:
    """What the supervisor keeps open for one RADIUS worker."""

    auth: socket.socket
    acct: socket.socket
    forwarded: socket.socket
    radsec: socket.socket | None = None

    @property
    def words(self) -> tuple[tuple[str, socket.socket], ...]:
        """Every one of them, with the option that tells the worker of it."""
        words = (("--auth-fd", self.auth), ("--acct-fd", self.acct), ("--forward-fd", self.forwarded))
        return words if self.radsec is None else (*words, ("--radsec-fd", self.radsec))

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


def _supervise(invocation: Invocation, others: list[tuple[str, ...]]) -> int:
    lifeline.die_with_parent()
    settings = invocation.settings
    # An installation that cannot be opened should say so once, not as a dozen children that die.
    open_app(settings).close()
    run_dir = _run_dir(settings.state_dir)
    workers = _bind(settings, run_dir)
    programs = [_radius_worker(invocation, number, sockets) for number, sockets in enumerate(workers)]
    programs.append(_program(invocation, "loader", "radius-loader"))
    programs += [_program(invocation, name, *words) for name, *words in others]
    try:
        return Supervisor(programs, run_dir, lifeline.notify).run(_announcement(settings, bool(others)))
    finally:
        close_all(sock for sockets in workers for sock in sockets.all)


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


def _bind(settings: Settings, run_dir: Path) -> list[Sockets]:
    count = settings.radius.workers or os.cpu_count() or 1
    address = str(settings.radius.listen)
    try:
        auth = reuseport_sockets(address, settings.radius.auth_port, count)
        acct = reuseport_sockets(address, settings.radius.acct_port, count)
    except OSError as error:
        ports = f"{settings.radius.auth_port} and {settings.radius.acct_port}"
        raise PortTaken(
            f"RADIUS cannot listen on {address}, ports {ports}: {error.strerror}."
            " Stop what listens there, or change [radius] listen, auth_port or acct_port."
        ) from error
    try:
        radsec = listening_sockets(address, settings.radius.radsec_port, count)
    except OSError as error:
        raise PortTaken(
            f"RadSec cannot listen on {address}, TCP port {settings.radius.radsec_port}: {error.strerror}."
            " Stop what listens there, or change [radius] listen or radsec_port."
        ) from error
    doors = [doorway(run_dir / f"radius-{number}.sock") for number in range(count)]
    return [Sockets(*ends) for ends in zip_longest(auth, acct, doors, radsec)]


def _radius_worker(invocation: Invocation, number: int, sockets: Sockets) -> Program:
    words = [word for option, sock in sockets.words for word in (option, str(sock.fileno()))]
    program = _program(invocation, f"radius-{number}", "radius-worker", "--index", str(number), *words)
    return Program(program.name, program.command, tuple(sock.fileno() for sock in sockets.all))


def _program(invocation: Invocation, name: str, *words: str) -> Program:
    return Program(
        name, (sys.executable, "-m", "access.cli", "--config", str(invocation.config_file), *words)
    )


def _announcement(settings: Settings, everything: bool) -> str:
    radius = settings.radius
    where = f"RADIUS on {radius.listen} ports {radius.auth_port} and {radius.acct_port}"
    if radius.radsec_port:
        where += f", RadSec on {radius.radsec_port}"
    if not everything:
        return f"{READY}: {where}"
    web = settings.web
    portal = web.public_url or f"{'https' if web.certificate else 'http'}://{web.listen}"
    return f"{READY}: portal {portal}/, {where}. Ctrl-C stops it"
