"""A real Exim on a loopback port that takes letters to hangang.example and keeps them in its queue."""

import email
import email.policy
import subprocess
import tempfile
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.certificates import Files
from tests.peers.ports import LOOPBACK, answers, free_port
from tests.peers.process import Daemon

USER, PASSWORD = "officegate", "letters only"
DOMAIN = "hangang.example"
# Somebody the server does not know, and somebody it has no time for.
UNKNOWN, LATER = f"nobody@{DOMAIN}", f"later@{DOMAIN}"
_CONFIGURATION = """
primary_hostname = mail.{domain}
spool_directory = {kept}/spool
log_file_path = {kept}/%slog
pid_file_path = {kept}/pid
exim_user = root
exim_group = root
never_users =
keep_environment =
queue_only
local_interfaces = {address}
acl_smtp_rcpt = rcpt
tls_advertise_hosts = *
tls_certificate = {files.certificate}
tls_privatekey = {files.key}
{tls_on_connect}
host_lookup =
rfc1413_query_timeout = 0s
begin acl
rcpt:
  deny    message = no such person here
          local_parts = nobody
  defer   message = come back later
          local_parts = later
  deny    message = who are you
          !authenticated = *
          condition = {asks}
  accept  domains = {domain}
  deny    message = not ours
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = ${{if def:tls_in_cipher}}
  server_condition = ${{if and {{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_prompts = :
"""


@dataclass
class MailServer:
    """asks: only who has logged in may send; on_connect: TLS from the first octet."""

    files: Files
    asks: bool = False
    on_connect: bool = False

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="exim-")
        self.port = free_port()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._kept.cleanup()

    @property
    def letters(self) -> list[EmailMessage]:
        """What was taken, in the order it came."""
        kept = Path(self._kept.name)
        names = sorted(file.name.removesuffix("-H") for file in kept.glob("spool/input/*-H"))
        return [self._letter(name) for name in names]

    def _letter(self, name: str) -> EmailMessage:
        command: list[str | Path] = ["exim4", "-C", Path(self._kept.name) / "exim.conf", "-Mvc", name]
        shown = subprocess.run(command, capture_output=True, check=True)
        letter = email.message_from_bytes(shown.stdout, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        return letter

    def start(self) -> None:
        kept = Path(self._kept.name)
        text = _CONFIGURATION.format(
            domain=DOMAIN,
            kept=kept,
            address=LOOPBACK,
            files=self.files,
            tls_on_connect=f"tls_on_connect_ports = {self.port}" if self.on_connect else "",
            asks="yes" if self.asks else "no",
            user=USER,
            password=PASSWORD,
        )
        (kept / "exim.conf").write_text(text, "utf-8")
        command: list[str | Path] = ["exim4", "-C", kept / "exim.conf", "-bdf", "-oX", str(self.port)]
        self.daemon = Daemon(command, kept, ready=lambda: answers(self.port))
        self.daemon.start()

    def stop(self) -> None:
        self.daemon.stop()
