"""One test session: its directory, its name on what it makes, and what it would leave behind.

Where the tests are spread over processes (`pytest -n`), each process is a session of its own: it names things
after itself, works in a directory below that of the process that spreads the tests, and tells that one at its
end what it found. The spreading process then looks for itself: a process that died tells nothing.
"""

import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.peers.leftovers import SCOPE_VARIABLE, left_behind, scope, take_footprint

# Processes that were told to stop may take a moment; what is here after that is left behind.
FAREWELL_S = float(os.environ.get("OFFICEGATE_TEST_FAREWELL_S", "20"))
MEMORY = Path("/dev/shm")
# Databases, browsers and directories of one session at once, with as much again to spare.
MEMORY_BYTES = 2 << 30
# More would wait for each other: some of the programs that the tests start keep a processor busy.
MOST_PROCESSES = 4
HASHES = "PYTHONHASHSEED"
KEY = pytest.StashKey["Session"]()


class Session:
    """The machine before the tests, and what only the whole session can tell."""

    def __init__(self, directory: Path) -> None:
        self.before = take_footprint()
        self.directory = directory
        # Daemons that drop root must be able to reach their own directories below.
        self.directory.chmod(0o711)
        self.core_cpu_s = 0.0
        self.complaints: list[str] = []

    def enter(self) -> None:
        os.environ["TMPDIR"] = str(self.directory)
        tempfile.tempdir = str(self.directory)

    def close(self) -> None:
        deadline = time.monotonic() + FAREWELL_S
        while (left := left_behind(self.before, self.directory)) and time.monotonic() < deadline:
            time.sleep(0.05)
        self._complain(f"left behind: {what}" for what in left)

    def tell(self) -> dict[str, Any]:
        """What the process that spread the tests wants to know of this one, for hear()."""
        return {"core_cpu_s": self.core_cpu_s, "complaints": self.complaints}

    def hear(self, told: dict[str, Any]) -> None:
        self.core_cpu_s += told["core_cpu_s"]
        self._complain(told["complaints"])

    def _complain(self, complaints: Iterable[str]) -> None:
        """What one process left behind may be there still when the next one looks."""
        self.complaints += [each for each in complaints if each not in self.complaints]


def open_session(config: pytest.Config) -> Session:
    """The session of this process, entered and in config.stash[KEY]."""
    process = spread_over(config)
    if process:
        _leave_home(config)
    elif config.getoption("numprocesses", None):
        # Cases that come out of a set must come in one order in every process, and in the next run too. Other
        # orders are for whoever runs the tests in one process: Python draws one each time.
        os.environ.setdefault(HASHES, "1")
    scope()
    session = Session(new_directory(process))
    session.enter()
    config.stash[KEY] = session
    return session


def _leave_home(config: pytest.Config) -> None:
    """Forget what the process that spreads the tests has handed down for itself or for the start alone."""
    del os.environ[SCOPE_VARIABLE]
    os.environ.pop(HASHES, None)
    # A folder below its own would make paths longer than where all is in one process.
    config.option.basetemp = None


def spread_over(config: pytest.Config) -> str:
    """The number of this process among those that the tests are spread over; "" for the one that does it."""
    return str(getattr(config, "workerinput", {}).get("workerid", "")).removeprefix("gw")


def new_directory(process: str) -> Path:
    """Short: a unix socket somewhere below has an address of 107 octets at most."""
    if not process:
        return Path(tempfile.mkdtemp(prefix="g-", dir=in_memory()))
    directory = Path(tempfile.gettempdir(), process)
    directory.mkdir()
    return directory


def in_memory() -> Path | None:
    """A file system without a disk to wait for, if this machine has one with room, where programs may run.

    Every commit is still made durable, which is most of what the tests of the application would wait for.
    """
    try:
        about = os.statvfs(MEMORY)
    except OSError:
        return None
    roomy = about.f_bavail * about.f_frsize >= MEMORY_BYTES
    return MEMORY if roomy and not about.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK) else None


def processes() -> int:
    """How many to spread the tests over: one a processor of ours, and none beside this one for one alone."""
    processors = len(os.sched_getaffinity(0))
    return min(processors, MOST_PROCESSES) if processors > 1 else 0
