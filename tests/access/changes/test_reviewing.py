"""Owners sign for permits; nobody signs for what is not theirs, and no answer outlives its rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from access.changes.review_closing import Closing, announce, close, closing, resume
from access.changes.reviewing import (
    Answer,
    By,
    Desk,
    Fate,
    Review,
    State,
    Wish,
    listed,
    look,
    right_of,
    sign,
    start,
)
from access.errors import Refused
from access.model import User
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.reviews import fingerprint
from access.policy.standing import StandingKind
from access.post.letters import Notice
from access.post.notice_words import NoticeKind

NOW = 1_800_000_000.0
DAY = 86400.0
UNTIL = NOW + 10 * DAY
TEXT = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.128/28]}
  wiki: {organization: seorak, to: [10.98.0.0/24]}
rules:
  - {id: git, permit: [network:git], who: [organization:hangang], owner: lee@hangang, review: 2027-01-10}
  - {id: wiki, permit: [network:wiki], who: [organization:seorak], owner: "user:park@seorak",
     review: 2027-01-12}
  - {id: later, permit: [network:git], who: [user:kim@hangang], owner: lee@hangang, review: 2028-01-10}
  - {id: plain, permit: [network:git], who: [user:cho@hangang]}
  - {id: never, forbid: [network:wiki], who: [user:cho@hangang], reason: Not theirs}
"""
TODAY = date(2027, 1, 15)
KEEPER = By("root at the command line")


def person(number: int, name: str, organization: str = "hangang") -> User:
    return User(number, organization, name, "")


LEE, KIM, PARK = person(1, "lee"), person(2, "kim"), person(3, "park", "seorak")
BOSS = person(4, "boss")


@dataclass
class Paper:
    """Reviews on paper."""

    rows: list[Review] = field(default_factory=list)
    letters: list[tuple[NoticeKind, int, str]] = field(default_factory=list)
    alarms: dict[int, str] = field(default_factory=dict)
    closed: dict[int, Sequence[str]] = field(default_factory=dict)
    standing: dict[str, StandingKind] = field(default_factory=dict)

    def open_reviews(self) -> Sequence[Review]:
        return [each for each in self.rows if each.closed_at is None or each.stopped is not None]

    def user_named(self, name: str) -> User | None:
        return {"lee@hangang": LEE, "park@seorak": PARK}.get(name)

    def person(self, user_id: int) -> User | None:
        return {each.id: each for each in (LEE, KIM, PARK, BOSS)}.get(user_id)

    def meant(self, what: str) -> Mapping[str, int]:
        return {}

    def answering_for(self, name: str) -> Sequence[User]:
        return [BOSS] if name.endswith("@hangang") else []

    def start(self, wanted: Sequence[Review], notices: Sequence[Notice], now: float) -> Sequence[Review]:
        busy = {each.rule for each in self.open_reviews()}
        at, number = len(self.rows), max((each.campaign for each in self.rows), default=0) + 1
        new = [each for each in wanted if each.rule not in busy]
        begun = [replace(each, id=at + i, campaign=number) for i, each in enumerate(new)]
        self.rows += begun
        self._post(notices if begun else ())
        return begun

    def sign(self, signed: Review, notices: Sequence[Notice], now: float) -> bool:
        before = self.rows[signed.id]
        if before not in self.open_reviews():
            return False
        self.rows[signed.id] = signed
        if before.stopped is not None and signed.stopped is None:
            del self.standing[signed.rule]
        self._post(notices)
        return True

    def announce(self, campaign: int, fate: Fate, notices: Sequence[Notice], by: str, now: float) -> bool:
        self.rows = [replace(each, fate=fate) if each.campaign == campaign else each for each in self.rows]
        self._post(notices)
        return True

    def close(self, ended: Closing, notices: Sequence[Notice], now: float) -> bool:
        self.closed[ended.campaign] = ended.unsigned
        for each in self.rows:
            if each.campaign == ended.campaign:
                self.rows[each.id] = replace(each, closed_at=now, fate=Fate.KEEP)
        for stop in ended.stops:
            self.standing[stop.review.rule] = stop.standing.kind
            self.rows[stop.review.id] = replace(
                self.rows[stop.review.id], stopped=7 + stop.review.id, fate=stop.fate
            )
        self._post(notices)
        self.alarms.pop(ended.campaign, None)
        return True

    def resume(self, review: Review, by: str, notices: Sequence[Notice], now: float) -> bool:
        self.rows[review.id] = replace(review, stopped=None)
        del self.standing[review.rule]
        self._post(notices)
        return True

    def tell(self, told: Sequence[Review], notices: Sequence[Notice], now: float) -> None:
        for each in told:
            self.rows[each.id] = each
        self._post(notices)

    def alarm(self, campaign: int, note: str, now: float) -> None:
        self.alarms |= {campaign: note}
        if not note:
            del self.alarms[campaign]

    def _post(self, notices: Sequence[Notice]) -> None:
        self.letters += [(each.kind, each.user_id, each.detail["name"]) for each in notices]


