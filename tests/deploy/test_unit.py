"""The systemd unit: systemd takes every line of it, and the rights it leaves are enough, and needed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.layering import ROOT
from tests.peers.available import program
from tests.peers.leftovers import scope

UNIT = ROOT / "deploy" / "officegate.service"
# What an operator may add to it: for a machine that is no gateway, and for one in a namespace.
DROP_INS = re.findall(
    r"^```ini\n(.*?)^```$", (ROOT / "docs" / "operating.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)
# In a namespace of its own unless told another, so that the table ends with the process.
GATEWAY = """
import sys
from vpn.transport import LocalNft
with LocalNft(*sys.argv[1:]) as nft:
    nft.run("add table inet officegate_trial")
    assert "officegate_trial" in nft.ask("list tables"), nft.generation()
"""


def settings(text: str = "") -> dict[str, list[str]]:
    """Every setting of the unit, or of a text like it, with its values, in order."""
    found: dict[str, list[str]] = {}
    for line in (text or UNIT.read_text("utf-8")).splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def verify(directory: Path, text: str) -> list[str]:
    """What systemd has to say about a unit, its program being one that is here."""
    unit = directory / UNIT.name
    unit.write_text(text.replace("/opt/officegate/bin/officegate", "/bin/true"), "utf-8")
    command = [program("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    return [line for line in said.stderr.splitlines() if UNIT.name in line]


@pytest.mark.peer("systemd-analyze")
def test_systemd_has_nothing_to_say_against_the_unit(tmp_path):
    assert verify(tmp_path, UNIT.read_text("utf-8")) == []


@pytest.mark.peer("systemd-analyze")
@pytest.mark.parametrize("drop_in", DROP_INS, ids=["no gateway", "a namespace"])
def test_nor_against_what_an_operator_is_told_to_add(tmp_path, drop_in):
    assert verify(tmp_path, UNIT.read_text("utf-8") + drop_in) == []


@pytest.mark.peer("systemd-analyze")
def test_systemd_would_say_it(tmp_path):
    text = UNIT.read_text("utf-8").replace("NoNewPrivileges=yes", "NoNewPrivilege=yes")

    assert "NoNewPrivilege" in "".join(verify(tmp_path, text))


def test_a_reload_reads_the_configuration_that_the_service_was_started_with():
    (start,), (reload,) = settings()["ExecStart"], settings()["ExecReload"]

    assert reload == f"{start.removesuffix(' run')} reload"


def test_only_the_directories_that_are_named_can_be_written_to():
    found = settings()

    assert found["ProtectSystem"] == ["strict"]
    assert found["StateDirectory"] == ["officegate officegate-audit"]
    assert found["UMask"] == ["0077"]
    assert "ReadWritePaths" not in found


def test_a_process_gains_no_right_beyond_the_one_for_nftables():
    found = settings()

    assert found["NoNewPrivileges"] == ["yes"]
    assert found["CapabilityBoundingSet"] == found["AmbientCapabilities"] == ["CAP_NET_ADMIN"]
    assert found["User"] == ["officegate"]


def drive_a_gateway(capability: str, *namespace: str) -> subprocess.CompletedProcess[str]:
    """Change nftables with no right but this one, and none to be had."""
    only = f"-all,+{capability.removeprefix('CAP_').lower()}" if capability else "-all"
    rights = [f"--inh-caps={only}", f"--bounding-set={only}", "--no-new-privs"]
    command = ["unshare", "--net", "setpriv", *rights, sys.executable, "-c", GATEWAY, *namespace]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)


@pytest.fixture
def namespace() -> Iterator[str]:
    name = f"{scope()}-unit"
    subprocess.run([program("ip"), "netns", "add", name], check=True)
    yield name
    subprocess.run([program("ip"), "netns", "delete", name], check=True)


@pytest.mark.peer("nft")
def test_the_right_of_the_unit_is_enough_for_a_gateway_on_this_machine():
    (right,) = settings()["AmbientCapabilities"]

    driven = drive_a_gateway(right)

    assert driven.returncode == 0, driven.stderr


@pytest.mark.peer("nft")
def test_without_that_right_the_gateway_refuses():
    assert "Operation not permitted" in drive_a_gateway("").stderr


@pytest.mark.peer("nft")
def test_the_rights_to_add_for_a_namespace_are_enough_and_needed(namespace):
    (unit,) = settings()["AmbientCapabilities"]
    (added,) = settings(DROP_INS[1])["AmbientCapabilities"]

    assert "Operation not permitted" in drive_a_gateway(unit, namespace).stderr
    driven = drive_a_gateway(f"{unit},+{added.removeprefix('CAP_').lower()}", namespace)
    assert driven.returncode == 0, driven.stderr
