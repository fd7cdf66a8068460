"""What a rule gives, at real VPN gateways and their clients: address, routes, name servers, and its end."""

import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import pytest

from access.nas.pools import read
from access.nas.registry import Code, MessageAuthenticator
from access.store import devices, nas
from access.store.devices import DeviceRow
from deploy.demo.flows import PEER_S, connects, udp_stream
from tests.access.ending import end_soon
from tests.access.radius_office import DOORS, PERSON, RadiusOffice, opened_office, serving
from tests.peers.office_net import OfficeNet
from tests.peers.process import Daemon
from tests.peers.vpn_gateways import POOL, Credentials, Radius, VpnGateways
from tests.peers.waiting import wait_until
from vpn.drivers.nft_table import TABLE

pytestmark = [
    *(pytest.mark.peer(name) for name in ("nft", "slapd")),
    # What this is about does not depend on the kind of database.
    pytest.mark.parametrize("address", ["sqlite"], indirect=True),
]

SECRET = "a-secret-of-the-gateway"
PORTS = (1812, 1813)  # the plugin of OpenVPN reads four digits of a port
ADDRESS = "10.9.0.17"
GIT, PAYROLL, STREAM = ("10.99.0.2", 9418), ("10.99.0.3", 443), ("10.99.0.2", 5004)
# It asks for a renegotiation every two seconds.
RENEGOTIATES = "reneg-sec 2 2"
BY_TOKEN = "auth-token authentication succeeded"
POLICY = """\
version: 1
networks:
  git: {{organization: hangang, to: [10.99.0.2/32]}}
  payroll: {{organization: hangang, to: [10.99.0.3/32]}}
rules:
  - id: vpn
    permit: [login:vpn]
    who: [user:minjun.kim@hangang]
    {when}
    gives: {{{gives}}}
  - id: git
    permit: [network:git]
    who: [user:minjun.kim@hangang]
    when: {{via: vpn}}
"""


class Line:
    """An office and its VPN gateway, before a client of it."""

    def __init__(self, office: RadiusOffice, net: OfficeNet, gateways: VpnGateways) -> None:
        self.office, self.net, self.gateways = office, net, gateways
        self.radius = Radius(*PORTS, SECRET)
        self.login = Credentials(PERSON, office.password)

    def add_nas(self, vendor: str, **more: object) -> None:
        """Let the gateway ask, and have it guarded by nftables."""
        office = self.office
        with office.app.database.write() as conn:
            device = DeviceRow(0, 1, "gw-1", "linux-nftables", f"netns:{self.net.gateway}", (read(POOL),))
            gateway_id = devices.add(conn, device, office.app.clock())
            client = replace(
                DOORS["vpn"],
                organization_id=1,
                name="vpn-1",
                network=ip_network("127.0.0.1"),
                secrets=(SECRET,),
                vendor=vendor,
                gateway_id=gateway_id,
                **{"code": Code.NONE} | more,
            )
            nas.add(conn, office.app.keyring, client, office.app.clock(), office.app.random)

    def publish(self, gives: str, when: str = "") -> None:
        self.office.publish(POLICY.format(gives=gives, when=when))

    def end_at(self, end: float) -> None:
        until = datetime.fromtimestamp(end, UTC).isoformat()
        self.publish(f"address: {ADDRESS}", f'valid_to: "{until}"')

    def session(self):
        """The newest session as it is now, loaded whatever was written."""
        self.office.load()
        return self.office.sessions()[-1]

    def with_a_code(self) -> Credentials:
        """What the client logs in with where a code is asked for behind the password."""
        return Credentials(PERSON, self.office.password + self.office.code())

    def logins(self) -> list[str]:
        """What became of every login, loaded whatever was written."""
        self.office.load()
        return [row.reason for row in self.office.audited() if row.kind == "login"]

    def wait_for(self, state: str) -> None:
        wait_until(lambda: self.session().state == state, f"a session that is {state}")


@pytest.fixture
def line(address, directory) -> Iterator[Line]:
    with ExitStack() as ending:
        kept = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="v-")))
        net = ending.enter_context(OfficeNet())
        gateways = ending.enter_context(VpnGateways(kept, net))
        (kept / "office").mkdir()
        office = opened_office(kept / "office", address.url, directory.slapd, directory.hangang)
        ending.callback(office.app.close)
        office.set_door("switch", network="127.0.0.9")
        yield Line(office, net, gateways)
        gateways.close()