def desk(paper: Paper, now: float = NOW, text: str = TEXT) -> Desk:
    return Desk(paper, compile(load(text)), now)


def begun(before: date | None = TODAY, organization: str = "") -> Paper:
    paper = Paper()
    start(desk(paper), KEEPER, Wish(UNTIL, before, organization))
    return paper


def signed(at: Desk, by: By, rule: str, answer: Answer = Answer.KEEP, note: str = "") -> State:
    row = next(each for each in at.ports.open_reviews() if each.rule == rule)
    now = at.rule(row)
    assert now is not None
    return at.state(sign(at, by, row, (answer, note), fingerprint(now)))


def owner(user: User) -> By:
    return By(f"{user.name}@{user.organization}", user, keeps=False)


@pytest.mark.parametrize(
    ("before", "organization", "rules"),
    [
        (TODAY, "", ["git", "wiki"]),
        (date(2027, 1, 10), "", ["git"]),
        (TODAY, "seorak", ["wiki"]),
        (date(2028, 1, 10), "hangang", ["git", "later"]),
        (None, "", ["git", "wiki", "later", "plain"]),
    ],
)
def test_a_campaign_asks_about_permits_whose_day_has_come(before, organization, rules):
    assert [each.rule for each in begun(before, organization).rows] == rules


@pytest.mark.parametrize(
    "wish", [Wish(UNTIL, date(2027, 1, 9)), Wish(UNTIL, TODAY, "nowhere"), Wish(NOW, TODAY)]
)
def test_a_campaign_about_nothing_or_that_is_over_is_refused(wish):
    with pytest.raises(Refused):
        start(desk(Paper()), KEEPER, wish)


def test_a_permit_is_in_one_open_campaign_at_a_time():
    paper = begun(date(2027, 1, 10))

    assert [each.rule for each in start(desk(paper), KEEPER, Wish(UNTIL, TODAY))] == ["wiki"]
    with pytest.raises(Refused):
        start(desk(paper), KEEPER, Wish(UNTIL, TODAY))
    assert [rules for _, _, rules in paper.letters] == ["git", "wiki"]


def test_nobody_signs_for_a_rule_they_neither_own_nor_keep():
    paper = begun()

    for user, rule in ((KIM, "git"), (PARK, "git"), (LEE, "wiki")):
        with pytest.raises(Refused, match="not yours"):
            signed(desk(paper), owner(user), rule)

    assert all(each.answer is None for each in paper.rows)


def test_its_owner_signs_and_whoever_keeps_the_policy_does_in_their_place_with_a_note():
    paper = begun()

    assert signed(desk(paper), owner(LEE), "git") is State.KEPT
    with pytest.raises(Refused, match="Say why"):
        signed(desk(paper), KEEPER, "wiki", Answer.END)
    assert signed(desk(paper), KEEPER, "wiki", Answer.END, "Park has left") is State.TO_END

    assert [(each.role, each.answered_by) for each in paper.rows] == [
        ("owner", "lee@hangang"),
        ("policy", KEEPER.name),
    ]


def test_an_owner_of_the_same_name_at_another_company_owns_nothing():
    stranger = owner(person(9, "lee", "seorak"))
    paper = begun()

    assert right_of(desk(paper), stranger, paper.rows[0]) == ""


def test_an_answer_lapses_when_the_rule_says_something_else_and_stands_where_only_its_words_differ():
    paper = begun()
    signed(desk(paper), owner(LEE), "git")
    wider = TEXT.replace("who: [organization:hangang]", "who: [organization:hangang, organization:seorak]")
    reworded = TEXT.replace(
        "owner: lee@hangang, review: 2027", "owner: lee@hangang, ticket: T-1, review: 2029"
    )

    assert desk(paper, text=wider).state(paper.rows[0]) is State.CHANGED
    assert desk(paper, text=reworded).state(paper.rows[0]) is State.KEPT


def test_what_changed_while_somebody_looked_at_it_is_not_signed():
    paper = begun()
    wider = desk(paper, text=TEXT.replace("who: [organization:hangang]", "who: [organization:seorak]"))

    with pytest.raises(Refused, match="has changed"):
        sign(wider, owner(LEE), paper.rows[0], (Answer.KEEP, ""), paper.rows[0].meaning)


