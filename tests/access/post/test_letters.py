"""What people are told: the words, and that they reach them once."""

from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from access.errors import Unavailable
from access.model import Reason
from access.post.letters import (
    FOLD_S,
    GIVEN_UP_AFTER_S,
    LONGEST_WAIT_S,
    Addressee,
    Letter,
    Notice,
    NotTaken,
    letter,
    of_event,
    wait_s,
)
from access.post.notice_words import MEANINGS, NoticeKind
from access.post.postman import NO_ADDRESS, NO_SERVER, Postman
from access.proof.identity_event import IdentityEvent, What
from access.store import notices
from access.store.notices import StoredNotices
from access.store.tables import users
from tests.access.newcomers import Office
from tests.access.residents import NOW, settle_in

SEOUL = ZoneInfo("Asia/Seoul")
PORTAL = "https://gate.hangang.example"
MINJUN = Addressee("김민준", "minjun.kim@hangang.example", "ko", "한강전자")
REGISTERED = Notice(NoticeKind.PHONE_REGISTERED, 1, 1, NOW, {"name": "업무폰", "by": "minjun.kim"})


@dataclass
class Doorstep:
    """Keeps letters, or fails as told."""

    error: Exception | None = None
    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        if self.error is not None:
            raise self.error
        self.letters.append(letter)


def test_a_letter_says_what_when_and_what_to_do_in_korean():
    told = letter(REGISTERED, MINJUN, PORTAL, SEOUL)

    assert told.to == "minjun.kim@hangang.example"
    assert told.subject == "[한강전자] 새 휴대폰이 등록되었습니다"
    assert told.text == (
        "김민준 님, 안녕하세요.\n\n"
        "회원님의 계정에 새 휴대폰이 등록되었습니다.\n\n"
        "시각: 2027년 1월 15일 (금) 오후 5:00 KST\n"
        "이름: 업무폰\n"
        "한 사람: minjun.kim\n\n"
        "본인이 한 일이 아니면 포털에서 그 휴대폰을 바로 삭제하고 헬프데스크에 알려 주세요.\n"
        "포털: https://gate.hangang.example\n\n"
        "한강전자\n"
    )


def test_and_in_english_to_whoever_reads_that():
    told = letter(REGISTERED, replace(MINJUN, language="en"), PORTAL, SEOUL)

    assert told.subject == "[한강전자] A new phone was registered"
    assert "When: 2027-01-15 17:00 KST" in told.text


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_has_words_that_no_employee_has_to_look_up(kind: NoticeKind):
    words = MEANINGS[kind]
    for said in (words.subject, words.told, words.todo):
        assert "토큰" not in said.ko
        assert "token" not in said.en


def test_an_event_that_is_nothing_to_its_owner_is_no_notice():
    def told(what: What, reason: Reason | None = None) -> Notice | None:
        return of_event(IdentityEvent(what, NOW, 1, reason), 1)

    assert told(What.PASSWORD_RIGHT) is None
    assert told(What.SIGN_IN_REFUSED, Reason.WRONG_PASSWORD) is None
    assert told(What.SIGN_IN_REFUSED, Reason.WRONG_CODE) == Notice(NoticeKind.CODE_WRONG, 1, 1, NOW)
    assert of_event(IdentityEvent(What.PROVEN, NOW, None), 1) is None


def test_waits_grow_and_end():
    assert [wait_s(failures) for failures in (1, 2, 3)] == [30.0, 60.0, 120.0]
    assert wait_s(99) == LONGEST_WAIT_S


@pytest.fixture
def office(database):
    settle_in(database)
    with database.write() as conn:
        conn.execute(update(users).values(mail=MINJUN.mail, display_name="김민준"))
    return database


def put(database, *told: Notice) -> list[bool]:
    with database.write() as conn:
        return [notices.put(conn, each) for each in told]


def postman(database, messenger, now=NOW):
    return Postman(StoredNotices(database), messenger, PORTAL, SEOUL, lambda: now)


def outbox(database):
    with database.read() as conn:
        return notices.outbox(conn)


