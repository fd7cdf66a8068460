"""A company with people, a policy, gateways and sessions in the tables, for tests of enforcement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from access.changes.publishing import Draft
from access.model import Method, Via
from access.nas.pools import read
from access.policy.document import load
from access.store import devices, feed
from access.store.database import Database
from access.store.devices import DeviceRow
from access.store.feed import Topic
from access.store.policy_shelf import StoredPolicies
from access.store.tables import groups, memberships, nas, sessions, users
from tests.access.residents import KEYRING, NOW, Dice, settle_in

POLICY = """\
version: 1
networks:
  intranet: {organization: hangang, to: [10.99.0.2/32, "fd00:99::2/128"], ports: [tcp/8080, icmp]}
  build: {organization: hangang, to: [10.99.0.2/32, "fd00:99::2/128"], ports: [tcp/9418, udp/5004]}
  servers: {organization: hangang, to: [10.99.0.0/24], ports: [tcp/9000-9999]}
vdi:
  desks:
    organization: hangang
    port: tcp/3389
    lease: 8h
    desktops: {dev-1: 10.99.0.2, dev-2: 10.99.0.3}
hours:
  office: {days: [mon, tue, wed, thu, fri], from: "08:00", to: "20:00", zone: Asia/Seoul}
rules:
  - {id: door, permit: [login:vpn], who: [group:hangang/vpn], when: {otp_age: 12h}}
  - {id: portal, permit: [login:portal], who: [organization:hangang]}
  - {id: all, permit: [network:intranet], who: [organization:hangang]}
  - {id: engineers, permit: [network:build], who: [group:hangang/engineering]}
  - {id: hours, permit: [network:servers], who: [group:hangang/operations], when: {hours: office}}
  - {id: contractors, forbid: [network:build], who: [group:hangang/contractors], reason: no source}
  - {id: desks, permit: ["vdi:desks"], who: [group:hangang/vdi]}
tests:
  - name: everyone has the intranet
    who: {groups: [hangang/vpn], organization: hangang}
    facts: {via: vpn, otp_age: 5m, now: "2026-11-23T09:00:00+09:00"}
    accept: [login:vpn, network:intranet]
"""
GROUPS = ("vpn", "engineering", "operations", "contractors", "vdi")


@dataclass
class Gatehouse:
    """What the enforcer reads, and the changes that others make to it."""

    database: Database
    now: float = NOW

    def __post_init__(self) -> None:
        self.user_id = settle_in(self.database)
        with self.database.write() as conn:
            rows = [
                {"organization_id": 1, "entry_uuid": name, "name": name, "dn": f"cn={name}"}
                for name in GROUPS
            ]
            conn.execute(insert(groups), rows)
            self.group_ids = {row.name: row.id for row in conn.execute(select(groups.c.name, groups.c.id))}
        self._classes = 0

    def person(self, name: str, *placed: str) -> int:
        user_id = settle_in(self.database, name)
        self.place(user_id, placed)
        return user_id

    def place(self, user_id: int, placed: Iterable[str]) -> None:
        """Put somebody in these groups and no others."""
        with self.database.write() as conn:
            conn.execute(delete(memberships).where(memberships.c.user_id == user_id))
            rows = [{"user_id": user_id, "group_id": self.group_ids[name]} for name in placed]
            if rows:
                conn.execute(insert(memberships), rows)
            feed.append(conn, Topic.USER, str(user_id), 1, self.now)

    def change_user(self, user_id: int, **values: object) -> None:
        with self.database.write() as conn:
            conn.execute(update(users).where(users.c.id == user_id).values(**values))
            feed.append(conn, Topic.USER, str(user_id), 1, self.now)

    def publish(self, text: str = POLICY) -> str:
        shelf = StoredPolicies(self.database, KEYRING, Dice(), "test")
        revision = load(text).revision
        assert shelf.put_in_force(Draft(text, "test", shelf.in_force()), revision, self.now)
        return revision

    def gateway(
        self,
        name: str = "gw-1",
        address: str = "local:",
        pools: Iterable[str] = ("10.8.0.0/24", "fd00:8::/64"),
    ) -> int:
        with self.database.write() as conn:
            held = tuple(map(read, pools))
            return devices.add(conn, DeviceRow(0, 1, name, "linux-nftables", address, held), self.now)

    def nas(self, gateway_id: int | None, name: str = "vpn-1", **values: object) -> int:
        row = {
            "organization_id": 1,
            "name": name,
            "network": "127.0.0.1/32",
            "binding": name,
            "secret": b"",
            "via": Via.VPN.value,
            "gateway_id": gateway_id,
        }
        with self.database.write() as conn:
            return conn.execute(insert(nas).values(**row | values).returning(nas.c.id)).scalar_one()

    def session(self, user_id: int | None, nas_id: int, address4: str | None = None, **values: object) -> int:
        """A session that is live from now on."""
        self._classes += 1
        with self.database.write() as conn:
            gateway = select(nas.c.gateway_id).where(nas.c.id == nas_id)
            row: Mapping[str, object] = {
                "organization_id": 1,
                "user_id": user_id,
                "nas_id": nas_id,
                "class_": self._classes.to_bytes(16),
                "via": Via.VPN.value,
                "method": Method.PAP.value,
                "state": "live",
                "address4": address4,
                "gateway_id": conn.execute(gateway).scalar(),
                "otp_at": self.now,
                "code": "totp registration",
                "admitted_at": self.now,
            }
            query = insert(sessions).values(**{**row, **values}).returning(sessions.c.id)
            session_id: int = conn.execute(query).scalar_one()
            feed.append(conn, Topic.SESSION, str(session_id), 1, self.now)
        return session_id

    def change_session(self, session_id: int, **values: object) -> None:
        with self.database.write() as conn:
            conn.execute(update(sessions).where(sessions.c.id == session_id).values(**values))
            feed.append(conn, Topic.SESSION, str(session_id), 1, self.now)

    def end(self, session_id: int) -> None:
        self.change_session(session_id, state="ended", ended_at=self.now)
