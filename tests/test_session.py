"""The rules of the test session itself: tests/conftest.py on small test files of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.layering import ROOT

SPREAD = ("-n", "2", "--dist", "loadfile")


def run_session(
    directory: Path, *sources: str, more: Sequence[str] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs pytest with our conftest over these files, as a session of its own."""
    for number, source in enumerate(sources):
        (directory / f"test_it{number}.py").write_text(source, encoding="utf-8")
    options = [
        *more,
        "-ra",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:warnings",
        "-o",
        "markers=peer(name): x",
    ]
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("OFFICEGATE_TEST", "CI"))
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-c", "/dev/null", "--rootdir", directory, directory],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


SKIPS = """
import pytest

def test_a_skip():
    pytest.skip("why")

@pytest.mark.skip(reason="why")
def test_a_skip_mark():
    pass

@pytest.mark.xfail(reason="why")
def test_an_expected_failure():
    assert False

@pytest.mark.xfail(reason="why")
def test_an_unexpected_success():
    pass
"""

ABSENT_PEER = """
import pytest
from tests.peers import available

available.PEERS["slapd"] = available.programs("no-such-program")

@pytest.mark.peer("slapd")
def test_it():
    pass
"""

LEFT_PROCESS = """
import atexit, subprocess
KEPT = []

def test_it():
    KEPT.append(subprocess.Popen(["sleep", "31.4"], start_new_session=True))

@atexit.register
def sweep():
    KEPT[0].kill()
    KEPT[0].wait()
"""

LEFT_NAMESPACE = """
import atexit, subprocess
from tests.peers.leftovers import scope

def test_it():
    subprocess.run(["ip", "netns", "add", scope() + "-left"], check=True)
    atexit.register(subprocess.run, ["ip", "netns", "del", scope() + "-left"], check=True)
"""

CARELESS = """
import logging
import os
import structlog
from access import logs

def test_it_keeps_its_files_to_itself_and_logs_to_the_terminal():
    os.umask(0o077)
    logs.configure("careless")

def test_it_finds_the_usual_umask():
    assert os.umask(0o022) == 0o022

def test_it_logs_nothing_of_its_own():
    assert {type(each).__module__ for each in logging.getLogger().handlers} == {"_pytest.logging"}
    assert logging.getLogger().level == logging.WARNING
    assert not structlog.is_configured()
"""

A_PROCESS = """
import os, tempfile
import pytest
from tests.peers.leftovers import scope

@pytest.mark.parametrize("word", set("in any order but the same one here".split()))
def test_cases_come_in_the_same_order_in_each(word):
    assert word

def test_it_has_a_name_and_a_directory_of_its_own():
    assert scope() == f"og{os.getpid():x}"
    assert "gw" + tempfile.gettempdir().rpartition("/")[2] == os.environ["PYTEST_XDIST_WORKER"]
    assert "PYTHONHASHSEED" not in os.environ
"""

DEATH = """
import os, subprocess

def test_it():
    subprocess.Popen(["sleep", "31.4"], start_new_session=True)
    os._exit(1)
"""

PROPERTY = """
from hypothesis import settings

def test_it():
    assert settings().deadline is None
    assert settings().derandomize is %s
"""


def test_a_skip_is_a_failure_where_nothing_may_be_skipped(tmp_path):
    lenient = run_session(tmp_path, SKIPS)
    strict = run_session(tmp_path, SKIPS, OFFICEGATE_TEST_NOSKIP="1")

    assert lenient.returncode == 0, lenient.stdout
    assert strict.returncode == pytest.ExitCode.TESTS_FAILED
    assert "3 failed, 1 error in" in strict.stdout, strict.stdout


def test_a_skipped_module_is_a_failure_where_nothing_may_be_skipped(tmp_path):
    strict = run_session(
        tmp_path, "import pytest\npytest.skip('why', allow_module_level=True)", OFFICEGATE_TEST_NOSKIP="1"
    )

    assert strict.returncode == pytest.ExitCode.INTERRUPTED
    assert "nothing may be skipped here" in strict.stdout


def test_an_absent_peer_skips_with_its_reason(tmp_path):
    done = run_session(tmp_path, ABSENT_PEER)

    assert done.returncode == 0, done.stdout
    assert "slapd: no-such-program is not installed" in done.stdout


def test_an_unknown_peer_is_an_error(tmp_path):
    done = run_session(tmp_path, "import pytest\n@pytest.mark.peer('slapt')\ndef test_it(): pass")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no peer is called slapt" in done.stdout + done.stderr


def test_a_process_left_behind_fails_the_session_and_is_named(tmp_path):
    done = run_session(tmp_path, LEFT_PROCESS, OFFICEGATE_TEST_FAREWELL_S="0.1")

    assert "1 passed" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "left behind: process" in done.stdout and "sleep 31.4" in done.stdout


@pytest.mark.peer("netns")
def test_a_namespace_left_behind_fails_the_session_and_is_named(tmp_path):
    done = run_session(tmp_path, LEFT_NAMESPACE, OFFICEGATE_TEST_FAREWELL_S="0.1")

    assert "1 passed" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "left behind: namespace og" in done.stdout


def test_processes_that_the_tests_are_spread_over_are_sessions_of_their_own(tmp_path):
    sources = (A_PROCESS, A_PROCESS, LEFT_PROCESS)

    done = run_session(tmp_path, *sources, more=SPREAD, OFFICEGATE_TEST_FAREWELL_S="0.1")

    assert "19 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert done.stdout.count("left behind: process") == 1


def test_nothing_may_be_skipped_in_processes_that_the_tests_are_spread_over(tmp_path):
    done = run_session(tmp_path, SKIPS, more=SPREAD, OFFICEGATE_TEST_NOSKIP="1")

    assert "3 failed, 1 error in" in done.stdout, done.stdout


def test_what_a_process_that_died_has_left_behind_is_named(tmp_path):
    done = run_session(tmp_path, DEATH, more=("-n", "1"), OFFICEGATE_TEST_FAREWELL_S="0.1")

    pid = int(re.search(r"left behind: process (\d+): sleep 31\.4", done.stdout)[1])
    os.kill(pid, signal.SIGKILL)
    assert "crashed while running 'test_it0.py::test_it'" in done.stdout


def test_a_stopped_process_is_no_complaint(tmp_path):
    done = run_session(tmp_path, "import subprocess\ndef test_it(): subprocess.run(['true'], check=True)")

    assert done.returncode == 0, done.stdout


def test_what_one_test_does_to_the_umask_and_the_log_is_nothing_to_the_next(tmp_path):
    done = run_session(tmp_path, CARELESS)

    assert done.returncode == 0, done.stdout


def test_properties_are_tried_on_the_same_cases_until_others_are_asked_for(tmp_path):
    usual = run_session(tmp_path, PROPERTY % True)
    asked = run_session(tmp_path, PROPERTY % False, PYTEST_ADDOPTS="--hypothesis-profile=searching")

    assert usual.returncode == 0, usual.stdout
    assert asked.returncode == 0, asked.stdout
