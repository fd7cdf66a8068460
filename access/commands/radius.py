"""officegate radius-worker and radius-loader: the processes that `officegate run` starts for RADIUS. ◆"""

import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import click

from access import lifeline, loader
from access.commands.invocation import Invocation, passed
from access.radiusd import RadiusWorker, Sockets, journal_directory, worker_count
from access.supervisor import doorway


@click.command("radius-worker", hidden=True)
@click.option("--index", type=int, required=True)
@click.option("--auth-fd", type=int, multiple=True, required=True)
@click.option("--acct-fd", type=int, multiple=True, required=True)
@click.option("--forward-fd", type=int, required=True)
@click.option("--radsec-fd", type=int, multiple=True)
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
    app = invocation.app()
    run_dir = app.settings.state_dir / "run"
    count = max(worker_count(app.settings.radius.workers), index + 1)
    sockets = Sockets(
        tuple(socket.socket(fileno=fd) for fd in auth_fd),
        tuple(socket.socket(fileno=fd) for fd in acct_fd),
        socket.socket(fileno=others["forward_fd"]),
        {number: str(run_dir / f"radius-{number}.sock") for number in range(count)},
        tuple(socket.socket(fileno=fd) for fd in others["radsec_fd"]),
    )
    worker = RadiusWorker(app, index, sockets)
    _stop_with(worker.stop)
    lifeline.ready()
    worker.serve()


@click.command("radius-loader", hidden=True)
@passed
def radius_loader(invocation: Invocation) -> None:
    """Move the journals of the RADIUS workers into the database."""
    lifeline.die_with_parent()
    app = invocation.app()
    run_dir = app.settings.state_dir / "run"
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    stop_in, stop_out = socket.socketpair()
    _stop_with(lambda: stop_out.send(b"\0"))
    path = loader.doorbell_path(run_dir)
    with doorway(path) as doorbell, stop_in, stop_out:
        lifeline.ready()
        loader.run(app, journal_directory(app.settings.state_dir), doorbell, stop_in)
    path.unlink(missing_ok=True)


def _stop_with(stop: Callable[[], object]) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
