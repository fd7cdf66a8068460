"""officegate radius-worker and radius-loader: the processes that `officegate run` starts for RADIUS. ◆"""

import gc
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import click

from access import lifeline
from access.app import open_database
from access.commands.invocation import Invocation, passed
from access.radius import loader
from access.radius.radius_workers import doorways, worker_count
from access.radius.radiusd import RadiusWorker, Sockets, journal_directory
from access.store.world_keeper import keeping
from access.store.world_shelf import WorldShelf
from access.supervision.child import BEGIN, STEP_ASIDE
from access.supervision.sockets import doorway
from radius.worker import Worker

# Python's own are 700: some sixty logins.
NEW_BEFORE_A_LOOK = 5000


@click.command("radius-worker", hidden=True)
@click.option("--index", type=int, required=True)
@click.option("--auth-fd", type=int, multiple=True, required=True)
@click.option("--acct-fd", type=int, multiple=True, required=True)
@click.option("--forward-fd", type=int, required=True)
@click.option("--radsec-fd", type=int, multiple=True)
@click.option("--turn", type=click.IntRange(0, 1), default=0)
@click.option("--stand-by", is_flag=True)
@passed
def radius_worker(
    invocation: Invocation,
    /,
    index: int,
    auth_fd: tuple[int, ...],
    acct_fd: tuple[int, ...],
    **others: Any,
) -> None:
    """Answer RADIUS on sockets that the supervisor has opened."""
    lifeline.die_with_parent()
    app = invocation.radius()
    run_dir = app.settings.state_dir / "run"
    place = Worker(index, max(worker_count(app.settings.radius.workers), index + 1), turn=others["turn"])
    peers = doorways(run_dir, place)
    with doorway(peers[place.number]) as own:
        sockets = Sockets(
            tuple(socket.socket(fileno=fd) for fd in auth_fd),
            tuple(socket.socket(fileno=fd) for fd in acct_fd),
            own,
            {number: str(path) for number, path in peers.items()},
            tuple(socket.socket(fileno=fd) for fd in others["radsec_fd"]),
            socket.socket(fileno=others["forward_fd"]),
            place.turn,
        )
        worker = RadiusWorker(app, index, sockets)
        _on((signal.SIGTERM, signal.SIGINT), worker.stop)
        _on((BEGIN,), worker.begin)
        _on((STEP_ASIDE,), worker.retire)
        keep_for_good()
        lifeline.ready()
        worker.serve(stand_by=others["stand_by"])
    peers[place.number].unlink()


@click.command("radius-loader", hidden=True)
@passed
def radius_loader(invocation: Invocation) -> None:
    """Move the journals of the RADIUS workers into the database."""
    lifeline.die_with_parent()
    app = invocation.radius()
    run_dir = app.settings.state_dir / "run"
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    stop_in, stop_out = socket.socketpair()
    _on((signal.SIGTERM, signal.SIGINT), lambda: stop_out.send(b"\0"))
    path = loader.doorbell_path(run_dir)
    with doorway(path) as doorbell, stop_in, stop_out:
        keep_for_good()
        lifeline.ready()
        shelf = WorldShelf(app.settings.state_dir, app.keyring, app.random)
        with keeping(open_database(app.settings), shelf, app.keyring):
            loader.run(app, journal_directory(app.settings.state_dir), doorbell, stop_in)
    path.unlink(missing_ok=True)


def keep_for_good() -> None:
    """Have nobody look for cycles in what a process knows by heart, and seldom in what is new.

    A look at all of it stops a worker for a fifth of a second with nobody in it, and longer the more people
    it knows; a login leaves no cycle behind, a conversation few.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_BEFORE_A_LOOK, 20, 20)


def _on(signals: tuple[signal.Signals, ...], act: Callable[[], object]) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        act()

    for number in signals:
        signal.signal(number, handle)
