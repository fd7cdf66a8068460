"""When a flow was cut is judged by when what arrived was sent, not by when somebody read it."""

import pytest

from deploy.demo.flows import RECORD, Direction

BEATS = [float(at) for at in range(90, 111)]


def direction(arrived: list[float]) -> Direction:
    """A record was sent each second, and these arrived, the rest of one more among them."""
    made = Direction(send=lambda _: None, receive=lambda _: b"", sent=BEATS)
    made.heard += b"".join(RECORD.pack(BEATS.index(at), at) for at in arrived) + b"\0"
    return made


@pytest.mark.parametrize(
    ("until", "is_cut"),
    [(97.0, False), (98.0, False), (99.0, True), (100.0, True), (101.0, False), (110.0, False)],
)
def test_a_flow_is_cut_at_a_moment_when_nothing_is_lost_before_and_nothing_arrives_after(until, is_cut):
    way = direction([at for at in BEATS if at <= until])

    assert way.is_cut_at(100.0, within_s=1.0) is is_cut


def test_who_sent_nothing_for_a_while_has_lost_nothing():
    way = direction(BEATS[:6])
    way.sent = [*BEATS[:6], 100.0]

    assert way.is_cut_at(100.0, within_s=1.0)
    assert not way.is_cut_at(102.0, within_s=1.0)
