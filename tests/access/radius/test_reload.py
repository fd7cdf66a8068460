"""`officegate radius` reads its configuration anew, loses a worker, and loses no login: real processes."""

import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from access.cli import main
from access.store.tables import tokens
from radius.attributes import AttributeType
from radius.packet import decode
from tests.access.radius_office import LAPTOP, PERSON, RadiusOffice, opened_office
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.people import hangang
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.process import Daemon
from tests.peers.radclient import Reply, ask
from tests.peers.slapd import Slapd
from tests.peers.waiting import wait_until

pytestmark = [
    pytest.mark.peer("slapd"),
    pytest.mark.peer("radclient"),
    pytest.mark.peer("eapol_test"),
    # Every reload starts as many programs as the service has, and the machine may be busy.
    pytest.mark.timeout(300),
]

# However busy the machine is: what is waited for here comes, or is lost.
PATIENCE_S = 60
# The first octet of a State of each of two workers says which process made it.
WORKERS = 2
# As many tries of one person at once as are looked at: each counts as wrong until it was right.
AT_ONCE = 4
# A login needs some ten packets, so that some are under way whenever a process steps aside.
MOST_LOGINS = 200


class Pause:
    """Between a laptop and the service: lets some requests through, and holds the next until it may go on."""

    def __init__(self, port: int, requests: int) -> None:
        self.held, self.may_go_on, self._ended = threading.Event(), threading.Event(), threading.Event()
        self.state = b""
        self._requests = requests
        self._laptop, self._service = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._laptop.bind((LOOPBACK, 0))
        self._service.connect((LOOPBACK, port))
        for each in (self._laptop, self._service):
            each.setblocking(False)
        self.port: int = self._laptop.getsockname()[1]
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Pause":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.may_go_on.set()
        self._ended.set()
        self._thread.join()
        self._laptop.close()
        self._service.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for each in (self._laptop, self._service):
                selector.register(each, selectors.EVENT_READ)
            asker = None
            while not self._ended.is_set():
                ready = [key.fileobj for key, _ in selector.select(0.05)]
                if self._laptop in ready:
                    request, asker = self._laptop.recvfrom(4096)
                    self._pass_on(request)
                if self._service in ready and asker is not None:
                    reply = self._service.recv(4096)
                    self.state = decode(reply).first(AttributeType.STATE) or self.state
                    self._laptop.sendto(reply, asker)

    def _pass_on(self, request: bytes) -> None:
        self._requests -= 1
        if self._requests < 0:
            self.held.set()
            self.may_go_on.wait()
        self._service.send(request)


class Service:
    """The service in processes of its own, with two workers, and the office that it is of."""

    def __init__(self, office: RadiusOffice, directory: Path) -> None:
        self.office, self.config = office, directory / "officegate.toml"
        port = free_port(adjacent=2)
        office.auth_port, office.acct_port = port, port + 1
        text = self.config.read_text("utf-8")
        text = text.replace("auth_port = 0", f"auth_port = {port}\nworkers = {WORKERS}\nreject_delay_s = 0")
        # A conversation that is gone on with ends: nothing here waits so long.
        self.good = text.replace("acct_port = 0", f"acct_port = {port + 1}\ndrain_s = 120")
        self.config.write_text(self.good, "utf-8")
        command = [sys.executable, "-m", "access.cli", "--config", self.config, "radius"]
        self.daemon = Daemon(command, directory, ready=lambda: self.has_said("officegate is ready"))

    def has_said(self, words: str, times: int = 1) -> bool:
        return self.daemon.log.count(words) >= times

    def pids(self) -> dict[str, int]:
        lines = (self.office.state_dir / "run" / "pids").read_text("utf-8").splitlines()
        return {name: int(pid) for name, pid in (line.split() for line in lines)}

    def reload(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "access.cli", "--config", str(self.config), "reload"],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S * 3,
            check=False,
        )

    @contextmanager
    def configured(self, text: str) -> Iterator[None]:
        """With another configuration file, which nobody has read yet."""
        self.config.write_text(text, "utf-8")
        try:
            yield
        finally:
            self.config.write_text(self.good, "utf-8")

    def log_in(self, door: str, password: str, **more: object) -> Reply:
        """What radclient hears to one packet that it sends once."""
        attributes = {"User-Name": PERSON, "User-Password": password, "Calling-Station-Id": LAPTOP} | more
        reply = ask(self.office.server(door), attributes, timeout_s=PATIENCE_S)
        assert reply is not None
        return reply

    def fresh_code(self) -> str:
        """A code of a phone that has never shown one."""
        with self.office.app.database.write() as conn:
            conn.execute(update(tokens).values(last_step=-1, failures=0, throttled_until=0))
        return self.office.code()

    def kill(self, *names: str) -> None:
        """As a crash would."""
        for name in names:
            os.kill(self.pids()[name], signal.SIGKILL)

    def wait_for_others(self, before: dict[str, int]) -> None:
        """Return once every process of these names is another one."""
        wait_until(
            lambda: all(self.pids().get(name, pid) != pid for name, pid in before.items()),
            "others in their place",
            PATIENCE_S,
        )

    def prompt(self) -> bytes:
        """The State of a prompt for a code that is not answered yet."""
        asked = self.log_in("asking", self.office.password)
        assert asked.code == "Access-Challenge"
        return bytes.fromhex((asked.get("State") or "").removeprefix("0x"))

    def prompts_of_both(self) -> dict[int, bytes]:
        """Prompts of both workers, index -> State. Each radclient has its own port, so it takes a few."""
        found: dict[int, bytes] = {}
        for _ in range(100):
            state = self.prompt()
            found[state[0] % WORKERS] = state
            if len(found) == WORKERS:
                return found
        raise AssertionError("the kernel gives everything to one worker")

    def laptop_logs_in(self, number: int, port: int = 0) -> str:
        """How a laptop's login by EAP-TTLS ends."""
        laptop = Laptop(
            identity=f"{PERSON}@hangang.example",
            password=self.office.password,
            authority=self.office.state_dir / "tls" / "authority.pem",
            anonymous="anonymous@hangang.example",
            mac=f"00:00:5e:00:54:{number % 256:02x}",
        )
        server = replace(self.office.server("switch"), port=port or self.office.auth_port)
        login = log_in(server, laptop, timeout_s=PATIENCE_S)
        return "accepted" if login.success and login.keys_match else login.log[-3000:]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    company = hangang()
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with Slapd((company,)) as slapd, tempfile.TemporaryDirectory(prefix="l-") as kept:
        office = opened_office(Path(kept), "", slapd, company)
        service = Service(office, Path(kept))
        with service.daemon:
            yield service
        office.app.close()


