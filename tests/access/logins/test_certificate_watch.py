"""What ends is said once for each threshold, and cleared when it was replaced."""

import pytest

from access.certificates.ending import DAY_S, Ending
from access.errors import Unavailable
from access.logins.certificate_watch import AGAIN_S, EVERY_S, CertificateWatch


class World:
    def __init__(self, ends_at):
        self.ends_at, self.now, self.open, self.told, self.away = ends_at, 0.0, set(), [], False
        self.watch = CertificateWatch(self, lambda: self.now)

    def endings(self):
        return [Ending("server certificate", self.ends_at)]

    def alarms(self, work):
        if self.away:
            raise Unavailable("the database is away")
        work(self)

    def raise_alarm(self, alarm, at):
        self.told.append(alarm.subject)
        self.open.add(alarm.subject)
        return True

    def clear_alarm(self, kind, subject, at, by=""):
        self.open.discard(subject)
        return True


@pytest.fixture
def world():
    return World(100 * DAY_S)


def test_each_threshold_is_said_once(world):
    for hour in range(0, 101 * 24):
        world.now = hour * 3600.0
        world.watch.look()

    assert world.told == [f"server certificate, {days} days" for days in (30, 7, 1)]
    assert world.open == {"server certificate, 1 days"}


def test_a_new_certificate_clears_what_was_said(world):
    world.now = 95 * DAY_S
    world.watch.look()
    assert world.open

    world.ends_at += 825 * DAY_S
    world.now += EVERY_S
    world.watch.look()

    assert world.open == set()


def test_a_process_that_starts_clears_what_an_earlier_one_has_said(world):
    world.open.add("server certificate, 7 days")

    world.watch.look()

    assert world.open == set()


def test_while_the_database_is_away_it_is_tried_again_soon(world):
    world.now, world.away = 99.5 * DAY_S, True
    with pytest.raises(Unavailable):
        world.watch.look()

    world.away = False
    world.watch.look()
    assert world.open == set()
    world.now += AGAIN_S
    world.watch.look()
    assert world.open == {"server certificate, 1 days"}
