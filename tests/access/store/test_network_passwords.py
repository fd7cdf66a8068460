from dataclasses import replace

import pytest

from access.logins.memory import Memory
from access.proof.network_password import PasswordSummary, generate, open_one
from access.store import network_passwords
from access.store.session_batch import SessionBatch
from access.store.world import open_world
from tests.access.residents import KEYRING, NOW, Dice, changes, settle_in

LAPTOP = "00:00:5e:00:53:42"
WANTED = PasswordSummary(0, "laptop", NOW, valid_until=NOW + 3600)


class Shelf:
    """A person and the network passwords they have."""

    def __init__(self, database):
        self.database, self.dice = database, Dice(5)
        self.user_id = settle_in(database)

    def make(self, **changed):
        with self.database.write() as conn:
            new = replace(WANTED, **changed)
            return network_passwords.add(conn, KEYRING, self.dice, new, (self.user_id, 1))

    def revoke(self, password_id=None, user_id=None, at=NOW):
        with self.database.write() as conn:
            return network_passwords.revoke(conn, user_id or self.user_id, password_id, at)

    def use(self, password_id, station=LAPTOP, place="switch 3", at=NOW):
        with self.database.write() as conn:
            batch = SessionBatch(conn, KEYRING, self.dice, "test")
            batch.password_used(password_id, station, place, at)
            batch.write()

    @property
    def standing(self):
        with self.database.read() as conn:
            return network_passwords.standing_of(conn, self.user_id)

    @property
    def shown(self):
        with self.database.read() as conn:
            return network_passwords.summaries_of(conn, self.user_id)


@pytest.fixture
def shelf(database):
    return Shelf(database)


def test_one_that_was_made_opens_and_is_told(shelf):
    password = shelf.make()

    (known,) = shelf.standing
    assert open_one(known, KEYRING).password == password
    assert password.encode() not in known.sealed
    assert changes(shelf.database)[-1] == ("network-password", str(shelf.user_id))


def test_what_is_shown_of_it_has_no_secret(shelf):
    password = shelf.make()

    assert shelf.shown == (replace(WANTED, id=1),)
    assert password not in repr(shelf.shown)


def test_one_is_revoked_and_the_other_stands(shelf):
    shelf.make()
    shelf.make(nickname="phone")

    assert shelf.revoke(1) == 1

    assert [known.id for known in shelf.standing] == [2]
    assert [each.revoked_at for each in shelf.shown] == [None, NOW]
    assert shelf.revoke(1) == 0


def test_all_are_revoked_at_once(shelf):
    shelf.make()
    shelf.make()

    assert shelf.revoke() == 2
    assert shelf.standing == ()


def test_nobody_revokes_another_persons(shelf):
    shelf.make()
    stranger = settle_in(shelf.database, "seoyeon.lee")

    assert shelf.revoke(1, user_id=stranger) == 0
    assert len(shelf.standing) == 1


def test_its_first_use_binds_it_and_later_ones_do_not_bind_it_anew(shelf):
    shelf.make()
    before = len(changes(shelf.database))

    shelf.use(1)
    shelf.use(1, "00:00:5e:00:53:43", "switch 4", NOW + 5)

    (known,) = shelf.standing
    assert known.endpoint == "00-00-5e-00-53-42"
    assert (shelf.shown[0].used_at, shelf.shown[0].used_place) == (NOW + 5, "switch 4")
    # Only what decides about logins is told to workers, not every use.
    assert len(changes(shelf.database)) == before + 1


def test_an_older_use_that_is_heard_of_late_changes_no_place(shelf):
    shelf.make()
    shelf.use(1, at=NOW + 5)
    shelf.use(1, place="long ago", at=NOW)

    assert shelf.shown[0].used_place == "switch 3"


def test_a_randomised_address_does_not_bind(shelf):
    shelf.make()
    shelf.use(1, "02:00:5e:00:53:42")

    assert shelf.standing[0].endpoint == ""


def test_one_that_is_gone_is_used_by_nobody(shelf):
    shelf.use(99)

    assert shelf.shown == ()


def test_a_company_lists_what_its_people_have(shelf):
    shelf.make()
    other = settle_in(shelf.database, "anna", "namsan")
    with shelf.database.write() as conn:
        network_passwords.add(conn, KEYRING, shelf.dice, WANTED, (other, 2))

    with shelf.database.read() as conn:
        held = network_passwords.held_in(conn, 1)
    assert [(each.user_name, each.summary.nickname) for each in held] == [("minjun.kim", "laptop")]


def test_workers_know_all_of_them_and_hear_of_every_change(shelf):
    shelf.make()
    world, memory = open_world(shelf.database, KEYRING), Memory()
    news = world.all()
    for put in news.puts:
        put(memory)
    assert [known.id for known in memory.passwords_of(shelf.user_id)] == [1]

    shelf.make()
    shelf.revoke(1)
    news = world.since(news.position)
    for put in news.puts:
        put(memory)

    assert [known.id for known in memory.passwords_of(shelf.user_id)] == [2]
    assert memory.password(shelf.user_id, 1) is None
    shelf.revoke()
    for put in world.since(news.position).puts:
        put(memory)
    assert memory.passwords_of(shelf.user_id) == ()
    world.glance.close()


def test_two_made_at_once_are_two(shelf):
    assert shelf.make() != shelf.make()
    assert generate(Dice(1)) != generate(Dice(2))
