"""Chores of the enforce process about owners, reviews and what is forgotten, without its process."""

from datetime import UTC
from threading import Event
from types import MappingProxyType, SimpleNamespace

import pytest
from sqlalchemy import insert, select, update

from access.changes.publishing import Draft
from access.changes.reviewing import By, Desk, Wish, start
from access.config.values import PolicySettings, RoleSettings
from access.gateways.enforced import Process
from access.policy.document import load
from access.store import alarms
from access.store.policy_shelf import StoredPolicies
from access.store.reviews import StoredReviews
from access.store.tables import notices, standing_rules, users
from tests.access.residents import DICE, KEYRING, NOW, settle_in
from tests.access.store.test_reviews import TEXT

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


def process(database, clock, organizations=MappingProxyType({}), review_days=0):
    audit = SimpleNamespace(retention=SimpleNamespace(rights_days=30))
    settings = SimpleNamespace(
        policy=PolicySettings(review_days=review_days),
        time_zone=UTC,
        audit=audit,
        organizations=organizations,
        roles=RoleSettings(),
        head_office="",
    )
    app = SimpleNamespace(
        database=database, keyring=KEYRING, random=DICE, settings=settings, clock=lambda: clock[0]
    )
    return Process(app, Event())


def open_alarms(database):
    with database.read() as conn:
        return [(each.kind, each.note) for each in alarms.listed(conn) if each.cleared_at is None]


def test_the_alarm_is_raised_when_the_time_is_over_and_clears_with_a_document_without_the_rule(database):
    settle_in(database, "sua.lee")
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(TEXT, "test", None), load(TEXT).revision, NOW)
    clock = [NOW]
    chore = process(database, clock)
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


def test_a_review_day_begins_a_campaign_by_itself_and_once(database):
    settle_in(database, "sua.lee")
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(TEXT, "test", None), load(TEXT).revision, NOW)
    clock = [NOW - 30 * 86400]
    first, second = (process(database, clock, review_days=7) for _ in range(2))
    reviews = StoredReviews(database, KEYRING, DICE, "test")

    first._reviews()
    assert reviews.open_reviews() == []
    clock[0] = NOW
    for chore in (first, second, first):
        chore._reviews()

    (row,) = reviews.open_reviews()
    assert (row.rule, row.started_by) == ("git", "officegate")
    with database.read() as conn:
        assert conn.execute(select(notices.c.kind)).scalars().all() == ["review-asked"]


def test_the_alarm_about_an_owner_who_left_is_raised_by_the_chore(database):
    settle_in(database, "sua.lee")
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(TEXT, "test", None), load(TEXT).revision, NOW)
    chore = process(database, [NOW])

    chore._owners()
    assert open_alarms(database) == []
    with database.write() as conn:
        conn.execute(update(users).values(enabled=False))
    chore._owners()

    assert open_alarms(database) == [("owner-gone", "sua.lee@hangang")]


def test_the_alarm_about_a_name_that_somebody_else_has_now_is_raised_by_the_chore(database):
    settle_in(database, "sua.lee")
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    text = TEXT.replace("who: [", "who: [user:sua.lee@hangang, ", 1)
    shelf.put_in_force(Draft(text, "test", None), load(text).revision, NOW - 60)
    with database.write() as conn:
        conn.execute(update(users).values(enabled=False, vanished_at=NOW, entry_uuid="left"))
    settle_in(database, "sua.lee")

    process(database, [NOW])._owners()

    assert ("name-reused", "") in open_alarms(database)


@pytest.mark.parametrize(("own_days", "left"), [(0, 0), (60, 1)])
def test_what_ended_beside_the_policy_is_kept_as_long_as_any_company_keeps_its_records(
    database, own_days, left
):
    settle_in(database)
    row = {"kind": "grant", "who": "[]", "objects": "[]", "valid_from": 0, "created_by": "root"}
    row |= {"created_at": 1, "approvals": "[]", "revision": 1, "ended_at": NOW - 45 * 86400}
    with database.write() as conn:
        conn.execute(insert(standing_rules).values(row))
    company = SimpleNamespace(retention=SimpleNamespace(rights_days=own_days))

    process(database, [NOW], {"hangang": company})._tidy()

    with database.read() as conn:
        assert len(conn.execute(select(standing_rules.c.id)).all()) == left
