"""A real rsyslog that takes messages over TLS on a loopback port and writes them into a file."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.certificates import Files
from tests.peers.ports import LOOPBACK, answers, free_port
from tests.peers.process import Daemon

# rsyslog understands a frame's length by itself (RFC 5425); the template writes what came, unchanged.
_CONFIGURATION = """
global(workDirectory="{kept}" maxMessageSize="64k"
       defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{files.authority}"
       defaultNetstreamDriverCertFile="{files.certificate}" defaultNetstreamDriverKeyFile="{files.key}")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="{auth}")
template(name="raw" type="string" string="%rawmsg%\\n")
input(type="imtcp" address="{address}" port="{port}")
action(type="omfile" file="{kept}/received" template="raw")
"""


@dataclass
class Rsyslog:
    """files is its certificate. certified: takes messages only from who shows one of that authority."""

    files: Files
    certified: bool = False

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="rsyslog-")
        self.port = free_port()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.daemon.stop()
        self._kept.cleanup()

    @property
    def received(self) -> list[str]:
        """The messages, the oldest first, as they came."""
        file = Path(self._kept.name) / "received"
        return file.read_text("utf-8").splitlines() if file.exists() else []

    def start(self) -> None:
        kept = Path(self._kept.name)
        auth = "x509/certvalid" if self.certified else "anon"
        text = _CONFIGURATION.format(kept=kept, files=self.files, auth=auth, address=LOOPBACK, port=self.port)
        (kept / "rsyslog.conf").write_text(text, "utf-8")
        command: list[str | Path] = ["rsyslogd", "-n", "-f", kept / "rsyslog.conf", "-i", kept / "pid"]
        self.daemon = Daemon(command, kept, ready=lambda: answers(self.port))
        self.daemon.start()

    def stop(self) -> None:
        self.daemon.stop()
