"""Sessions out of reports that are lost, repeated and disordered."""

from dataclasses import replace
from ipaddress import ip_address
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from radius.accounting import (
    TERMINATED_BY_NAS_REBOOT,
    Event,
    SessionKey,
    Status,
    Takeover,
    apply,
    event_of,
    next_state,
    restarted,
    takeovers,
    without,
)
from radius.facts import Facts, Usage
from radius.questions import Account, AccountKind

KEY = SessionKey("gw", "s1")
OTHER = SessionKey("gw", "s2")
FIRST, SECOND = ip_address("10.0.0.1"), ip_address("10.0.0.2")
START, INTERIM, STOP = AccountKind.START, AccountKind.INTERIM, AccountKind.STOP


def event(kind, at, key=KEY, address=FIRST, class_=(b"class",), **usage):
    return Event(kind, key, at, "kim", class_, Facts(framed_ip=address), Usage(**usage))


def after(*events):
    session = None
    for each in events:
        session = next_state(session, each)
    return session


def test_a_session_begins_goes_on_and_ends():
    session = after(event(START, 100))
    assert (session.status, session.started_at, session.addresses) == (Status.OPEN, 100, {FIRST})

    session = next_state(session, event(INTERIM, 160, session_time_s=60, octets_in=5))
    assert (session.status, session.usage.octets_in) == (Status.OPEN, 5)

    session = next_state(session, event(STOP, 200, session_time_s=100, octets_in=9, cause=1))
    assert (session.status, session.stopped_at, session.usage.cause) == (Status.CLOSED, 200, 1)


def test_an_interim_or_a_stop_alone_tells_when_the_session_began():
    assert after(event(INTERIM, 160, session_time_s=60)).started_at == 100
    session = after(event(STOP, 200, session_time_s=100))
    assert (session.status, session.started_at, session.stopped_at) == (Status.CLOSED, 100, 200)


def test_every_order_and_every_repetition_ends_in_the_same_session():
    events = [
        event(START, 100),
        event(INTERIM, 160, session_time_s=60, octets_out=7),
        event(STOP, 200, session_time_s=100, octets_out=9),
    ]
    expected = after(*events)

    for order in permutations(events):
        session = after(*order, *order)
        assert session.status is Status.CLOSED
        assert (session.started_at, session.stopped_at) == (expected.started_at, expected.stopped_at)
        assert session.usage == expected.usage


@given(st.lists(st.sampled_from([START, INTERIM, STOP]), min_size=1, max_size=8), st.data())
@settings(max_examples=60, derandomize=True, deadline=None)
def test_a_session_that_has_stopped_stays_so(kinds, data):
    times = [data.draw(st.integers(0, 100)) for _ in kinds]

    session, stopped = None, False
    for kind, at in zip(kinds, times, strict=True):
        session = next_state(session, event(kind, at))
        stopped = stopped or kind is STOP
        assert session.is_open is not stopped
        assert next_state(session, event(kind, at)) == session


def test_a_start_of_another_class_is_another_session_under_a_used_name():
    closed = after(event(START, 100), event(STOP, 200))

    session = next_state(closed, event(START, 300, class_=(b"of a later accept",)))

    assert (session.status, session.started_at, session.class_) == (Status.OPEN, 300, (b"of a later accept",))


def test_a_late_start_revives_nothing():
    closed = after(event(STOP, 200, session_time_s=100))

    assert not next_state(closed, event(START, 100)).is_open
    assert not next_state(closed, event(START, 300)).is_open
    assert not next_state(closed, event(START, 300, class_=())).is_open
    assert not next_state(closed, event(START, 50, class_=(b"of an earlier accept",))).is_open
    assert not next_state(closed, event(INTERIM, 300, class_=(b"other",))).is_open


