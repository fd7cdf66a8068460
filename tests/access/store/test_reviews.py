import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date
from threading import Barrier

import pytest
from sqlalchemy import insert, select, update

from access.changes.publishing import Draft
from access.changes.review_closing import announce, carry_out, close, closing, resume
from access.changes.review_days import Asked, begin
from access.changes.reviewing import (
    Answer,
    By,
    Desk,
    Fate,
    Review,
    State,
    Wish,
    letters,
    look,
    owners_left,
    right_of,
    sign,
    start,
    told_first,
)
from access.errors import Refused
from access.model import Request, Subject
from access.people.absent_owners import look as look_for_owners
from access.policy.compiled import compile
from access.policy.decide import decide
from access.policy.document import load
from access.policy.reviews import fingerprint
from access.post.notice_words import NoticeKind
from access.store import alarms, audit, standing
from access.store.absent_owners import StoredOwners
from access.store.audit import Selection
from access.store.policy_shelf import StoredPolicies
from access.store.reviews import StoredReviews
from access.store.tables import groups, memberships, notices, users
from tests.access.residents import DICE, KEYRING, NOW, leave_to_a_namesake, settle_in

TEXT = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.128/28]}
rules:
  - {id: git, permit: [network:git], who: [organization:hangang], owner: sua.lee@hangang, review: 2027-01-10}
