"""What is taken away by the clock, and what stays."""

import pytest

from access.store import feed, web_sessions
from access.store.feed import START, Pruned, Topic
from access.store.tidying import FEED_KEPT_S, Tidied, tidy
from access.web_session import IDLE_S, SessionState, WebSession
from tests.access.residents import settle_in

NOW = 1_800_000_000.0


def heard(database):
    with database.read() as conn:
        return conn.exec_driver_sql("SELECT key FROM feed ORDER BY xact, seq").scalars().all()


def test_changes_of_yesterday_go_however_many_and_those_of_today_stay(database):
    with database.write() as conn:
        feed.append_many(conn, Topic.USER, map(str, range(1203)), 1, NOW - FEED_KEPT_S - 1)
        feed.append_many(conn, Topic.USER, ["today", "now"], 1, NOW - FEED_KEPT_S)

    assert tidy(database, NOW) == Tidied(changes=1203, browsers=0)

    assert heard(database) == ["today", "now"]
    with database.read() as conn, pytest.raises(Pruned):
        feed.since(conn, START)
    assert tidy(database, NOW) == Tidied(changes=0, browsers=0)


def test_browsers_whose_time_is_over_are_forgotten(database):
    user_id = settle_in(database)
    sessions = {
        "over": WebSession("over", user_id, SessionState.SIGNED_IN, NOW - 9, NOW - 9, NOW - 1),
        "idle": WebSession("idle", user_id, SessionState.SIGNED_IN, 0.0, NOW - IDLE_S, NOW + 99),
        "alive": WebSession("alive", user_id, SessionState.SIGNED_IN, NOW - 9, NOW - 9, NOW + 99),
    }
    with database.write() as conn:
        for session in sessions.values():
            web_sessions.add(conn, session)

    assert tidy(database, NOW) == Tidied(changes=0, browsers=2)

    with database.read() as conn:
        assert [session.id for session in web_sessions.of_user(conn, user_id)] == ["alive"]