def test_an_address_may_come_with_a_later_report_and_change():
    session = after(event(START, 100, address=None), event(INTERIM, 110, address=FIRST))
    assert (session.addresses, session.claimed_at) == ({FIRST}, 110)

    session = next_state(session, event(INTERIM, 120, address=SECOND))
    assert (session.addresses, session.claimed_at) == ({SECOND}, 120)


def test_an_older_report_changes_no_address():
    session = after(event(START, 100), event(INTERIM, 120, address=SECOND))

    assert next_state(session, event(INTERIM, 110, address=FIRST)).addresses == {SECOND}


def test_the_later_claim_takes_the_address():
    old, new = after(event(START, 100)), after(event(START, 200, key=OTHER))

    assert takeovers(new, [old, new]) == (Takeover(FIRST, OTHER, KEY),)
    assert takeovers(old, [new]) == (Takeover(FIRST, OTHER, KEY),)
    assert without(old, takeovers(new, [old])).addresses == set()
    assert without(new, takeovers(new, [old])) == new


def test_no_address_is_taken_from_or_by_a_closed_session_nor_one_that_differs():
    old = after(event(START, 100))

    assert takeovers(after(event(STOP, 200, key=OTHER)), [old]) == ()
    assert takeovers(after(event(START, 200, key=OTHER)), [after(event(STOP, 100))]) == ()
    assert takeovers(after(event(START, 200, key=OTHER, address=SECOND)), [old]) == ()


def test_saying_a_lost_address_again_does_not_take_it_back():
    old, new = after(event(START, 100)), after(event(START, 200, key=OTHER))
    old = without(old, takeovers(new, [old]))

    old = next_state(old, event(INTERIM, 300))
    old = next_state(old, event(INTERIM, 310, address=None))
    old = next_state(old, event(INTERIM, 320))

    assert old.addresses == set()


def test_a_restart_closes_what_began_before_it_on_that_nas():
    on = Event(AccountKind.ON, SessionKey("gw", ""), 150)
    before, later = after(event(START, 100)), after(event(START, 200))
    elsewhere = after(event(START, 100, key=SessionKey("other", "s1")))

    closed = restarted(before, on)

    assert (closed.status, closed.stopped_at) == (Status.CLOSED, 150)
    assert closed.usage.cause == TERMINATED_BY_NAS_REBOOT
    assert restarted(closed, on) == closed
    assert restarted(later, on) == later
    assert restarted(elsewhere, on) == elsewhere


def test_apply_returns_only_what_changed():
    old, bystander = after(event(START, 100)), after(event(START, 90, address=SECOND))
    bystander = replace(bystander, key=SessionKey("gw", "s3"))
    sessions = {KEY: old, bystander.key: bystander}

    changes = apply(sessions, event(START, 200, key=OTHER))
    assert {s.key: s.addresses for s in changes.sessions} == {OTHER: {FIRST}, KEY: frozenset()}
    assert changes.takeovers == (Takeover(FIRST, OTHER, KEY),)

    assert apply(sessions, event(START, 100)).sessions == ()

    changes = apply(sessions, Event(AccountKind.OFF, SessionKey("gw", ""), 300))
    assert {s.key for s in changes.sessions} == {KEY, bystander.key}
    assert not any(s.is_open for s in changes.sessions)


def test_a_claim_that_comes_late_loses_to_the_one_after_it():
    new = after(event(START, 200, key=OTHER))

    changes = apply({OTHER: new}, event(START, 100))

    [session] = changes.sessions
    assert (session.key, session.addresses) == (KEY, frozenset())
    assert changes.takeovers == (Takeover(FIRST, OTHER, KEY),)


def test_a_report_was_true_when_the_nas_says_but_never_in_the_future():
    account = Account("gw", START, "s1", "kim", (), Facts(), Usage(), None, 7)

    assert event_of(account, 100.0).at == 93.0
    assert event_of(replace(account, event_time=50.0), 100.0).at == 50.0
    assert event_of(replace(account, event_time=5000.0), 100.0).at == 100.0
