"""Campaigns in which owners sign whether permits are still needed: started, answered, reminded of. ▸

A campaign asks about permits of the document, each until a moment. Whom the rule names as its owner signs
`keep` or `end`; whoever keeps the policy may in their place, and the record says so. What is signed counts
for what the rule said then: once it says something else, it waits for its owner again. No answer changes the
document. What is not signed in time, or was signed `end` and is still there, stands in an alarm until it is
signed, or the permit is gone, or the campaign is closed (access.changes.review_closing).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from access.errors import Refused
from access.model import Bilingual, User
from access.policy.compiled import Policy
from access.policy.named_owners import OwnerPorts, owner_named, owns
from access.policy.reviews import fingerprint, names_in, permit_of, to_review
from access.policy.vocabulary import Document, Rule
from access.post.letters import Notice
from access.post.notice_words import NoticeKind

SOON_S = 3 * 86400.0
LONGEST_TEXT = 500


class Answer(StrEnum):
    """What an owner signs."""

    KEEP = "keep"
    END = "end"


class Fate(StrEnum):
    """What becomes of a permit that is not signed when its campaign is closed, the mildest first."""

    KEEP = "keep"
    SILENCE = "silence"
    END = "end"


class State(StrEnum):
    """Where a permit stands in its review; STATES says it to people."""

    WAITS = "waits"
    CHANGED = "changed"
    KEPT = "kept"
    TO_END = "to-end"
    SILENCED = "silenced"
    ENDED = "ended"
    GONE = "gone"


STATES = {
    State.WAITS: Bilingual(ko="서명을 기다림", en="waits to be signed"),
    State.CHANGED: Bilingual(ko="서명한 뒤 규칙이 바뀜", en="changed since it was signed"),
    State.KEPT: Bilingual(ko="유지", en="kept"),
    State.TO_END: Bilingual(ko="끝내기로 함, 아직 정책에 있음", en="to end, still in the policy"),
    State.SILENCED: Bilingual(ko="서명할 때까지 멈춤", en="silenced until it is signed"),
    State.ENDED: Bilingual(ko="검토에서 끝냄", en="ended by its review"),
    State.GONE: Bilingual(ko="정책에서 빠짐", en="gone from the policy"),
}


class Told(StrEnum):
    """What an owner was last told of, in this order."""

    ASKED = "asked"
    SOON = "soon"
    OVERDUE = "overdue"


_LETTERS = {
    Told.ASKED: NoticeKind.REVIEW_ASKED,
    Told.SOON: NoticeKind.REVIEW_SOON,
    Told.OVERDUE: NoticeKind.REVIEW_OVERDUE,
}
_WARNINGS = {
    Fate.SILENCE: NoticeKind.REVIEW_WILL_SILENCE,
    Fate.END: NoticeKind.REVIEW_WILL_END,
}


@dataclass(frozen=True, slots=True)
class Review:
    """One permit in one campaign. meaning: the fingerprint of what it said at the start.

    owner: whom the rule named then. answered_meaning: what it said when it was signed. role: by what right,
    "owner" or "policy". until: seconds since the epoch. fate: what its owner was told will come of it
    unsigned, and once it is closed, what did; stopped: the number of what stops it since then. day: the
    review day that the rule named at the start.
    """

    id: int
    campaign: int
    rule: str
    meaning: str
    owner: str
    until: float
    started_at: float
    started_by: str
    told: Told = Told.ASKED
    answer: Answer | None = None
    answered_meaning: str = ""
    answered_by: str = ""
    answered_at: float | None = None
    role: str = ""
    note: str = ""
    fate: Fate = Fate.KEEP
    stopped: int | None = None
    closed_at: float | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Who acts. user None: whoever has the machine. keeps: whether they keep the rules in question."""

    name: str
    user: User | None = None
    keeps: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """A campaign that somebody wants. before: only permits whose day is then or earlier; None: all.

    organization: only those that speak for it, "" for all. fate: what is announced for the unsigned.
    """

    until: float
    before: date | None
    organization: str = ""
    fate: Fate = Fate.KEEP


class ReviewPorts(OwnerPorts, Protocol):
    """What reviews need of the world. Any of it may raise Unavailable."""

    def open_reviews(self) -> Sequence[Review]:
        """The permits of every campaign that is not closed, and what closed ones have stopped, in order."""

    def answering_for(self, name: str) -> Sequence[User]:
        """The administrators of the company of name@organization; of the head office where it has none."""

    def start(self, wanted: Sequence[Review], notices: Sequence[Notice], now: float) -> Sequence[Review]:
        """Write down a campaign of what no open one asks about, with its number; () where there is none."""

    def sign(self, signed: Review, notices: Sequence[Notice], now: float) -> bool:
        """Write down an answer, and let speak again what it stops no more; False where that is over."""

    def tell(self, told: Sequence[Review], notices: Sequence[Notice], now: float) -> None:
        """Write down what owners are told of, with the letters."""

    def alarm(self, campaign: int, note: str, now: float) -> None:
        """Raise the alarm of a campaign, or clear it with an empty note."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where permits are reviewed: the world, the policy in force, the moment."""

    ports: ReviewPorts
    policy: Policy | None
    now: float

    @property
    def document(self) -> Document | None:
        """The document in force."""
        return self.policy.document if self.policy is not None else None

    def rule(self, review: Review) -> Rule | None:
        """The permit as it is now; None where it is gone."""
        return permit_of(self.document, review.rule) if self.document is not None else None

    def state(self, review: Review) -> State:
        """Where a permit stands now."""
        rule = self.rule(review)
        if rule is None:
            return State.GONE
        if review.stopped is not None:
            return State.ENDED if review.fate is Fate.END else State.SILENCED
        if review.answer is None:
            return State.WAITS
        if review.answered_meaning != fingerprint(rule):
            return State.CHANGED
        return State.KEPT if review.answer is Answer.KEEP else State.TO_END


