"""People, policies and logins of the past, from what runs of a directory, publications and the audit left."""

from dataclasses import replace
from datetime import UTC
from functools import partial

import pytest
from sqlalchemy import select, update

from access.changes.publishing import Draft
from access.changes.rollout import Rollout
from access.directory.entries import Update
from access.model import Absent, Facts, Method, Reason, Request, Via
from access.people.past import Gap, Then
from access.people.provisioning import provision
from access.policy.compiled import compile
from access.policy.decide import decide
from access.policy.document import load
from access.policy.facts_text import spell
from access.policy.replay import Turn, replay
from access.policy.standing import Kept, Standing, StandingKind, State
from access.policy.subjects import subject_of
from access.policy.waves import Wave
from access.records.audit import AuditEntry
from access.store import audit, drafts, past, people, policies, standing
from access.store.database import Database
from access.store.policies import put_in_force
from access.store.replaying import Archive
from access.store.rollouts import StoredRollouts
from access.store.rosters import RosterStore
from access.store.runs import KEPT_S
from access.store.tables import standing_rules, users
from access.store.that_day import Asked, in_the_past
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
            return replay(archive.requests(), partial(archive.beside, compile(load(text))))


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


GRANT = Standing(0, StandingKind.GRANT, ("user:lee@hangang",), ("login:vpn",))


def beside(office: Office, kept: Kept, at: float) -> Kept:
    with office.database.write() as conn:
        return standing.add(conn, kept, at)


def that_day(office: Office, name: str, moment: float):
    with office.database.read() as conn:
        user = people.user_by_id(conn, office.id_of(name))
        return in_the_past(conn, KEYRING, Asked(user, Via.VPN, moment, SOON + 9 * HOUR, UTC))


def could(office: Office, name: str, moment: float) -> bool:
    before = that_day(office, name, moment)
    facts = Facts(Via.VPN, Method.PAP)
    return decide(before.policy, subject_of(before.whom), Request("login:vpn", facts), moment).permitted


def test_what_stood_beside_the_document_is_that_of_the_moment(office: Office):
    """lee is of no group until NOW + HOUR, and has a grant from NOW + 60 that is taken back at NOW + 120."""
    office.publish(OPEN, NOW)
    kept = beside(office, Kept(GRANT), NOW + 60)
    with office.database.write() as conn:
        assert standing.end(conn, kept.standing.id, "kim", NOW + 120)

    assert [could(office, "lee", NOW + at) for at in (59, 60, 119, 120)] == [False, True, True, False]


def test_a_containment_of_today_stopped_nobody_yesterday(office: Office):
    office.publish(OPEN, NOW)
    contained = Standing(0, StandingKind.CONTAINMENT, ("user:lee@hangang",), ("*",))
    beside(office, Kept(contained), SOON)

    assert could(office, "lee", SOON - 1)
    assert not could(office, "lee", SOON)


def test_what_was_asked_for_stands_from_the_moment_somebody_agreed(office: Office):
    office.publish(OPEN, NOW)
    asked = beside(office, Kept(GRANT, state=State.ASKED, lapses_at=NOW + HOUR), NOW + 60)
    with office.database.write() as conn:
        assert standing.agree(conn, asked, "kim", NOW + 90)

    assert [could(office, "lee", NOW + at) for at in (60, 89, 90)] == [False, False, True]


def test_what_was_agreed_to_at_a_moment_nobody_kept_is_left_out_and_said(office: Office):
    office.publish(OPEN, NOW)
    asked = beside(office, Kept(GRANT, state=State.ASKED, lapses_at=NOW + HOUR), NOW + 60)
    with office.database.write() as conn:
        assert standing.agree(conn, asked, "kim", NOW + 90)
        conn.execute(update(standing_rules).values(began_at=None))

    assert Gap.STANDING.value in that_day(office, "lee", NOW + 120).notes
    assert Gap.STANDING.value not in that_day(office, "lee", NOW + 30).notes
    assert not could(office, "lee", NOW + 120)


def test_attributes_are_those_of_the_moment(office: Office):
    lab, sales = (replace(person("lee"), attributes=f"department={each}") for each in ("lab", "sales"))
    office.read(SOON, everything(lab))
    office.read(SOON + 60, everything(sales))
    office.read(SOON + 120, everything(person("lee")))

    found = [office.then("lee", SOON + at, SOON + HOUR).user.attributes for at in (-1, 0, 60, 120)]

    assert found == [set(), {"department=lab"}, {"department=sales"}, set()]


def test_recorded_logins_are_decided_again_beside_what_stood_then(office: Office):
    """The one login stood on a grant, the other came when it had ended; a draft changes nothing of that."""
    revision = office.publish(OPEN, NOW)
    kept = beside(office, Kept(GRANT), NOW + 30)
    office.login("lee", NOW + 60, revision)
    office.login("lee", NOW + 150, revision, permitted=False)
    with office.database.write() as conn:
        assert standing.end(conn, kept.standing.id, "kim", NOW + 120)

    found = office.replayed(CLOSED)

    assert (found.total, found.same, found.unlike, found.lines) == (2, 2, 0, [])


def test_a_wave_of_then_speaks_for_whom_it_spoke_then(office: Office):
    """CLOSED asks for a site, so whoever it speaks for has no way in without one."""
    base = office.publish(OPEN, NOW - HOUR)
    newer = load(CLOSED).revision
    rollouts = StoredRollouts(office.database, KEYRING, DICE, "test")
    waves = (Wave(organizations=frozenset({"namsan"})), Wave(organizations=frozenset({"hangang"})))
    rollout = Rollout(newer, base, waves, 600.0, "boss", None, "", since=NOW + HOUR)
    assert rollouts.begin(Draft(CLOSED, "boss", base), rollout, NOW + HOUR)
    moved = rollout.next(NOW + HOUR + 60)
    assert rollouts.move(rollout, moved, NOW + HOUR + 60)
    assert rollouts.take_back(moved, "enough", NOW + HOUR + 120)

    found = [could(office, "lee", NOW + HOUR + at) for at in (0, 59, 60, 119, 120)]

    assert found == [True, True, False, False, True]
