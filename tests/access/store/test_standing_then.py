"""What stood beside the document at each moment of a window, without a look at every rule for every login."""

from access.policy.compiled import compile
from access.policy.document import load
from access.policy.standing import Kept, Standing, StandingKind, State
from access.store.standing_then import StandingThen

POLICY = compile(load("version: 1\nnetworks:\n  git: {organization: hangang, to: [10.99.0.128/28]}\n"))
MOMENTS = [each / 2 for each in range(20)]


def rule(number: int, created_at: float, began_at: float | None, ended_at: float | None) -> Kept:
    standing = Standing(number, StandingKind.CONTAINMENT, ("user:kim@hangang",), ("*",), created_at)
    state = State.ENDED if ended_at is not None else State.STANDING
    return Kept(standing, created_at=created_at, began_at=began_at, ended_at=ended_at, state=state)


ROWS = [
    rule(1, 0.0, 0.0, None),
    rule(2, 1.0, 1.0, 3.0),
    rule(3, 1.0, 4.0, 4.5),
    rule(4, 5.0, None, 7.0),
    rule(5, 3.0, 3.0, 3.0),
    rule(6, 6.0, 6.0, 8.0),
]


def test_at_every_moment_those_stand_that_stood_in_whatever_order_moments_are_asked_of():
    then = StandingThen(ROWS)

    for moment in (*MOMENTS, *reversed(MOMENTS)):
        stood = {row.standing.id for row in ROWS if row.stood(moment)}
        assert then.beside(POLICY, moment).beside.rules.keys() == stood, moment


def test_a_policy_is_made_anew_only_where_something_began_or_ended(monkeypatch):
    then, asked = StandingThen(ROWS), []
    stood = Kept.stood
    monkeypatch.setattr(Kept, "stood", lambda row, moment: asked.append(moment) or stood(row, moment))

    between = [then.beside(POLICY, moment) for moment in (5.0, 5.25, 5.5, 5.75)]
    after = then.beside(POLICY, 6.0)

    assert all(each is between[0] for each in between)
    assert after is not between[0]
    assert len(asked) == 2 * len(ROWS)
