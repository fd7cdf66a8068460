"""From a removal in the directory to the last packet through the gateway, by the whole service."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import quantiles

from access.app import App, open_app
from access.config import load
from access.model import Organization
from access.proof.factors import NewToken
from access.store import organizations, people, tokens
from deploy.demo.flows import Flow, connects, tcp_flow, udp_stream
from deploy.demo.office import VPN, Office
from otp.token import State, Token
from otp.totp import code_at, step_at
from tests.bench.figures import Figure
from tests.peers.available import PEERS
from tests.peers.office_net import CLIENTS4, OfficeNet
from tests.peers.radclient import Kind, Server, ask
from tests.peers.waiting import wait_until

HOW = """\
- `directory_removal_to_last_packet`: `officegate run` with a gateway in network namespaces. A member leaves a
  group in LDAP while a TCP connection and a UDP stream of theirs run; from before the change is sent until
  the last packet arrives anywhere. One gateway, three other live sessions, one removal after the other.
"""

REMOVALS = 25
GROUP = "platform"
GIT, STREAM, INTRANET = ("10.99.0.2", 9418), ("10.99.0.2", 5004), ("10.99.0.2", 8080)
SEED = b"twenty octets of key"
PERIOD_S = 30
# Nothing came for so long, at a packet every two milliseconds: that one was the last.
QUIET_S = 0.7
OPEN_S, CUT_S = 10.0, 15.0
# Sessions that stay and hold their addresses while others come and go.
STAYING = 3


@dataclass
class Stage:
    """A running office, everyone of GROUP with a phone."""

    office: Office
    net: OfficeNet
    app: App
    organization: Organization

    def give_phones(self, uids: list[str]) -> None:
        now = self.app.clock()
        with self.app.database.write() as conn:
            for uid in uids:
                user = people.user_by_name(conn, self.organization.id, uid)
                assert user is not None, f"{uid} was synced"
                phone = NewToken(user.id, Token(SEED, state=State.ACTIVE), created_at=now)
                tokens.add(conn, self.app.keyring, phone, self.organization.id, self.app.random)

    def begin_session(self, uid: str, address: str) -> None:
        """Log in at the VPN gateway, and report the address."""
        name = ("User-Name", f"{uid}@hangang.example")
        code = code_at(Token(SEED), step_at(time.time(), PERIOD_S))
        password = self.office.head_office.person(uid).password + code
        accepted = ask(self._server(self.office.auth_port), [name, ("User-Password", password)])
        assert accepted is not None and accepted.code == "Access-Accept", f"{uid}: {accepted}"
        granted = bytes.fromhex((accepted.get("Class") or "").removeprefix("0x"))
        start: list[tuple[str, str | bytes]] = [
            name,
            ("Acct-Status-Type", "Start"),
            ("Acct-Session-Id", f"bench-{uid}"),
            ("Framed-IP-Address", address),
            ("Class", granted),
        ]
        recorded = ask(self._server(self.office.acct_port), start, Kind.ACCT)
        assert recorded is not None, f"accounting of {uid} was answered"
        wait_until(lambda: connects(self.net, address, INTRANET), f"{uid} to be let through", OPEN_S)

    def remove(self, uid: str, address: str) -> float:
        """Take the person out of GROUP while two flows run; seconds until the last packet of either."""
        flows = [tcp_flow(self.net, address, GIT), udp_stream(self.net, address, STREAM)]
        with ExitStack() as running:
            for flow in flows:
                running.enter_context(flow)
            changed = time.time()
            self.office.slapd.leave(self.office.head_office, GROUP, uid)
            wait_until(lambda: _all_silent(flows), f"the flows of {uid} to end", CUT_S)
        return max(flow.last_arrival for flow in flows) - changed

    def _server(self, port: int) -> Server:
        return Server(port, VPN.secret, source=VPN.address)


def measure() -> Iterator[Figure]:
    """p50 and p99 of REMOVALS, one after the other; nothing where there are no namespaces."""
    reasons = [reason for peer in ("netns", "nft", "slapd", "radclient") if (reason := PEERS[peer]())]
    if reasons:
        print(f"removal is left out: {', '.join(reasons)}")
        return
    with Office(as_root=True) as office, ExitStack() as ending:
        stage = _open(office, ending)
        # The administrators keep their VPN by another group.
        admins = office.head_office.members("it-admins")
        uids = [uid for uid in office.head_office.group(GROUP).people if uid not in admins]
        staying, leaving = sorted(admins)[:1] + uids[REMOVALS:], uids[:REMOVALS]
        stage.give_phones([*staying[:STAYING], *leaving])
        for uid, address in zip(staying[:STAYING], CLIENTS4, strict=False):
            stage.begin_session(uid, address)
        free = CLIENTS4[STAYING:]
        times_s = []
        for number, uid in enumerate(leaving):
            address = free[number % len(free)]
            stage.begin_session(uid, address)
            times_s.append(stage.remove(uid, address))
    yield from _figures(times_s)


def _open(office: Office, ending: ExitStack) -> Stage:
    office.start_directory()
    office.build_network()
    office.configure()
    office.start()
    office.run("policy", "publish", str(office.policy), "--note", "bench")
    assert office.net is not None
    app = open_app(load(office.configuration, {}))
    ending.callback(app.close)
    with app.database.read() as conn:
        [organization] = [each for each in organizations.all_organizations(conn) if each.key == "hangang"]
    return Stage(office, office.net, app, organization)


def _figures(times_s: list[float]) -> Iterator[Figure]:
    cuts = quantiles(times_s, n=100, method="inclusive")
    name = f"directory_removal_to_last_packet_of_{len(times_s)}"
    yield Figure(f"{name}_p50", cuts[49], "s")
    yield Figure(f"{name}_p99", cuts[98], "s", 1.0)
    yield Figure(f"{name}_longest", max(times_s), "s", 5.0)


def _all_silent(flows: list[Flow]) -> bool:
    return all(flow.silent_for(QUIET_S) for flow in flows)