"""
WISH = Wish(NOW + 10, date(2027, 1, 15))
ROOT = By("root")
WISH_OF_ITS_DAY = Review(
    0, 0, "git", "f" * 64, "sua.lee@hangang", NOW + 10, NOW, "officegate", day=date(2027, 1, 10)
)
SUA = Subject(1, "hangang", "sua.lee")


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
    assert list(close(at(desk, NOW + 13), desk.ports, ROOT, kept.campaign).unsigned) == []
    assert written(database) == ["review.started", "review.signed", "review.closed"]


def test_a_closed_campaign_takes_no_answer_and_its_permits_may_be_asked_about_again(database, desk):
    start(desk, ROOT, WISH)
    with pytest.raises(Refused):
        start(desk, ROOT, WISH)
    row = desk.ports.open_reviews()[0]
    close(desk, desk.ports, ROOT, row.campaign)

    with pytest.raises(Refused, match="closed"):
        sign(desk, ROOT, row, (Answer.KEEP, "late"), fingerprint(desk.rule(row)))

    assert [each.campaign for each in start(desk, ROOT, WISH)] == [row.campaign + 1]


def reaches_git(database, desk):
    """Whether the policy as anybody reads it from the tables permits it."""
    with database.read() as conn:
        policy = standing.beside(conn, desk.policy)
    return decide(policy, SUA, Request("network:git"), NOW).permitted


def test_a_silenced_rule_is_silent_for_whoever_reads_the_tables_until_its_owner_keeps_it(database, desk):
    start(desk, ROOT, Wish(NOW + 10, date(2027, 1, 15), fate=Fate.SILENCE))
    assert reaches_git(database, desk)
    close(at(desk, NOW + 11), desk.ports, ROOT, 1)

    assert not reaches_git(database, desk)
    row = desk.ports.open_reviews()[0]
    assert (row.fate, row.stopped is not None, desk.state(row)) == (Fate.SILENCE, True, State.SILENCED)
    with pytest.raises(Refused):
        start(at(desk, NOW + 12), ROOT, Wish(NOW + 20, None))
    sign(at(desk, NOW + 12), ROOT, row, (Answer.KEEP, "asked her"), fingerprint(desk.rule(row)))

    assert reaches_git(database, desk)
    assert desk.ports.open_reviews() == []
    assert written(database) == ["review.started", "review.closed", "review.signed", "review.resumed"]
    with pytest.raises(Refused, match="closed"):
        sign(at(desk, NOW + 13), ROOT, row, (Answer.KEEP, "again"), fingerprint(desk.rule(row)))
    with database.read() as conn:
        told = conn.execute(select(notices.c.kind).order_by(notices.c.id)).scalars().all()
    assert told == ["review-will-silence", "review-silenced", "review-resumed"]


def test_an_ended_rule_stays_so_until_it_is_resumed(database, desk):
    start(desk, ROOT, WISH)
    announce(desk, desk.ports, ROOT, 1, Fate.END)
    close(at(desk, NOW + 11), desk.ports, ROOT, 1)
    assert not reaches_git(database, desk)

    resume(at(desk, NOW + 12), desk.ports, ROOT, "git")

    assert reaches_git(database, desk)
    what = ["review.started", "review.announced", "review.closed", "review.resumed"]
    assert written(database) == what


def test_a_signature_that_comes_while_a_campaign_is_being_closed_is_not_passed_over(database, desk):
    start(desk, ROOT, Wish(NOW + 10, date(2027, 1, 15), fate=Fate.SILENCE))
    planned = closing(at(desk, NOW + 11), desk.ports, ROOT, 1)
    row = desk.ports.open_reviews()[0]
    sign(at(desk, NOW + 11), ROOT, row, (Answer.KEEP, "asked her"), fingerprint(desk.rule(row)))

    with pytest.raises(Refused, match="meanwhile"):
        carry_out(at(desk, NOW + 12), desk.ports, planned)

    assert reaches_git(database, desk)
    assert [each.closed_at for each in desk.ports.open_reviews()] == [None]
    assert close(at(desk, NOW + 13), desk.ports, ROOT, 1).stops == []


@pytest.mark.parametrize("answer", list(Answer))
def test_an_answer_to_an_open_campaign_revives_nothing_that_its_close_has_ended(database, desk, answer):
    start(desk, ROOT, Wish(NOW + 10, date(2027, 1, 15), fate=Fate.END))
    row = desk.ports.open_reviews()[0]
    close(at(desk, NOW + 11), desk.ports, ROOT, 1)

    with pytest.raises(Refused, match="closed"):
        sign(at(desk, NOW + 11), ROOT, row, (answer, "a moment late"), fingerprint(desk.rule(row)))

    assert not reaches_git(database, desk)
    assert written(database) == ["review.started", "review.closed"]


def test_a_day_is_asked_about_once_however_many_processes_look(database, desk):
    asked = replace(WISH_OF_ITS_DAY, until=NOW + 10)
    both = [desk.ports.start_once([asked], told_first(desk, [asked]), NOW) for _ in range(2)]
    close(desk, desk.ports, ROOT, 1)
    late = desk.ports.start_once([asked], told_first(desk, [asked]), NOW + 1)

    assert [len(each) for each in (*both, late)] == [1, 0, 0]
    assert desk.ports.asked() == {"git": [Asked(date(2027, 1, 10), NOW)]}
    with database.read() as conn:
        assert conn.execute(select(notices.c.kind)).scalars().all() == ["review-asked"]


def test_processes_that_look_at_the_same_moment_begin_one_campaign(database, desk):
    together = Barrier(3)

    def look_too():
        together.wait(timeout=60)
        return begin(desk, desk.ports, UTC, 14)

    with ThreadPoolExecutor(3) as pool:
        begun = [each.result() for each in [pool.submit(look_too) for _ in range(3)]]

    assert sorted(map(len, begun)) == [0, 0, 1]
    assert [each.rule for each in desk.ports.open_reviews()] == ["git"]


def test_for_an_owner_who_left_the_administrators_of_the_company_answer(database):
    settle_in(database, "sua.lee")
    with database.write() as conn:
        row = {"organization_id": 1, "entry_uuid": "adm", "name": "it-admins", "dn": "cn=it-admins"}
        group = conn.execute(insert(groups).values(**row).returning(groups.c.id)).scalar_one()
        sua = conn.execute(select(users.c.id).where(users.c.name == "sua.lee")).scalar_one()
        conn.execute(insert(memberships).values(user_id=sua, group_id=group))
    ports = StoredReviews(database, KEYRING, DICE, "test", frozenset({"hangang/it-admins"}))

    assert [each.name for each in ports.answering_for("gone@hangang")] == ["sua.lee"]
    assert [each.name for each in ports.answering_for("gone@nowhere")] == ["sua.lee"]
    assert StoredReviews(database, KEYRING, DICE, "test").answering_for("gone@hangang") == []


def test_whoever_gets_the_name_of_an_owner_who_left_signs_nothing(database, desk):
    StoredPolicies(database, KEYRING, DICE, "test").put_in_force(
        Draft(TEXT, "test", None), load(TEXT).revision, NOW
    )
    owner = desk.ports.user_named("sua.lee@hangang")
    started = start(desk, ROOT, WISH)[0]
    look_for_owners(StoredOwners(database, KEYRING, DICE, "test"), NOW)
    assert right_of(desk, By("sua.lee@hangang", owner, keeps=False), started) == "owner"
    leave_to_a_namesake(database, "sua.lee")
    namesake = desk.ports.user_named("sua.lee@hangang")

    assert namesake.id != owner.id
    assert right_of(desk, By("sua.lee@hangang", namesake, keeps=False), started) == ""
    assert owners_left(desk, started) == ("sua.lee@hangang",)
    assert letters(desk, NoticeKind.REVIEW_SOON, [started]) == []


def test_an_owner_with_a_new_name_signs_as_before(database, desk):
    StoredPolicies(database, KEYRING, DICE, "test").put_in_force(
        Draft(TEXT, "test", None), load(TEXT).revision, NOW
    )
    look_for_owners(StoredOwners(database, KEYRING, DICE, "test"), NOW)
    with database.write() as conn:
        conn.execute(update(users).values(name="sua.park"))
    owner = desk.ports.user_named("sua.park@hangang")
    started = start(desk, ROOT, WISH)[0]

    assert right_of(desk, By("sua.park@hangang", owner, keeps=False), started) == "owner"
    assert owners_left(desk, started) == ()
    assert [letter.user_id for letter in letters(desk, NoticeKind.REVIEW_SOON, [started])] == [owner.id]
