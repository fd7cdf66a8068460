import json
from datetime import date

import pytest
from sqlalchemy import select

from access.changes.reviewing import Answer, By, Desk, State, Wish, close, look, sign, start
from access.errors import Refused
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.reviews import fingerprint
from access.store import alarms, audit
from access.store.audit import Selection
from access.store.reviews import StoredReviews
from access.store.tables import notices
from tests.access.residents import DICE, KEYRING, NOW, settle_in

TEXT = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.128/28]}
rules:
  - {id: git, permit: [network:git], who: [organization:hangang], owner: sua.lee@hangang, review: 2027-01-10}
"""
WISH = Wish(NOW + 10, date(2027, 1, 15))
ROOT = By("root")


@pytest.fixture
def desk(database):
    settle_in(database, "sua.lee")
    return Desk(StoredReviews(database, KEYRING, DICE, "test"), compile(load(TEXT)), NOW)


def at(desk, now):
    return Desk(desk.ports, desk.policy, now)


def written(database):
    with database.read() as conn:
        return [each.detail["what"] for each in audit.records(conn, Selection(kind="review"), KEYRING)][::-1]


def test_a_campaign_is_kept_with_its_answers_letters_alarm_and_records(database, desk):
    start(desk, ROOT, WISH)
    look(at(desk, NOW + 11))
    with database.read() as conn:
        assert [(each.kind, each.note) for each in alarms.listed(conn)] == [
            ("review-overdue", "git (sua.lee@hangang)")
        ]
        told = conn.execute(select(notices.c.kind, notices.c.detail).order_by(notices.c.id)).all()
    assert [(row.kind, json.loads(row.detail)) for row in told] == [
        ("review-asked", {"name": "git"}),
        ("review-overdue", {"name": "git"}),
    ]

    row = desk.ports.open_reviews()[0]
    sign(at(desk, NOW + 12), ROOT, row, (Answer.KEEP, "asked her"), fingerprint(desk.rule(row)))

    kept = desk.ports.open_reviews()[0]
    assert (desk.state(kept), kept.role, kept.note) == (State.KEPT, "policy", "asked her")
    with database.read() as conn:
        assert not [each for each in alarms.listed(conn) if each.cleared_at is None]
    assert list(close(at(desk, NOW + 13), ROOT, kept.campaign)) == []
    assert written(database) == ["review.started", "review.signed", "review.closed"]


def test_a_closed_campaign_takes_no_answer_and_its_permits_may_be_asked_about_again(database, desk):
    start(desk, ROOT, WISH)
    with pytest.raises(Refused):
        start(desk, ROOT, WISH)
    row = desk.ports.open_reviews()[0]
    close(desk, ROOT, row.campaign)

    with pytest.raises(Refused, match="closed"):
        sign(desk, ROOT, row, (Answer.KEEP, "late"), fingerprint(desk.rule(row)))

    assert [each.campaign for each in start(desk, ROOT, WISH)] == [row.campaign + 1]
