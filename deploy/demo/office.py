"""The stage of the demo: a directory, an installation in a temporary directory, the NAS and a gateway."""

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.nas import Nas
from tests.peers.office_net import POOL4, POOL6, OfficeNet
from tests.peers.people import Company, hangang, namsan
from tests.peers.ports import free_port
from tests.peers.slapd import Slapd
from tests.peers.waiting import wait_until

# How long a slow machine may take, and one that is busy with something else.
READY_S = 120.0
COMMAND_S = 120.0
STOP_S = 60.0
READY_LINE = "officegate is ready"


class CommandFailed(AssertionError):
    """A command of ours ended badly; the message is what it printed."""


@dataclass(frozen=True)
class Door:
    """A NAS of the demo: its loopback address and its secret."""

    name: str
    address: str
    via: str
    code: str
    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)


WIRED = Door("switch-2f", "127.0.0.1", "wired", "none")
VPN = Door("vpn-seoul", "127.0.0.2", "vpn", "appended")
VPN_ASKS = Door("vpn-busan", "127.0.0.3", "vpn", "challenge")
STRANGER = Door("stranger", "127.0.0.9", "vpn", "appended")
DOORS = (WIRED, VPN, VPN_ASKS)


class Office:
    """Everything the story needs, built step by step and taken down in reverse, whatever happens."""

    def __init__(self, as_root: bool) -> None:
        self.as_root = as_root
        self.head_office: Company = hangang()
        self.affiliate: Company = namsan()
        self.net: OfficeNet | None = None
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        kept = self._ending.enter_context(tempfile.TemporaryDirectory(prefix="officegate-demo-"))
        self.directory = Path(kept)
        self.configuration = self.directory / "officegate.toml"
        self.log_path = self.directory / "officegate.log"
        self.auth_port = free_port(adjacent=2)
        self.acct_port = self.auth_port + 1
        self.policy = Path(__file__).with_name("policy.yaml")
        self.eap_authority = self.directory / "state" / "tls" / "authority.pem"
        self.site = f"http://127.0.0.1:{free_port()}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()

    @property
    def log(self) -> str:
        return self.log_path.read_text() if self.log_path.exists() else ""

    def start_directory(self) -> Slapd:
        self.slapd = self._ending.enter_context(Slapd([self.head_office, self.affiliate]))
        return self.slapd

    def build_network(self) -> None:
        if self.as_root:
            self.net = self._ending.enter_context(OfficeNet())

    def configure(self) -> None:
        """Write officegate.toml, make the database, and add the gateway and every NAS."""
        self.nas = self._ending.enter_context(Nas(secret=VPN.secret, address=VPN.address))
        self.configuration.write_text(self._toml())
        self.run("migrate")
        if self.net:
            pools = ("--pool", POOL4, "--pool", POOL6)
            place = ("--kind", "linux-nftables", "--address", f"netns:{self.net.gateway}")
            self.run("device", "add", "gw-seoul", "--organization", "hangang", *place, *pools)
        for door in DOORS:
            self._add(door)

    def start(self) -> None:
        """Run `officegate run` until it says that every process is ready."""
        with self.log_path.open("w") as log:
            self._process = subprocess.Popen(
                self._command("run"),
                env=os.environ | {"OFFICEGATE_SUPERVISOR": str(os.getpid())},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._ending.callback(self.stop)
        wait_until(self._ready_or_dead, "officegate run to be ready", READY_S)

    def stop(self) -> int:
        """Stop the service as Ctrl-C does; the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self._process.wait(STOP_S)

    def run(self, *words: str, check: bool = True) -> str:
        """What `officegate WORDS` prints. Raises CommandFailed."""
        done = subprocess.run(
            self._command(*words), capture_output=True, text=True, timeout=COMMAND_S, check=False
        )
        if check and done.returncode:
            raise CommandFailed(f"officegate {' '.join(words)}: {done.stdout}{done.stderr}".strip())
        return done.stdout

    def registration_code(self, uid: str) -> str:
        """A fresh registration code for this person of the head office."""
        said = self.run("otp", "invite", f"{uid}@hangang")
        found = re.search(r"\b(\d{4}[- ]\d{4}[- ]\d{4})\b", said)
        if found is None:
            raise CommandFailed(f"no registration code in: {said}")
        return found[1]

    def _ready_or_dead(self) -> bool:
        if self._process.poll() is not None:
            raise CommandFailed(f"officegate run ended:\n{self.log[-3000:]}")
        return READY_LINE in self.log

    def _add(self, door: Door) -> None:
        secret = self.directory / f"{door.name}.secret"
        secret.touch(mode=0o600)
        secret.write_text(door.secret)
        words = ["nas", "add", door.name, "--address", door.address, "--organization", "hangang"]
        words += ["--via", door.via, "--code", door.code, "--secret-file", str(secret)]
        if door is VPN:
            words += ["--coa-port", str(self.nas.port), "--site", "seoul"]
            words += ["--gateway", "gw-seoul"] if self.net else []
        if door is WIRED:
            words += ["--mab", "--vendor", "hostapd"]
        self.run(*words)

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "access.cli", "--config", str(self.configuration), *words]

    def _toml(self) -> str:
        state = self.directory / "state"
        listen = self.site.removeprefix("http://")
        companies = "".join(self._company(company) for company in (self.head_office, self.affiliate))
        return f"""\
state_dir = "{state}"

[keys]
file = "{self.directory / "keys" / "officegate.keys"}"

[audit]
heads_dir = "{self.directory / "heads"}"

[web]
listen = "{listen}"

[radius]
listen = "127.0.0.1"
auth_port = {self.auth_port}
acct_port = {self.acct_port}

[roles]
admin = ["hangang/it-admins"]
helpdesk = ["hangang/helpdesk"]
auditor = ["hangang/auditors"]
{companies}"""

    def _company(self, company: Company) -> str:
        return f"""
[organizations.{company.name}]
name = "{company.label}"
realm = "{company.name}.example"

[organizations.{company.name}.directory]
url = "{self.slapd.tls_uri}"
tls = "ldaps"
ca_file = "{self.slapd.certificates.authority}"
bind_dn = "{self.slapd.admin_dn(company)}"
bind_password = "{self.slapd.admin_password}"
user_base = "ou=people,{company.suffix}"
group_base = "ou=groups,{company.suffix}"
"""


def is_root() -> bool:
    """Whether namespaces and nftables are ours to use."""
    return os.geteuid() == 0
