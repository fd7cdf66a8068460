"""Two directories of one organization, as the tables have them: who keeps a name, and who an entry."""

import pytest
from sqlalchemy import insert, select

from access.directory.fuse import Fuses
from access.directory.roster import Roster
from access.people.provisioning import provision
from access.store import directories, people, runs
from access.store.elsewhere import ShownTwice
from access.store.rosters import RosterStore
from access.store.tables import directories as rows
from access.store.tables import groups
from tests.access.provisioned import add_organization, everything, group, person, uuid_of

NOW = 1_800_000_000.0
OTHER = uuid_of("another kim")


class Town:
    """One organization with two directories, whose readings are made by hand."""

    def __init__(self, database):
        self.database, self.organization = database, add_organization(database, "hangang")
        with database.write() as conn:
            conn.execute(
                insert(rows).values(organization_id=self.organization.id, name="two", url="ldap://two")
            )

    def store(self, name):
        return RosterStore(self.database, self.organization.id, lambda conn: None, directory=name)

    def take(self, name, *entries):
        """Read one as a process does that has just started."""
        store = self.store(name)
        return provision(store, store.load()[0], everything(*entries), NOW, Fuses())

    def user(self, name):
        with self.database.read() as conn:
            return people.user_by_name(conn, self.organization.id, name)

    def group_names(self):
        with self.database.read() as conn:
            return set(conn.execute(select(groups.c.name)).scalars())


@pytest.fixture
def town(database):
    return Town(database)


def test_a_name_is_kept_by_who_was_known_first(town):
    town.take("main", person("kim"))
    taken = town.take("two", person("kim", uuid=OTHER))

    assert len(taken.names_taken) == 1
    assert (town.user("kim").directory, town.user("kim").enabled) == ("main", True)


def test_a_name_goes_to_no_one_else_while_its_holder_is_disabled(town):
    town.take("main", person("kim"))
    town.take("two", person("kim", uuid=OTHER))
    town.take("main", person("kim", enabled=False))
    town.take("two", person("kim", uuid=OTHER))

    assert not town.user("kim").enabled
    town.take("main", person("kim"))
    assert (town.user("kim").directory, town.user("kim").enabled) == ("main", True)


def test_two_that_read_one_name_at_the_same_moment_do_not_both_have_it(town):
    provision(town.store("main"), Roster(), everything(person("kim"), group("staff", "kim")), NOW, Fuses())
    other = (person("kim", uuid=OTHER), group("staff", uuid=uuid_of("another staff")))
    provision(town.store("two"), Roster(), everything(*other), NOW, Fuses())

    assert (town.user("kim").directory, town.user("kim").enabled) == ("main", True)
    assert town.group_names() == {"staff", uuid_of("another staff")}
    town.take("main")
    town.take("two", *other)
    assert (town.user("kim").directory, town.user("kim").enabled) == ("two", True)
    assert town.group_names() == {"staff"}


def test_an_entry_of_two_directories_stays_with_the_first_and_the_second_says_so(town):
    town.take("main", person("kim"))
    outcome = town.take("two", person("kim", dn="uid=kim,o=two"), person("lee"))

    assert "uid=kim,o=two was not taken over" in outcome.failure
    assert (town.user("kim").directory, town.user("lee").directory) == ("main", "two")
    with town.database.read() as conn:
        assert directories.status(conn, "hangang/two").failure == outcome.failure
        assert directories.status(conn, "hangang").failure is None


def test_an_entry_that_came_to_another_directory_meanwhile_is_not_written_over(town):
    store = town.store("two")
    roster, _ = store.load()
    town.take("main", person("kim"))

    with pytest.raises(ShownTwice):
        provision(store, roster, everything(person("kim", dn="uid=kim,o=two")), NOW, Fuses())

    assert town.user("kim").directory == "main"


def test_a_group_has_nobody_of_another_directory(town):
    town.take("main", person("kim"))
    town.take("two", group("builders", "kim", "lee"), person("lee"))

    assert town.user("kim").groups == frozenset()
    assert town.user("lee").groups == {"hangang/builders"}


def test_each_directory_has_its_own_runs_and_puts_back_its_own(town):
    town.take("main", person("kim"), person("park"))
    town.take("two", person("lee"), person("choi"))
    town.take("two", person("lee"))

    with town.database.read() as conn:
        last, *_ = runs.listed(conn, "hangang", directory="two")
        assert [each.subject for each in runs.listed(conn, "hangang", directory="main")] == ["hangang"]
    assert last.subject == "hangang/two"
    town.store("two").undo(last, "boss", NOW)

    assert town.user("choi").enabled
    with town.database.read() as conn:
        assert directories.cookie(conn, town.organization.id, "two") is None
