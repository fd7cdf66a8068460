"""Endpoints are their owner's, by who that is: not of whoever gets the owner's name."""

from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import insert, select, text, update

from access.errors import Refused
from access.nas.endpoint_standing import NO_EVIDENCE, Evidence, endpoint_facts
from access.nas.registry import Endpoint
from access.records.audit import AuditEntry
from access.store import audit, endpoints, people, schema
from access.store.database import Database
from access.store.endpoint_desk import StoredEndpoints
from access.store.tables import directory_changes, directory_runs, users
from tests.access.residents import DICE, KEYRING, NOW, leave_to_a_namesake, settle_in

MAC = "00-00-5e-00-53-11"
LAPTOP = Endpoint(0, 1, MAC, "laptop", "minjun.kim", NOW + 1e6)
DAY_S = 86400.0


class Office:
    """minjun.kim of hangang has a laptop."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.kim = settle_in(database)
        self.desk = StoredEndpoints(database, KEYRING, DICE, "web")
        self.desk.register(LAPTOP, "boss@hangang", NOW)

    def owned(self, user_id: int) -> list[str]:
        with self.database.read() as conn:
            user = people.user_by_id(conn, user_id)
        return [each.mac for each in self.desk.owned_by(user)]

    def standing(self, user_id: int) -> str:
        """What the laptop is to somebody."""
        evidence = Evidence(True, self.desk.registration(MAC))
        return endpoint_facts(evidence, "hangang", user_id).spelt(NOW)

    def shown(self) -> str:
        (found,) = self.desk.listed(1)
        return found.owner

    def change(self, user_id: int, **values: object) -> None:
        with self.database.write() as conn:
            conn.execute(update(users).where(users.c.id == user_id).values(**values))


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_an_endpoint_is_its_owners(office: Office):
    assert office.owned(office.kim) == [MAC]
    assert office.standing(office.kim) == "known"
    assert office.desk.unanswered(NOW) == frozenset()


def test_whoever_gets_the_name_of_an_owner_who_left_has_nothing_of_theirs(office: Office):
    namesake = leave_to_a_namesake(office.database, "minjun.kim")
    with office.database.write() as conn:
        conn.execute(update(users).where(users.c.id == office.kim).values(name="minjun.kim"))

    assert office.owned(namesake) == []
    assert office.standing(namesake) == "unregistered"
    assert office.shown() == "minjun.kim@hangang"
    assert office.desk.unanswered(NOW) == {office.desk.listed(1)[0].id}


def test_an_owner_with_a_new_name_has_what_they_had_and_is_shown_by_it(office: Office):
    office.change(office.kim, name="minjun.park")

    assert office.owned(office.kim) == [MAC]
    assert office.standing(office.kim) == "known"
    assert office.shown() == "minjun.park@hangang"


def test_an_owner_who_is_back_has_their_endpoints_again(office: Office):
    office.change(office.kim, enabled=False, vanished_at=NOW)
    assert len(office.desk.unanswered(NOW)) == 1

    office.change(office.kim, enabled=True, vanished_at=None)

    assert office.owned(office.kim) == [MAC]
    assert office.desk.unanswered(NOW) == frozenset()


def test_nobody_answers_for_the_endpoint_of_an_account_that_is_over(office: Office):
    office.change(office.kim, expires_at=NOW + 60)

    assert office.desk.unanswered(NOW) == frozenset()
    assert len(office.desk.unanswered(NOW + 60)) == 1


def test_an_endpoint_gets_another_owner_who_is_here(office: Office):
    lee = settle_in(office.database, "seoyeon.lee")
    gone = settle_in(office.database, "gone")
    office.change(gone, enabled=False)

    with pytest.raises(Refused):
        office.desk.give(MAC, 1, "gone", "boss@hangang", NOW)
    assert not office.desk.give(MAC, 2, "seoyeon.lee", "boss@hangang", NOW)
    assert office.owned(office.kim) == [MAC]
    assert office.desk.give(MAC, 1, "seoyeon.lee", "boss@hangang", NOW)

    assert (office.owned(office.kim), office.owned(lee)) == ([], [MAC])
    with office.database.read() as conn:
        newest = audit.records(conn, audit.Selection(limit=1), KEYRING)[0]
    assert newest.reason == "ENDPOINT_OWNER"
    assert newest.detail["owner"] == "seoyeon.lee@hangang"


def test_a_list_gives_an_owner_to_what_has_none_and_takes_none_from_what_has(office: Office):
    lee = settle_in(office.database, "seoyeon.lee")
    listed = [replace(LAPTOP, owner="seoyeon.lee")]
    office.desk.take_over(listed, "boss@hangang", NOW)
    assert office.owned(lee) == []

    with office.database.write() as conn:
        conn.execute(text("UPDATE endpoints SET owner_id = NULL"))
    office.desk.take_over(listed, "boss@hangang", NOW)

    assert office.owned(lee) == [MAC]


def test_an_endpoint_that_an_older_version_registers_is_nobodys(office: Office):
    """It runs on the migrated database until it is restarted, and knows names alone."""
    with office.database.write() as conn:
        row = "INSERT INTO endpoints (organization_id, mac, owner) VALUES (1, :mac, 'minjun.kim@hangang')"
        conn.execute(text(row), {"mac": "00-00-5e-00-53-12"})

    assert office.owned(office.kim) == [MAC]
    assert len(office.desk.unanswered(NOW)) == 1


def test_without_evidence_nobody_can_say_what_an_endpoint_is():
    assert endpoint_facts(NO_EVIDENCE, "hangang", 7).spelt(NOW) == "unknown"


class Older:
    """A database of before: endpoints, the audit of their registration, what runs of the directory told."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as conn:
            command.upgrade(schema._config(conn), "0053")
        self.kim = settle_in(database)
        with database.write() as conn:
            row = "INSERT INTO endpoints (organization_id, mac, owner) VALUES (1, :mac, 'minjun.kim@hangang')"
            conn.execute(text(row), {"mac": MAC})

    def registered(self, at: float) -> None:
        detail = {"mac": MAC, "name": "laptop", "owner": "minjun.kim@hangang", "by": "boss@hangang"}
        entry = AuditEntry("endpoint", at, "ENDPOINT_ADDED", 1, detail=detail)
        with self.database.write() as conn:
            audit.record(conn, "web", entry, KEYRING, DICE)

    def tell(self, user_id: int, what: str, at: float, before: str = "{}") -> None:
        with self.database.write() as conn:
            run = {"organization_id": 1, "began": at, "kind": "delta", "by": "", "counts": "{}"}
            made = insert(directory_runs).values(run).returning(directory_runs.c.id)
            run_id = conn.execute(made).scalar_one()
            uuid = select(users.c.entry_uuid).where(users.c.id == user_id).scalar_subquery()
            row = {"run_id": run_id, "entry_uuid": uuid, "what": what, "before": before}
            conn.execute(insert(directory_changes).values(row | {"joined": "", "left": ""}))

    def namesake(self, left: float = NOW) -> int:
        """Somebody else who has the name now, as a new entry; their id."""
        with self.database.write() as conn:
            gone = {"enabled": False, "vanished_at": left, "entry_uuid": "the one who left"}
            conn.execute(update(users).where(users.c.id == self.kim).values(gone))
        return settle_in(self.database)

    def owner(self) -> int | None:
        """Whose the endpoint is once the database is migrated."""
        schema.upgrade(self.database)
        with self.database.read() as conn:
            (found,) = endpoints.all_endpoints(conn)
        assert found.owner == "minjun.kim@hangang"
        return found.owner_id


