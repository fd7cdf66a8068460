"""Whoever looks for who holds a port looks at processes that end and close files meanwhile."""

import os
import socket
from pathlib import Path

from access.commands.checks.network import _holder, _running


def test_processes_that_end_while_they_are_looked_at_are_none_of_ours(tmp_path, monkeypatch):
    # A moment ago it was all there.
    monkeypatch.setattr(Path, "exists", lambda _: True)
    pids = tmp_path / "pids"
    assert _running(pids) == set()

    pids.write_text(f"web {os.getpid()}\nloader 999999999\n")

    assert _running(pids) == {os.getpid(), os.getppid()} - {0, 1}


def test_a_file_that_is_closed_while_it_is_looked_at_hides_no_other(monkeypatch):
    readlink, closed = Path.readlink, []

    def first_is_closed(path):
        if not closed:
            closed.append(path)
            raise FileNotFoundError(path)
        return readlink(path)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        monkeypatch.setattr(Path, "readlink", first_is_closed)

        assert _holder("udp", held.getsockname()[1], {os.getpid()}) == os.getpid()
