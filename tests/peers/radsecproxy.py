"""Debian's radsecproxy: UDP on one side and RadSec on the other, whichever way round."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.certificates import Files
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.process import Daemon

UDP, TLS = "udp", "tls"
CONFIGURATION = """
ListenUDP {host}:{udp}
ListenTLS {host}:{tls}
LogDestination file:///dev/stderr
LogLevel 2
LoopPrevention off
tls default {{
  CACertificateFile {files.authority}
  CertificateFile {files.certificate}
  CertificateKeyFile {files.key}
}}
client {host} {{
  type {front.kind}
  secret "{front.secret}"
  certificateNameCheck off
}}
server {host} {{
  type {back.kind}
  secret "{back.secret}"
  port {back.port}
  certificateNameCheck off
  statusServer off
}}
realm * {{
  server {host}
  accountingServer {host}
  accountingResponse off
}}
"""


@dataclass(frozen=True)
class Side:
    """Who is there: by UDP with its secret, or by TLS, where the secret is always the same."""

    kind: str
    secret: str = field(default="radsec", repr=False)
    port: int = 0


@dataclass
class RadSecProxy:
    """Takes requests at `udp` or `tls` (ports) from loopback and passes all of them on to its back."""

    front: Side
    back: Side
    files: Files

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="radsecproxy-")
        directory = Path(self._kept.name)
        self.udp, self.tls = free_port(), free_port()
        path = directory / "radsecproxy.conf"
        path.touch(mode=0o600)
        path.write_text(
            CONFIGURATION.format(
                host=LOOPBACK, udp=self.udp, tls=self.tls, files=self.files, front=self.front, back=self.back
            )
        )
        self.daemon = Daemon(["radsecproxy", "-f", "-c", path], directory, ready=self._listens)
        try:
            self.daemon.start()
        except BaseException:
            self._kept.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.daemon.stop()
        self._kept.cleanup()

    def _listens(self) -> bool:
        """Whether it takes requests, and has the connection to pass them on by."""
        if self.back.kind == TLS and "TLS connection" not in self.daemon.log:
            return False
        kind, port = (UDP, self.udp) if self.front.kind == UDP else ("tcp", self.tls)
        return _is_bound(Path(f"/proc/net/{kind}").read_text().splitlines()[1:], port)


def _is_bound(lines: Iterable[str], port: int) -> bool:
    return any(line.split()[1].endswith(f":{port:04X}") for line in lines)