def test_no_login_is_lost_while_everything_is_replaced_twice(service):
    replaced = threading.Event()

    def log_in_on_and_on(way):
        """How every login ended, from before the first reload until after the last."""
        ends = []
        while not replaced.is_set() and len(ends) < MOST_LOGINS:
            ends.append(way(len(ends)))
        return ends

    before = service.pids()
    by_password = lambda _number: service.log_in("switch", service.office.password).code  # noqa: E731
    with ThreadPoolExecutor(2) as pool:
        laptops = pool.submit(log_in_on_and_on, service.laptop_logs_in)
        passwords = pool.submit(log_in_on_and_on, by_password)
        try:
            done = [service.reload() for _ in range(2)]
        finally:
            replaced.set()

    ends = [(each.returncode, each.stderr) for each in done]
    assert ends == [(0, ""), (0, "")], service.daemon.log_tail()
    assert set(laptops.result()) == {"accepted"}
    assert set(passwords.result()) == {"Access-Accept"}
    after = service.pids()
    assert after.keys() == before.keys()
    assert set(after.values()).isdisjoint(before.values())
    assert "did not stop in time" not in service.daemon.log


def test_what_is_under_way_ends_well_and_what_has_changed_counts_afterwards(service):
    before, prompt = service.pids(), service.prompt()
    elsewhere = service.good.replace('url = "ldap://', 'url = "ldap://127.0.0.1:9/" # ', 1)
    try:
        with Pause(service.office.auth_port, 4) as pause, ThreadPoolExecutor(2) as pool:
            laptop = pool.submit(service.laptop_logs_in, 0, pause.port)
            assert pause.held.wait(PATIENCE_S)
            with service.configured(elsewhere):
                reload = pool.submit(service.reload)
                for index in range(WORKERS):
                    service.wait_for_others({f"radius-{index}": before[f"radius-{index}"]})
                    if prompt[0] % WORKERS == index:
                        answered = service.log_in("asking", service.fresh_code(), State=prompt)
                    if pause.state[0] % WORKERS == index:
                        pause.may_go_on.set()

                assert (laptop.result(), answered.code) == ("accepted", "Access-Accept")
                assert reload.result().returncode == 0
        assert service.log_in("switch", service.office.password).code == "Access-Reject"
    finally:
        assert service.reload().returncode == 0
    assert service.log_in("switch", service.office.password).code == "Access-Accept"


def test_a_worker_that_is_killed_loses_only_its_own_conversations(service):
    prompts = service.prompts_of_both()
    before = {name: service.pids()[name] for name in ("radius-0", "radius-1")}

    service.kill("radius-0")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        # Some of these wait in the socket of who is gone.
        passwords = [service.office.password] * AT_ONCE
        logins = list(pool.map(lambda password: service.log_in("switch", password).code, passwords))
    lost = service.log_in("asking", "000000", State=prompts[0])
    kept = service.log_in("asking", service.fresh_code(), State=prompts[1])
    assert set(logins) == {"Access-Accept"}
    assert (lost.code, kept.code) == ("Access-Reject", "Access-Accept")
    # Prompts that were given up here are not waited for by a reload.
    service.kill("radius-1")
    service.wait_for_others(before)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[radius]", "[radius"), "TOML"),
        (("[radius]", "[radius]\nno_such_setting = 1"), "radius.no_such_setting"),
        (("workers = 2", "workers = 3"), "radius.workers cannot change while it runs"),
    ],
    ids=["no TOML", "an unknown setting", "a setting of open sockets"],
)
def test_a_mistake_changes_nothing(service, change, said, capsys):
    before = service.pids()
    with service.configured(service.good.replace(*change)):
        status = main(["--config", str(service.config), "reload"])

    assert (status, said in capsys.readouterr().err) == (2, True)
    assert service.pids() == before
    assert service.log_in("switch", service.office.password).code == "Access-Accept"


def test_a_mistake_is_logged_on_sighup_and_who_dies_comes_back_as_it_was(service):
    before = service.pids()
    with service.configured(service.good.replace("[radius]", "[radius")):
        os.kill(service.daemon.pid, signal.SIGHUP)
        wait_until(lambda: service.has_said("is not taken"), "the complaint", PATIENCE_S)
        assert service.pids() == before

        service.kill("radius-1")
        service.wait_for_others({"radius-1": before["radius-1"]})
        codes = {service.log_in("switch", service.office.password).code for _ in range(6)}

    assert codes == {"Access-Accept"}
