"""When a directory last said nothing to any process of this machine: eight octets in a small file. ◆

Each RADIUS worker would otherwise find out for itself, and the first login of each would wait for it. The
moment is of the monotonic clock, which the processes of a machine have in common; one from before a restart
of the machine lies ahead of it and counts for nothing.
"""

import os
import struct
from contextlib import suppress
from pathlib import Path

NEVER = float("-inf")
_MOMENT = struct.Struct("<d")


class SharedSilence:
    """The file of one directory. Where it cannot be read or written, nobody is told: it only spares waits."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self) -> float:
        """Return the moment, NEVER where there is none."""
        try:
            return float(_MOMENT.unpack(self._path.read_bytes())[0])
        except (OSError, struct.error):
            return NEVER

    def tell(self, at: float) -> None:
        """Have all know that it said nothing at a moment; at NEVER, that it answers."""
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(file, _MOMENT.pack(at), 0)
            finally:
                os.close(file)
