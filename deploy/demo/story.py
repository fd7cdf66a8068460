"""The story the demo plays, step by step; every claim is checked, none is only printed."""

import re
import time
from dataclasses import dataclass, field

import pyotp

from deploy.demo.flows import Flow, connects, tcp_flow, udp_stream
from deploy.demo.office import STRANGER, VPN, VPN_ASKS, WIRED, Door, Office
from deploy.demo.portal import Visitor, enrol, sign_in
from deploy.demo.steps import Steps, claim
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.office_net import CLIENTS4
from tests.peers.radclient import Kind, Reply, Server, ask
from tests.peers.waiting import wait_until

EMPLOYEE, ADMIN = "minjun.kim", "doyun.park"
LEFT_GROUP = "platform"
GIT, STREAM = ("10.99.0.2", 9418), ("10.99.0.2", 5004)
INTRANET, PAYROLL, SSH = ("10.99.0.2", 8080), ("10.99.0.3", 443), ("10.99.0.2", 22)
PROBE_S = 0.05
QUIET_S = 2.0
PATIENCE_S = 60.0
PERIOD_S = 30


@dataclass
class Phone:
    """An authenticator app that never gives the same code twice: it waits for the next one."""

    totp: pyotp.TOTP
    last_step: int

    def code(self) -> str:
        """The earliest unspent code that the server's window of one step accepts."""
        step = self.last_step + 1
        wait_until(lambda: time.time() // PERIOD_S >= step - 1, "the next code", PERIOD_S + 5.0)
        self.last_step = max(step, int(time.time() // PERIOD_S))
        return str(self.totp.at(self.last_step * PERIOD_S))


@dataclass
class Story:
    """What the steps hand on to each other."""

    office: Office
    steps: Steps
    phone: Phone | None = None
    admin_phone: Phone | None = None
    recovery_codes: list[str] = field(default_factory=list)
    accepted: Reply | None = None
    refused_case: str = ""
    flows: list[Flow] = field(default_factory=list)

    def play(self) -> None:
        """Every step in order; raises StepFailed at the first that does not hold."""
        self.directory()
        self.service()
        self.enrolment()
        self.vpn_login()
        self.challenge()
        self.laptop()
        self.accounting()
        self.removal()
        self.explanation()

    def directory(self) -> None:
        with self.steps.step(1, "a directory of two companies, 200 people, nested groups") as told:
            slapd = self.office.start_directory()
            companies = (self.office.head_office, self.office.affiliate)
            people = sum(len(company.people) for company in companies)
            claim(people == 200, f"{people} people")
            told.add(f"slapd on {slapd.tls_uri}")

    def service(self) -> None:
        with self.steps.step(2, "officegate run: migrated, synced, policy published") as told:
            self.office.build_network()
            self.office.configure()
            self.office.start()
            wait_until(self._synced, "both directories to be in step", PATIENCE_S)
            self.office.run("policy", "publish", str(self.office.policy), "--note", "the demo's policy")
            checked = self.office.run("check", check=False)
            claim("FAIL" not in checked, f"officegate check: {checked}")
            told.add(self.office.site)

    def _synced(self) -> bool:
        return self.office.run("directory", "show").count(": in step at ") == 2

    def enrolment(self) -> None:
        with self.steps.step(3, "an employee enrols a phone in the portal") as told:
            self.phone, codes = self._enrol(EMPLOYEE)
            claim(len(codes) == 10, f"{len(codes)} recovery codes")
            self.recovery_codes = codes
            told.add("ten recovery codes")

    def vpn_login(self) -> None:
        with self.steps.step(4, "a VPN gateway asks: password with code") as told:
            password = self._password(EMPLOYEE) + self._phone().code()
            self.accepted = self._ask(VPN, EMPLOYEE, password)
            claim(self.accepted.code == "Access-Accept", str(self.accepted))
            claim(self.accepted.get("Class") is not None, f"a Class in {self.accepted}")
            claim(0 < int(self.accepted.get("Session-Timeout") or 0) <= 36000, str(self.accepted))
            self._refusals(password)
            claim(self._silence(STRANGER), "an unknown NAS gets silence")
            claim(self._silence(VPN, message_authenticator=False), "no Message-Authenticator, no answer")
            told.add(f"replay refused as case {self.refused_case}")

    def _refusals(self, spent: str) -> None:
        replayed = self._ask(VPN, EMPLOYEE, spent)
        wrong = self._ask(VPN, EMPLOYEE, "not-the-password123456")
        unknown = self._ask(VPN, "nobody.at.all", "not-the-password123456")
        for reply in (replayed, wrong, unknown):
            claim(reply.code == "Access-Reject", str(reply))
        self.refused_case = case_in(replayed)
        shapes = {shape(wrong), shape(unknown)}
        claim(len(shapes) == 1, f"wrong password and unknown user look alike: {shapes}")

    def challenge(self) -> None:
        with self.steps.step(5, "the challenge way: password, Access-Challenge, code, Accept") as told:
            asked = self._ask(VPN_ASKS, EMPLOYEE, self._password(EMPLOYEE))
            claim(asked.code == "Access-Challenge", str(asked))
            state = bytes.fromhex((asked.get("State") or "").removeprefix("0x"))
            answered = self._ask(VPN_ASKS, EMPLOYEE, self._phone().code(), state=state)
            claim(answered.code == "Access-Accept", str(answered))
            told.add(f"prompt: {asked.get('Reply-Message')}")

    def laptop(self) -> None:
        with self.steps.step(5, "a laptop on the wire: EAP-TTLS/PAP, its VLAN, keys that match") as told:
            laptop = Laptop(
                identity=f"{EMPLOYEE}@hangang.example",
                password=self._password(EMPLOYEE),
                authority=self.office.eap_authority,
                anonymous="anonymous@hangang.example",
            )
            login = log_in(self._server(WIRED), laptop)
            claim(login.success and login.keys_match, f"EAP ended in {login.code}:\n{login.log[-1500:]}")
            claim(login.vlan == "staff", f"VLAN {login.vlan}")
            told.add(f"VLAN {login.vlan} in {login.round_trips} round trips")

    def accounting(self) -> None:
        with self.steps.step(6, "a session with an address opens what the policy grants") as told:
            net = self.office.net
            if net is None:
                told.leave_out("namespaces and nftables need root")
                self._account("Start", CLIENTS4[0], own_class=True)
                return
            claim(not connects(net, CLIENTS4[0], INTRANET), "nothing passes before the session")
            self._account("Start", CLIENTS4[1], own_class=False)
            started = time.monotonic()
            self._account("Start", CLIENTS4[0], own_class=True)
            wait_until(
                lambda: connects(net, CLIENTS4[0], INTRANET, PROBE_S), "the intranet to open", PATIENCE_S
            )
            opened_s = time.monotonic() - started
            for closed in (PAYROLL, SSH):
                claim(not connects(net, CLIENTS4[0], closed), f"{closed} stays closed")
            claim(not connects(net, CLIENTS4[1], INTRANET), "without our Class nothing is gained")
            self.flows = [tcp_flow(net, CLIENTS4[0], GIT), udp_stream(net, CLIENTS4[0], STREAM)]
            told.add(f"open after {opened_s * 1000:.0f} ms")

    def removal(self) -> None:
        with self.steps.step(7, "removed from the group in LDAP: what runs right now is cut") as told:
            for flow in self.flows:
                flow.__enter__()
            changed = time.time()
            self.office.slapd.leave(self.office.head_office, LEFT_GROUP, EMPLOYEE)
            asked = self.office.nas.wait_for(1, deadline_s=PATIENCE_S)[0]
            claim(asked.is_disconnect and asked.valid, f"a Disconnect-Request, not {asked}")
            claim(asked.get("User-Name") == f"{EMPLOYEE}@hangang.example", str(asked.attributes))
            if self.office.net is None:
                told.leave_out("the flows: namespaces and nftables need root")
                return
            told.add(self._cut(changed))

    def _cut(self, changed: float) -> str:
        net = self.office.net
        assert net is not None
        wait_until(
            lambda: all(flow.silent_for(QUIET_S) for flow in self.flows), "both flows to end", PATIENCE_S
        )
        last_ms = max(flow.last_arrival - changed for flow in self.flows) * 1000
        still_sending = all(
            len(way.sent) > len(way.arrivals) for flow in self.flows for way in flow.directions
        )
        claim(still_sending, "the senders went on, so it was the gateway that cut them")
        listed = net.run(net.gateway, ["nft", "list", "set", "inet", "officegate", "may4"])
        claim(CLIENTS4[0] not in listed, f"the elements are gone: {listed}")
        for flow in self.flows:
            flow.close()
        self.flows = []
        return f"{last_ms:.0f} ms from the LDAP change to the last packet"

    def explanation(self) -> None:
        with self.steps.step(8, "explain and the console show why; the audit chain holds") as told:
            said = self.office.run("explain", f"{EMPLOYEE}@hangang", "--via", "vpn", check=False)
            claim("vpn-users" in said, f"explain names the rule: {said}")
            admin = Visitor(self.office.site)
            self.admin_phone, _ = self._enrol(ADMIN, admin)
            self._see(admin, f"/console/cases?code={self.refused_case}", "the refused login by its case code")
            self._see(admin, "/console/sessions?state=ended", "the session that has ended")
            wait_until(self._audited, "every audit row to be sealed", PATIENCE_S)
            told.add(self.office.run("audit", "verify").strip().splitlines()[-1])

    def _see(self, admin: Visitor, path: str, what: str) -> None:
        wait_until(lambda: EMPLOYEE in admin.get(path), f"the console to show {what}", PATIENCE_S)

    def _audited(self) -> bool:
        said = self.office.run("audit", "verify", check=False)
        return re.search(r"\b0 of them not sealed", said) is not None

    def _enrol(self, uid: str, visitor: Visitor | None = None) -> tuple[Phone, list[str]]:
        code = self.office.registration_code(uid)
        visitor = visitor or Visitor(self.office.site)
        sign_in(visitor, f"{uid}@hangang", self._password(uid))
        totp, codes = enrol(visitor, code)
        return Phone(totp, int(time.time() // PERIOD_S)), codes

    def _phone(self) -> Phone:
        claim(self.phone is not None, "an enrolled phone")
        assert self.phone is not None
        return self.phone

    def _password(self, uid: str) -> str:
        return self.office.head_office.person(uid).password

    def _server(self, door: Door, accounting: bool = False) -> Server:
        port = self.office.acct_port if accounting else self.office.auth_port
        return Server(port, door.secret, source=door.address)

    def _ask(self, door: Door, uid: str, password: str, state: bytes | None = None) -> Reply:
        attributes: list[tuple[str, str | bytes]] = [
            ("User-Name", f"{uid}@hangang.example"),
            ("User-Password", password),
            ("NAS-Identifier", door.name),
            ("Calling-Station-Id", "198.51.100.7"),
        ]
        if state is not None:
            attributes.append(("State", state))
        reply = ask(self._server(door), attributes)
        claim(reply is not None, f"{door.name} got no answer")
        assert reply is not None
        return reply

    def _silence(self, door: Door, *, message_authenticator: bool = True) -> bool:
        attributes = {"User-Name": EMPLOYEE, "User-Password": "anything-at-all"}
        reply = ask(
            self._server(door), attributes, message_authenticator=message_authenticator, timeout_s=2.0
        )
        return reply is None

    def _account(self, status: str, address: str, *, own_class: bool) -> None:
        assert self.accepted is not None
        attributes: list[tuple[str, str | bytes]] = [
            ("Acct-Status-Type", status),
            ("Acct-Session-Id", f"demo-{address}"),
            ("User-Name", f"{EMPLOYEE}@hangang.example"),
            ("Framed-IP-Address", address),
            ("NAS-Identifier", VPN.name),
            ("Calling-Station-Id", "198.51.100.7"),
        ]
        if own_class:
            granted = (self.accepted.get("Class") or "").removeprefix("0x")
            attributes.append(("Class", bytes.fromhex(granted)))
        reply = ask(self._server(VPN, accounting=True), attributes, Kind.ACCT)
        claim(reply is not None and reply.code == "Accounting-Response", f"accounting answered: {reply}")


def shape(reply: Reply) -> str:
    """What an outsider can tell one reply from another by: all but the signature and the case code."""
    seen = [pair for pair in reply.attributes if pair[0] != "Message-Authenticator"]
    return re.sub(r"[0-9A-Z]{4}-?[0-9A-Z]{4}", "CASE", f"{reply.code} {seen}")


def case_in(reply: Reply) -> str:
    """The case code that the refusal shows."""
    found = re.search(r"\b([0-9A-Z]{4}-?[0-9A-Z]{4})\b", reply.get("Reply-Message") or "")
    claim(found is not None, f"a case code in {reply}")
    assert found is not None
    return found[1]
