"""Home servers, alive, silent and back, with a number for the time."""

from dataclasses import replace
from ipaddress import ip_address

from radius.home import Homes, HomeServer, Order, Pool, State, Timing

FIRST = HomeServer("first", ip_address("192.0.2.1"), 1812, b"a secret of sixteen")
SECOND = replace(FIRST, key="second", address=ip_address("192.0.2.2"))
POOL = Pool((FIRST, SECOND))
TIMING = Timing(response_s=3, zombie_s=20, probe_s=5, revive_s=60, answers=3)


def chosen(homes, pool=POOL, tried=(), turn=0):
    server = homes.choose(pool, tried, turn)
    return server and server.key


def test_the_first_that_is_alive_is_asked_and_the_next_one_after_it():
    homes = Homes()
    assert chosen(homes) == "first"
    assert chosen(homes, tried={"first"}) == "second"
    assert chosen(homes, tried={"first", "second"}) is None

    homes.silent(FIRST, TIMING, 100)

    assert chosen(homes) == "second"


def test_servers_are_asked_in_turn_where_the_load_is_balanced():
    homes, pool = Homes(), replace(POOL, order=Order.BALANCE)
    assert [chosen(homes, pool, turn=turn) for turn in range(4)] == ["first", "second", "first", "second"]

    homes.silent(SECOND, TIMING, 100)

    assert {chosen(homes, pool, turn=turn) for turn in range(4)} == {"first"}


def test_what_is_told_may_change_while_it_is_told():
    """Whoever tells of the worker is another thread than the one that asks."""
    homes = Homes()
    homes.silent(FIRST, TIMING, 100)

    class Falling:
        @property
        def value(self):
            homes.silent(SECOND, TIMING, 100)
            return "zombie"

    homes._known["first"].state = Falling()

    assert homes.told() == {"first": "zombie"}
    assert set(homes._known) == {"first", "second"}


def test_a_zombie_is_better_than_nobody_and_the_dead_are_not():
    homes, alone = Homes(), Pool((FIRST,))
    homes.silent(FIRST, TIMING, 100)
    homes.due(119)
    assert homes.state(FIRST) is State.ZOMBIE
    assert chosen(homes, alone) == "first"

    homes.due(120)

    assert homes.state(FIRST) is State.DEAD
    assert chosen(homes, alone) is None


def test_an_answer_or_a_status_server_brings_a_zombie_back_at_once():
    homes = Homes()
    homes.silent(FIRST, TIMING, 100)
    homes.heard(FIRST)
    assert homes.state(FIRST) is State.ALIVE

    homes.silent(FIRST, TIMING, 100)
    assert homes.due(100) == [FIRST]
    homes.status_heard(FIRST)
    assert homes.state(FIRST) is State.ALIVE
    assert homes.next_timer() is None


def test_the_dead_come_back_after_enough_answers_in_a_row():
    homes = Homes()
    homes.silent(FIRST, TIMING, 100)
    for at in (100, 105, 110, 115):
        assert homes.due(at) == [FIRST]
    homes.due(120)
    assert homes.state(FIRST) is State.DEAD

    homes.status_heard(FIRST)
    homes.due(125)
    homes.status_heard(FIRST)
    # One is lost, so the count begins anew.
    homes.due(130)
    homes.due(135)
    for at in (140, 145, 150):
        homes.status_heard(FIRST)
        assert homes.state(FIRST) is (State.ALIVE if at == 150 else State.DEAD)
        homes.due(at)


def test_an_answer_counts_once_and_a_late_login_does_not_revive_the_dead():
    homes = Homes()
    homes.silent(FIRST, TIMING, 100)
    homes.due(120)
    for _ in range(5):
        homes.status_heard(FIRST)
    homes.heard(FIRST)

    assert homes.state(FIRST) is State.DEAD


def test_one_without_status_server_comes_back_by_time_and_is_never_probed():
    homes, mute = Homes(), replace(FIRST, has_status=False)
    homes.silent(mute, TIMING, 100)
    assert homes.next_timer() == 120
    assert homes.due(120) == []
    assert homes.state(mute) is State.DEAD
    assert homes.next_timer() == 180

    assert homes.due(180) == []
    assert homes.state(mute) is State.ALIVE


def test_silence_of_a_zombie_starts_nothing_anew():
    homes = Homes()
    homes.silent(FIRST, TIMING, 100)
    homes.silent(FIRST, TIMING, 119)
    homes.due(120)

    assert homes.state(FIRST) is State.DEAD
