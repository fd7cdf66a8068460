"""Two companies with people, phones, sessions, devices and a policy, and the pages over them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update

from access.certificates import keys
from access.certificates.values import Rules
from access.changes import reviewing
from access.changes.outlook import Budget
from access.changes.publishing import Draft
from access.console import create_app
from access.console.gate import Face, Gate
from access.model import Role, User
from access.nas.nas_rules import ANYWHERE
from access.proof.passkey import relying_party
from access.proof.throttle import PasswordThrottle
from access.radius.radius_status import RadiusStatus
from access.records.audit import AuditEntry
from access.shown import DesktopLine, Took
from access.store import address_leases, audit, feed, people
from access.store.api_keys import StoredApiKeys
from access.store.certificates import StoredCertificates
from access.store.database import Database
from access.store.desk_acts import StoredDeskActs
from access.store.directory_desk import StoredDirectoryDesk
from access.store.endpoint_desk import StoredEndpoints
from access.store.link_desk import StoredLinks
from access.store.local_desk import StoredLocalDesk
from access.store.local_group_desk import StoredLocalGroups
from access.store.nas_desk import StoredNasDesk
from access.store.opening_desk import StoredOpenings
from access.store.pages.policy import StoredPolicyDesk
from access.store.pages.stored import StoredPages
from access.store.policy_shelf import StoredPolicies
from access.store.questions import StoredQuestions
from access.store.relinks import StoredRelinks
from access.store.tables import (
    devices,
    groups,
    memberships,
    nas,
    organizations,
    sessions,
    users,
    work,
)
from access.words import casecode
from tests.access.newcomers import PASSWORD, OneDirectory
from tests.access.residents import KEYRING, NOW, Dice, give_phone, settle_in
from tests.peers.pages import pages

NAMES = {"hangang": "한강전자", "namsan": "남산소프트"}
# name, company, display name, groups
CAST = (
    ("minjun.kim", "hangang", "김민준", ("vpn-users", "engineering")),
    ("seoyeon.lee", "hangang", "이서연", ("vpn-users",)),
    ("newcomer", "hangang", "새내기", ()),
    ("boss", "hangang", "정수아", ("it-admins",)),
    ("desk", "hangang", "박지우", ("helpdesk",)),
    ("watcher", "hangang", "오유나", ("auditors",)),
    ("anna.schmidt", "namsan", "Anna Schmidt", ("it-admins",)),
    ("rival", "namsan", "라이벌", ()),
)
ROLES = {
    Role.ADMIN: frozenset({"hangang/it-admins", "namsan/it-admins"}),
    Role.HELPDESK: frozenset({"hangang/helpdesk"}),
    Role.AUDITOR: frozenset({"hangang/auditors"}),
}
CASE = casecode.generate(lambda octets: b"7" * octets)
POLICY = """\
version: 1
networks:
  intranet: {organization: hangang, to: [10.99.0.0/25], ports: [tcp/443, icmp]}
  payroll: {organization: hangang, to: [10.99.0.128/28]}
  namsan-lab: {organization: namsan, to: [10.98.0.0/24]}
vdi:
  dev-desktops: {organization: hangang, port: tcp/3389, lease: 8h, desktops: {dev-1: 10.99.0.201}}
rules:
  - id: staff-vpn
    permit: [login:vpn, network:intranet]
    who: [group:hangang/vpn-users]
    when: {otp_age: 12h}
    reason: {ko: 직원은 어디서나 일합니다, en: Staff work from anywhere}
  - id: engineers-desktops
    permit: [vdi:dev-desktops]
    who: [group:hangang/engineering]
    reason: {ko: 개발 데스크톱, en: Development desktops}
  - id: payroll-people
    permit: [network:payroll]
    who: [group:hangang/it-admins]
    reason: {ko: 급여 담당, en: Payroll}
tests:
  - name: an engineer reaches the intranet
    who: {groups: [hangang/vpn-users], organization: hangang}
    facts: {via: vpn, otp_age: 5m, now: "2026-11-23T09:00:00+09:00"}
    accept: [login:vpn, network:intranet]
    deny: [network:payroll]
