"""A directory read into the tables of both databases: people, their groups, and what the feed says."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from access.directory.fuse import Fuses, Held, What
from access.directory.roster import Roster
from access.errors import Unavailable
from access.people import provisioning
from access.people.provisioning import provision
from access.policy.carrying import Ground
from access.store import directories, feed, held, people, rosters, runs
from access.store.database import DatabaseUnavailable
from access.store.feed import Topic
from access.store.rosters import RosterStore
from access.store.tables import memberships, users
from access.store.tidying import tidy
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
        self.roster, self.fuses = Roster(), Fuses()

    def take(self, reading, now=NOW, accept=False):
        outcome = provision(self.store, self.roster, reading, now, None if accept else self.fuses)
        self.fuses = outcome.fuses
        return outcome

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


def test_who_joins_a_group_is_told_and_not_the_group_that_a_thousand_others_are_in(office):
    heard = office.heard(lambda: office.take(changed(group("engineering", "lee", "park", "@platform"))))

    assert [topic for topic, _ in heard] == [Topic.USER]
    assert office.user("park").groups == {"hangang/engineering"}


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
        provision(stranger, office.store.load()[0], changed(gone=("kim",), cookie=b"after"), NOW, None)

    assert office.user("kim").enabled
    assert office.cookie() == b"before"


@pytest.mark.parametrize(("somebody_waits", "transactions"), [(True, range(6, 99)), (False, range(1, 4))])
def test_a_large_reading_is_written_in_steps_each_person_whole(
    database, monkeypatch, somebody_waits, transactions
):
    monkeypatch.setattr(provisioning, "ROWS_AT_ONCE", 10)
    monkeypatch.setattr(database, "is_wanted", lambda: somebody_waits)
    seen = []

    def look(conn):
        seen.append(conn.execute(select(users.c.id)).all())
        for user in people.all_users(conn):
            assert user.groups == {"hangang/all"}
        assert directories.cookie(conn, 1) is None or len(seen) == 1

    names = [f"p{number}" for number in range(40)]
    office = Office(database, guard=look)

    office.take(everything(*map(person, names), group("all", *names), cookie=b"done"))

    assert len(seen) in transactions
    assert len(seen[0]) < len(names)
    assert office.user("p39").groups == {"hangang/all"}
    assert office.cookie() == b"done"


def test_a_process_that_dies_between_steps_leaves_no_cookie_behind(database, monkeypatch):
    monkeypatch.setattr(provisioning, "ROWS_AT_ONCE", 10)
    monkeypatch.setattr(database, "is_wanted", lambda: True)
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
        provision(dying, office.roster, reading, NOW, None)

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


@pytest.fixture
def crowded(database):
    office = Office(database)
    office.take(everything(*CROWD, group("all", "p0", "p1"), cookie=b"before"))
    return office


def failure_of(office):
    with office.database.read() as conn:
        return directories.status(conn, "hangang").failure


def test_who_vanishes_en_masse_is_kept_and_shown_and_no_cookie_forgets_them(crowded):
    outcome = crowded.take(everything(*CROWD[:149], group("all", "p0", "p1"), cookie=b"after"))

    assert (outcome.vanished, outcome.people) == (0, 200)
    assert crowded.user("p199").enabled
    assert "51 of 200 people" in failure_of(crowded)
    assert "officegate directory approve" in failure_of(crowded)
    assert crowded.cookie() is None


def test_who_is_disabled_or_leaves_a_group_never_waits_for_a_mass_disappearance(crowded):
    reading = everything(person("p0", enabled=False), *CROWD[1:149], group("all", "p0"))

    crowded.take(reading)

    assert not crowded.user("p0").enabled
    assert crowded.user("p1").groups == frozenset()
    assert crowded.user("p199").enabled


def test_people_who_vanish_en_masse_do_not_hold_back_a_group_that_is_gone(crowded):
    crowded.take(everything(*CROWD[:149], group("other")))

    assert crowded.user("p0").groups == frozenset()


def test_who_leaves_while_others_are_held_is_gone_at_once(crowded):
    crowded.take(everything(*CROWD[:149]))

    crowded.take(changed(gone=("p7",)))
    crowded.take(everything(*CROWD[:7], *CROWD[9:149]))

    assert not crowded.user("p7").enabled
    assert not crowded.user("p8").enabled
    assert crowded.user("p199").enabled
    assert "51 of 198 people" in failure_of(crowded)


def test_who_shows_up_again_is_held_no_more_and_the_failure_ends(crowded):
    crowded.take(everything(*CROWD[:149]))

    crowded.take(everything(*CROWD, cookie=b"again"))

    assert failure_of(crowded) is None
    assert crowded.cookie() == b"again"
    assert crowded.user("p199").enabled


def test_an_accepted_mass_disappearance_goes_on_and_clears_the_failure(crowded):
    crowded.take(everything(*CROWD[:149]))

    outcome = crowded.take(everything(*CROWD[:149]), accept=True)

    assert outcome.vanished == 51
    assert not crowded.user("p199").enabled
    assert failure_of(crowded) is None


def test_groups_that_all_vanish_are_kept_and_their_members_with_them(database):
    office = Office(database)
    office.take(everything(*OFFICE))

    outcome = office.take(everything(*OFFICE[:3]))

    assert "2 of 2 groups" in outcome.failure
    assert office.user("lee").groups == {"hangang/engineering"}


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


def runs_of(office):
    with office.database.read() as conn:
        return runs.listed(conn, "hangang")


def undo_last(office):
    return office.store.undo(runs_of(office)[0], "boss@hangang", NOW + 90)


def read_again(office, reading, now=NOW + 120, approved=False):
    """A new process reads it whole."""
    office.roster, _ = office.store.load()
    fuses = office.store.fuses(office.roster)
    office.fuses = fuses.approved() if approved else fuses
    return office.take(reading, now)


def test_each_reading_that_changes_people_is_a_run_and_a_quiet_one_is_none(office):
    office.take(everything(*OFFICE), now=NOW + 70)
    office.take(everything(*OFFICE[1:]), now=NOW + 140)

    newest, first = runs_of(office)

    assert (first.kind, dict(first.counts)) == ("first", {"added": 3})
    assert (newest.kind, dict(newest.counts)) == ("full", {"vanished": 1, "left": 2})
    assert newest.ended == NOW + 140


def test_small_changes_of_one_minute_are_one_run(office):
    office.take(changed(person("kim", mail="a@hangang.example")), now=NOW + 70)
    office.take(changed(person("lee", mail="b@hangang.example")), now=NOW + 71)
    office.take(changed(person("kim", mail="c@hangang.example")), now=NOW + 190)

    assert [dict(each.counts) for each in runs_of(office)[:2]] == [{"changed": 1}, {"changed": 2}]


def test_runs_are_kept_for_thirty_days(office):
    office.take(changed(gone=("kim",)), now=NOW + 31 * 86400)
    assert [each.kind for each in runs_of(office)] == ["delta", "first"]

    tidy(office.database, NOW + 31 * 86400)

    assert [each.kind for each in runs_of(office)] == ["delta"]
    with office.database.read() as conn:
        assert len(runs.changes(conn, runs_of(office)[0].id)) == 1


def test_a_run_of_many_people_is_forgotten_some_at_a_time(office):
    office.take(everything(*OFFICE[1:3], group("platform"), group("engineering", "@platform")), now=NOW + 70)
    gone = []
    while not gone or gone[-1]:
        with office.database.write() as conn:
            gone.append(runs.prune(conn, NOW + 70 + runs.KEPT_S + 1, 1))

    assert gone == [1, 1, 0]
    assert runs_of(office) == []


def test_an_undoing_that_was_broken_off_is_finished_by_the_next_one(office, monkeypatch):
    before = office.user("kim"), office.user("lee")
    office.take(everything(*OFFICE[1:3], group("platform"), group("engineering", "@platform")), now=NOW + 70)
    monkeypatch.setattr(rosters, "IN_AT_MOST", 1)
    put_back, turns = runs.put_back, []

    def breaks_off(conn, run, undoing, now):
        turns.append(undoing.people())
        if len(turns) == 2:
            raise DatabaseUnavailable("away")
        put_back(conn, run, undoing, now)

    monkeypatch.setattr(runs, "put_back", breaks_off)
    with pytest.raises(DatabaseUnavailable):
        undo_last(office)
    assert (office.user("kim"), office.user("lee")) != before
    assert runs_of(office)[0].undone_at is None

    undo_last(office)

    assert turns[0] == turns[2] and len(turns) == 4
    assert (office.user("kim"), office.user("lee")) == before
    assert runs_of(office)[0].undone_by == "boss@hangang"
    outcome = read_again(
        office, everything(*OFFICE[1:3], group("platform"), group("engineering", "@platform"))
    )
    assert "would vanish" in outcome.failure


def test_undoing_reaches_everybody_where_they_are_more_than_one_statement_takes(office, monkeypatch):
    monkeypatch.setattr(runs, "IN_AT_MOST", 1)
    before = office.user("kim"), office.user("lee")
    office.take(everything(*OFFICE[1:3], group("platform"), group("engineering", "@platform")), now=NOW + 70)

    undo_last(office)

    assert (office.user("kim"), office.user("lee")) == before
    with office.database.read() as conn:
        named = runs.names_of(conn, office.organization.id, [uuid_of("kim"), uuid_of("lee")])
    assert named == {uuid_of("kim"): "kim", uuid_of("lee"): "lee"}


def test_an_undone_run_is_as_if_it_had_not_been_until_it_is_released(office):
    before = office.user("kim"), office.user("lee")
    without = (*OFFICE[1:3], group("platform"), group("engineering", "@platform"))
    office.take(everything(*without), now=NOW + 70)
    assert office.user("lee").groups == frozenset()

    heard = office.touched(lambda: undo_last(office))

    assert heard == ["kim", "lee"]
    assert (office.user("kim"), office.user("lee")) == before
    outcome = read_again(office, everything(*without))
    assert (office.user("kim"), office.user("lee")) == before
    assert "would vanish" in outcome.failure
    read_again(office, everything(*without), approved=True)
    assert not office.user("kim").enabled
    assert office.user("lee").groups == frozenset()


def test_a_reading_that_no_longer_says_so_ends_the_hold(office):
    office.take(everything(*OFFICE[1:]), now=NOW + 70)
    undo_last(office)

    outcome = read_again(office, everything(*OFFICE))

    assert outcome.failure == ""
    assert not office.fuses.holding


def test_what_a_run_gave_is_taken_away_and_not_given_again(office):
    more = everything(*OFFICE[:3], person("choi"), group("platform", "kim", "park"), OFFICE[4])
    office.take(more, now=NOW + 70)
    assert office.user("park").groups

    undo_last(office)

    read_again(office, more)
    assert not office.user("choi").enabled
    assert office.user("park").groups == frozenset()


def test_who_changed_after_a_run_keeps_what_came_later(office):
    office.take(everything(*OFFICE[1:]), now=NOW + 70)
    vanished = runs_of(office)[0]
    office.take(everything(*OFFICE), now=NOW + 140)

    undoing = office.store.undo(vanished, "boss@hangang", NOW + 150)

    assert undoing.alone == [(uuid_of("kim"), "was changed again since")]
    assert not undoing.held


def test_a_run_that_was_undone_says_by_whom(office):
    office.take(everything(*OFFICE[1:]), now=NOW + 70)

    undo_last(office)

    assert (runs_of(office)[0].undone_at, runs_of(office)[0].undone_by) == (NOW + 90, "boss@hangang")


def test_a_changed_attribute_is_told_as_a_changed_group_is_and_erased_with_the_person(office):
    touched = office.touched(lambda: office.take(changed(person("kim", attributes="department=sales"))))
    assert touched == ["kim"]
    assert office.user("kim").attributes == {"department=sales"}
    office.roster, _ = office.store.load()
    assert office.heard(lambda: office.take(changed(person("kim", attributes="department=sales")))) == []

    office.take(changed(gone=("kim",)), now=NOW + 60)

    assert office.user("kim").attributes == frozenset()


def test_what_a_day_took_of_attributes_that_rules_stand_on_outlives_the_process(database):
    office = Office(database)
    ground = Ground(values=frozenset({"department=research"}))
    crowd = [person(f"p{number}", attributes="department=research") for number in range(120)]
    gone = [replace(each, attributes="") for each in crowd]
    office.fuses = replace(office.fuses, ground=ground)
    office.take(everything(*crowd))
    office.take(changed(*gone[:50]))
    office.take(changed(crowd[0]), NOW + 60)

    roster, _ = office.store.load()
    fuses = office.store.let_go(roster, replace(office.store.fuses(roster), ground=ground), NOW + 3600)
    office.roster, office.fuses = roster, fuses
    outcome = office.take(changed(*gone[50:52]), NOW + 3600)

    lately = fuses.attributed.lately(NOW + 3600), fuses.by_attribute["department"].lately(NOW + 3600)
    assert lately == (49, 49)
    assert outcome.fuses.attributes.keys() == {each.uuid for each in gone[50:52]}
    assert "2 of 120 people would lose an attribute that rules stand on" in outcome.failure
    assert office.user("p51").attributes == {"department=research"}


def test_what_somebody_asked_for_is_not_counted_as_lost_lately_nor_what_went_before(database):
    office = Office(database)
    ground = Ground(values=frozenset({"department=research"}))
    crowd = [person(f"p{number}", attributes="department=research") for number in range(120)]
    gone = [replace(each, attributes="") for each in crowd]
    office.take(everything(*crowd))
    office.take(changed(*gone[:40]), NOW - 600)
    office.store.on_behalf_of("boss@hangang")
    office.take(changed(*gone[40:80]), accept=True)
    office.store.on_behalf_of("")
    office.take(changed(gone[80]), NOW + 30)

    roster, _ = office.store.load()
    fuses = office.store.let_go(roster, replace(office.store.fuses(roster), ground=ground), NOW + 60)

    assert fuses.attributed.lately(NOW + 60) == 1


def test_attributes_that_a_run_took_are_put_back_and_stay_as_far_as_rules_stand_on_them(database):
    office = Office(database)
    ground = Ground(values=frozenset({"department=research"}))
    office.take(everything(person("kim", attributes="department=research\ntitle=lead")))
    office.take(changed(person("kim", attributes="")), NOW + 10)
    assert office.user("kim").attributes == frozenset()

    undo_last(office)
    assert office.user("kim").attributes == {"department=research", "title=lead"}
    office.roster, _ = office.store.load()
    office.fuses = replace(office.store.fuses(office.roster), ground=ground)
    office.take(everything(person("kim", attributes="")), NOW + 120)

    assert office.user("kim").attributes == {"department=research"}
    assert [(row.what, row.note) for row in office.fuses.rows] == [("attribute", "department=research → –")]


def test_what_else_an_attribute_that_is_kept_would_become_is_no_news(database):
    office = Office(database)
    office.take(everything(person("kim")))
    with database.write() as conn:
        whose = (conn, office.organization.id)
        row = Held(What.ATTRIBUTE, uuid_of("kim"), note="department=research → –")
        assert held.put(*whose, [row], NOW)

        assert not held.put(*whose, [replace(row, note="department=research → sales")], NOW + 1)
        assert [each.note for each in held.rows(*whose)] == ["department=research → sales"]
