"""An alarm a month, a week and a day before a certificate ends."""

import pytest

from access.certificates.ending import DAY_S, Ending, due, over

SERVER = Ending("server certificate", 100 * DAY_S)


@pytest.mark.parametrize(
    ("day", "subject", "note"),
    [
        (69.9, None, ""),
        (70, "server certificate, 30 days", "it ends in 30 days"),
        (92.9, "server certificate, 30 days", "it ends in 7 days"),
        (93, "server certificate, 7 days", "it ends in 7 days"),
        (99, "server certificate, 1 days", "it ends in 1 days"),
        (101, "server certificate, 1 days", "it has ended"),
    ],
)
def test_the_nearer_the_end_the_newer_the_alarm(day, subject, note):
    alarm = due(SERVER, day * DAY_S)

    assert (alarm and alarm.subject, alarm.note if alarm else "") == (subject, note)


def test_the_alarms_before_are_over_with_the_next_and_all_with_a_new_certificate():
    assert over(SERVER, due(SERVER, 95 * DAY_S)) == [
        "server certificate, 30 days",
        "server certificate, 1 days",
    ]
    assert len(list(over(SERVER, None))) == 3
