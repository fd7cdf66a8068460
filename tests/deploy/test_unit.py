"""The systemd unit: systemd takes every line of it, and the rights it leaves are enough, and needed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.layering import ROOT
from tests.peers.available import program

UNIT = ROOT / "deploy" / "officegate.service"
# A namespace of its own, so that the table ends with the process.
GATEWAY = """
from vpn.transport import LocalNft
with LocalNft() as nft:
    nft.run("add table inet officegate_trial")
    assert "officegate_trial" in nft.ask("list tables"), nft.generation()
"""


def settings() -> dict[str, list[str]]:
    """Every setting of the unit with its values, in order."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def verify(directory: Path, text: str) -> list[str]:
    """What systemd has to say about a unit, its program being one that is here."""
    unit = directory / UNIT.name
    unit.write_text(text.replace("/opt/officegate/bin/officegate", "/bin/true"), "utf-8")
    command = [program("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return [line for line in said.stderr.splitlines() if UNIT.name in line]


@pytest.mark.peer("systemd-analyze")
def test_systemd_has_nothing_to_say_against_the_unit(tmp_path):
    assert verify(tmp_path, UNIT.read_text("utf-8")) == []


@pytest.mark.peer("systemd-analyze")
def test_systemd_would_say_it(tmp_path):
    text = UNIT.read_text("utf-8").replace("NoNewPrivileges=yes", "NoNewPrivilege=yes")

    assert "NoNewPrivilege" in "".join(verify(tmp_path, text))


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


def drive_a_gateway(capabilities: str) -> subprocess.CompletedProcess[str]:
    """Change nftables with no rights but these, and none to be had."""
    rights = [f"--inh-caps={capabilities}", f"--bounding-set={capabilities}", "--no-new-privs"]
    command = ["unshare", "--net", "setpriv", *rights, sys.executable, "-c", GATEWAY]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.peer("nft")
def test_the_right_of_the_unit_is_enough_for_a_gateway_on_this_machine():
    (right,) = settings()["AmbientCapabilities"]

    driven = drive_a_gateway(f"-all,+{right.removeprefix('CAP_').lower()}")

    assert driven.returncode == 0, driven.stderr


@pytest.mark.peer("nft")
def test_without_that_right_the_gateway_refuses():
    driven = drive_a_gateway("-all")

    assert "Operation not permitted" in driven.stderr
