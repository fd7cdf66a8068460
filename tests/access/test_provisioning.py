"""A directory read into the tables of both databases: people, their groups, and what the feed says."""

import pytest
from sqlalchemy import select, update

from access import provisioning
from access.directory.roster import Roster
from access.errors import Unavailable
from access.provisioning import MassChange, Provisioned, mass_change, provision
from access.store import directories, feed, people
from access.store.feed import Topic
from access.store.rosters import RosterStore
from access.store.tables import memberships, users
from tests.access.provisioned import add_organization, changed, everything, group, person, uuid_of

NOW = 1_800_000_000.0
OFFICE = (
    person("kim"),
    person("lee"),
    person("park", enabled=False),
    group("platform", "kim"),
    group("engineering", "lee", "@platform"),
)


class Office:
    """One organization of a database, provisioned from readings."""

    def __init__(self, database, key="hangang", guard=lambda conn: None):
        self.database = database
        self.organization = add_organization(database, key)
        self.store = RosterStore(database, self.organization.id, guard)
        self.roster = Roster()

    def take(self, reading, now=NOW, accept=False):
        return provision(self.store, self.roster, reading, now, accept)

    def user(self, name):
        with self.database.read() as conn:
            return people.user_by_name(conn, self.organization.id, name)

    def heard(self, act):
        """The changes in the feed that act leaves."""
        with self.database.read() as conn:
            before = feed.head(conn)
        act()
        with self.database.read() as conn:
            return [(change.topic, change.key) for change in feed.since(conn, before)]

    def touched(self, act):
        """The names of users in the feed rows that act leaves."""
        keys = [int(key) for topic, key in self.heard(act) if topic is Topic.USER]
        with self.database.read() as conn:
            return sorted(people.user_by_id(conn, key).name for key in keys)

    def cookie(self):
        with self.database.read() as conn:
            return directories.cookie(conn, self.organization.id)


@pytest.fixture
def office(database):
    made = Office(database)
    made.take(everything(*OFFICE))
    return made


def test_everyone_is_there_with_all_their_groups(office):
    assert office.user("kim").groups == {"hangang/platform", "hangang/engineering"}
    assert office.user("lee").groups == {"hangang/engineering"}
    assert not office.user("park").enabled
    assert office.user("kim").display_name == "Kim"


def test_an_unchanged_reading_leaves_no_trace(office):
    before = office.user("kim")

    heard = office.heard(lambda: office.take(everything(*OFFICE)))

    assert heard == []
    assert office.user("kim") == before


def test_the_roster_of_a_new_process_is_the_one_of_the_old(office):
    office.roster, _ = office.store.load()

    assert office.heard(lambda: office.take(everything(*OFFICE))) == []


def test_a_group_taken_out_of_a_group_is_felt_by_those_below_only(office):
    touched = office.touched(lambda: office.take(changed(group("engineering", "lee"))))

    assert touched == ["kim"]
    assert office.user("kim").groups == {"hangang/platform"}


def test_who_vanishes_is_disabled_and_in_no_group_and_keeps_their_row(office):
    before = office.user("kim")

    touched = office.touched(lambda: office.take(changed(gone=("kim",)), now=NOW + 60))

    after = office.user("kim")
    assert touched == ["kim"]
    assert (after.id, after.enabled, after.groups) == (before.id, False, frozenset())
    with office.database.read() as conn:
        vanished_at = conn.execute(select(users.c.vanished_at).where(users.c.id == before.id)).scalar()
        assert before.id not in {user.id for user in people.all_users(conn)}
    assert vanished_at == NOW + 60


def test_who_comes_back_has_the_same_row(office):
    before = office.user("kim")
    office.take(changed(gone=("kim",)))

    office.take(changed(person("kim")))

    assert office.user("kim") == before


def test_a_rename_keeps_the_row(office):
    before = office.user("kim")

    office.take(changed(person("kim", name="kim.minjun", display_name="김민준")))

    after = office.user("kim.minjun")
    assert (after.id, after.display_name) == (before.id, "김민준")
    assert office.user("kim") is None


def test_a_deleted_group_is_left_by_everyone(office):
    touched = office.touched(lambda: office.take(changed(gone=("@engineering",))))

    assert touched == ["kim", "lee"]
    assert office.user("kim").groups == {"hangang/platform"}


def test_a_renamed_group_is_renamed_for_everyone_below(office):
    renamed = group("engineering", "lee", "@platform", name="rnd")

    touched = office.touched(lambda: office.take(changed(renamed)))

    assert touched == ["kim", "lee"]
    assert office.user("kim").groups == {"hangang/platform", "hangang/rnd"}


def test_the_cookie_comes_with_the_changes_it_stands_for(office):
    office.take(changed(person("choi"), cookie=b"first"))

    assert office.cookie() == b"first"