@contextmanager
def guarded(line: Line) -> Iterator[None]:
    """The processes that keep the gateway's table, while they run."""
    with ExitStack() as ending:
        # They take seconds to begin, and both at once.
        for heard in [_started(line, name, ending) for name in ("enforce", "worker")]:
            wait_until(partial(_is_ready, heard), "a process to begin")
        # Until then the gateway forwards whatever comes.
        wait_until(lambda: POOL in _table(line.net), "the table of the gateway")
        yield


def _table(net: OfficeNet) -> str:
    return net.run(net.gateway, ["nft", "list", "table", *TABLE.split()], check=False)


def _started(line: Line, name: str, ending: ExitStack) -> socket.socket:
    """Where a process says that it is ready."""
    folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="p-")))
    notify = ending.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    notify.setblocking(False)
    notify.bind(str(folder / "notify"))
    config = line.office.state_dir.parent / "officegate.toml"
    command = [sys.executable, "-m", "access.cli", "--config", config, name]
    environment = {"NOTIFY_SOCKET": str(folder / "notify"), "PYTHONPATH": str(Path.cwd())}
    ending.enter_context(Daemon(command, folder, ready=lambda: True, environment=environment))
    return notify


def _is_ready(notify: socket.socket) -> bool:
    try:
        return b"READY=1" in notify.recv(4096)
    except BlockingIOError:
        return False


def log_of(charon: Daemon) -> str:
    return (charon.directory / "charon.log").read_text("utf-8", "replace")


@pytest.mark.peer("ocserv")
def test_a_client_of_ocserv_has_the_address_routes_and_name_servers_of_the_rules(line: Line):
    line.add_nas("ocserv", message_authenticator=MessageAuthenticator.OFF)
    line.publish(
        f"address: {ADDRESS}, session_timeout: 10h, dns: [10.99.0.53, 10.99.0.54, '2001:db8:99::53'],"
        " routes: [10.98.0.0/24, 10.99.0.0/24, '2001:db8:99::/64']"
    )

    with serving(line.office, ns=line.net.gateway, ports=PORTS):
        line.gateways.ocserv(line.radius)
        client = line.gateways.openconnect(line.login)
        line.wait_for("live")

        assert line.gateways.addresses() == {ADDRESS}
        assert line.gateways.routes() == {"10.98.0.0/24", "10.99.0.0/24", "2001:db8:99::/64"}
        assert line.gateways.name_servers() == ["10.99.0.53", "10.99.0.54", "2001:db8:99::53"]
        assert connects(line.net, ADDRESS, GIT, PEER_S)
        client.stop()
        line.wait_for("ended")

    session = line.session()
    assert (session.user_name, session.address4, session.end_reason) == (
        f"{PERSON}@hangang.example",
        None,
        "STOPPED",
    )


@pytest.mark.soak
@pytest.mark.peer("ocserv")
def test_ocserv_says_the_address_and_ends_a_session_that_has_lasted_long_enough(line: Line):
    """It looks after ten seconds, and every thirty from then on."""
    line.add_nas("ocserv", message_authenticator=MessageAuthenticator.OFF)
    line.publish(f"address: {ADDRESS}, session_timeout: 12s, idle_timeout: 5s, routes: [10.99.0.0/24]")

    with serving(line.office, ns=line.net.gateway, ports=PORTS):
        gateway = line.gateways.ocserv(line.radius)
        client = line.gateways.openconnect(line.login)
        wait_until(lambda: line.session().address4 == ADDRESS, "the address to be reported")
        wait_until(lambda: not client.is_running(), "ocserv to end the session")
        line.wait_for("ended")
        assert "session timeout reached" in gateway.log


@pytest.mark.peer("openvpn")
def test_a_client_of_openvpn_reaches_what_it_may_until_the_second_at_which_its_rule_ends(line: Line):
    """OpenVPN keeps the tunnel: it heeds no Session-Timeout. What goes through it ends at the gateway."""
    line.add_nas("openvpn", message_authenticator=MessageAuthenticator.OFF)
    line.publish(f"address: {ADDRESS}, session_timeout: 1s, idle_timeout: 1s")

    with serving(line.office, ns=line.net.gateway, ports=PORTS), guarded(line):
        line.gateways.openvpn_server(line.radius)
        client = line.gateways.openvpn(line.login)
        line.wait_for("live")
        assert line.gateways.addresses() == {ADDRESS}
        wait_until(lambda: connects(line.net, ADDRESS, GIT), "the network to open")
        assert not connects(line.net, ADDRESS, PAYROLL)

        with udp_stream(line.net, ADDRESS, STREAM) as stream:
            end = end_soon(line.net, ADDRESS, line.end_at)
            wait_until(lambda: line.office.app.clock() > end, "the end")
            wait_until(lambda: stream.silent_for(1.0), "the stream to be cut")
            assert stream.is_cut_at(end)
        assert client.is_running()
        assert line.gateways.addresses() == {ADDRESS}


