"""A login whose rule a review has stopped is refused by a RADIUS worker that heard of it, until it speaks."""

from access.model import Reason
from access.policy.standing import Standing, StandingKind
from radius.questions import Granted
from tests.access.doors import Doors

SILENCE = Standing(4, StandingKind.SILENCE, (), ("staff",), owner="lee@hangang")


def test_a_worker_lets_nobody_in_by_a_rule_that_is_silenced_and_does_once_it_speaks_again():
    doors = Doors()
    user = doors.password().user
    assert isinstance(doors.authorize(user=user), Granted)

    doors.memory.put_standing([(4, SILENCE)], 1)
    refused = doors.authorize(user=user)
    assert refused.record["entry"]["reason"] == Reason.CONDITION_FAILED
    doors.memory.put_standing([(4, None)], 2)

    assert isinstance(doors.authorize(user=user), Granted)
