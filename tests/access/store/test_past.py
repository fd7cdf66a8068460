"""People, policies and logins of the past, from what runs of a directory, publications and the audit left."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from access.changes.publishing import Draft
from access.directory.entries import Update
from access.model import Absent, Facts, Method, Reason, Via
from access.people.past import Gap, Then
from access.people.provisioning import provision
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.facts_text import spell
from access.policy.replay import Turn, replay
from access.records.audit import AuditEntry
from access.store import audit, drafts, past, policies
from access.store.database import Database
from access.store.policies import put_in_force
from access.store.replaying import Archive
from access.store.rosters import RosterStore
from access.store.runs import KEPT_S
from access.store.tables import users
from tests.access.provisioned import add_organization, everything, group, person
from tests.access.residents import DICE, KEYRING, NOW, settle_in

HOUR = 3600.0
SOON = NOW + 2 * HOUR


class Office:
    """kim is of the staff at NOW; an hour later lee is, kim is gone and park has come."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.organization = add_organization(database, "hangang").id
        self.read(NOW, everything(person("kim"), person("lee"), group("staff", "kim")))
        self.read(NOW + HOUR, everything(person("lee"), person("park"), group("staff", "lee")))

    def read(self, now: float, update: Update) -> None:
        store = RosterStore(self.database, self.organization, lambda conn: None)
        provision(store, store.load()[0], update, now, None)

    def id_of(self, name: str) -> int:
        with self.database.read() as conn:
            return conn.execute(select(users.c.id).where(users.c.name == name)).scalar_one()

    def then(self, name: str, moment: float, now: float = SOON) -> Then:
        with self.database.read() as conn:
            found = past.changes_since(conn, moment, now).as_of(self.id_of(name), moment)
        assert found is not None
        return found

    def publish(self, text: str, now: float) -> str:
        revision = load(text).revision
        with self.database.write() as conn:
            draft = Draft(text, "test", policies.in_force(conn))
            assert put_in_force(conn, draft, revision, now)
            drafts.tell(conn, draft, revision, (), now)
        return revision

    def login(self, name: str, now: float, revision: str, permitted: bool = True, **facts: object) -> None:
        known = replace(Facts(Via.VPN, Method.PAP, source=Absent.DOES_NOT_APPLY), **facts)
        detail = {"what": "login", "nas": "vpn-1", "policy": revision, "facts": spell(known)}
        reason = Reason.PERMITTED if permitted else Reason.NO_PERMIT
        entry = AuditEntry("login", now, reason, self.organization, self.id_of(name), detail=detail)
        with self.database.write() as conn:
            audit.record(conn, "test", entry, KEYRING, DICE)

    def replayed(self, text: str, organization: int | None = None):
        with self.database.read() as conn:
            archive = Archive(conn, KEYRING, (NOW, SOON), organization, SOON)
            return replay(archive.requests(), compile(load(text)))


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_groups_and_people_are_those_of_the_moment(office: Office):
    assert office.then("lee", NOW + HOUR - 1).user.groups == frozenset()
    assert office.then("lee", NOW + HOUR).user.groups == {"hangang/staff"}
    kim = office.then("kim", NOW + HOUR - 1).user
    assert (kim.groups, kim.enabled) == ({"hangang/staff"}, True)
    assert office.then("park", NOW + HOUR - 1) == Then(None, (Gap.NOT_THERE,))


def test_where_knowledge_ends_is_said(office: Office, database: Database):
    settle_in(database, "visitor", "namsan")
    late = NOW + KEPT_S + 2 * HOUR

    assert office.then("lee", NOW + 1).gaps == ()
    assert office.then("lee", NOW - 1).gaps == (Gap.FIRST_READING,)
    assert office.then("lee", NOW + 1, now=late).gaps == (Gap.TOO_OLD,)


def test_a_group_that_is_gone_is_not_left_out_in_silence(office: Office):
    office.read(SOON, everything(person("lee"), person("park")))

    then = office.then("lee", NOW + HOUR + 1, now=SOON + 1)

    assert then.gaps == (Gap.GROUP_GONE,)


OPEN = """version: 1
rules:
  - {id: staff, permit: [login:vpn], who: [group:hangang/staff], gives: {session_timeout: 8h}}
"""
CLOSED = OPEN.replace("who: [group:hangang/staff]", "who: [group:hangang/staff], when: {site: seoul}")


def test_the_version_of_a_moment_is_the_last_published_before_it(office: Office):
    first = office.publish(OPEN, NOW)
    second = office.publish(CLOSED, NOW + HOUR)
    office.publish(OPEN, NOW + 2 * HOUR)

    with office.database.read() as conn:
        found = [past.policy_at(conn, NOW + hours * HOUR) for hours in (-1, 0, 1, 1.9, 2)]

    revisions = [version.revision if version else None for version in found]
    assert revisions == [None, first, second, second, first]


def test_recorded_logins_are_decided_again_in_the_groups_of_their_day(office: Office):
    revision = office.publish(OPEN, NOW)
    office.login("kim", NOW + 60, revision, site="seoul")
    office.login("kim", NOW + 120, revision, site="busan")
    office.login("kim", NOW + 180, revision, site="busan")
    office.login("lee", NOW + 60, revision, permitted=False)
    office.login("lee", NOW + HOUR + 60, revision, site="seoul")

    found = office.replayed(CLOSED)

    (line,) = found.lines
    assert (found.total, found.same, found.unlike, found.untold) == (5, 3, 0, 0)
    assert (line.turn, line.who, line.object, line.count) == (Turn.REFUSED, "kim@hangang", "login:vpn", 2)
    assert line.cause == "CONDITION_FAILED staff"
    assert (line.first, line.last) == (NOW + 120, NOW + 180)


def test_who_would_be_let_in_and_who_would_be_given_something_else_is_told(office: Office):
    revision = office.publish(OPEN, NOW)
    office.login("kim", NOW + 60, revision)
    office.login("lee", NOW + 60, revision, permitted=False)
    wider = OPEN.replace("group:hangang/staff", "organization:hangang").replace("8h", "4h")

    found = {line.who: (line.turn, line.cause) for line in office.replayed(wider).lines}

    assert found == {
        "kim@hangang": (Turn.MOVED, "session_timeout=28800s → session_timeout=14400s"),
        "lee@hangang": (Turn.ADMITTED, "staff"),
    }


def test_what_cannot_be_decided_again_is_counted_and_nothing_is_said_of_it(office: Office):
    revision = office.publish(OPEN, NOW)
    office.login("lee", NOW + 60, revision)  # who was not of the staff then
    whose = office.organization, office.id_of("kim")
    entry = AuditEntry("login", NOW, Reason.PERMITTED, *whose, detail={"nas": "x"})
    with office.database.write() as conn:
        audit.record(conn, "test", entry, KEYRING, DICE)

    found = office.replayed(CLOSED)

    assert (found.total, found.unlike, found.untold, found.lines) == (2, 1, 1, [])


def test_an_organization_sees_its_own_logins_alone(office: Office):
    revision = office.publish(OPEN, NOW)
    office.login("kim", NOW + 60, revision, site="busan")
    other = add_organization(office.database, "namsan").id

    assert office.replayed(CLOSED, other).total == 0
    assert office.replayed(CLOSED, office.organization).total == 1
