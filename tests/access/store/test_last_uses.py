from sqlalchemy import update

from access.gateways.uses import DAY_S, Use
from access.store import last_uses
from access.store.database import Database
from access.store.tables import users
from tests.access.residents import NOW, settle_in


def test_the_newest_use_is_remembered_whatever_comes_late_and_forgotten_after_half_a_year(database: Database):
    user_id = settle_in(database)
    with database.write() as conn:
        assert last_uses.since(conn) is None
        last_uses.note(conn, [Use(user_id, "network:git", NOW)])
        last_uses.note(conn, [Use(user_id, "network:git", NOW - 5), Use(user_id, "login:vpn", NOW)])
        assert last_uses.since(conn) == NOW
        used = last_uses.of_objects(conn, {"network:git", "network:wiki"})
        assert used == {"network:git": {"minjun.kim@hangang": NOW}}

        assert last_uses.forget(conn, NOW + 180 * DAY_S) == 0
        assert last_uses.forget(conn, NOW + 181 * DAY_S) == 2
        assert last_uses.of_objects(conn, {"network:git"}) == {}


def test_whoever_gets_the_name_of_one_who_left_has_not_used_what_that_one_did(database: Database):
    left = settle_in(database)
    with database.write() as conn:
        last_uses.note(conn, [Use(left, "network:git", NOW)])
        gone = {"enabled": False, "vanished_at": NOW, "entry_uuid": "the one who left"}
        conn.execute(update(users).where(users.c.id == left).values(gone))
    settle_in(database)

    with database.read() as conn:
        assert last_uses.of_objects(conn, {"network:git"}) == {}
