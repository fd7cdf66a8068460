import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from access.nas.nas_certificate import of_file
from access.supervision.sockets import doorway, listening_sockets, reuseport_sockets
from radius.limits import RADSEC_SECRET
from radius.packet import Code
from tests.access.radius_office import SECRET, class_of, opened_office
from tests.peers.certificates import create_authority
from tests.peers.ports import free_port
from tests.peers.radclient import Kind, ask
from tests.peers.waiting import wait_until
from tests.radius.office import Asker
from tests.radius.tls_office import TlsNas

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]


@pytest.fixture
def office(directory):
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        office = opened_office(Path(kept), "", directory.slapd, directory.hangang)
        (office.state_dir / "run").mkdir(parents=True)
        yield office
        office.app.close()


class Sockets:
    """What a supervisor keeps over the life and death of workers."""

    def __init__(self, office, count):
        self.count = count
        # The kernel's choice may be a port that another process shares in the same way.
        office.auth_port, office.acct_port = free_port(), free_port()
        self.auth = reuseport_sockets("127.0.0.1", office.auth_port, count)
        self.acct = reuseport_sockets("127.0.0.1", office.acct_port, count)
        # No port is free for certain, so the first one is the kernel's choice.
        self.radsec = [socket.create_server(("127.0.0.1", 0), reuse_port=True)]
        office.radsec_port = self.radsec[0].getsockname()[1]
        self.radsec += listening_sockets("127.0.0.1", office.radsec_port, count - 1)
        self.doors = [doorway(office.state_dir / "run" / f"radius-{n}.sock") for n in range(count)]

    def of(self, index):
        return [ends[index].fileno() for ends in (self.auth, self.acct, self.doors, self.radsec)]

    def close(self):
        for end in (*self.auth, *self.acct, *self.radsec, *self.doors):
            end.close()


@pytest.fixture
def sockets(office):
    sockets = Sockets(office, 2)
    yield sockets
    sockets.close()


@contextmanager
def worker(office, sockets, index=0):
    """A worker process that has said it is ready."""
    ready = office.state_dir.parent / "ready"
    with doorway(ready) as notified, _officegate(office, _words(sockets, index), sockets, ready) as process:
        notified.settimeout(60)
        assert notified.recv(100).startswith(b"READY=1")
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(30) in (0, -signal.SIGKILL)


def _officegate(office, words, sockets, ready):
    config = office.state_dir.parent / "officegate.toml"
    environment = {"OFFICEGATE_RADIUS__WORKERS": str(sockets.count), "NOTIFY_SOCKET": str(ready)}
    environment["OFFICEGATE_RADIUS__REJECT_DELAY_S"] = "0"
    return subprocess.Popen(
        [sys.executable, "-m", "access.cli", "--config", str(config), *words],
        env=os.environ | environment,
        pass_fds=[fd for index in range(sockets.count) for fd in sockets.of(index)],
        stderr=subprocess.PIPE,
    )


def test_kill_9_between_record_and_loading_loses_nothing(office, sockets):
    with worker(office, sockets, 0) as first, worker(office, sockets, 1) as second:
        accepted = office.log_in("vpn", office.password + office.code())
        assert accepted.code == "Access-Accept"
        for process in (first, second):
            process.kill()
            process.wait()
    with worker(office, sockets, 0), worker(office, sockets, 1):
        assert office.account("vpn", "Start", class_of(accepted)).code == "Accounting-Response"
        assert office.log_in("switch", "wrong").code == "Access-Reject"

    assert office.load() == 3

    (session,) = office.sessions()
    assert (session.state, bytes(session._mapping["class"])) == ("live", class_of(accepted))
    assert [row.reason for row in office.audited() if row.kind == "login"] == ["PERMITTED", "WRONG_PASSWORD"]


def test_packets_wait_for_a_worker_that_is_started_again(office, sockets):
    with worker(office, sockets, 0), worker(office, sockets, 1):
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nas:
        nas.settimeout(60)
        nas.sendto(_status_server(), ("127.0.0.1", office.auth_port))
        with worker(office, sockets, 0), worker(office, sockets, 1):
            assert nas.recv(4096)[0] == 2


def test_an_answer_to_a_prompt_finds_the_worker_that_asked(office, sockets):
    with worker(office, sockets, 0), worker(office, sockets, 1):
        asked = office.log_in("asking", office.password)
        state = bytes.fromhex(asked.get("State").removeprefix("0x"))
        wrong = [office.log_in("asking", "000000", State=bytes([state[0]]) + bytes(15)) for _ in range(4)]
        # Each radclient has a port of its own, so the kernel gives them to either worker.
        answered = office.log_in("asking", office.code(), State=state)

    assert {reply.code for reply in wrong} == {"Access-Reject"}
    assert answered.code == "Access-Accept"


def test_a_worker_tells_why_it_does_not_start(office, sockets):
    words = _words(sockets, 0)
    with worker(office, sockets, 0), _officegate(office, words, sockets, Path("/none")) as other:
        _, complaint = other.communicate(timeout=60)
    assert other.returncode == 1
    assert b"Another process writes the journal" in complaint


def test_the_loader_is_woken_by_the_workers_and_stops_when_told(office, sockets):
    ready = office.state_dir.parent / "loader-ready"
    with (
        worker(office, sockets, 0),
        worker(office, sockets, 1),
        doorway(ready) as notified,
        _officegate(office, ["radius-loader"], sockets, ready) as loader,
    ):
        notified.settimeout(60)
        assert notified.recv(100).startswith(b"READY=1")
        assert ask(office.server("vpn"), {"NAS-Identifier": "x"}, Kind.STATUS) is not None
        office.log_in("switch", office.password)
        wait_until(lambda: len(office.sessions()) == 1, "the session")
        loader.terminate()
        assert loader.wait(30) == 0


def test_a_connection_reaches_a_worker_process_and_survives_none(office, sockets, tmp_path):
    files = create_authority(tmp_path).issue("switch.example", client=True)
    office.let_connect("switch", of_file(files.certificate.read_bytes()))
    trusted = office.state_dir / "tls" / "authority.pem"
    status = Asker(RADSEC_SECRET).access(code=Code.STATUS_SERVER)
    with worker(office, sockets, 0), worker(office, sockets, 1):
        with TlsNas(office.radsec_port, trusted, files) as nas:
            assert nas.ask(status).code is Code.ACCESS_ACCEPT
        nas = TlsNas(office.radsec_port, trusted, files)
        assert nas.ask(status).code is Code.ACCESS_ACCEPT
    with nas:
        assert nas.receive() is None


def _words(sockets, index):
    auth, acct, door, radsec = (str(fd) for fd in sockets.of(index))
    fds = ["--auth-fd", auth, "--acct-fd", acct, "--forward-fd", door, "--radsec-fd", radsec]
    return ["radius-worker", "--index", str(index), *fds]


def _status_server():
    return Asker(SECRET.encode()).access(code=Code.STATUS_SERVER)
