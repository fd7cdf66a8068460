from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from itertools import permutations

import pytest

from access.accounting import GRACE_S, Place, account, admit, expire
from access.model import Reason
from access.network_session import End, State

NOW = 1_800_000_000.0
KIM, LEE = b"k" * 32, b"l" * 32
GATEWAY = Place(3, 1, "vpn", 9, (ip_network("10.77.0.0/24"), ip_network("fd77::/64")))
SWITCH = Place(4, 1, "wired")


@dataclass
class Kept:
    """Sessions in a dictionary, and what was told to the feed and the audit, in order."""

    places: dict = field(default_factory=lambda: {3: GATEWAY, 4: SWITCH})
    rows: dict = field(default_factory=dict)
    feed: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    proofs: list = field(default_factory=list)

    def place(self, nas_id):
        return self.places.get(nas_id)

    def of_class(self, class_):
        return next((row for row in self.rows.values() if row.class_ == class_), None)

    def with_address(self, gateway_id, address):
        return [row for row in self.open if row.gateway_id == gateway_id and address in row.addresses]

    def named(self, nas_id, acct_session_id):
        return [row for row in self.open if (row.nas_id, row.acct_session_id) == (nas_id, acct_session_id)]

    def open_at(self, nas_id):
        return [row for row in self.open if row.nas_id == nas_id]

    def overdue(self, before):
        return [row for row in self.open if row.valid_until is not None and row.valid_until < before]

    def save(self, session, at):
        session_id = session.id or len(self.rows) + 1
        self.rows[session_id] = replace(session, id=session_id)
        self.feed.append(session_id)
        return session_id

    def password_used(self, password_id, station, place, at):
        self.proofs.append((password_id, station, place, at))

    def proven_by_8021x(self, station, place, at):
        self.proofs.append(("802.1X", station, place, at))

    def note(self, entry):
        self.notes.append((entry.detail["what"], entry.reason))

    @property
    def open(self):
        return [row for row in self.rows.values() if row.state is not State.ENDED]


def login(class_=KIM, at=0.0, user=7, nas=3, **more):
    record = {
        "kind": "login",
        "t": NOW + at,
        "nas": nas,
        "organization": 1,
        "user": user,
        "endpoint": None,
        "class": class_.hex(),
        "user_name": f"user{user}@hangang.example",
        "via": "vpn",
        "method": "pap",
        "vlan": "",
        "otp_at": NOW,
        "valid_until": NOW + 3600,
        "revision": "r1",
        "calling": "",
        "called": "",
        "port": "",
    }
    return record | more


def report(status, at=1.0, class_=KIM, address4="", **more):
    record = {
        "kind": "accounting",
        "t": NOW + at,
        "at": NOW + at,
        "nas": 3,
        "status": status,
        "class": class_.hex(),
        "session": class_[:1].decode(),
        "user_name": "whatever the NAS says",
        "used_s": 0,
        "octets": [0, 0],
        "calling": "",
        "called": "",
        "port": "",
        "address4": address4,
        "address6": "",
    }
    return record | more


def play(*records):
    kept = Kept()
    for record in records:
        (admit if record["kind"] == "login" else account)(kept, record)
    return kept


def only(kept):
    (row,) = kept.rows.values()
    return row


START = report("START", 1.0, address4="10.77.0.5")
INTERIM = report("INTERIM", 2.0, address4="10.77.0.5", octets=[10, 20])
STOP = report("STOP", 3.0, octets=[15, 30])


def test_a_login_is_admitted():
    session = only(play(login()))

    assert (session.state, session.user_id, session.class_) == (State.ADMITTED, 7, KIM)
    assert (session.gateway_id, session.otp_at, session.policy_revision) == (9, NOW, "r1")


def test_a_start_makes_it_live_at_its_address():
    session = only(play(login(), START))

    assert (session.state, session.address4, session.started_at) == (State.LIVE, "10.77.0.5", NOW + 1)
    assert session.user_name == "user7@hangang.example"


def test_a_stop_ends_it_and_frees_its_address():
    session = only(play(login(), START, INTERIM, STOP))

    assert (session.state, session.end_reason, session.ended_at) == (State.ENDED, End.STOPPED, NOW + 3)
    assert (session.address4, session.octets_in, session.octets_out) == (None, 15, 30)


@pytest.mark.parametrize("order", list(permutations([login(), START, INTERIM, STOP])))
def test_whatever_the_order_the_same_session_has_ended(order):
    session = only(play(*order))

    assert (session.state, session.user_id, session.address4) == (State.ENDED, 7, None)
    assert (session.octets_in, session.octets_out, session.ended_at) == (15, 30, NOW + 3)


@pytest.mark.parametrize("record", [login(), START, INTERIM, STOP])
def test_the_same_record_twice_changes_nothing_and_tells_nobody(record):
    kept = play(login(), record)
    feed, notes, rows = list(kept.feed), list(kept.notes), dict(kept.rows)

    (admit if record["kind"] == "login" else account)(kept, record)

    assert (kept.feed, kept.notes, kept.rows) == (feed, notes, rows)


def test_before_its_login_is_known_nobody_is_in_it():
    kept = play(START)
    assert only(kept).user_id is None
    assert only(kept).state is State.LIVE

    admit(kept, login())
    assert only(kept).user_id == 7
    assert only(kept).address4 == "10.77.0.5"


def test_without_a_class_of_ours_there_is_no_session():
    kept = play(report("START", address4="10.77.0.5", **{"class": ""}))

    assert (kept.rows, kept.feed) == ({}, [])


def test_a_nas_that_is_not_known_any_more_has_no_sessions():
    kept = play(login(nas=99), report("START", nas=99))

    assert kept.rows == {}


