"""Names for processes that hold leases, by which others on the machine can tell that one has died. ◆

A name says the boot and the pid namespace it is from: only there can a pid be looked up. Of processes
elsewhere nobody can tell, so their leases run out.
"""

import os
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")
_RANDOM_OCTETS = 4


def own_name() -> str:
    """A name for this process that no other ever has."""
    return f"{_here()}/{os.getpid()}/{_started(os.getpid())}/{os.urandom(_RANDOM_OCTETS).hex()}"


def is_gone(name: str) -> bool:
    """Whether the process of this name has certainly ended."""
    place, _, rest = name.partition("/")
    pid, _, rest = rest.partition("/")
    started, _, _ = rest.partition("/")
    if place != _here() or not pid.isdigit():
        return False
    seen = _started(int(pid))
    return not _exists(int(pid)) if seen is None else seen != started


def _here() -> str:
    try:
        return f"{_BOOT_ID.read_text()[:13]}-{_PID_NAMESPACE.stat().st_ino}"
    except OSError:
        # No /proc: a place that is no other process's, so that nobody is ever thought gone.
        return f"nowhere-{os.getpid()}"


def _started(pid: int) -> str | None:
    """When a process was started, in ticks since the boot; "" for a zombie, None where it is not shown."""
    try:
        # After the name, which may hold anything, the state is field 3 and the start field 22 (proc(5)).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return "" if fields[0] in "ZX" else fields[19]


def _exists(pid: int) -> bool:
    """Whether there is such a process, also where /proc hides those of others."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
