"""officegate reload: have the running service read its configuration anew. ◆"""

import socket
from pathlib import Path

import click

from access.commands.invocation import Invocation, passed
from access.errors import Unavailable

ANSWER_OCTETS = 65536
LOOK_EVERY_S = 1.0


@click.command()
@passed
def reload(invocation: Invocation) -> int:
    """Have `officegate run` or `officegate radius` read the configuration anew, without losing a packet.

    Every process is replaced, one by one. A mistake changes nothing.
    """
    status, text = _ask(invocation.settings.state_dir / "run" / "supervisor.sock")
    for line in text.splitlines():
        click.echo(f"officegate: {line}" if status else line, err=bool(status))
    return status


def _ask(supervisor: Path) -> tuple[int, str]:
    """Return the exit status of a reload, and what there is to say. Raises Unavailable."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours:
        # An address that the kernel makes up, so that the answer finds us.
        ours.bind("")
        _connect(ours, supervisor)
        ours.settimeout(LOOK_EVERY_S)
        ours.send(b"RELOAD=1")
        while True:
            try:
                answer = ours.recv(ANSWER_OCTETS).decode()
            except TimeoutError:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as look:
                    _connect(look, supervisor)
                continue
            status, _, text = answer.removeprefix("RELOADED=").partition("\n")
            return int(status), text


def _connect(ours: socket.socket, supervisor: Path) -> None:
    try:
        ours.connect(str(supervisor))
    except OSError as error:
        raise Unavailable(
            f"Nothing that could be reloaded runs here ({supervisor}: {error.strerror}): start it with"
            " `officegate run`. Where state_dir was changed, restart it."
        ) from error