def start(desk: Desk, by: By, wish: Wish) -> Sequence[Review]:
    """Return the permits of a new campaign. Raises Refused where nobody has to look at any."""
    if wish.until <= desk.now:
        raise Refused("The last day is over already.", "마지막 날이 이미 지났습니다.")
    document = desk.document
    rules = list(to_review(document, wish.before, wish.organization)) if document is not None else []
    wanted = [asked_of(desk, rule, wish.until, by.name, wish.fate) for rule in rules]
    busy = {each.rule for each in desk.ports.open_reviews()}
    wanted = [each for each in wanted if each.rule not in busy]
    started = desk.ports.start(wanted, told_first(desk, wanted), desk.now) if wanted else ()
    if not started:
        raise Refused(
            "No permit is due for review, or all that are due are in an open campaign.",
            "검토할 규칙이 없거나 모두 이미 검토 중입니다.",
        )
    return started


def asked_of(desk: Desk, rule: Rule, until: float, by: str, fate: Fate = Fate.KEEP) -> Review:
    """Return the question about a permit that a campaign is begun with."""
    meaning = fingerprint(rule)
    return Review(0, 0, rule.id, meaning, rule.owner, until, desk.now, by, fate=fate, day=rule.review)


def told_first(desk: Desk, wanted: Sequence[Review]) -> list[Notice]:
    """Return what owners are told of a campaign that begins."""
    return _reminders(desk, Told.ASKED, wanted)


def right_of(desk: Desk, by: By, review: Review) -> str:
    """Return by what right somebody may sign: "owner", "policy", or "" for none."""
    rule = desk.rule(review)
    if rule is None:
        return ""
    if by.user is not None and is_owner(desk, rule, by.user):
        return "owner"
    return "policy" if by.keeps else ""


def is_owner(desk: Desk, rule: Rule, user: User) -> bool:
    """Return whether somebody is whom the rule calls its owner, alone or among others."""
    return owns(desk.ports, f"rule {rule.id}", names_in(rule.owner), user)


def sign(desk: Desk, by: By, review: Review, said: tuple[Answer, str], seen: str) -> Review:
    """Return the review as signed. said: the answer and a note; seen: what the rule said to who signs.

    Raises Refused.
    """
    answer, note = said
    rule, right = desk.rule(review), right_of(desk, by, review)
    if rule is None or not right:
        raise Refused("That is not yours to sign.", "서명할 수 있는 규칙이 아닙니다.")
    if seen != fingerprint(rule):
        raise Refused(
            "The rule has changed since you looked: look at it again.",
            "그 사이 규칙이 바뀌었습니다. 다시 확인해 주세요.",
        )
    if right == "policy" and not note.strip():
        raise Refused("Say why you sign for its owner.", "소유자 대신 서명하는 사유를 적어 주세요.")
    if desk.state(review) is State.ENDED:
        raise Refused(
            "The rule has ended. Ask whoever keeps the policy to let it speak again.",
            "이미 끝난 규칙입니다. 정책을 관리하는 담당자에게 되살려 달라고 요청해 주세요.",
        )
    resumes = review.stopped is not None and answer is Answer.KEEP
    signed = replace(
        review,
        answer=answer,
        answered_meaning=seen,
        answered_by=by.name,
        answered_at=desk.now,
        role=right,
        note=note.strip()[:LONGEST_TEXT],
        stopped=None if resumes else review.stopped,
    )
    told = letters(desk, NoticeKind.REVIEW_RESUMED, [review]) if resumes else []
    if not desk.ports.sign(signed, told, desk.now):
        raise Refused("The campaign is closed.", "이미 마감된 검토입니다.")
    look(desk)
    return signed


def unsigned(desk: Desk, campaign: int) -> list[Review]:
    """Return what nobody has signed of an open campaign."""
    rows = desk.ports.open_reviews()
    return [
        each
        for each in rows
        if each.campaign == campaign
        and each.closed_at is None
        and desk.state(each) in (State.WAITS, State.CHANGED)
    ]


