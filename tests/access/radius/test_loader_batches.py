"""What a loader writes does not depend on how many records it takes at once."""

import random
import shutil
from dataclasses import replace
from ipaddress import ip_address

import pytest
from sqlalchemy import insert, select, update

from access.app import App
from access.config import Settings
from access.nas.registry import Endpoint
from access.proof.network_password import PasswordSummary
from access.radius import loader
from access.radius.journal import Journal
from access.radius.loader import Loader
from access.store import endpoints, network_passwords, tables
from access.store.audit import Selection, records
from access.store.database import Database
from tests.access.logins.test_accounting import login, report
from tests.access.residents import KEYRING, NOW, Dice, settle_in

PEOPLE, CLASSES, STATIONS = 3, 8, 4
ADDRESSES = ["10.77.0.5", "10.77.0.6", "192.0.2.77", ""]
KEPT = (
    "sessions",
    "address_leases",
    "nas_restarts",
    "feed",
    "alarms",
    "network_passwords",
    "endpoints",
    "audit_writers",
)


class Office:
    """Two NAS, one of them at a gateway, people with network passwords, a registered endpoint."""

    def __init__(self, database, directory):
        self.database, self.directory = database, directory
        self.people = [settle_in(database, f"person{number}") for number in range(PEOPLE)]
        with database.write() as conn:
            gateway = {"id": 9, "organization_id": 1, "name": "gw", "kind": "k", "address": "local:"}
            conn.execute(insert(tables.devices).values(**gateway, pools='["10.77.0.0/24"]'))
            for number, gateway_id in ((3, 9), (4, None)):
                row = {
                    "id": number,
                    "organization_id": 1,
                    "name": f"nas{number}",
                    "network": f"192.0.2.{number}",
                }
                row |= {"via": "vpn", "binding": f"b{number}", "secret": b"sealed", "gateway_id": gateway_id}
                conn.execute(insert(tables.nas).values(row))
            for user_id in self.people:
                new = PasswordSummary(0, "laptop", NOW)
                network_passwords.add(conn, KEYRING, Dice(user_id), new, (user_id, 1))
            endpoints.add(conn, Endpoint(0, 1, "00-00-5e-00-53-01", "printer"), NOW)

    def load(self, entries):
        """Load in two parts, and return all rows; between them a NAS says yes to what was wanted of it."""
        app = App(replace(Settings(), state_dir=self.directory), KEYRING, self.database, lambda: NOW + 50)
        journal = Journal(self.directory / "journal", "radius-0", "gate1", lambda octets: b"e" * octets)
        half = len(entries) // 2
        for some in (entries[:half], entries[half:]):
            journal.append(some)
            assert Loader(app, self.directory / "journal").load() == len(some)
            self.answer()
        journal.close()
        return self.rows()

    def answer(self):
        some = tables.sessions.c.class_.in_([bytes([number]) * 32 for number in range(0, CLASSES, 3)])
        values = {"disconnect": "acked", "disconnect_at": NOW + 20}
        with self.database.write() as conn:
            conn.execute(update(tables.sessions).where(some).values(values))

    def rows(self):
        """What was written. Sessions are counted by the order in which they came: numbers may be left out."""
        with self.database.read() as conn:
            ids = conn.execute(select(tables.sessions.c.id).order_by(tables.sessions.c.id)).scalars()
            self.numbers = {session_id: number for number, session_id in enumerate(ids)}
            found = {name: self.table(conn, name) for name in KEPT}
            opened = {each.id: each.detail for each in records(conn, Selection(limit=100000), KEYRING)}
            found["audit"] = sorted(
                ((row.writer, row.number), *self.plain(row, "id", "detail"), opened[row.id])
                for row in conn.execute(select(tables.audit))
            )
        return found

    def table(self, conn, name):
        table = tables.METADATA.tables[name]
        rows = conn.execute(select(table).order_by(*table.primary_key))
        return [self.plain(row, "xact", "seq", "binding", "secret", "sealed_key") for row in rows]

    def plain(self, row, *left_out):
        """The values of a row without what is random in it."""
        values = {name: value for name, value in row._asdict().items() if name not in left_out}
        if "gifts" in values:
            values["id"] = self.numbers[values["id"]]
        if values.get("session_id"):
            values["session_id"] = self.numbers[values["session_id"]]
        if values.get("topic") == "session":
            values["key"] = self.numbers[int(values["key"])]
        return tuple(values.items())


def a_morning(people, seed):
    """Logins and reports of some endpoints that move, come back and take each other's addresses."""
    dice = random.Random(seed)
    entries = []
    for number in range(240):
        at = number / 4 - dice.choice([0, 0, 3])
        class_ = bytes([dice.randrange(CLASSES)]) * 32
        calling = f"00:00:5e:00:53:{dice.randrange(STATIONS):02x}"
        nas = dice.choice([3, 3, 4, 99])
        if dice.random() < 0.4:
            entries.append(a_login(dice, people, class_, at) | {"calling": calling, "nas": nas})
        elif dice.random() < 0.08:
            entries.append(report(dice.choice(["ON", "OFF"]), at) | {"nas": nas, "class": ""})
        else:
            status = dice.choice(["START", "INTERIM", "INTERIM", "STOP"])
            more = {"address4": dice.choice(ADDRESSES), "class_": class_}
            entry = report(status, at, **more)
            entry |= {"calling": calling, "nas": nas, "session": f"s{class_[0] % 5}"}
            entry["networks"] = [f"{ip_address(entry['address4'])}/32"] if entry["address4"] else []
            entry["octets"] = [number * 10, number * 20]
            entries.append(entry)
    return entries


def a_login(dice, people, class_, at):
    user = dice.choice([*people, 4711, None])
    entry = {"kind": "login", "reason": "PERMITTED", "case": None, "organization": 1}
    entry["user"] = user if user in people else None
    made = login(class_, at, user, audited=True, entry=entry | {"detail": {"n": at}})
    made |= {"method": dice.choice(["mab", "pap", "eap-tls"]), "endpoint": dice.choice([None, 1, 4712])}
    if dice.random() < 0.5:
        made["network_password"] = dice.choice([1, 2, 3, 4713])
    return made


@pytest.fixture
def alone(migrated_sqlite, tmp_path):
    """A database where records are loaded one at a time."""
    shutil.copy(migrated_sqlite, tmp_path / "alone.sqlite")
    opened = Database(f"sqlite:///{tmp_path}/alone.sqlite", tmp_path / "alone.lock")
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", range(3))
def test_many_records_at_once_leave_the_rows_that_one_after_the_other_leaves(
    database, alone, tmp_path, monkeypatch, seed
):
    one, many = Office(alone, tmp_path / "one"), Office(database, tmp_path / "many")
    entries = a_morning(one.people, seed)
    monkeypatch.setattr(loader, "BATCH_RECORDS", 1)
    expected = one.load(entries)

    monkeypatch.setattr(loader, "BATCH_RECORDS", 97)
    found = many.load(entries)

    for name, rows in expected.items():
        assert found[name] == rows, name
    assert min(len(rows) for rows in expected.values()) > 0