"""


@dataclass
class FewDesktops:
    """One desktop for whoever is an engineer."""

    taken_by: int | None = None

    def held(self, user: User) -> list[DesktopLine]:
        if f"{user.organization}/engineering" not in user.groups:
            return []
        mine = self.taken_by == user.id
        return [
            DesktopLine("dev-desktops", "dev-1" if mine else "", "10.99.0.201" if mine else "", 3389, None)
        ]

    def take(self, user: User, _pool: str) -> Took:
        if not self.held(user):
            return Took("", "이 데스크톱을 쓸 권한이 없습니다.")
        if self.taken_by not in (None, user.id):
            return Took("")
        self.taken_by = user.id
        return Took("dev-1")

    def give_back(self, user: User, _pool: str) -> bool:
        mine, self.taken_by = self.taken_by == user.id, None
        return mine


@dataclass
class Town:
    """The whole of it. now is the time for everyone."""

    database: Database
    directory: Path
    now: float = NOW
    status: RadiusStatus = field(default_factory=RadiusStatus)
    metrics_token: str = ""
    head_office: str = ""
    budget: Budget = Budget()  # noqa: RUF009 - frozen
    directories: OneDirectory = field(default_factory=OneDirectory)
    desktops: FewDesktops = field(default_factory=FewDesktops)

    def __post_init__(self) -> None:
        self.dice = Dice(7)
        self.ids = {name: settle_in(self.database, name, company) for name, company, _, _ in CAST}
        self.throttle = PasswordThrottle()
        self._name_all()
        self.identity = StoredDeskActs(
            self.database, KEYRING, self.dice, "web", self.throttle, self.directories.check, ROLES
        )

    @property
    def certificates(self) -> StoredCertificates:
        return StoredCertificates(self.database, KEYRING, self.dice, "web", keys.new_key, keys.packed)

    @property
    def standing(self) -> StoredOpenings:
        return StoredOpenings(self.database, KEYRING, self.dice, "web", ROLES)

    def gate(self, public_url: str = "http://127.0.0.1:8080", language: str = "ko") -> Gate:
        shelf = StoredPolicies(self.database, KEYRING, self.dice, "web", self.budget, ROLES, self.head_office)
        desk = StoredPolicyDesk(shelf, lambda: self.now, ZoneInfo("Asia/Seoul"))
        return Gate(
            face=Face(public_url, "127.0.0.1", ZoneInfo("Asia/Seoul"), language, self.head_office),
            secret_key=b"k" * 32,
            envelope_key=b"e" * 32,
            clock=lambda: self.now,
            identity=self.identity,
            pages=StoredPages(
                self.database,
                KEYRING,
                self.dice,
                lambda: self.now,
                "web",
                self.directory / "heads",
            ),
            policy=desk,
            questions=StoredQuestions(
                self.database, KEYRING, lambda: self.now, ZoneInfo("Asia/Seoul"), desk.current
            ),
            desktops=self.desktops,
            endpoints=StoredEndpoints(self.database, KEYRING, self.dice, "web"),
            certificates=self.certificates,
            certificate_rules=Rules(crl_url=f"{public_url}/crl"),
            api_keys=StoredApiKeys(self.database),
            local_groups=StoredLocalGroups(self.database, KEYRING, self.dice, "web", self.budget),
            local_users=StoredLocalDesk(self.database, KEYRING, self.dice, "web"),
            directory=StoredDirectoryDesk(self.database, KEYRING, self.dice, lambda: self.now, "web"),
            links=StoredLinks(self.database, KEYRING, self.dice, "web", ROLES),
            relinks=StoredRelinks(
                self.database, KEYRING, self.dice, "web", ROLES, frozenset({"hangang", "namsan"})
            ),
            standing=self.standing,
            nas=StoredNasDesk(self.database, KEYRING, self.dice, lambda: self.now, "web", ANYWHERE),
            status=lambda: self.status,
            metrics_token=self.metrics_token,
        )

    def user(self, name: str) -> User:
        with self.database.read() as conn:
            found = people.user_by_id(conn, self.ids[name])
        assert found is not None
        return found

    def disable(self, name: str) -> None:
        with self.database.write() as conn:
            conn.execute(update(users).where(users.c.id == self.ids[name]).values(enabled=False))

    def end_account(self, name: str, at: float) -> None:
        with self.database.write() as conn:
            conn.execute(update(users).where(users.c.id == self.ids[name]).values(expires_at=at))

    def link(self, one: str, other: str, approve: bool = True) -> int:
        """Say that two accounts, of hangang and of namsan, are one person's; the number of the link."""
        links = self.gate().links
        made = links.propose(self.user("boss"), self.user(one), self.user(other), self.now)
        if approve:
            links.approve(self.user("anna.schmidt"), made.id, self.now)
        return made.id

    def join(self, name: str, company: str, group: str) -> None:
        with self.database.write() as conn:
            row = {"user_id": self.ids[name], "group_id": self._group(conn, company, group)}
            conn.execute(insert(memberships).values(**row))

    def leave_all_groups(self, name: str) -> None:
        with self.database.write() as conn:
            conn.execute(delete(memberships).where(memberships.c.user_id == self.ids[name]))

    def organization_id(self, key: str) -> int:
        with self.database.read() as conn:
            return conn.execute(select(organizations.c.id).where(organizations.c.key == key)).scalar_one()

    def give_phones(self) -> None:
        """A phone for everyone but the newcomer, all with the same secret."""
        for name, user_id in self.ids.items():
            if name != "newcomer":
                give_phone(self.database, user_id)

    def give_phone(self, name: str) -> None:
        give_phone(self.database, self.ids[name])

    def put_into(self, name: str, group: str, company: str = "hangang") -> None:
        with self.database.write() as conn:
            row = {"user_id": self.ids[name], "group_id": self._group(conn, company, group)}
            conn.execute(insert(memberships).values(row))

    def publish(self, text: str = POLICY) -> None:
        checked = self.gate().policy.publish(text, "", self.user("boss"), "first")
        assert checked.passed, checked

    def keep_draft(self, text: str = POLICY + "# a word\n") -> int:
        """A draft of the boss; its number."""
        changes = self.gate().policy.changes
        return changes.save(
            None,
            Draft(text, "boss@hangang", self.gate().policy.published().revision, "draft", self.ids["boss"]),
        ).id

    def begin_review(self) -> None:
        """A campaign over every rule in force."""
        policy = self.gate().policy
        desk = reviewing.Desk(policy.reviews, policy.current(), self.now)
        reviewing.start(desk, reviewing.By("boss@hangang"), reviewing.Wish(self.now + 86400.0, None))

    def publish_over(self, text: str) -> None:
        """Another document in the place of the one in force."""
        desk = self.gate().policy
        published = desk.published()
        checked = desk.publish(text, published.revision, self.user("boss"), "another")
        assert checked.passed, checked

    def equip(self, company: str = "hangang") -> None:
        """A gateway and a VPN NAS of a company."""
        organization_id = self.organization_id(company)
        with self.database.write() as conn:
            device = {"organization_id": organization_id, "name": f"gw-{company}", "kind": "linux-nftables"}
            place = {"address": "netns:gw", "pools": json.dumps(["10.77.0.0/24"]), "site": f"본사 {company}"}
            seen = {"seen_at": self.now - 4, "drift": 2, "drift_at": self.now - 600}
            device_id = conn.execute(
                insert(devices).values(**device, **place, **seen).returning(devices.c.id)
            ).scalar_one()
            for lane in ("membership", "structure"):
                conn.execute(
                    insert(work).values(device_id=device_id, lane=lane, wanted=7, done=7, done_at=self.now)
                )
            row = {"organization_id": organization_id, "name": f"vpn-{company}", "network": "127.0.0.5"}
            conn.execute(
                insert(nas).values(
                    **row,
                    binding=f"nas-{company}",
                    secret=KEYRING.seal(b"a secret of some length", f"nas:nas-{company}".encode(), self.dice),
                    via="vpn",
                    site=f"서울 {company}",
                    gateway_id=device_id,
                )
            )

    def connect(self, name: str, address: str = "10.77.0.21", state: str = "live") -> int:
        """A VPN session of somebody; its id."""
        user = self.user(name)
        with self.database.write() as conn:
            found = conn.execute(select(nas).where(nas.c.name == f"vpn-{user.organization}")).one()
            row = {
                "organization_id": found.organization_id,
                "user_id": user.id,
                "nas_id": found.id,
                "class_": f"{name}-{address}".encode(),
                "user_name": f"{user.name}@{user.organization}",
                "calling_station": "02-00-00-aa-bb-01",
                "via": "vpn",
                "method": "pap",
                "state": state,
                "address4": address,
                "gateway_id": found.gateway_id,
                "vlan": "staff",
                "otp_at": self.now - 60,
                "code": "totp registration",
                "admitted_at": self.now - 62,
                "started_at": self.now - 60,
            }
            session_id = conn.execute(insert(sessions).values(**row).returning(sessions.c.id)).scalar_one()
            feed.append(conn, feed.Topic.SESSION, str(session_id), found.organization_id, self.now)
            return int(session_id)

    def wish(self, session_id: int) -> tuple[str, str]:
        """What is wanted of the NAS of a session, and what became of that."""
        query = select(sessions.c.wish, sessions.c.disconnect).where(sessions.c.id == session_id)
        with self.database.read() as conn:
            found = conn.execute(query).one()
        return found.wish, found.disconnect

    def lease(self, session_id: int, network: str) -> None:
        """Write down that a session has a network since a minute."""
        with self.database.write() as conn:
            leases = address_leases.Leases(conn)
            leases.begin(session_id, [network], self.now - 60)
            leases.write()

    def refuse(self, name: str, code: str = CASE, reason: str = "CODE_REPLAYED", endpoint: str = "") -> None:
        """A refused login of somebody, with its steps."""
        user = self.user(name)
        detail = {
            "name": f"{user.name}@{user.organization}",
            "nas": "vpn-hangang",
            "endpoint": endpoint,
            "steps": [
                {"name": "password", "outcome": "", "ms": 3.4},
                {"name": "code", "outcome": reason, "ms": 1.2},
            ],
        }
        entry = AuditEntry(
            "login",
            self.now - 30,
            reason,
            self.organization_id(user.organization),
            user.id,
            None,
            code,
            detail,
        )
        with self.database.write() as conn:
            audit.record(conn, "gate/radius-0", entry, KEYRING, self.dice)

    def know_passkeys(self, public_url: str, *restricted: Role) -> None:
        """Let there be passkeys at an address of the pages; restricted: roles that open with one alone."""
        party, roles = relying_party(public_url), frozenset(restricted)
        self.identity = replace(self.identity, relying_party=party, phishing_resistant=roles)

    @contextmanager
    def served_with_passkeys(self, *restricted: Role) -> Iterator[str]:
        """The pages at http://localhost, where browsers have passkeys."""
        with pages(create_app(self.gate())) as server:
            address = f"http://localhost:{server.server_port}"
            self.know_passkeys(address, *restricted)
            server.show(create_app(self.gate(address)))
            yield address

    @contextmanager
    def served(self) -> Iterator[str]:
        """The pages over HTTP on a free port, for a real browser; the clock is the town's."""
        with pages(create_app(self.gate())) as server:
            yield f"http://127.0.0.1:{server.server_port}"

    def _name_all(self) -> None:
        with self.database.write() as conn:
            for key, name in NAMES.items():
                conn.execute(update(organizations).where(organizations.c.key == key).values(name=name))
            for name, company, shown, own in CAST:
                mail = f"{name}@{company}.example"
                change = update(users).where(users.c.id == self.ids[name])
                conn.execute(change.values(display_name=shown, mail=mail))
                for group in own:
                    conn.execute(
                        insert(memberships).values(
                            user_id=self.ids[name], group_id=self._group(conn, company, group)
                        )
                    )

    def _group(self, conn, company: str, name: str) -> int:
        organization_id = conn.execute(
            select(organizations.c.id).where(organizations.c.key == company)
        ).scalar_one()
        wanted = select(groups.c.id).where(groups.c.organization_id == organization_id, groups.c.name == name)
        row = {"organization_id": organization_id, "entry_uuid": f"{company}-{name}", "name": name}
        found = conn.execute(wanted).scalar()
        if found is None:
            found = conn.execute(
                insert(groups).values(**row, dn=f"cn={name},dc={company}").returning(groups.c.id)
            ).scalar_one()
        return int(found)


__all__ = ["CASE", "PASSWORD", "POLICY", "Town"]
