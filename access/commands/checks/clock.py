"""The clock, on which every code and every time window depends. ◆

Without asking a time server there are two things to see: whether the kernel believes that something keeps its
clock right (adjtimex(2)), and whether the database has times that lie in the future. Whether the time server
itself is right cannot be known from here.
"""

import ctypes
import os
import time
from collections.abc import Iterator

from access.app import open_database
from access.commands.checks.verdict import Verdict, fail, ok, warn
from access.config import Settings
from access.errors import AccessError
from access.store import watch

_STA_UNSYNC = 0x0040
_TOLERATED_S = 5.0
# A code is valid for 30 s: an error of a few seconds already costs logins.
_LARGEST_ERROR_S = 2.0


class _Timex(ctypes.Structure):
    """struct timex as adjtimex(2) has it, as far as it is read here; the rest is room for the kernel."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 32),
    )


def clock(settings: Settings) -> Iterator[Verdict]:
    """Whether the clock is kept right, as far as can be seen from here."""
    yield _kept()
    yield from _against_database(settings)


def _kept() -> Verdict:
    timex = _Timex()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex)) < 0:
        seen = f"the kernel does not say whether it is kept right: {os.strerror(ctypes.get_errno())}"
        return warn("clock", seen, "compare it with a time server by hand")
    error_s = timex.maxerror / 1e6
    if timex.status & _STA_UNSYNC:
        seen = "nothing keeps it right, as far as the kernel knows"
        return warn("clock", seen, "run chrony or systemd-timesyncd; on a virtual machine its host may do it")
    seen = f"kept right, at most {error_s:.3f} s off if its time server is right (which cannot be known here)"
    if error_s > _LARGEST_ERROR_S:
        return warn("clock", seen, "see whether the time server can be reached (chronyc tracking)")
    return ok("clock", seen)


def _against_database(settings: Settings) -> Iterator[Verdict]:
    opened = open_database(settings)
    try:
        if opened.file is not None and not opened.file.exists():
            return
        with opened.read() as conn:
            ahead_s = watch.newest_time(conn) - time.time()
    except AccessError:
        # The check of the database says so.
        return
    finally:
        opened.close()
    if ahead_s > _TOLERATED_S:
        seen = f"the newest record lies {ahead_s:.0f} s in the future: this clock was or another one is wrong"
        yield fail("clock", seen, "set every machine's clock right before anybody signs in")