def remind(desk: Desk, by: By, campaign: int) -> Sequence[Notice]:
    """Tell owners now who have not signed what they are told three days before the end. Raises Refused."""
    due = [each for each in unsigned(desk, campaign) if each.told is Told.ASKED and desk.now < each.until]
    told = _reminders(desk, Told.SOON, due)
    if not by.keeps or not told:
        raise Refused(
            "There is nobody to remind: all have signed, were reminded before, or are no users.",
            "알릴 사람이 없습니다. 모두 서명했거나, 이미 알렸거나, 사용자가 아닙니다.",
        )
    desk.ports.tell([replace(each, told=Told.SOON) for each in due], told, desk.now)
    return told


def look(desk: Desk) -> None:
    """Remind owners, and raise or clear the alarm of every open campaign. Raises Unavailable."""
    rows = [each for each in desk.ports.open_reviews() if each.closed_at is None]
    for told in (Told.SOON, Told.OVERDUE):
        due = [each for each in rows if _to_tell(desk, each) is told]
        if due:
            desk.ports.tell([replace(each, told=told) for each in due], _reminders(desk, told, due), desk.now)
    for campaign in sorted({each.campaign for each in rows}):
        late = [each for each in rows if each.campaign == campaign and _is_late(desk, each)]
        note = "; ".join(f"{each.rule} ({_owner(desk, each)})" for each in late)
        desk.ports.alarm(campaign, note, desk.now)


def _to_tell(desk: Desk, review: Review) -> Told | None:
    """What the owner has to be told of now; None where they were, or need not be."""
    if desk.state(review) not in (State.WAITS, State.CHANGED):
        return None
    if desk.now >= review.until:
        return Told.OVERDUE if review.told is not Told.OVERDUE else None
    soon = desk.now >= review.until - SOON_S
    return Told.SOON if soon and review.told is Told.ASKED else None


def _is_late(desk: Desk, review: Review) -> bool:
    return desk.now >= review.until and desk.state(review) not in (State.KEPT, State.GONE)


def _owner(desk: Desk, review: Review) -> str:
    rule = desk.rule(review)
    return (rule.owner if rule is not None else review.owner) or "-"


def _reminders(desk: Desk, told: Told, reviews: Sequence[Review]) -> list[Notice]:
    """What owners are told of a review that goes on, and of what will come of what they do not sign.

    Where all of them have left, the administrators of their company are told instead: those may sign.
    """
    kinds = {each.fate: _LETTERS[told] for each in reviews}
    if told is not Told.OVERDUE:
        kinds |= {fate: kind for fate, kind in _WARNINGS.items() if fate in kinds}
    return [
        letter
        for fate, kind in sorted(kinds.items())
        for letter in letters(desk, kind, [each for each in reviews if each.fate is fate])
    ] + _to_administrators(desk, reviews)


def listed(desk: Desk) -> list[Review]:
    """Return what people are shown: all but stopped permits that the document has no more.

    What stops those stays, or whoever puts an earlier document back would put them in force again; they are
    listed again with the document that has them.
    """
    rows = desk.ports.open_reviews()
    return [each for each in rows if each.stopped is None or desk.rule(each) is not None]


def owners_left(desk: Desk, review: Review) -> tuple[str, ...]:
    """Return the owners of a permit where all of them are people and none of them is here any more."""
    names = _names(desk, review)
    left = all("@" in name and _who(desk, review, name) is None for name in names)
    return tuple(names) if left else ()


def _to_administrators(desk: Desk, reviews: Sequence[Review]) -> list[Notice]:
    theirs: dict[int, dict[str, None]] = {}
    for each in reviews:
        for name in owners_left(desk, each):
            for user in desk.ports.answering_for(name):
                theirs.setdefault(user.id, {})[each.rule] = None
    return [
        Notice(NoticeKind.REVIEW_OWNER_LEFT, user_id, 0, desk.now, {"name": _listed(rules)})
        for user_id, rules in sorted(theirs.items())
    ]


def _names(desk: Desk, review: Review) -> list[str]:
    return names_in(_owner(desk, review))


def _who(desk: Desk, review: Review, name: str) -> User | None:
    return owner_named(desk.ports, f"rule {review.rule}", name)


def _listed(rules: Iterable[str]) -> str:
    return ", ".join(rules)[:LONGEST_TEXT]


def warnings(desk: Desk, fate: Fate, reviews: Sequence[Review]) -> list[Notice]:
    """What owners are told of what will come of what they do not sign."""
    told = letters(desk, _WARNINGS.get(fate, NoticeKind.REVIEW_ASKED), reviews)
    return told + _to_administrators(desk, reviews)


def letters(desk: Desk, kind: NoticeKind, reviews: Iterable[Review]) -> list[Notice]:
    """One letter to each owner who is a user, about all of theirs; whose company it is the store fills in."""
    theirs: dict[int, dict[str, None]] = {}
    for each in reviews:
        found = [_who(desk, each, name) for name in _names(desk, each) if "@" in name]
        for user in found:
            if user is not None:
                theirs.setdefault(user.id, {})[each.rule] = None
    return [Notice(kind, user_id, 0, desk.now, {"name": _listed(rules)}) for user_id, rules in theirs.items()]
