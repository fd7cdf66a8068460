"""FreeRADIUS 3.2 as the oracle: Debian's, with users in a file, PAP, and EAP when given certificates."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.certificates import Files, create_authority
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.process import Daemon
from tests.peers.radclient import written

CONFIGURATION = """
prefix = /usr
libdir = /usr/lib/freeradius
localstatedir = {directory}
logdir = {directory}
raddbdir = {directory}
run_dir = {directory}
pidfile = {directory}/radiusd.pid
max_requests = 65536
cleanup_delay = 2
hostname_lookups = no
log {{
  destination = stdout
  auth = no
}}
security {{
  max_attributes = 200
  reject_delay = 0
  status_server = yes
  allow_vulnerable_openssl = yes
}}
thread pool {{
  start_servers = {threads}
  max_servers = {threads}
  min_spare_servers = 1
  max_spare_servers = {threads}
  max_requests_per_server = 0
}}
client loopback {{
  ipaddr = {host}
  secret = {quoted_secret}
}}
modules {{
  pap {{
  }}
  chap {{
  }}
  mschap {{
  }}
  files {{
    filename = {directory}/users
  }}
  {eap_module}
}}
server oracle {{
  listen {{
    type = auth
    ipaddr = {host}
    port = {port}
  }}
  authorize {{
    {eap_authorize}
    files
    {hashed_authorize}
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
    {hashed_authenticate}
    {eap_authenticate}
  }}
}}
server inner {{
  authorize {{
    {eap_authorize}
    files
    chap
    mschap
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
    Auth-Type CHAP {{
      chap
    }}
    Auth-Type MS-CHAP {{
      mschap
    }}
    {eap_authenticate}
  }}
}}
"""
HASHED = """
    Auth-Type CHAP {
      chap
    }
    Auth-Type MS-CHAP {
      mschap
    }
"""
EAP_MODULE = """
  eap {{
    default_eap_type = ttls
    timer_expire = 60
    max_sessions = 65536
    tls-config common {{
      private_key_file = {key}
      certificate_file = {certificate}
      ca_file = {authority}
      tls_min_version = "1.2"
      tls_max_version = "1.3"
      cipher_list = "DEFAULT"
      cache {{
        enable = {resumes}
        name = "oracle"
        lifetime = 1
        persist_dir = {directory}/sessions
        store {{
          Tunnel-Private-Group-Id
        }}
      }}
    }}
    tls {{
      tls = common
    }}
    ttls {{
      tls = common
      default_eap_type = md5
      virtual_server = inner
      copy_request_to_tunnel = no
      use_tunneled_reply = yes
    }}
    peap {{
      tls = common
      default_eap_type = mschapv2
      virtual_server = inner
      copy_request_to_tunnel = no
      use_tunneled_reply = yes
    }}
    mschapv2 {{
    }}
    gtc {{
      auth_type = PAP
    }}
    md5 {{
    }}
  }}
"""


@dataclass(frozen=True)
class FileUser:
    """One entry of the users file: a clear password, and what an Accept carries as {name: written value}."""

    name: str
    password: str = field(repr=False)
    reply: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        reply = ", ".join(f"{name} = {value}" for name, value in self.reply.items())
        return f"{written(self.name)} Cleartext-Password := {written(self.password)}\n\t{reply}\n"


@dataclass
class FreeRadius:
    """One server for the NAS at 127.0.0.1.

    With eap it answers the methods of EAP too, with the files given or an authority of its own; with resumes
    it keeps sessions of TLS for an hour. With hashed it answers CHAP and MSCHAPv2 without EAP.
    """

    users: Sequence[FileUser]
    secret: str = field(default="testing123-testing123", repr=False)
    eap: bool = False
    threads: int = 4
    files: Files | None = None
    resumes: bool = False
    hashed: bool = False

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="freeradius-")
        self.directory = Path(self._kept.name)
        self.port = free_port()
        try:
            self._configure()
            # -f stays in the foreground, -l stdout tells what is wrong with the configuration itself.
            command = ["freeradius", "-f", "-l", "stdout", "-d", str(self.directory), "-n", "radiusd"]
            self.daemon = Daemon(command, self.directory, ready=self._says_ready)
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

    @property
    def pid(self) -> int:
        return self.daemon.pid

    @property
    def authority(self) -> Path:
        """The CA its certificate is from; there with eap only."""
        return self.files.authority if self.files else self.directory / "ca.pem"

    def _says_ready(self) -> bool:
        return "Ready to process requests" in self.daemon.log

    def _configure(self) -> None:
        parts = {"eap_module": "", "eap_authorize": "", "eap_authenticate": ""}
        hashed = {"hashed_authorize": "", "hashed_authenticate": ""}
        if self.hashed:
            hashed = {"hashed_authorize": "chap\n    mschap", "hashed_authenticate": HASHED}
        if self.eap:
            files = self.files or create_authority(self.directory).issue("radius.example")
            names: dict[str, object] = {
                "key": files.key,
                "certificate": files.certificate,
                "authority": files.authority,
            }
            names |= {"resumes": "yes" if self.resumes else "no", "directory": self.directory}
            (self.directory / "sessions").mkdir(mode=0o700)
            parts = {
                "eap_module": EAP_MODULE.format_map(names),
                "eap_authorize": "eap {\n      ok = return\n    }",
                "eap_authenticate": "eap",
            }
        text = CONFIGURATION.format_map(
            {
                "directory": self.directory,
                "host": LOOPBACK,
                "port": self.port,
                "quoted_secret": f'"{self.secret}"',
            }
            | {"threads": self.threads}
            | hashed
            | parts
        )
        self._write("radiusd.conf", text)
        self._write("users", "".join(user.text() for user in self.users))

    def _write(self, name: str, text: str) -> None:
        path = self.directory / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
