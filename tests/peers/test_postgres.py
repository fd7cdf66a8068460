"""The tests' PostgreSQL is a real one and keeps what it acknowledged."""

import psycopg
import pytest

from tests.peers.postgres import Postgres

pytestmark = pytest.mark.peer("postgres")


def test_each_test_gets_an_empty_utf8_database(postgres_url):
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        version, encoding, fsync, tables = connection.execute(
            "select current_setting('server_version_num')::int, current_setting('server_encoding'),"
            " current_setting('fsync'), (select count(*) from pg_tables where schemaname = 'public')"
        ).fetchone()

    assert version // 10000 == 15
    assert (encoding, fsync, tables) == ("UTF8", "on", 0)


def test_a_wrong_password_is_refused(postgres_url):
    wrong = postgres_url.replace("+psycopg", "").replace("password-of-the-database", "wrong")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_what_was_committed_survives_a_kill():
    with Postgres() as server:
        server.create_database("kept")
        with psycopg.connect(server.dsn("kept")) as connection:
            connection.execute("create table things as select 1 as thing")

        server.kill()
        server.restart()

        with psycopg.connect(server.dsn("kept")) as connection:
            assert connection.execute("select thing from things").fetchall() == [(1,)]
