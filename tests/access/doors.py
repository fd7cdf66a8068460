"""Logins answered from a memory of one company, a directory of one password, and one phone."""

from dataclasses import dataclass, field, replace
from ipaddress import ip_network

from access.directory.mschap import MschapAnswer, Source
from access.directory.verdict import PasswordOutcome
from access.errors import Unavailable
from access.logins.login import Logins
from access.logins.login_ports import Freshness, Patience
from access.logins.memory import Memory
from access.logins.proving import Wallet
from access.logins.session_class import SessionClasses
from access.model import Organization, User, Via
from access.nas.registry import Code, Endpoint, NasClient
from access.policy.kept_texts import policy_of
from access.proof.factors import StoredToken
from access.proof.throttle import PasswordThrottle
from otp.token import State, Token
from radius.facts import Facts, Usage
from radius.questions import Account, AccountKind, Authorize, CheckPassword, Method, Report, SpendCode, Step
from tests.access.residents import KEYRING, NOW, Dice, shown

NO_FACTS = Facts()
SEED = b"twenty octets of key"
PASSWORD = "right horse"
MAC = "00:00:5e:00:53:99"
POLICY = """
version: 1
hours:
  office: {days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "23:59", zone: Asia/Seoul}
rules:
  - id: staff
    permit: [login:wired]
    who: [group:hangang/staff]
    gives: {vlan: staff, session_timeout: 12h}
  - id: vpn
    permit: [login:vpn]
    who: [group:hangang/staff]
    when: {otp_age: 12h}
    gives: {session_timeout: 10h}
  - id: printer
    permit: [login:wired]
    who: ["endpoint:00-00-5e-00-53-99"]
    when: {method: [mab]}
"""
HANGANG = Organization(1, "hangang", "한강전자", "hangang.example", "en")
NAMSAN = Organization(2, "namsan", "남산", "namsan.example", "en")
KIM = User(7, "hangang", "minjun.kim", "uid=minjun.kim", groups=frozenset({"hangang/staff"}))
SECRETS = ("a secret of sixteen",)
SWITCH = NasClient(3, 1, "switch", ip_network("192.0.2.3"), SECRETS, Via.WIRED, Code.NONE, mab=True)
VPN = NasClient(4, 1, "vpn", ip_network("192.0.2.4"), SECRETS, Via.VPN)
AFFILIATE = NasClient(5, 2, "namsan-switch", ip_network("192.0.2.5"), SECRETS, Via.WIRED, Code.NONE)
PRINTER = Endpoint(9, 1, "00-00-5e-00-53-99", "printer", valid_until=NOW + 3600)


NO_HASH = MschapAnswer(PasswordOutcome.NO_HASH)


@dataclass
class Ports:
    """One password, one phone; what is away can be said."""

    directory_up: bool = True
    silent: bool = False
    database_up: bool = True
    throttle: PasswordThrottle = field(default_factory=PasswordThrottle)
    random: Dice = field(default_factory=Dice)
    phone: StoredToken = field(
        default_factory=lambda: StoredToken(1, 7, 0, Token(SEED, state=State.ACTIVE), created_at=NOW)
    )
    asked: list = field(default_factory=list)
    sources: frozenset = frozenset({Source.NETWORK_PASSWORD})
    said: MschapAnswer = NO_HASH
    states: dict = field(default_factory=dict)

    def spend_state(self, nas_id, source, state, now):
        if not self.database_up:
            raise Unavailable("the database is away")
        return self.states.pop((nas_id, source, state), None)

    def check_directory(self, organization, user, password):
        self.asked.append((organization, user.name if user else None))
        if not self.directory_up:
            return PasswordOutcome.UNAVAILABLE
        return PasswordOutcome.RIGHT if user and password == PASSWORD else PasswordOutcome.WRONG

    def directory_is_silent(self, user):
        return self.silent

    def nt_hashes_of(self, organization):
        return self.sources

    def check_mschap(self, organization, user, exchange):
        self.asked.append((organization, user.name if user else None))
        return self.said

    def code_key(self, key_id=None):
        return bytes(32)

    def active_tokens(self, user_id):
        if not self.database_up:
            raise Unavailable("the database is away")
        return (self.phone,) if user_id == 7 else ()

    def active_tokens_of(self, user_ids):
        return {user_id: self.active_tokens(user_id) for user_id in user_ids}

    def settle_each(self, settled, at):
        return [self.settle_tokens([each], at) for each in settled]

    def settle_tokens(self, settled, at, event=None):
        self.phone = replace(self.phone, token=settled[0].judged)
        return True

    def issued_codes(self, user_id):
        return ()

    def settle_tries(self, settled, issued, at, event=None):
        return self.settle_tokens(settled, at)

    def recovery_codes(self, user_id):
        return None


class Doors:
    """A worker's logins at a switch and a VPN gateway."""

    def __init__(self, **organization):
        self.memory = Memory()
        self.memory.put_organizations([replace(HANGANG, **organization), NAMSAN])
        self.memory.put_users([KIM])
        self.memory.put_clients([SWITCH, VPN, AFFILIATE])
        self.memory.put_endpoints([PRINTER])
        self.memory.policy = policy_of(POLICY)
        self.ports = Ports()
        self.freshness = Freshness(NOW)
        self.now = NOW
        self.ticks = 0.0
        classes = SessionClasses((bytes(32),))
        patience = Patience(60.0, 3600.0, 30.0)
        wallet = Wallet(self.memory, KEYRING)
        self.logins = Logins(
            self.memory, wallet, self.ports, classes, patience, self.freshness, self.stopwatch
        )

    def stopwatch(self):
        self.ticks += 0.004
        return self.ticks

    def password(self, password=PASSWORD, name="minjun.kim", nas=VPN, endpoint=MAC):
        return self.logins.ask_world(CheckPassword(str(nas.id), name, password, endpoint), self.now)

    def code(self, code=None, user="7"):
        typed = shown(SEED, self.now) if code is None else code
        return self.logins.ask_world(SpendCode(str(VPN.id), user, typed, MAC), self.now)

    def authorize(self, nas=SWITCH, user="7", mac=None, **more):
        question = Authorize(
            nas=str(nas.id),
            user=None if mac else user,
            user_name=mac or "minjun.kim",
            mac=mac,
            method=Method.MAB if mac else Method.PAP,
            code_at=None,
            code="totp registration",
            facts=Facts(calling_station=MAC, nas_port_id="Gi1/0/3"),
            steps=(Step("password", 0.01),),
        )
        return self.logins.authorize(replace(question, **more), self.now)

    def account(self, kind=AccountKind.START, class_=(), nas=VPN, facts=NO_FACTS):
        question = Account(
            nas=str(nas.id),
            kind=kind,
            acct_session_id="session-1",
            user_name="minjun.kim",
            class_=class_,
            facts=facts,
            usage=Usage(17, 10, 20),
            event_time=None,
            delay_s=2,
        )
        return self.logins.account(question, self.now).record

    def report(self, reason, detail="", name="minjun.kim", method=Method.PAP):
        question = Report(str(VPN.id), name, method, reason, detail, Facts(), (Step("EAP", 0.02, "TLSv1.3"),))
        return self.logins.report(question, self.now)