def test_an_older_report_changes_no_address():
    late = report("INTERIM", 1.5, address4="10.77.0.9")

    assert only(play(login(), START, INTERIM, late)).address4 == "10.77.0.5"


def test_a_newer_report_changes_the_address_and_its_generation():
    moved = report("INTERIM", 4.0, address4="10.77.0.9")
    session = only(play(login(), START, moved))

    assert (session.address4, session.generation) == ("10.77.0.9", 2)


def test_a_report_without_an_address_takes_none_away():
    assert only(play(login(), START, report("INTERIM", 4.0))).address4 == "10.77.0.5"


def test_counters_only_grow():
    session = only(play(login(), INTERIM, report("INTERIM", 9.0, octets=[1, 1])))

    assert (session.octets_in, session.octets_out) == (10, 20)


@pytest.mark.parametrize(("address", "kept_as"), [("10.77.0.5", "10.77.0.5"), ("10.78.0.5", None)])
def test_an_address_outside_the_pools_of_the_gateway_is_not_kept(address, kept_as):
    kept = play(login(), report("START", address4=address))

    assert only(kept).address4 == kept_as
    assert only(kept).state is State.LIVE
    refused = ("session.address", Reason.ADDRESS_OUTSIDE_POOL)
    assert (refused in kept.notes) is (kept_as is None)


def test_both_families_are_kept():
    session = only(play(login(), report("START", address4="10.77.0.5", address6="fd77::5")))

    assert session.addresses == {"10.77.0.5", "fd77::5"}


def test_without_a_gateway_an_address_is_shown_and_belongs_to_anyone():
    kept = play(
        login(nas=4),
        report("START", nas=4, address4="10.1.1.1"),
        login(LEE, nas=4, user=8),
        report("START", nas=4, class_=LEE, address4="10.1.1.1"),
    )

    assert [row.address4 for row in kept.open] == ["10.1.1.1", "10.1.1.1"]


def test_a_second_claim_on_an_address_ends_the_first_before_it_gets_it():
    kept = play(login(), START, login(LEE, user=8))
    kept.feed.clear()

    account(kept, report("START", 5.0, class_=LEE, address4="10.77.0.5"))

    first, second = kept.rows.values()
    assert (first.state, first.end_reason, first.address4) == (State.ENDED, "ADDRESS_TAKEN_OVER", None)
    assert (second.state, second.address4) == (State.LIVE, "10.77.0.5")
    assert kept.feed == [first.id, second.id]


def test_who_lost_an_address_does_not_get_it_back():
    kept = play(login(), START, login(LEE, user=8), report("START", 5.0, class_=LEE, address4="10.77.0.5"))

    account(kept, report("INTERIM", 6.0, address4="10.77.0.5"))

    first, second = kept.rows.values()
    assert (first.state, first.address4, second.address4) == (State.ENDED, None, "10.77.0.5")


def test_a_claim_that_was_delayed_takes_nothing_from_a_later_one():
    later = report("START", 5.0, class_=LEE, address4="10.77.0.5")
    kept = play(login(), login(LEE, user=8), later, START)

    first, second = kept.rows.values()
    assert (first.address4, second.address4) == (None, "10.77.0.5")
    assert second.state is State.LIVE


def test_a_new_login_in_the_same_session_of_the_nas_ends_the_one_before():
    kept = play(login(), START, login(LEE, 4.0))

    account(kept, report("INTERIM", 5.0, class_=LEE, address4="10.77.0.5", session="k"))

    first, second = kept.rows.values()
    assert (first.state, first.end_reason) == (State.ENDED, End.LOGGED_IN_AGAIN)
    assert (second.state, second.address4) == (State.LIVE, "10.77.0.5")


@pytest.mark.parametrize("status", ["ON", "OFF"])
def test_a_nas_that_restarts_ends_what_began_before(status):
    kept = play(
        login(), START, login(LEE, 10.0, user=8), report("START", 11.0, class_=LEE, address4="10.77.0.6")
    )

    account(kept, report(status, 5.0, **{"class": ""}))

    first, second = kept.rows.values()
    assert (first.state, first.end_reason, first.address4) == (State.ENDED, End.NAS_RESTARTED, None)
    assert second.state is State.LIVE


def test_a_session_whose_stop_was_lost_ends_when_its_time_is_over():
    kept = play(login(), START)

    assert expire(kept, NOW + 3600 + GRACE_S) == 0
    assert expire(kept, NOW + 3601 + GRACE_S) == 1
    session = only(kept)
    assert (session.state, session.end_reason, session.address4) == (State.ENDED, End.TIMED_OUT, None)
    assert session.ended_at == NOW + 3600
    assert expire(kept, NOW + 3601 + GRACE_S) == 0


def test_a_session_without_an_end_goes_on():
    kept = play(login(valid_until=None), START)

    assert expire(kept, NOW + 1e9) == 0


def test_the_audit_hears_of_beginning_and_end():
    kept = play(login(), START, INTERIM, STOP)

    assert kept.notes == [("session.started", ""), ("session.ended", "STOPPED")]


@pytest.mark.parametrize(
    ("more", "remembered"),
    [
        ({"method": "pap"}, []),
        ({"method": "pap", "network_password": 31}, [31]),
        ({"method": "eap-tls"}, ["802.1X"]),
        ({"method": "peap-mschapv2", "network_password": 31}, [31, "802.1X"]),
        ({"method": "mab"}, []),
    ],
)
def test_what_a_login_proved_is_remembered(more, remembered):
    kept = Kept()

    admit(kept, login(where="switch Gi1/0/3", **more))

    assert [what for what, *_ in kept.proofs] == remembered
    assert {where for _, _, where, _ in kept.proofs} <= {"switch Gi1/0/3"}
    assert next(iter(kept.rows.values())).network_password_id == more.get("network_password")
