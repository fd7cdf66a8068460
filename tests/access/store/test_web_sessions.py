from sqlalchemy import select

from access.proof.web_session import SessionState, opened, promoted, session_id
from access.store import web_sessions
from access.store.tables import web_sessions as table
from tests.access.residents import NOW, settle_in


def sign_in(database, user_id, cookie="cookie", now=NOW):
    session = opened(user_id, cookie, now, "10.1.2.3")
    with database.write() as conn:
        web_sessions.add(conn, session)
    return session


def found(database, cookie):
    with database.read() as conn:
        return web_sessions.by_id(conn, session_id(cookie))


def test_a_session_comes_back_as_it_was(database):
    session = sign_in(database, settle_in(database))

    assert found(database, "cookie") == session
    assert found(database, "another") is None


def test_the_cookie_is_nowhere_in_the_table(database):
    sign_in(database, settle_in(database), "a-cookie-nobody-guesses")

    with database.read() as conn:
        row = conn.execute(select(table)).one()

    assert "a-cookie-nobody-guesses" not in [str(value) for value in row]


def test_after_a_step_the_old_cookie_is_worth_nothing(database):
    session = sign_in(database, settle_in(database))
    newer = promoted(session, "newer", SessionState.SIGNED_IN, NOW + 1)

    with database.write() as conn:
        assert web_sessions.replace(conn, session.id, newer)

    assert found(database, "cookie") is None
    assert found(database, "newer") == newer


def test_of_two_steps_from_one_session_only_one_is_taken(database):
    session = sign_in(database, settle_in(database))
    with database.write() as conn:
        web_sessions.replace(conn, session.id, promoted(session, "one", SessionState.SIGNED_IN, NOW))

    with database.write() as conn:
        assert not web_sessions.replace(
            conn, session.id, promoted(session, "two", SessionState.SIGNED_IN, NOW)
        )

    assert found(database, "two") is None


def test_being_seen_never_goes_back(database):
    session = sign_in(database, settle_in(database))

    with database.write() as conn:
        assert web_sessions.touch(conn, session.id, NOW + 60)
        assert not web_sessions.touch(conn, session.id, NOW + 30)
        assert not web_sessions.touch(conn, "nobody", NOW + 90)

    assert found(database, "cookie").seen_at == NOW + 60


def test_ending_all_sessions_of_a_person_can_spare_one_and_touches_no_other(database):
    mine, theirs = settle_in(database), settle_in(database, "mina.park")
    kept = sign_in(database, mine, "here")
    sign_in(database, mine, "elsewhere")
    sign_in(database, theirs, "hers")

    with database.write() as conn:
        assert web_sessions.remove_of_user(conn, mine, but=kept.id) == 1

    with database.read() as conn:
        assert web_sessions.of_user(conn, mine) == (kept,)
    assert found(database, "hers") is not None


def test_only_sessions_that_ended_are_forgotten(database):
    user_id = settle_in(database)
    sign_in(database, user_id, "old", NOW - 601)
    sign_in(database, user_id, "new", NOW)

    with database.write() as conn:
        assert web_sessions.remove_expired(conn, NOW) == 1

    assert found(database, "old") is None
    assert found(database, "new") is not None