def test_a_notice_reaches_its_owner_once(office):
    doorstep = Doorstep()
    put(office, REGISTERED)

    assert postman(office, doorstep).deliver() == 1
    assert postman(office, doorstep).deliver() == 0

    assert [each.to for each in doorstep.letters] == [MINJUN.mail]
    assert outbox(office).waiting == 0


def test_what_one_worker_has_taken_another_leaves(office):
    put(office, REGISTERED)
    stored = StoredNotices(office)

    assert len(stored.claim(NOW)) == 1
    assert stored.claim(NOW) == []
    # A worker that was killed in the middle leaves it to the next.
    assert len(stored.claim(NOW + notices.CLAIMED_S)) == 1


def test_while_the_server_is_away_it_is_tried_again_later_and_given_up_after_a_day(office):
    put(office, REGISTERED)
    away = Doorstep(Unavailable("the mail server is away"))

    postman(office, away).deliver()
    assert outbox(office) == notices.Outbox(1, NOW, "the mail server is away")
    assert postman(office, Doorstep(), NOW + 29).deliver() == 0
    postman(office, away, NOW + 31).deliver()
    assert postman(office, Doorstep(), NOW + 60).deliver() == 0

    postman(office, away, NOW + GIVEN_UP_AFTER_S + 1).deliver()
    assert outbox(office) == notices.Outbox(0, None, "given up after a day: the mail server is away")


@pytest.mark.parametrize(
    ("mail", "messenger", "why"),
    [
        ("", Doorstep(), NO_ADDRESS),
        (MINJUN.mail, None, NO_SERVER),
        (MINJUN.mail, Doorstep(NotTaken("no such person")), "no such person"),
    ],
)
def test_what_can_never_be_delivered_does_not_wait(office, mail, messenger, why):
    put(office, REGISTERED)
    with office.write() as conn:
        conn.execute(update(users).values(mail=mail))

    assert postman(office, messenger).deliver() == 0

    assert outbox(office) == notices.Outbox(0, None, why)


def test_wrong_codes_are_told_once_an_hour_and_phones_each_time(office):
    wrong = Notice(NoticeKind.CODE_WRONG, 1, 1, NOW)

    assert put(office, wrong, replace(wrong, at=NOW + 60), replace(wrong, at=NOW + 3700)) == [
        True,
        False,
        True,
    ]
    assert put(office, REGISTERED, replace(REGISTERED, at=NOW + 1)) == [True, True]


def test_notices_that_were_delivered_are_forgotten_after_a_while(office):
    put(office, REGISTERED)
    postman(office, Doorstep()).deliver()

    with office.write() as conn:
        assert notices.forget(conn, NOW + notices.KEPT_S) == 0
        assert notices.forget(conn, NOW + notices.KEPT_S + 1) == 1


def test_enrolling_tells_the_owner_each_step_that_matters(database):
    office = Office(database)
    with database.write() as conn:
        conn.execute(update(users).values(mail=MINJUN.mail))
    office.enrolled()
    doorstep = Doorstep()

    postman(database, doorstep).deliver()

    assert [each.subject.partition("] ")[2] for each in doorstep.letters] == [
        "휴대폰 등록 코드가 발급되었습니다",
        "새 휴대폰이 등록되었습니다",
    ]


def test_what_the_owner_has_seen_is_not_shown_again_and_the_next_one_is(office):
    def shown() -> Notice | None:
        with office.read() as conn:
            return notices.unseen(conn, 1, NoticeKind.CODE_WRONG, NOW - 60)

    put(office, Notice(NoticeKind.CODE_WRONG, 1, 1, NOW, {"place": "vpn-1"}), REGISTERED)
    assert shown() == Notice(NoticeKind.CODE_WRONG, 1, 1, NOW, {"place": "vpn-1"})

    with office.write() as conn:
        assert notices.see(conn, 1, NoticeKind.CODE_WRONG, NOW + 5) == 1
    assert shown() is None

    later = Notice(NoticeKind.CODE_WRONG, 1, 1, NOW + FOLD_S, {"place": "vpn-2"})
    put(office, later)
    assert shown() == later
