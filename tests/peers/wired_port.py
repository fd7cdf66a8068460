"""A port of a switch with 802.1X: hostapd (wired driver) and wpa_supplicant over veth. Needs root.

    namespace "switch"                             namespace "laptop"
    hostapd - RADIUS at 127.0.0.1                  wpa_supplicant
    bridge 10.78.0.1 - [port] ===== veth ===== eth 10.78.0.2

A real switch opens a port itself; here a helper follows hostapd's control events and sets the bridge's port
to forwarding when an endpoint is authorised, to disabled when it has gone. EAPOL passes either way, as on a
switch.

What this cannot prove: the VLAN. The wired driver reports the attributes and puts nothing into a VLAN, so the
data plane of a VLAN is not here. Nor does it do MAC authentication: that is an access point's (macaddr_acl).
"""

import os
import re
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.peers.available import program
from tests.peers.leftovers import scope
from tests.peers.office_net import inside, ip
from tests.peers.process import Daemon
from tests.peers.waiting import wait_until

GATEWAY, LAPTOP = "10.78.0.1", "10.78.0.2"
PORT, LINK = "port", "eth"
FORWARDING, DISABLED = "3", "0"
ARRIVES_S = 0.2
# Both ends wait a minute after a login that came to nothing (IEEE 802.1X quietPeriod, heldPeriod).
LOGGED_IN_S = 150.0
EVENT = re.compile(r"<\d>(AP-STA-CONNECTED|AP-STA-DISCONNECTED|CTRL-EVENT-EAP-\S+) ([0-9a-f:]{17})")
STATES = {"AP-STA-CONNECTED": FORWARDING, "AP-STA-DISCONNECTED": DISABLED}

numbers = count(1)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Servers:
    """Where hostapd asks, in the namespace of the switch, and where it takes CoA."""

    auth_port: int
    acct_port: int
    coa_port: int
    secret: str
    interim_s: int = 1


@dataclass(frozen=True)
class Credentials:
    """What the laptop logs in with, by TTLS/PAP."""

    identity: str
    password: str
    authority: Path


