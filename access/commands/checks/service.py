"""The service itself: its processes on this machine, the policy in force, the gateways it keeps. ◆"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from access.app import open_database
from access.commands.checks.verdict import Verdict, fail, ok, warn
from access.config import Settings
from access.errors import AccessError
from access.store import devices, policies

_PROC = Path("/proc")
_OURS = (b"access.cli", b"officegate")


def processes(settings: Settings) -> Iterator[Verdict]:
    """Whether every process that a supervisor of this machine has started is there and runs."""
    try:
        started = (settings.state_dir / "run" / "pids").read_text("utf-8").split()
    except OSError:
        # Nothing is supervised here: not started yet, or stopped cleanly.
        return
    pids = dict(zip(started[::2], started[1::2], strict=False))
    states = {name: _state(pid) for name, pid in pids.items()}
    if states and all(state == "gone" for state in states.values()):
        yield fail(
            "processes", "officegate was killed and has not come back", "start it, and look at its log"
        )
        return
    for name, state in states.items():
        if state == "gone":
            yield fail(f"process {name}", f"pid {pids[name]} is gone", "look at the log of the service")
        elif state == "stopped":
            yield fail(f"process {name}", "is stopped by a signal", f"run: kill -CONT {pids[name]}")
    if set(states.values()) == {"running"}:
        yield ok("processes", f"{', '.join(states)} run")


def policy(settings: Settings) -> Iterator[Verdict]:
    """Without a policy in force nobody may do anything."""
    try:
        with closing(open_database(settings)) as database, database.read() as conn:
            current = policies.current(conn)
    except AccessError:
        return  # the check of the database says it
    if current is None:
        yield warn(
            "policy", "none is in force, so nobody may do anything", "run: officegate policy publish FILE"
        )
    else:
        yield ok("policy", f"revision {current.revision[:12]} is in force")


def gateways(settings: Settings) -> Iterator[Verdict]:
    """Whether each gateway answered when it was last told something."""
    try:
        with closing(open_database(settings)) as database, database.read() as conn:
            known = devices.all_devices(conn)
    except AccessError:
        return
    for each in known:
        subject = f"gateway {each.name}"
        if each.failed_at is not None:
            yield fail(subject, each.failure, f"see: officegate device show {each.name}")
        elif each.seen_at is None:
            yield warn(subject, "has never been reached", "is a worker running?")
        else:
            yield ok(subject, f"{each.address} answers")


def _state(pid: str) -> str:
    """running, stopped or gone; a pid that was given to somebody else's process is gone."""
    try:
        command = (_PROC / pid / "cmdline").read_bytes()
        state = (_PROC / pid / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"
    if state in "ZX" or not any(name in command for name in _OURS):
        return "gone"
    return "stopped" if state in "Tt" else "running"
