"""The demo as a user starts it: every step holds, and the machine is afterwards as it was before."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.layering import ROOT
from tests.peers.leftovers import left_behind, scope, take_footprint

STORY_S = 240
STEP = re.compile(r"^  (\d)  (\S+) ", re.MULTILINE)


def play(directory: Path, **variables: str) -> tuple[int, str]:
    """The exit status, and all it printed. With its whole process group, it is gone afterwards."""
    environment = os.environ | {"TMPDIR": str(directory), "OFFICEGATE_TEST_SCOPE": scope()} | variables
    demo = subprocess.Popen(
        [sys.executable, "-m", "deploy.demo"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = demo.communicate(timeout=STORY_S)
    except subprocess.TimeoutExpired:
        demo.send_signal(signal.SIGINT)
        try:
            printed, _ = demo.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(demo.pid, signal.SIGKILL)
            printed, _ = demo.communicate()
        pytest.fail(f"the story was not over after {STORY_S} s:\n{printed}")
    return demo.returncode, printed


@pytest.fixture
def directory() -> Iterator[Path]:
    """A temporary directory with a short name: paths of sockets have 107 octets at most."""
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


@pytest.mark.timeout(STORY_S + 60)
@pytest.mark.peer("root")
@pytest.mark.peer("slapd")
@pytest.mark.peer("nft")
@pytest.mark.peer("radclient")
@pytest.mark.peer("eapol_test")
def test_the_whole_story_holds_and_nothing_stays_behind(directory):
    before = take_footprint()

    status, printed = play(directory, ONCE="1")

    steps = STEP.findall(printed)
    assert status == 0, printed
    assert {verdict for _, verdict in steps} == {"ok"}, printed
    assert {number for number, _ in steps} == set("12345678"), printed
    assert "left out" not in printed.lower()
    assert left_behind(before, directory) == []
    assert list(directory.iterdir()) == []
