"""What `officegate check` says of the running service."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import update

from access.store.database import Database
from access.store.tables import devices
from tests.access.commands.conftest import Run
from tests.peers.waiting import wait_until

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)

POLICY = "version: 1\n"


@contextmanager
def process(config: Path, *names: str) -> Iterator[int]:
    """A process that looks like one of ours, under these names in the list of the supervisor."""
    waits = [sys.executable, "-c", "import sys; sys.stdin.read()", "officegate"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE) as child:
        listed = config.parent / "state" / "run" / "pids"
        listed.parent.mkdir(parents=True, exist_ok=True)
        listed.write_text("".join(f"{name} {child.pid}\n" for name in names))
        try:
            yield child.pid
        finally:
            child.kill()


def lines_about(printed: str, subject: str) -> list[str]:
    return [line for line in printed.splitlines() if line[6:].startswith(subject)]


def test_processes_that_run_are_named(officegate: Run, config: Path):
    with process(config, "web", "loader"):
        _, printed, _ = officegate("check")

    assert lines_about(printed, "process") == ["ok    processes: web, loader run"]


def test_a_process_that_is_stopped_is_told_with_how_to_wake_it(officegate: Run, config: Path):
    with process(config, "loader") as pid:
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: ") T" in Path(f"/proc/{pid}/stat").read_text(), "it to stop")
        status, printed, _ = officegate("check")

    assert lines_about(printed, "process") == [
        f"FAIL  process loader: is stopped by a signal; run: kill -CONT {pid}"
    ]
    assert status == 1


def test_a_process_that_is_gone_is_told_beside_those_that_run(officegate: Run, config: Path):
    with process(config, "web") as pid:
        (config.parent / "state" / "run" / "pids").write_text(f"web {pid}\nloader 999999999\nenforce 1\n")
        _, printed, _ = officegate("check")

    assert lines_about(printed, "process") == [
        "FAIL  process loader: pid 999999999 is gone; look at the log of the service",
        "FAIL  process enforce: pid 1 is gone; look at the log of the service",
    ]


def test_a_service_that_was_killed_is_told_in_one_line(officegate: Run, config: Path):
    with process(config, "web", "loader"):
        pass

    _, printed, _ = officegate("check")

    assert lines_about(printed, "process") == [
        "FAIL  processes: officegate was killed and has not come back; start it, and look at its log"
    ]


def test_of_a_service_that_was_stopped_nothing_is_said(officegate: Run):
    _, printed, _ = officegate("check")

    assert lines_about(printed, "process") == []


def test_a_policy_in_force_is_told_and_so_is_none(officegate: Run, tmp_path: Path):
    _, before, _ = officegate("check")
    document = tmp_path / "policy.yaml"
    document.write_text(POLICY)
    assert officegate("policy", "publish", document)[0] == 0
    _, after, _ = officegate("check")

    assert lines_about(before, "policy") == [
        "warn  policy: none is in force, so nobody may do anything; run: officegate policy publish FILE"
    ]
    assert lines_about(after, "policy")[0].startswith("ok    policy: revision ")


def test_a_gateway_that_does_not_answer_is_told_with_its_reason(officegate: Run, database: Database):
    officegate(
        *("device", "add", "gw", "--organization", "hangang", "--kind", "linux-nftables"),
        *("--address", "local:", "--pool", "10.8.0.0/24"),
    )
    _, before, _ = officegate("check")
    with database.write() as conn:
        conn.execute(update(devices).values(seen_at=1.0))
    _, seen, _ = officegate("check")
    with database.write() as conn:
        conn.execute(update(devices).values(failed_at=2.0, failure="no route to host"))
    _, failing, _ = officegate("check")

    assert lines_about(before, "gateway") == [
        "warn  gateway gw: has never been reached; is a worker running?"
    ]
    assert lines_about(seen, "gateway") == ["ok    gateway gw: local: answers"]
    assert lines_about(failing, "gateway") == [
        "FAIL  gateway gw: no route to host; see: officegate device show gw"
    ]
