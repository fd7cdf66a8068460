"""Who sits at the command line, for the audit. ◆"""

import os
import pwd
from pathlib import Path

LOGIN = Path("/proc/self/loginuid")
# What the kernel says of a process that nobody's login began: a service, a container.
NOBODY = 0xFFFF_FFFF


def operator() -> str:
    """Return who sits at the command line: who has signed in to the machine, and as whom they act.

    The kernel keeps who has signed in, through su and sudo; the environment, which anybody sets, is believed
    of root alone, who could do anything.
    """
    acting = os.getuid()
    came = _login()
    known = _name(acting) if came is None else _name(came)
    if came is None and acting == 0:
        known = os.environ.get("SUDO_USER", "") or known
    as_whom = "" if known == _name(acting) else f" as {_name(acting)}"
    return f"{known}{as_whom} at the command line"


def _login() -> int | None:
    try:
        found = int(LOGIN.read_text())
    except (OSError, ValueError):
        return None
    return None if found == NOBODY else found


def _name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"{user_id}"
