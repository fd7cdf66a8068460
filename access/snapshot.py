"""A configuration as it was when it was checked, kept for processes that start later. ◆

A process that dies hours later must not come back with a file that somebody has begun to change since.
"""

import os
import weakref
from pathlib import Path

from access.config import Settings, load


class Snapshot:
    """The octets of a configuration file, in memory; whoever inherits the descriptor reads them at path."""

    def __init__(self, file: Path) -> None:
        """Raises ConfigErrors."""
        # Once as it is, so that a file that cannot be read is complained about by its name.
        load(file)
        self.descriptor = os.memfd_create("officegate.toml")
        weakref.finalize(self, os.close, self.descriptor)
        os.write(self.descriptor, file.read_bytes())
        self.settings: Settings = load(self.path, called=str(file))

    @property
    def path(self) -> Path:
        """Where it can be read, by us and by who inherits the descriptor."""
        return Path(f"/proc/self/fd/{self.descriptor}")