def test_whom_the_document_names_now_signs_and_whom_it_named_does_not_any_more():
    paper = begun()
    handed_on = desk(
        paper, text=TEXT.replace("owner: lee@hangang, review: 2027", "owner: kim@hangang, review: 2027")
    )

    assert right_of(handed_on, owner(LEE), paper.rows[0]) == ""
    assert right_of(handed_on, owner(KIM), paper.rows[0]) == "owner"


def test_owners_are_told_at_the_start_three_days_before_and_when_it_is_overdue_once_each():
    paper = begun()
    signed(desk(paper), owner(LEE), "git")

    for now in (UNTIL - 4 * DAY, UNTIL - 3 * DAY, UNTIL - DAY, UNTIL, UNTIL + DAY):
        look(desk(paper, now))

    assert paper.letters == [
        (NoticeKind.REVIEW_ASKED, LEE.id, "git"),
        (NoticeKind.REVIEW_ASKED, PARK.id, "wiki"),
        (NoticeKind.REVIEW_SOON, PARK.id, "wiki"),
        (NoticeKind.REVIEW_OVERDUE, PARK.id, "wiki"),
    ]


def test_an_alarm_names_what_is_not_signed_in_time_or_should_be_gone_and_clears_when_it_is():
    paper = begun()
    signed(desk(paper), owner(LEE), "git", Answer.END)
    look(desk(paper, UNTIL - 1))
    assert paper.alarms == {}

    look(desk(paper, UNTIL))
    assert paper.alarms == {1: "git (lee@hangang); wiki (user:park@seorak)"}

    signed(desk(paper, UNTIL + 1), owner(PARK), "wiki")
    assert paper.alarms == {1: "git (lee@hangang)"}
    without = TEXT.replace(TEXT.splitlines(keepends=True)[5], "")
    look(desk(paper, UNTIL + 2, without))
    assert paper.alarms == {}


def test_closing_says_what_nobody_signed_and_ends_the_alarm():
    paper = begun()
    signed(desk(paper), owner(LEE), "git")
    look(desk(paper, UNTIL))

    with pytest.raises(Refused):
        close(desk(paper, UNTIL), paper, owner(LEE), 1)
    assert list(close(desk(paper, UNTIL), paper, KEEPER, 1).unsigned) == ["wiki"]
    assert (paper.alarms, paper.standing) == ({}, {})
    with pytest.raises(Refused):
        close(desk(paper, UNTIL), paper, KEEPER, 1)


def stopped(fate: Fate) -> Paper:
    """A campaign about both permits that was closed with nobody's signature."""
    paper = Paper()
    start(desk(paper), KEEPER, Wish(UNTIL, TODAY, fate=fate))
    paper.letters.clear()
    close(desk(paper, UNTIL), paper, KEEPER, 1)
    return paper


def test_owners_are_told_before_what_will_come_of_what_they_do_not_sign():
    paper = Paper()
    start(desk(paper), KEEPER, Wish(UNTIL, TODAY, fate=Fate.SILENCE))
    look(desk(paper, UNTIL - DAY))
    announce(desk(paper, UNTIL - DAY), paper, KEEPER, 1, Fate.END)

    told = [NoticeKind.REVIEW_WILL_SILENCE, NoticeKind.REVIEW_WILL_SILENCE, NoticeKind.REVIEW_WILL_END]
    assert [kind for kind, user_id, _ in paper.letters if user_id == LEE.id] == told


def test_no_campaign_ends_harder_than_its_owners_were_told():
    paper = begun()

    for fate in (Fate.SILENCE, Fate.END):
        with pytest.raises(Refused, match=f"review announce 1 --unsigned {fate}"):
            close(desk(paper, UNTIL), paper, KEEPER, 1, fate)
    with pytest.raises(Refused):
        announce(desk(paper), paper, owner(LEE), 1, Fate.END)
    assert (paper.closed, paper.standing) == ({}, {})

    announce(desk(paper), paper, KEEPER, 1, Fate.END)
    close(desk(paper, UNTIL), paper, KEEPER, 1, Fate.SILENCE)
    assert set(paper.standing.values()) == {StandingKind.SILENCE}


@pytest.mark.parametrize(
    ("fate", "kind", "state", "letter"),
    [
        (Fate.SILENCE, StandingKind.SILENCE, State.SILENCED, NoticeKind.REVIEW_SILENCED),
        (Fate.END, StandingKind.ENDING, State.ENDED, NoticeKind.REVIEW_ENDED),
    ],
)
def test_what_nobody_signed_is_stopped_and_its_owners_are_told(fate, kind, state, letter):
    paper = stopped(fate)

    assert paper.standing == {"git": kind, "wiki": kind}
    assert {desk(paper, UNTIL).state(each) for each in paper.open_reviews()} == {state}
    assert paper.letters == [(letter, LEE.id, "git"), (letter, PARK.id, "wiki")]
    look(desk(paper, UNTIL + DAY))
    assert paper.alarms == {}


