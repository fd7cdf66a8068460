from radius.eap.kept_sessions import KeptSessions
from radius.login import Proven
from radius.questions import Method

KIM = Proven("user-kim", "kim", Method.EAP_TTLS_PAP, 900.0, "ticket")
HOURS = 3600.0


def test_what_was_kept_is_found_for_a_lifetime():
    sessions = KeptSessions(8 * HOURS, 10)

    assert sessions.keep([b"a", b"b"], KIM, None, now=0.0)

    assert sessions.find(b"a", 8 * HOURS - 1).proven == KIM
    assert sessions.find(b"b", 0.0).began == 0.0
    assert sessions.find(b"a", 8 * HOURS) is None
    assert sessions.find(b"c", 0.0) is None


def test_a_session_resumed_in_time_is_kept_on_and_never_made_younger():
    sessions = KeptSessions(8 * HOURS, 10)
    sessions.keep([b"first"], KIM, None, now=0.0)

    assert sessions.keep([b"second"], KIM, 0.0, now=3 * HOURS)

    assert sessions.find(b"second", 7 * HOURS).began == 0.0
    assert sessions.find(b"second", 8 * HOURS) is None


def test_a_session_resumed_late_is_not_kept_on():
    sessions = KeptSessions(8 * HOURS, 10)

    assert not sessions.keep([b"second"], KIM, 0.0, now=4 * HOURS)

    assert sessions.find(b"second", 4 * HOURS) is None
    # What OpenSSL keeps for half a lifetime from now on would outlive it.
    assert sessions.session_s == 4 * HOURS


def test_no_lifetime_keeps_nothing():
    sessions = KeptSessions(0.0, 10)

    assert not sessions.keep([b"a"], KIM, None, now=0.0)

    assert len(sessions) == 0


def test_the_oldest_go_where_there_are_too_many():
    sessions = KeptSessions(8 * HOURS, 3)

    for number in range(5):
        sessions.keep([b"%d" % number], KIM, None, now=float(number))

    assert len(sessions) == 3
    assert [sessions.find(b"%d" % number, 5.0) is not None for number in range(5)] == [False] * 2 + [True] * 3


def test_what_was_proven_shows_no_ticket():
    assert "secret" not in repr(Proven("1", "kim", Method.PAP, None, "secret"))
