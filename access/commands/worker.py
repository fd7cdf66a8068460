"""officegate worker: carries out what the enforcer wants of gateways and NAS. ◆"""

import signal
import threading

import click

from access.app import open_disconnects
from access.commands.invocation import Invocation, passed
from access.gateways import tasks
from access.lifeline import die_with_parent
from access.nas.disconnect import disconnect_session

WRITER = "worker"


@click.command()
@passed
def worker(invocation: Invocation) -> int:
    """Change gateways and disconnect sessions, until stopped. Any number may run."""
    die_with_parent()
    app = invocation.app()
    disconnects = open_disconnects(app, WRITER)

    def disconnect(session_id: int) -> None:
        disconnect_session(disconnects, session_id, app.clock)

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        return tasks.run(app, disconnect, stop)
    finally:
        disconnects.close()