def test_what_was_signed_is_left_alone_and_what_should_end_ends_where_the_unsigned_are_stopped():
    paper = Paper()
    start(desk(paper), KEEPER, Wish(UNTIL, TODAY, fate=Fate.SILENCE))
    signed(desk(paper), owner(LEE), "git", Answer.END)
    signed(desk(paper), owner(PARK), "wiki")

    assert closing(desk(paper, UNTIL), paper, KEEPER, 1, Fate.KEEP).stops == []
    close(desk(paper, UNTIL), paper, KEEPER, 1)

    assert paper.standing == {"git": StandingKind.ENDING}


def test_a_silenced_rule_speaks_again_with_the_signature_that_keeps_it_and_with_no_other():
    paper = stopped(Fate.SILENCE)

    with pytest.raises(Refused, match="not yours"):
        signed(desk(paper, UNTIL + 1), owner(KIM), "git")
    assert signed(desk(paper, UNTIL + 1), owner(LEE), "git", Answer.END) is State.SILENCED
    assert "git" in paper.standing
    assert signed(desk(paper, UNTIL + 2), owner(LEE), "git") is State.KEPT

    assert paper.standing == {"wiki": StandingKind.SILENCE}
    assert paper.letters[-1] == (NoticeKind.REVIEW_RESUMED, LEE.id, "git")
    with pytest.raises(StopIteration):
        signed(desk(paper, UNTIL + 3), owner(LEE), "git")


def test_an_ended_rule_is_signed_back_by_nobody_and_resumed_by_whoever_keeps_the_policy():
    paper = stopped(Fate.END)

    with pytest.raises(Refused, match="has ended"):
        signed(desk(paper, UNTIL + 1), owner(LEE), "git")
    with pytest.raises(Refused):
        resume(desk(paper, UNTIL + 1), paper, owner(LEE), "git")
    resume(desk(paper, UNTIL + 1), paper, KEEPER, "git")

    assert paper.standing == {"wiki": StandingKind.ENDING}
    assert paper.letters[-1] == (NoticeKind.REVIEW_RESUMED, LEE.id, "git")
    with pytest.raises(Refused, match="No review has stopped git"):
        resume(desk(paper, UNTIL + 1), paper, KEEPER, "git")


def test_a_rule_that_is_stopped_is_in_no_other_campaign_meanwhile():
    paper = stopped(Fate.SILENCE)

    with pytest.raises(Refused):
        start(desk(paper, UNTIL), KEEPER, Wish(UNTIL + DAY, TODAY))


LEFT = TEXT.replace(
    "owner: lee@hangang, review: 2027", "owner: 'gone@hangang, user:old@hangang', review: 2027"
)


def test_where_all_owners_have_left_the_administrators_of_their_company_are_told_and_reminded():
    paper = Paper()
    start(desk(paper, text=LEFT), KEEPER, Wish(UNTIL, TODAY))
    look(desk(paper, UNTIL - 86400, LEFT))
    look(desk(paper, UNTIL - 86400 + 5, LEFT))
    look(desk(paper, UNTIL, LEFT))

    told = [(kind, rules) for kind, user_id, rules in paper.letters if user_id == BOSS.id]
    assert told == [(NoticeKind.REVIEW_OWNER_LEFT, "git")] * 3
    assert (NoticeKind.REVIEW_ASKED, PARK.id, "wiki") in paper.letters


@pytest.mark.parametrize("owner", ["'gone@hangang, lee@hangang'", "IT desk", "'gone@hangang, IT desk'"])
def test_whoever_is_still_here_or_is_a_department_is_passed_over_for_nobody(owner):
    paper = Paper()
    text = TEXT.replace("owner: lee@hangang, review: 2027", f"owner: {owner}, review: 2027")

    start(desk(paper, text=text), KEEPER, Wish(UNTIL, TODAY))

    assert BOSS.id not in {user_id for _, user_id, _ in paper.letters}


def test_a_stopped_rule_that_the_document_has_no_more_is_listed_no_more_and_stays_stopped():
    paper = begun()
    announce(desk(paper), paper, KEEPER, 1, Fate.END)
    close(desk(paper, UNTIL), paper, KEEPER, 1)
    without = TEXT.replace(TEXT[TEXT.index("  - {id: git") : TEXT.index("  - {id: wiki")], "")

    assert [each.rule for each in listed(desk(paper, UNTIL))] == ["git", "wiki"]
    assert [each.rule for each in listed(desk(paper, UNTIL, without))] == ["wiki"]
    assert paper.standing["git"] is StandingKind.ENDING
    assert [each.rule for each in listed(desk(paper, UNTIL))] == ["git", "wiki"]
