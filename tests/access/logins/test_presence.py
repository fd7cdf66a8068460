from dataclasses import replace

import pytest

from access.logins.presence import GRACE_S, UNREPORTED_S, Presence, Present

NOW = 1_800_000_000.0
LAPTOP, PHONE, TABLET = "00:00:5e:00:53:01", "00:00:5e:00:53:02", "00:00:5e:00:53:03"
ONE = Present(b"1", 1, 7, LAPTOP, NOW, valid_until=NOW + 3600)
LIVE = replace(ONE, heard_at=NOW, interim_s=300.0)


def counting(*sessions):
    presence = Presence(intervals=3)
    presence.put_all(sessions)
    return presence


def test_endpoints_are_counted_and_the_one_that_asks_is_none_of_the_others():
    again = replace(ONE, class_=b"2")
    other = replace(ONE, class_=b"3", station=PHONE)
    presence = counting(ONE, again, other)

    assert presence.others_of_user(7, LAPTOP, NOW) == 1
    assert presence.others_of_user(7, TABLET, NOW) == 2
    assert presence.others_of_user(8, TABLET, NOW) == 0


def test_what_was_granted_here_is_not_forgotten_by_a_reading_of_the_moment_before():
    other = replace(ONE, class_=b"2", station=PHONE)
    presence = counting()
    presence.grant(ONE)

    presence.put_all([other])
    presence.put_all([])

    assert presence.others_of_user(7, TABLET, NOW) == 1
    assert presence.others_of_user(7, LAPTOP, NOW) == 0


@pytest.mark.parametrize("tell", ["put", "put_all", "remove"])
def test_what_was_granted_here_and_read_once_goes_like_any_other(tell):
    presence = counting()
    presence.grant(ONE)

    getattr(presence, tell)({"put": replace(ONE), "put_all": [replace(ONE)], "remove": ONE.class_}[tell])
    presence.put_all([])

    assert presence.others_of_user(7, TABLET, NOW) == 0


def test_a_session_that_logs_in_again_goes_on_as_it_was_with_another_end():
    presence = counting(replace(ONE, heard_at=NOW))
    presence.grant(replace(ONE, admitted_at=NOW + 3000, valid_until=NOW + 9000))

    assert presence.others_of_user(7, TABLET, NOW + 9000 + GRACE_S) == 1
    assert presence.others_of_user(7, TABLET, NOW + 9001 + GRACE_S) == 0


def test_what_was_granted_here_and_is_never_read_is_not_kept_for_ever():
    presence = counting()
    presence.grant(ONE)
    presence.grant(replace(ONE, class_=b"2", station=PHONE, admitted_at=NOW + UNREPORTED_S + 1))

    presence.put_all([])

    assert set(presence._sessions) == {b"2"}


def test_an_organization_is_counted_with_its_printers():
    printer = replace(ONE, class_=b"2", user_id=None, station=PHONE)
    foreign = replace(ONE, class_=b"3", organization_id=2, station=TABLET)
    presence = counting(ONE, printer, foreign)

    assert presence.others_of_organization(1, "", NOW) == 2
    assert presence.others_of_organization(2, "", NOW) == 1


def test_sessions_whose_nas_names_no_endpoint_are_each_their_own():
    unnamed = replace(ONE, station="")

    assert counting(unnamed, replace(unnamed, class_=b"2")).others_of_user(7, "", NOW) == 2


@pytest.mark.parametrize(
    ("session", "after_s", "counts"),
    [
        (ONE, UNREPORTED_S, 1),
        (ONE, UNREPORTED_S + 1, 0),
        (LIVE, 900, 1),
        (LIVE, 901, 0),
        (replace(LIVE, interim_s=None), 3600 + GRACE_S, 1),
        (replace(LIVE, interim_s=None), 3601 + GRACE_S, 0),
        (replace(LIVE, interim_s=None, valid_until=None), 1e9, 1),
        (replace(LIVE, leaving=True), 0, 0),
    ],
)
def test_what_is_left_over_jams_nothing(session, after_s, counts):
    assert counting(session).others_of_user(7, PHONE, NOW + after_s) == counts


def test_a_session_that_has_ended_counts_no_more_and_one_that_was_never_known_does_no_harm():
    presence = counting(ONE)

    presence.remove(ONE.class_)
    presence.remove(b"never known")

    assert presence.others_of_user(7, PHONE, NOW) == presence.others_of_organization(1, PHONE, NOW) == 0


def test_a_session_that_changes_is_counted_as_it_is_now():
    presence = counting(ONE)

    presence.put(replace(ONE, user_id=8))

    assert presence.others_of_user(7, PHONE, NOW) == 0
    assert presence.others_of_user(8, PHONE, NOW) == 1