@pytest.mark.peer("openvpn")
def test_a_session_of_openvpn_stays_one_session_however_often_it_is_renegotiated(line: Line):
    """Each time the server asks RADIUS anew, and says the same Acct-Session-Id; it reports nothing of it."""
    line.add_nas("openvpn", message_authenticator=MessageAuthenticator.OFF)
    line.publish(f"address: {ADDRESS}, sessions: 1")

    with serving(line.office, ns=line.net.gateway, ports=PORTS):
        line.gateways.openvpn_server(line.radius, RENEGOTIATES)
        client = line.gateways.openvpn(line.login)
        line.wait_for("live")
        first = line.session()
        line.publish(f"address: {ADDRESS}, sessions: 1, session_timeout: 10h")
        wait_until(lambda: line.session().valid_until is not None, "a renegotiation under the new policy")
        last = line.session()
        assert line.logins().count("PERMITTED") >= 2
        assert (last.id, last.state, last.address4) == (first.id, "live", ADDRESS)
        assert last.policy_revision != first.policy_revision

        client.stop()
        line.wait_for("ended")

    assert [(row.id, row.end_reason) for row in line.office.sessions()] == [(first.id, "STOPPED")]


@pytest.mark.peer("openvpn")
def test_a_renegotiation_of_openvpn_ends_a_session_that_needed_a_code(line: Line):
    """What the client has typed once it sends again, and a code is good once."""
    line.add_nas("openvpn", message_authenticator=MessageAuthenticator.OFF, code=Code.APPENDED)
    line.publish(f"address: {ADDRESS}")

    with serving(line.office, ns=line.net.gateway, ports=PORTS):
        line.gateways.openvpn_server(line.radius, RENEGOTIATES)
        client = line.gateways.openvpn(line.with_a_code())
        line.wait_for("ended")
        wait_until(lambda: not client.is_running(), "the client to end")

    first, *later = line.logins()
    assert first == "PERMITTED"
    assert later
    assert "PERMITTED" not in later


@pytest.mark.peer("openvpn")
def test_a_renegotiation_of_openvpn_needs_no_new_code_with_a_token_of_the_server(line: Line):
    line.add_nas("openvpn", message_authenticator=MessageAuthenticator.OFF, code=Code.APPENDED)
    line.publish(f"address: {ADDRESS}")

    with serving(line.office, ns=line.net.gateway, ports=PORTS):
        server = line.gateways.openvpn_server(line.radius, RENEGOTIATES, "auth-gen-token 36000 3600")
        client = line.gateways.openvpn(line.with_a_code())
        line.wait_for("live")
        wait_until(lambda: BY_TOKEN in server.log, "a renegotiation")
        assert client.is_running()
        assert line.session().state == "live"

    assert line.logins() == ["PERMITTED"]


@pytest.mark.peer("strongswan")
def test_a_client_of_strongswan_has_what_the_rule_gives_until_its_session_times_out(line: Line):
    """It logs in anew by itself when its time is over; the tunnel ends when that is refused."""
    line.add_nas("strongswan", eap_methods=("gtc",))
    given = f"address: {ADDRESS}, role: engineers, dns: [10.99.0.53, 10.99.0.54], session_timeout: 3s"
    line.publish(given, "when: {method: eap-gtc}")

    with serving(line.office, ns=line.net.gateway, ports=PORTS):
        gateway = line.gateways.strongswan_gateway(line.radius)
        client = line.gateways.strongswan(line.login)
        line.wait_for("live")
        wait_until(lambda: line.gateways.addresses() == {ADDRESS}, "its address")
        wait_until(lambda: sorted(line.gateways.name_servers()) == ["10.99.0.53", "10.99.0.54"], "DNS")
        assert "received RADIUS attribute Filter-Id: 'engineers'" in log_of(gateway)

        line.publish(given, "when: {method: eap-tls}")
        wait_until(lambda: not line.gateways.addresses(), "the tunnel to end")
        line.wait_for("ended")
        assert client.is_running()
        assert {row.state for row in line.office.sessions()} == {"ended"}
        assert not line.gateways.name_servers()