class WiredPort:
    """The port, its switch and its laptop; as a context they are built and taken away whatever happens."""

    def __init__(self, directory: Path) -> None:
        number = next(numbers)
        self.switch, self.laptop = (f"{scope()}-{number}-{place}" for place in ("switch", "laptop"))
        self.directory = directory
        self.events: list[str] = []
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as ending:
            for name in (self.switch, self.laptop):
                ip("netns", "add", name)
                ending.callback(ip, "netns", "delete", name)
                ip("-n", name, "link", "set", "lo", "up")
            self._wire()
            self._sender = ending.enter_context(inside(self.laptop, _udp))
            self._receiver = ending.enter_context(inside(self.switch, _udp))
            self._receiver.bind((GATEWAY, 0))
            self._receiver.settimeout(ARRIVES_S)
            self._ending = ending.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()

    def in_switch(self, action: Callable[[], Result]) -> Result:
        """What the action returns, run in a thread that is in the switch."""
        return inside(self.switch, action)

    def guard(self, servers: Servers) -> None:
        """Have hostapd guard the port, and the helper open and close it."""
        run_dir = self.directory / "hostapd"
        configuration = self.directory / "hostapd.conf"
        configuration.write_text(
            "\n".join(
                (
                    f"interface={PORT}",
                    "driver=wired",
                    "logger_stdout=-1",
                    "logger_stdout_level=1",
                    "ieee8021x=1",
                    "use_pae_group_addr=1",
                    "own_ip_addr=127.0.0.1",
                    "nas_identifier=switch.example.org",
                    "auth_server_addr=127.0.0.1",
                    f"auth_server_port={servers.auth_port}",
                    f"auth_server_shared_secret={servers.secret}",
                    "acct_server_addr=127.0.0.1",
                    f"acct_server_port={servers.acct_port}",
                    f"acct_server_shared_secret={servers.secret}",
                    f"radius_acct_interim_interval={servers.interim_s}",
                    f"radius_das_port={servers.coa_port}",
                    f"radius_das_client=127.0.0.1 {servers.secret}",
                    "radius_das_require_event_timestamp=1",
                    "radius_das_require_message_authenticator=1",
                    f"ctrl_interface={run_dir}",
                    "",
                )
            ),
            encoding="utf-8",
        )
        path = run_dir / PORT
        self._ending.enter_context(self._daemon(self.switch, "hostapd", path, configuration))
        self._ending.enter_context(_Helper(path, self._event))

    def plug_in(self, credentials: Credentials) -> None:
        """Have the laptop log in."""
        run_dir = self.directory / "wpa"
        configuration = self.directory / "wpa.conf"
        network = (
            "key_mgmt=IEEE8021X",
            "eap=TTLS",
            f'identity="{credentials.identity}"',
            f'password="{credentials.password}"',
            f'ca_cert="{credentials.authority}"',
            'phase2="auth=PAP"',
            "eapol_flags=0",
        )
        lines = (
            f"ctrl_interface={run_dir}",
            "ap_scan=0",
            "network={",
            *(f" {each}" for each in network),
            "}",
        )
        configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path = run_dir / LINK
        options = ("-D", "wired", "-i", LINK, "-c", configuration)
        self._supplicant = self._daemon(self.laptop, "wpa_supplicant", path, *options)
        self._ending.enter_context(self._supplicant)

    def fall_asleep(self) -> None:
        """Have the laptop say nothing any more, not even that it goes."""
        self._supplicant.kill()

    def wait_for(self, event: str, times: int = 1, deadline_s: float = LOGGED_IN_S) -> None:
        """Wait until hostapd has told of an event so many times. Raises NotInTime."""
        seen = f"{event}, {times} times, after {self.events}"
        wait_until(lambda: self.events.count(event) >= times, seen, deadline_s)

    def reaches(self) -> bool:
        """Whether a packet of the laptop's gets through the port, in a fraction of a second."""
        sent = str(next(numbers)).encode()
        self._sender.sendto(sent, (GATEWAY, self._receiver.getsockname()[1]))
        try:
            while self._receiver.recv(64) != sent:
                continue
        except TimeoutError:
            return False
        return True

    def _event(self, name: str) -> None:
        if name in STATES:
            self._set_port(STATES[name])
        self.events.append(name)

    def _set_port(self, state: str) -> None:
        command = ["bridge", "link", "set", "dev", PORT, "state", state]
        subprocess.run(
            [program("ip"), "netns", "exec", self.switch, *command],
            check=True,
            capture_output=True,
            timeout=30,
        )

    def _wire(self) -> None:
        ip("link", "add", PORT, "netns", self.switch, "type", "veth", "peer", LINK, "netns", self.laptop)
        ip("-n", self.switch, "link", "add", "bridge", "type", "bridge")
        ip("-n", self.switch, "link", "set", PORT, "master", "bridge")
        # The other side of the switch, so that the bridge is up whatever the port does.
        ip("-n", self.switch, "link", "add", "uplink", "master", "bridge", "type", "veth", "peer", "beyond")
        ip("-n", self.switch, "address", "add", f"{GATEWAY}/24", "dev", "bridge")
        ip("-n", self.laptop, "address", "add", f"{LAPTOP}/24", "dev", LINK)
        for name, links in ((self.switch, (PORT, "uplink", "beyond", "bridge")), (self.laptop, (LINK,))):
            for link in links:
                ip("-n", name, "link", "set", link, "up")
        self._set_port(DISABLED)

    def _daemon(self, ns: str, name: str, control: Path, *options: str | Path) -> Daemon:
        command = ["ip", "netns", "exec", ns, program(name), *options]
        folder = self.directory / f"{name}-log"
        folder.mkdir()
        return Daemon(command, folder, ready=control.exists)


def _udp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


class _Helper:
    """Follows hostapd's control events in a thread, and tells each."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self._path = path
        self._tell = tell
        self._own = path.parent.parent / "helper.sock"
        self._thread = threading.Thread(target=self._follow, name="port", daemon=True)

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(os.fspath(self._own))
        self._socket.connect(os.fspath(self._path))
        self._socket.send(b"ATTACH")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.shutdown(socket.SHUT_RD)
        self._thread.join()
        self._socket.close()

    def _follow(self) -> None:
        while data := self._socket.recv(4096):
            if found := EVENT.match(data.decode(errors="replace")):
                self._tell(found[1])
