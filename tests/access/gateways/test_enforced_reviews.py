"""The chore of the enforce process that reminds owners and raises the alarm, without its process."""

from datetime import UTC
from threading import Event
from types import SimpleNamespace

import pytest

from access.changes.publishing import Draft
from access.changes.reviewing import By, Desk, Wish, start
from access.gateways.enforced import Process
from access.policy.document import load
from access.store import alarms
from access.store.policy_shelf import StoredPolicies
from access.store.reviews import StoredReviews
from tests.access.residents import DICE, KEYRING, NOW, settle_in
from tests.access.store.test_reviews import TEXT

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


def open_alarms(database):
    with database.read() as conn:
        return [(each.kind, each.note) for each in alarms.listed(conn) if each.cleared_at is None]


def test_the_alarm_is_raised_when_the_time_is_over_and_clears_with_a_document_without_the_rule(database):
    settle_in(database, "sua.lee")
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(TEXT, "test", None), load(TEXT).revision, NOW)
    settings = SimpleNamespace(policy=SimpleNamespace(look_ahead_days=14), time_zone=UTC)
    clock = [NOW]
    app = SimpleNamespace(
        database=database, keyring=KEYRING, random=DICE, settings=settings, clock=lambda: clock[0]
    )
    chore = Process(app, Event())
    reviews = StoredReviews(database, KEYRING, DICE, "test")
    start(Desk(reviews, SimpleNamespace(document=load(TEXT)), NOW), By("root"), Wish(NOW + 10, None))

    chore._reviews()
    assert open_alarms(database) == []
    clock[0] = NOW + 10
    chore._reviews()
    assert open_alarms(database) == [("review-overdue", "git (sua.lee@hangang)")]

    without = TEXT[: TEXT.index("rules:")]
    shelf.put_in_force(Draft(without, "test", load(TEXT).revision), load(without).revision, NOW + 11)
    chore._reviews()
    assert open_alarms(database) == []
