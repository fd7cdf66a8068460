"""The machine of a run and the versions on it; CPU time and memory of processes."""

import os
import platform
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

from tests.peers.available import POSTGRES_PROGRAMS, program
from tests.peers.leftovers import read

VERSIONS = {
    "FreeRADIUS": ("freeradius", "-v"),
    "OpenLDAP": ("slapd", "-VV"),
    "OpenSSL": ("openssl", "version"),
    "PostgreSQL": (str(POSTGRES_PROGRAMS / "postgres"), "--version"),
    "nftables": ("nft", "--version"),
}
NUMBER = re.compile(r"\d+\.\d[\w.+-]*")


def describe() -> dict[str, str]:
    """What a reader needs to compare: processor, memory, kernel, versions, day."""
    processor = re.search(r"^model name\s*: (.*)$", read(Path("/proc/cpuinfo")), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    facts = {
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": processor[1] if processor else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "disk, 4 KiB written and fdatasync": flushes(),
    }
    return facts | {name: version(command) for name, command in VERSIONS.items()}


def load_average() -> str:
    """That of the last minute; more than the cores means that others were at work, and times are too long."""
    return f"{os.getloadavg()[0]:.1f}"


def flushes(times: int = 200) -> str:
    """How long the disk takes to keep something: no durable record, and no commit, is quicker."""
    took_ms = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(times):
            began = time.monotonic()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            took_ms.append((time.monotonic() - began) * 1000)
    cuts = quantiles(took_ms, n=100)
    return f"{cuts[49]:.1f} ms, one in a hundred {cuts[98]:.1f} ms"


def version(command: tuple[str, ...]) -> str:
    path = program(command[0])
    if not path:
        return "not installed"
    done = subprocess.run([path, *command[1:]], capture_output=True, text=True, check=False)
    found = NUMBER.search(done.stdout + done.stderr)
    return found[0] if found else "unknown"


def cpu_s(pids: Iterable[int]) -> float:
    """User and system seconds that the processes, all their threads, have used so far (1/100 s)."""
    ticks = 0
    for pid in pids:
        # proc(5): utime and stime are fields 14 and 15; the name in field 2 may hold spaces.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_octets(pid: int) -> int:
    """How much memory a process has now (VmRSS)."""
    found = re.search(r"^VmRSS:\s+(\d+) kB$", read(Path(f"/proc/{pid}/status")), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
