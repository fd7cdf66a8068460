"""`officegate web` as a process: it listens, says so, answers, and stops when told."""

import os
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.ports import free_port
from tests.peers.process import Daemon

CONFIGURATION = """
state_dir = "{home}/state"
[keys]
file = "{home}/secret/keys"
[audit]
heads_dir = "{home}/heads"
[web]
listen = "127.0.0.1:{port}"
[organizations.hangang]
name = "한강전자"
realm = "hangang.example"
[organizations.hangang.directory]
url = "ldap://127.0.0.1:9"
plaintext_allowed = true
bind_dn = "cn=reader,dc=hangang"
bind_password = "secret"
user_base = "ou=people,dc=hangang"
group_base = "ou=groups,dc=hangang"
"""


def answers(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("state", "secret", "heads"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def notified(tmp_path: Path) -> Iterator[socket.socket]:
    """What the supervisor would listen on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield listening


def test_it_serves_tells_its_supervisor_and_stops_when_told(home, notified):
    port = free_port()
    config = home / "officegate.toml"
    config.write_text(CONFIGURATION.format(home=home, port=port), encoding="utf-8")
    command = [sys.executable, "-m", "access.cli", "--config", str(config)]
    environment = {"NOTIFY_SOCKET": str(home / "notify")}
    migrated = os.spawnvp(os.P_WAIT, command[0], [*command, "migrate"])
    assert migrated == 0

    web = Daemon([*command, "web"], home, ready=lambda: True, environment=environment)
    with web:
        # Gunicorn says READY as well, without telling who.
        told = {notified.recv(200).decode() for _ in range(2)}
        assert f"READY=1\nMAINPID={web.pid}" in told
        assert "로그인" in answers(f"http://127.0.0.1:{port}/sign-in")
        assert answers(f"http://127.0.0.1:{port}/healthz").strip() == '{"status":"ok"}'
        assert (
            "bootstrap" in answers(f"http://127.0.0.1:{port}/bootstrap/static/css/bootstrap.min.css").lower()
        )

    assert "Traceback" not in web.log
    with pytest.raises(OSError):
        answers(f"http://127.0.0.1:{port}/healthz")
