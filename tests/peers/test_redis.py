"""The tests' Redis is a real one."""

import pytest
import redis as client

from tests.peers.redis import Redis

pytestmark = pytest.mark.peer("redis")


def test_it_is_empty_and_takes_values(redis):
    with client.Redis.from_url(redis.url) as connection:
        assert connection.dbsize() == 0
        connection.set("key", "값")
        assert connection.get("key").decode() == "값"


def test_a_durable_one_keeps_what_it_acknowledged_through_a_kill():
    with Redis(durable=True) as server:
        with client.Redis.from_url(server.url) as connection:
            connection.set("key", "value")

        server.kill()
        server.restart()

        with client.Redis.from_url(server.url) as connection:
            assert connection.get("key") == b"value"