@pytest.fixture
def older(empty_database: Database) -> Older:
    return Older(empty_database)


def test_an_older_endpoint_is_whose_name_it_was_registered_to(older: Older):
    assert older.owner() == older.kim


def test_an_older_endpoint_of_one_who_left_stays_theirs(older: Older):
    with older.database.write() as conn:
        conn.execute(update(users).values(enabled=False, vanished_at=NOW))

    assert older.owner() == older.kim


def test_where_two_have_had_the_name_and_nothing_tells_when_the_endpoint_is_nobodys(older: Older):
    older.namesake()

    assert older.owner() is None


def test_of_two_who_have_had_the_name_it_is_whose_it_was_at_the_registration(older: Older):
    older.registered(NOW - DAY_S)
    came = older.namesake(left=NOW)
    older.tell(came, "added", NOW)

    assert older.owner() == older.kim


def test_an_endpoint_registered_after_the_other_left_is_whose_name_it_is(older: Older):
    older.registered(NOW + DAY_S)
    came = older.namesake(left=NOW)

    assert older.owner() == came


@pytest.mark.parametrize(
    ("what", "before"), [("added", "{}"), ("changed", '{"name": "park"}'), ("enabled", '{"name": "park"}')]
)
@pytest.mark.parametrize("is_kept", [True, False])
def test_whoever_came_by_the_name_after_the_registration_does_not_get_it(older, what, before, is_kept):
    if is_kept:
        older.registered(NOW - DAY_S)
    older.tell(older.kim, what, NOW, before)

    assert older.owner() is None


def test_whoever_came_by_the_name_before_the_registration_has_it(older: Older):
    older.tell(older.kim, "added", NOW - DAY_S)
    older.registered(NOW)

    assert older.owner() == older.kim


def test_the_newest_registration_counts(older: Older):
    older.registered(NOW - DAY_S)
    older.tell(older.kim, "added", NOW)
    older.registered(NOW + DAY_S)

    assert older.owner() == older.kim


@pytest.mark.parametrize(("left_as", "is_theirs"), [("minjun.kim", True), ("park", False)])
def test_whoever_was_gone_for_a_while_has_what_they_had_under_the_same_name(older, left_as, is_theirs):
    older.registered(NOW - DAY_S)
    older.tell(older.kim, "vanished", NOW, f'{{"name": "{left_as}"}}')
    older.tell(older.kim, "added", NOW + 60)

    assert older.owner() == (older.kim if is_theirs else None)


def test_an_account_that_was_put_together_with_another_one_is_nobody(older: Older):
    folded = settle_in(older.database, "another")
    with older.database.write() as conn:
        gone = {"name": "minjun.kim", "entry_uuid": f"folded-{folded}", "enabled": False, "vanished_at": NOW}
        conn.execute(update(users).where(users.c.id == folded).values(gone))

    assert older.owner() == older.kim


def test_a_name_of_another_company_or_of_nobody_is_not_taken_for_it(older: Older):
    settle_in(older.database, "minjun.kim", "namsan")
    with older.database.write() as conn:
        conn.execute(text("UPDATE endpoints SET owner = 'minjun.kim@nowhere'"))

    schema.upgrade(older.database)

    with older.database.read() as conn:
        (found,) = endpoints.all_endpoints(conn)
    assert (found.owner, found.owner_id) == ("minjun.kim@nowhere", None)
