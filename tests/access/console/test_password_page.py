"""People who are in no directory change their password in the portal."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert, update

from access.model import LOCAL_DN
from access.store import local_users, notices
from access.store.local_users import LocalPasswords
from access.store.tables import local_users as table
from access.store.tables import users

OLD, NEW = "once-upon-a-river", "two bridges over the river"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def guest(town, visit):
    """newcomer's colleague seoyeon.lee is in no directory, and signed in."""
    user_id = town.ids["seoyeon.lee"]
    with town.database.write() as conn:
        conn.execute(
            update(users).where(users.c.id == user_id).values(dn=LOCAL_DN, expires_at=town.now + 1e6)
        )
        conn.execute(
            insert(table).values(
                user_id=user_id,
                sponsor_id=town.ids["boss"],
                employer="외주",
                password_hash=CHEAP.hash(OLD),
                approved_at=town.now,
                approved_by="boss",
            )
        )
    return visit("seoyeon.lee@hangang")


def is_now(town, password):

    with town.database.read() as conn:
        return LocalPasswords(town.database).matches(
            local_users.by_id(conn, town.ids["seoyeon.lee"]), password
        )


def change(guest, current=OLD, fresh=NEW, again=NEW):
    guest.get("/password")
    return guest.post("/password", current=current, fresh=fresh, again=again)


def test_the_password_is_changed_with_the_old_one_and_a_fresh_code(town, guest):
    assert change(guest).status_code == 200

    assert "Your password is changed" in guest.page
    assert is_now(town, NEW)
    assert not is_now(town, OLD)


def test_every_other_browser_is_signed_out_and_the_owner_is_told(town, guest, visit):
    other = visit("seoyeon.lee@hangang")
    guest.sign_in("seoyeon.lee@hangang")

    change(guest)

    guest.get("/phones")
    assert guest.path == "/phones"
    other.get("/phones")
    assert other.path == "/sign-in"
    with town.database.read() as conn:
        assert notices.outbox(conn).waiting == 1


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"current": "wrong"}, 403, "password"),
        ({"again": "something else here"}, 400, "not the same"),
        ({"fresh": "short", "again": "short"}, 400, "Choose another one"),
        ({"fresh": "seoyeon.lee seoyeon", "again": "seoyeon.lee seoyeon"}, 400, "Choose another one"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(town, guest, typed, status, said):
    assert change(guest, **typed).status_code == status

    assert said in guest.page
    assert is_now(town, OLD)


def test_without_a_fresh_code_one_is_asked_for_first(town, guest):
    guest.get("/password")
    town.now += 700

    guest.post("/password", current=OLD, fresh=NEW, again=NEW)

    assert guest.path == "/confirm"
    assert is_now(town, OLD)


def test_who_guesses_the_old_password_has_to_wait(town, guest):
    answers = [change(guest, current=f"wrong {number}").status_code for number in range(8)]

    assert answers[-1] == 429
    assert change(guest).status_code == 429
    assert is_now(town, OLD)


def test_who_is_in_a_directory_has_no_such_page(visit):
    minjun = visit("minjun.kim@hangang")

    assert minjun.get("/password").status_code == 404
    assert minjun.post("/password", current="a", fresh="b", again="b").status_code == 404
    minjun.get("/")
    assert "/password" not in minjun.page.replace("network-passwords", "")


def test_only_they_find_it_in_the_menu(guest):
    guest.get("/")

    assert 'href="/password"' in guest.page
