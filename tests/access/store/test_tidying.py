"""What is taken away by the clock, and what stays."""

import pytest
from sqlalchemy import insert, select

from access.proof.web_session import IDLE_S, SessionState, WebSession
from access.store import feed, web_sessions
from access.store.feed import START, Pruned, Topic
from access.store.tables import desk_acts, passes, reviews, standing_rules, vouches
from access.store.tidying import DECIDED_KEPT_S, FEED_KEPT_S, HELP_KEPT_S, Tidied, tidy
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


def test_what_helpdesk_and_colleagues_were_asked_is_forgotten_after_a_while(database):
    user_id = settle_in(database)
    row = {"user_id": user_id, "organization_id": 1}
    help_row = row | {"asked_by_id": user_id, "asked_by": "desk"}
    with database.write() as conn:
        for at in (NOW - HELP_KEPT_S - 1, NOW - HELP_KEPT_S):
            limits = {"scope": "bypass", "hours": 2, "uses": 1, "needs_second": False}
            conn.execute(insert(passes).values(**help_row, **limits, at=at))
            conn.execute(insert(desk_acts).values(**help_row, act="unlock", at=at))
            conn.execute(insert(vouches).values(**row, voucher_id=user_id, at=at))

    tidy(database, NOW)

    with database.read() as conn:
        for table in (passes, desk_acts, vouches):
            assert list(conn.execute(select(table.c.at)).scalars()) == [NOW - HELP_KEPT_S]


def test_what_ended_beside_the_policy_and_closed_reviews_are_forgotten_like_records_of_rights(database):
    user_id = settle_in(database)
    kept = {"who": "[]", "objects": "[]", "valid_from": 0, "created_by": "root", "created_at": 1}
    kept |= {"approvals": "[]", "revision": 1, "user_id": user_id, "kind": "grant"}
    review = {"campaign": 1, "rule": "git", "meaning": "m", "owner": "", "until": 1, "started_at": 1}
    review |= {"started_by": "root", "told": "asked", "answered_meaning": "", "answered_by": ""}
    review |= {"role": "", "note": ""}
    old, young = NOW - DECIDED_KEPT_S - 1, NOW - DECIDED_KEPT_S
    with database.write() as conn:
        for at in (old, young, None):
            conn.execute(insert(standing_rules).values(**kept, ended_at=at))
        for at, stopped in ((old, None), (old, 3), (young, None), (None, None)):
            conn.execute(insert(reviews).values(**review, closed_at=at, stopped_by=stopped))

    tidy(database, NOW, DECIDED_KEPT_S + 5)
    assert heard(database) == []
    tidy(database, NOW)

    with database.read() as conn:
        ended = conn.execute(select(standing_rules.c.ended_at).order_by(standing_rules.c.id)).scalars().all()
        rows = conn.execute(select(reviews.c.closed_at, reviews.c.stopped_by).order_by(reviews.c.id)).all()
    assert ended == [young, None]
    assert [tuple(row) for row in rows] == [(old, 3), (young, None), (None, None)]
    assert heard(database) == ["1", "1"]
