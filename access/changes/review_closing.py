"""How a campaign of reviews is closed: what becomes of what nobody signed, and letting it speak again. ▸

What a review stops, it stops beside the document, under the id of the rule: nobody publishes anything, and
every door and every live session holds it at once. What is silenced speaks again with the signature that
keeps it; what is ended, with whoever keeps the policy. What its owner signed `end` ends where the unsigned
are stopped at all. Owners are told before: no campaign ends harder than it was announced to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from access.changes.outlook import Excess, Preview, taken_by
from access.changes.publishing import Taken
from access.changes.reviewing import By, Desk, Fate, Review, ReviewPorts, State, letters, warnings
from access.errors import Refused
from access.policy.compiled import Policy
from access.policy.standing import Standing, StandingKind
from access.post.letters import Notice
from access.post.notice_words import NoticeKind

UNSIGNED = (State.WAITS, State.CHANGED)
_HARDER = list(Fate)


@dataclass(frozen=True, slots=True)
class Stop:
    """A permit that its review stops. standing: how, with whom to ask."""

    review: Review
    standing: Standing

    @property
    def fate(self) -> Fate:
        """What becomes of it."""
        return Fate.END if self.standing.kind is StandingKind.ENDING else Fate.SILENCE


@dataclass(frozen=True, slots=True)
class Closing:
    """A campaign that is over. unsigned: the rules nobody has signed for. rows: all its permits as seen.

    by_id: who closes it, where that is a user of ours; taken: from whom that takes something.
    """

    campaign: int
    by: str
    fate: Fate
    unsigned: Sequence[str]
    stops: Sequence[Stop]
    rows: Sequence[Review] = ()
    by_id: int | None = None
    taken: Taken = field(default_factory=dict)

    def saw(self, rows: Sequence[Review]) -> bool:
        """Whether nothing has been signed, announced or closed since: of these rows it says the same."""
        return list(map(_said_of, rows)) == list(map(_said_of, self.rows))


@dataclass(frozen=True, slots=True)
class After:
    """What a closing leaves: the policy without what it stops, who loses what, and where that is a lot."""

    policy: Policy
    preview: Preview
    beyond: tuple[Excess, ...]


def without_stopped(policy: Policy, planned: Closing) -> Policy:
    """Return the policy as it speaks once a campaign is closed so."""
    # They have no numbers yet; nothing that stands has one below zero.
    stops = [(-number, each.standing) for number, each in enumerate(planned.stops, 1)]
    return policy.with_standing(stops, policy.beside.revision)


class ClosingPorts(ReviewPorts, Protocol):
    """What closing needs of the world besides."""

    def announce(self, campaign: int, fate: Fate, notices: Sequence[Notice], by: str, now: float) -> bool:
        """Write down what will come of what nobody signs, with the letters; False where it is closed."""

    def close(self, closing: Closing, notices: Sequence[Notice], now: float) -> bool:
        """End a campaign and put in force what it stops, with the letters; False where it has changed."""

    def resume(self, review: Review, by: str, notices: Sequence[Notice], now: float) -> bool:
        """Let speak again what a review has stopped; False where it does."""


def announce(desk: Desk, ports: ClosingPorts, by: By, campaign: int, fate: Fate) -> None:
    """Tell the owners of what is not signed what will come of it. Raises Refused."""
    rows = _open(ports, campaign)
    waiting = [each for each in rows if desk.state(each) in UNSIGNED]
    told = warnings(desk, fate, waiting)
    if not rows or not by.keeps or not ports.announce(campaign, fate, told, by.name, desk.now):
        raise _not_open(campaign)


def closing(desk: Desk, ports: ClosingPorts, by: By, campaign: int, fate: Fate | None = None) -> Closing:
    """Return what closing a campaign would do; fate None: what was announced. Raises Refused."""
    rows = _open(ports, campaign)
    if not rows or not by.keeps:
        raise _not_open(campaign)
    announced = rows[0].fate
    fate = announced if fate is None else fate
    if _HARDER.index(fate) > _HARDER.index(announced):
        command = f"officegate policy review announce {campaign} --unsigned {fate}"
        raise Refused(
            f"Their owners were not told that. Tell them first: {command}",
            f"소유자에게 먼저 알려야 합니다: {command}",
        )
    unsigned = [each.rule for each in rows if desk.state(each) in UNSIGNED]
    by_id = by.user.id if by.user is not None else None
    return Closing(campaign, by.name, fate, unsigned, _stops(desk, by, rows, fate), rows, by_id)


def close(desk: Desk, ports: ClosingPorts, by: By, campaign: int, fate: Fate | None = None) -> Closing:
    """Close a campaign, and return what came of it. Raises Refused."""
    return carry_out(desk, ports, closing(desk, ports, by, campaign, fate))


def carry_out(desk: Desk, ports: ClosingPorts, ended: Closing, seen: Preview | None = None) -> Closing:
    """Close a campaign as somebody has looked at it, and return that. Raises Refused.

    seen: what it takes, None where it stops nothing.
    """
    ended = replace(ended, taken=taken_by(seen) if seen is not None else {})
    kinds = {Fate.SILENCE: NoticeKind.REVIEW_SILENCED, Fate.END: NoticeKind.REVIEW_ENDED}
    told = [
        letter
        for fate, kind in kinds.items()
        for letter in letters(desk, kind, [each.review for each in ended.stops if each.fate is fate])
    ]
    if not ports.close(ended, told, desk.now):
        if not _open(ports, ended.campaign):
            raise _not_open(ended.campaign)
        raise Refused(
            "Somebody has signed or changed something meanwhile. Look at it again.",
            "그 사이 누군가 서명했거나 바뀐 것이 있습니다. 다시 확인하십시오.",
        )
    return ended


def resume(desk: Desk, ports: ClosingPorts, by: By, rule: str) -> None:
    """Let a rule speak again that a review has stopped, signed or not. Raises Refused."""
    stopped = [each for each in ports.open_reviews() if each.rule == rule and each.stopped is not None]
    told = letters(desk, NoticeKind.REVIEW_RESUMED, stopped)
    if not stopped or not by.keeps or not ports.resume(stopped[0], by.name, told, desk.now):
        raise Refused(f"No review has stopped {rule}.", f"검토에서 멈춘 규칙이 아닙니다: {rule}")


def _stops(desk: Desk, by: By, rows: Sequence[Review], fate: Fate) -> list[Stop]:
    if fate is Fate.KEEP:
        return []
    of_unsigned = StandingKind.ENDING if fate is Fate.END else StandingKind.SILENCE
    kinds = dict.fromkeys(UNSIGNED, of_unsigned) | {State.TO_END: StandingKind.ENDING}
    return [
        Stop(each, _stopping(desk, by, each, kinds[state]))
        for each in rows
        if (state := desk.state(each)) in kinds
    ]


def _stopping(desk: Desk, by: By, review: Review, kind: StandingKind) -> Standing:
    rule = desk.rule(review)
    return Standing(
        id=0,
        kind=kind,
        who=(),
        objects=(review.rule,),
        created_at=desk.now,
        owner=rule.owner if rule is not None else review.owner,
        created_by=by.name,
        reason=f"review {review.campaign}",
    )


def _said_of(row: Review) -> tuple[object, ...]:
    return row.id, row.answer, row.answered_meaning, row.fate


def _open(ports: ClosingPorts, campaign: int) -> list[Review]:
    return [each for each in ports.open_reviews() if each.campaign == campaign and each.closed_at is None]


def _not_open(campaign: int) -> Refused:
    return Refused(f"No campaign {campaign} is open.", f"열려 있는 검토 {campaign}이(가) 없습니다.")
