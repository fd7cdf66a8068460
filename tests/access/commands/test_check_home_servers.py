"""What `officegate check` says of the servers of other realms."""

from pathlib import Path

import pytest

from tests.access.commands.conftest import Run
from tests.peers.freeradius import FileUser, FreeRadius

pytestmark = [
    pytest.mark.peer("freeradius"),
    pytest.mark.parametrize("address", ["sqlite"], indirect=True),
]

REALM = """
[realms.partner]
names = ["partner.example"]
[realms.partner.servers.first]
address = "127.0.0.1"
port = {port}
secret = "{secret}"
status_server = {status}
"""


def about_home_servers(officegate: Run, config: Path, port: int, secret: str, status: str = "true"):
    config.write_text(config.read_text("utf-8") + REALM.format(port=port, secret=secret, status=status))
    _, printed, _ = officegate("check")
    return [line for line in printed.splitlines() if line[6:].startswith("home server")]


def test_a_server_that_answers_is_told_and_one_with_another_secret_too(officegate: Run, config: Path):
    written = config.read_text("utf-8")
    with FreeRadius([FileUser("a", "b")], "shared-with-partners") as home:
        (line,) = about_home_servers(officegate, config, home.port, home.secret)
        assert line == f"ok    home server partner/first: 127.0.0.1 port {home.port} (udp) answers"

        config.write_text(written)
        (line,) = about_home_servers(officegate, config, home.port, "another secret")
        assert line.startswith("FAIL  home server partner/first: ")
        assert "does not answer" in line


def test_one_that_cannot_be_asked_is_warned_about(officegate: Run, config: Path):
    (line,) = about_home_servers(officegate, config, 9, "a secret of sixteen", "false")

    assert line.startswith("warn  home server partner/first: ")
