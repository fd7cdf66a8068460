"""What a test session would leave behind on the machine: processes, namespaces, interfaces, nft tables.

Everything that tests make outside their temporary directory is named after the session (`scope()`), so that
two sessions on one machine do not take each other's things for their own.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.peers.available import program

SCOPE_VARIABLE = "OFFICEGATE_TEST_SCOPE"
# An interface name has 15 characters at most, so this is short.
SCOPE = re.compile(r"og([0-9a-f]+)(?![^-])")


def scope() -> str:
    """What every name this session makes begins with, before a "-": "og" and its pid in hexadecimal.

    Child processes inherit it, and name things after the session that started them.
    """
    return os.environ.setdefault(SCOPE_VARIABLE, f"og{os.getpid():x}")


@dataclass(frozen=True)
class Footprint:
    """What is there now. processes are (pid, start time): a pid alone may come again."""

    processes: frozenset[tuple[int, str]]
    namespaces: frozenset[str]
    interfaces: frozenset[str]
    tables: frozenset[str]


def take_footprint() -> Footprint:
    return Footprint(
        processes=frozenset((pid, stat[19]) for pid, stat in running().items()),
        namespaces=frozenset(named(["ip", "-j", "netns", "list"])),
        interfaces=frozenset(named(["ip", "-j", "link", "show"], key="ifname")),
        tables=frozenset(tables()),
    )


def left_behind(before: Footprint, directory: Path) -> list[str]:
    """What came since `before` and is ours, one line each.

    A process is ours when it descends from this one, carries our scope in its environment, or works below
    `directory`, the session's temporary directory, or has its temporary files there.
    """
    now = take_footprint()
    ours = descendants(os.getpid())
    lines = [
        f"process {pid}: {command_line(pid)}"
        for pid, _ in sorted(now.processes - before.processes)
        if pid != os.getpid() and (pid in ours or carries_scope(pid) or works_below(pid, directory))
    ]
    for kind in ("namespaces", "interfaces", "tables"):
        fresh = getattr(now, kind) - getattr(before, kind)
        lines += [f"{kind[:-1]} {name}" for name in sorted(fresh) if belongs(name)]
    return lines


def belongs(name: str) -> bool:
    """Ours, or left by a session that is no more; what a living session has made is that session's."""
    session = SCOPE.match(name)
    if session is None:
        return name.startswith("officegate")
    return session[0] == scope() or int(session[1], 16) not in running()


def running() -> dict[int, list[str]]:
    """pid -> fields of /proc/PID/stat after the name (proc(5) field 3 is [0]); zombies are left out."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (stat := read(entry / "stat")):
            fields = stat.rpartition(")")[2].split()
            if fields[0] not in "ZX":
                found[int(entry.name)] = fields
    return found


def descendants(ancestor: int) -> set[int]:
    parents = {pid: int(stat[1]) for pid, stat in running().items()}
    found = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def carries_scope(pid: int) -> bool:
    """Whether the process was started with our scope in its environment."""
    return f"{SCOPE_VARIABLE}={scope()}" in read(Path(f"/proc/{pid}/environ")).split("\0")


def works_below(pid: int, directory: Path) -> bool:
    if f"TMPDIR={directory}" in read(Path(f"/proc/{pid}/environ")):
        return True
    try:
        return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(directory)
    except OSError:
        return False


def working_below(directory: Path) -> set[int]:
    """The processes that work below the directory or have their temporary files there."""
    return {pid for pid in running() if works_below(pid, directory)}


def command_line(pid: int) -> str:
    return read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ").strip()


def read(path: Path) -> str:
    """The text, or "" when the process has gone or is not ours to read."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def named(command: list[str], key: str = "name") -> list[str]:
    return [entry[key] for entry in json.loads(output(command) or "[]") if key in entry]


def tables() -> list[str]:
    """Names of nft tables outside any namespace of ours."""
    listed = json.loads(output(["nft", "-j", "list", "tables"]) or "{}")
    return [entry["table"]["name"] for entry in listed.get("nftables", []) if "table" in entry]


def output(command: list[str]) -> str:
    """What the command prints, or "" where it is not installed or not allowed."""
    path = program(command[0])
    if not path:
        return ""
    return subprocess.run([path, *command[1:]], capture_output=True, text=True, check=False).stdout.strip()