def test_a_write_that_fails_changes_nothing_at_all(office):
    def lost(_conn):
        raise Unavailable("lost the lead")

    office.take(changed(cookie=b"before"))
    stranger = RosterStore(office.database, office.organization.id, lost)

    with pytest.raises(Unavailable):
        provision(stranger, office.store.load()[0], changed(gone=("kim",), cookie=b"after"), NOW)

    assert office.user("kim").enabled
    assert office.cookie() == b"before"


def test_a_large_reading_is_written_in_steps_each_person_whole(database, monkeypatch):
    monkeypatch.setattr(provisioning, "ROWS_AT_ONCE", 10)
    seen = []

    def look(conn):
        seen.append(conn.execute(select(users.c.id)).all())
        for user in people.all_users(conn):
            assert user.groups == {"hangang/all"}
        assert directories.cookie(conn, 1) is None or len(seen) == 1

    names = [f"p{number}" for number in range(40)]
    office = Office(database, guard=look)

    office.take(everything(*map(person, names), group("all", *names), cookie=b"done"))

    assert len(seen) > 5
    assert office.cookie() == b"done"


def test_a_process_that_dies_between_steps_leaves_no_cookie_behind(database, monkeypatch):
    monkeypatch.setattr(provisioning, "ROWS_AT_ONCE", 10)
    names = [f"p{number}" for number in range(40)]
    office = Office(database)
    office.take(everything(*map(person, names), cookie=b"before"))
    steps = []

    def die_at_the_fifth(_conn):
        steps.append(1)
        if len(steps) == 5:
            raise Unavailable("killed")

    dying = RosterStore(database, office.organization.id, die_at_the_fifth)
    reading = everything(*map(person, names), group("all", *names), cookie=b"after")
    with pytest.raises(Unavailable):
        provision(dying, office.roster, reading, NOW)

    assert office.cookie() is None
    office.roster, _ = office.store.load()
    office.take(reading)
    assert all(office.user(name).groups == {"hangang/all"} for name in names)


def test_two_organizations_do_not_touch_each_other(office, database):
    other = Office(database, "namsan")
    other.take(everything(person("kim", display_name="다른 사람"), group("platform", "kim")))

    other.take(everything(person("lee"), group("platform", "lee")), accept=True)

    assert office.user("kim").display_name == "Kim"
    assert office.user("kim").groups == {"hangang/platform", "hangang/engineering"}
    assert not other.user("kim").enabled


CROWD = [person(f"p{number}") for number in range(200)]


def test_a_mass_disappearance_changes_nothing_and_is_shown(database):
    office = Office(database)
    office.take(everything(*CROWD))

    outcome = office.take(everything(*CROWD[:149]))

    assert outcome == MassChange("people", 51, 200)
    assert office.user("p199").enabled
    with database.read() as conn:
        status = directories.status(conn, "hangang")
    assert "51 of 200 people" in status.failure
    assert "--accept-mass-change" in status.failure


def test_an_accepted_mass_disappearance_goes_on_and_clears_the_failure(database):
    office = Office(database)
    office.take(everything(*CROWD))
    office.take(everything(*CROWD[:149]))

    outcome = office.take(everything(*CROWD[:149]), accept=True)

    assert isinstance(outcome, Provisioned)
    assert outcome.vanished == 51
    assert not office.user("p199").enabled
    with database.read() as conn:
        assert directories.status(conn, "hangang").failure is None


@pytest.mark.parametrize(
    ("here", "left", "believed"),
    [
        (200, 150, True),
        (200, 149, False),
        (5000, 4900, True),
        (5000, 4899, False),
        (30, 0, False),
        (1, 0, True),
    ],
)
def test_how_many_may_vanish_in_one_reading(here, left, believed):
    crowd = [person(f"p{number}") for number in range(here)]
    roster = Roster(crowd)

    assert (mass_change(roster, everything(*crowd[:left])) is None) is believed


def test_groups_that_all_vanish_are_not_believed(database):
    office = Office(database)
    office.take(everything(*OFFICE))

    assert office.take(everything(*OFFICE[:3])) == MassChange("groups", 2, 2)


def test_the_feed_hears_of_a_failure_once(office):
    def fail_twice():
        office.store.record_failure("down", NOW)
        office.store.record_failure("down", NOW + 1)

    assert office.heard(fail_twice) == [(Topic.DIRECTORY, str(office.organization.id))]
    recovered = office.heard(lambda: office.take(changed()))
    assert recovered == [(Topic.DIRECTORY, str(office.organization.id))]


def test_rows_that_somebody_else_changed_are_put_right_by_a_new_process(office):
    with office.database.write() as conn:
        conn.execute(update(users).where(users.c.entry_uuid == uuid_of("kim")).values(mail="wrong"))
        conn.execute(memberships.delete())
    office.roster, _ = office.store.load()

    office.take(everything(*OFFICE))

    assert office.user("kim").mail == ""
    assert office.user("kim").groups == {"hangang/platform", "hangang/engineering"}
