from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from itertools import permutations

import pytest

from access.logins.accounting import CLOCKS_S, Place, account, admit, expire, withdraw
from access.logins.network_session import Disconnect, End, State
from access.logins.session_ends import GRACE_S, REPORTED_WITHIN_S, Silence
from access.model import Reason
from access.records.alarms import AlarmKind

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
    alarms: list = field(default_factory=list)
    history: list = field(default_factory=list)
    restarts: dict = field(default_factory=dict)
    settled: list = field(default_factory=list)

    def place(self, nas_id):
        return self.places.get(nas_id)

    def of_class(self, class_):
        return next((row for row in self.rows.values() if row.class_ == class_), None)

    def with_address(self, gateway_id, address):
        return [row for row in self.open if row.gateway_id == gateway_id and address in row.addresses]

    def named(self, nas_id, acct_session_id):
        return [row for row in self.open if (row.nas_id, row.acct_session_id) == (nas_id, acct_session_id)]

    def called(self, nas_id, acct_session_id):
        found = [row for row in self.rows.values() if row.acct_session_id == acct_session_id]
        return next((row for row in reversed(found) if row.nas_id == nas_id), None)

    def awaited(self, nas_id, user_id, calling_station):
        wanted = (nas_id, user_id, calling_station)
        waiting = [row for row in self.open if row.state is State.ADMITTED]
        return [row for row in waiting if (row.nas_id, row.user_id, row.calling_station) == wanted]

    def open_at(self, nas_id, nas_address):
        here = {nas_address, ""} if nas_address else {row.nas_address for row in self.open}
        return [row for row in self.open if row.nas_id == nas_id and row.nas_address in here]

    def asked_about(self, nas_id, calling_station):
        asked = (Disconnect.ACKED, Disconnect.UNPROVEN)
        where = (nas_id, calling_station)
        found = [row for row in self.rows.values() if (row.nas_id, row.calling_station) == where]
        return [row for row in found if row.disconnect in asked]

    def quiet(self, now, silence):
        return [row for row in self.open if row.state is State.LIVE]

    def unreported(self, before):
        heard = {row.nas_id: row.heard_at for row in self.open if row.state is State.LIVE}
        waiting = [row for row in self.open if row.state is State.ADMITTED and row.admitted_at < before]
        return [row for row in waiting if heard.get(row.nas_id, 0.0) > row.admitted_at]

    def restarted_at(self, nas_id, nas_address):
        return self.restarts.get((nas_id, nas_address))

    def restart(self, nas_id, nas_address, at):
        self.restarts[nas_id, nas_address] = max(at, self.restarts.get((nas_id, nas_address), at))

    def settle(self, session, settled, at):
        self.settled.append((session.id, settled.result))

    def lease(self, session_id, networks, since):
        self.history += [[session_id, network, since - NOW, None] for network in networks]

    def release(self, session_id, networks, until):
        for row in self.history:
            if row[0] == session_id and row[1] in networks and row[3] is None:
                row[3] = until - NOW

    def had(self, session_id, networks, since, until):
        known = {(row[0], row[1]) for row in self.history}
        fresh = [network for network in networks if (session_id, network) not in known]
        self.history += [[session_id, network, since - NOW, until - NOW] for network in fresh]

    def overdue(self, before):
        return [row for row in self.open if row.valid_until is not None and row.valid_until < before]

    def save(self, session, at):
        session_id = session.id or len(self.rows) + 1
        self.rows[session_id] = replace(session, id=session_id)
        self.feed.append(session_id)
        return session_id

    def from_station(self, station):
        live = [row for row in self.open if row.state is State.LIVE]
        return [(row, f"nas-{row.nas_id}") for row in live if row.calling_station == station]

    def raise_alarm(self, alarm, at):
        self.alarms.append(alarm)
        return True

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
        "source": "192.0.2.1",
        "secret": 0,
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
        "networks": [f"{address4}/32"] if address4 else [],
        "source": "192.0.2.1",
        "secret": 0,
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


def test_a_counter_that_goes_back_in_a_newer_report_has_begun_anew():
    again = report("INTERIM", 9.0, octets=[1, 1])
    session = only(play(login(), INTERIM, again, again, report("STOP", 12.0, octets=[4, 0])))

    assert (session.octets_in, session.octets_out) == (10 + 4, 20 + 1)


@pytest.mark.parametrize("at", [1.5, 2.0])
def test_a_lower_counter_in_a_report_that_is_not_newer_counts_nothing(at):
    session = only(play(login(), INTERIM, report("INTERIM", at, octets=[1, 1])))

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


def test_a_stop_before_its_start_leaves_it_ended_with_its_time():
    stop = report("STOP", 60.0, octets=[1, 2], used_s=50, address4="10.77.0.5")
    kept = play(login(), stop, report("START", 10.0, address4="10.77.0.5"))

    session = only(kept)
    assert (session.state, session.started_at, session.ended_at) == (State.ENDED, NOW + 10, NOW + 60)
    assert kept.history == [[1, "10.77.0.5/32", 10.0, 60.0]]


def test_an_interim_before_its_start_knows_since_when():
    kept = play(login(), report("INTERIM", 60.0, used_s=50, address4="10.77.0.5"))

    assert only(kept).started_at == NOW + 10
    assert kept.history == [[1, "10.77.0.5/32", 10.0, None]]


@pytest.mark.parametrize("status", ["START", "INTERIM"])
def test_a_late_report_of_before_a_restart_opens_nothing(status):
    on = report("ON", 5.0, **{"class": ""})
    kept = play(login(), on, report(status, 4.0, address4="10.77.0.5"))
    assert [(row.state, row.end_reason, row.address4) for row in kept.rows.values()] == [
        (State.ENDED, End.NAS_RESTARTED, None)
    ]

    account(kept, report(status, 4.0, class_=LEE, address4="10.77.0.6"))
    assert kept.open == []
    admit(kept, login(LEE, 3.0, user=8))
    assert kept.open == []
    account(kept, report(status, 6.0, class_=b"n" * 32, address4="10.77.0.7"))
    assert [row.address4 for row in kept.open] == ["10.77.0.7"]


def test_a_restart_at_one_address_of_a_network_ends_nothing_at_the_others():
    there = {"source": "192.0.2.9"}
    kept = play(
        login(),
        START,
        login(LEE, user=8, **there),
        report("START", class_=LEE, address4="10.77.0.6", **there),
    )

    account(kept, report("ON", 5.0, **{"class": ""}))

    first, second = kept.rows.values()
    assert (first.end_reason, second.state) == (End.NAS_RESTARTED, State.LIVE)


def test_the_same_session_name_at_another_address_of_a_network_is_another_session():
    there = {"source": "192.0.2.9"}
    start = report("START", 2.0, class_=LEE, session="k", **there)

    kept = play(login(), START, login(LEE, user=8, **there), start)

    assert [row.state for row in kept.rows.values()] == [State.LIVE, State.LIVE]


SILENCE = Silence(intervals=3, listening_since=NOW)
REPORTED = (login(valid_until=None), START, report("INTERIM", 301.0), report("INTERIM", 601.0))


def test_a_session_that_was_reported_and_is_no_more_is_over_after_some_intervals():
    kept = play(*REPORTED)

    assert expire(kept, NOW + 601 + 900, SILENCE) == 0
    assert expire(kept, NOW + 601 + 901, SILENCE) == 1
    session = only(kept)
    assert (session.state, session.end_reason, session.ended_at) == (State.ENDED, End.WENT_SILENT, NOW + 601)
    assert kept.history == [[1, "10.77.0.5/32", 1.0, 601.0]]


def test_a_session_that_never_sent_an_interim_is_not_over_by_silence():
    kept = play(login(valid_until=None), START)

    assert expire(kept, NOW + 1e6, SILENCE) == 0


@pytest.mark.parametrize(
    ("others", "after_s", "ended"),
    [
        ([login(LEE, valid_until=None), report("START", class_=LEE)], REPORTED_WITHIN_S + 1, 1),
        ([login(LEE, valid_until=None), report("START", class_=LEE)], REPORTED_WITHIN_S, 0),
        ([login(LEE, valid_until=None), report("START", -1.0, class_=LEE)], REPORTED_WITHIN_S + 1, 0),
        ([login(LEE, valid_until=None)], REPORTED_WITHIN_S + 1, 0),
    ],
    ids=["its NAS reports others", "it may still come", "nothing came since", "its NAS reports nothing"],
)
def test_a_login_that_was_never_reported_is_over_a_day_later(others, after_s, ended):
    kept = play(login(valid_until=None), *others)

    assert expire(kept, NOW + after_s, SILENCE) == ended
    session = kept.of_class(KIM)
    assert session.end_reason == (End.NEVER_REPORTED if ended else "")


def test_a_session_that_is_over_for_two_reasons_is_ended_once():
    kept = play(login(), login(LEE, valid_until=None), report("START", class_=LEE))

    assert expire(kept, NOW + REPORTED_WITHIN_S + 1, SILENCE) == 1
    assert kept.of_class(KIM).end_reason == End.TIMED_OUT
    assert [what for what, _ in kept.notes].count("session.ended") == 1


def test_nobody_is_silent_while_we_did_not_listen():
    kept = play(*REPORTED)

    assert expire(kept, NOW + 9000, replace(SILENCE, listening_since=NOW + 8500)) == 0
    assert expire(kept, NOW + 9500, replace(SILENCE, listening_since=NOW + 8500)) == 1


def test_a_nas_whose_clock_is_behind_is_not_silent():
    behind = [report("INTERIM", 301.0 - 3000, t=NOW + 301), report("INTERIM", 601.0 - 3000, t=NOW + 601)]
    kept = play(login(valid_until=None), report("START", 1.0 - 3000, t=NOW + 1), *behind)

    assert expire(kept, NOW + 601 + 900, SILENCE) == 0


def test_prefixes_and_further_addresses_are_kept_with_their_history():
    networks = ["10.77.0.5/32", "fd77::5/128", "fd77::6/128", "fd77::100/120", "2001:db8::/56"]
    start = report("START", address4="10.77.0.5", address6="fd77::5", networks=networks)
    kept = play(login(), start, STOP)

    # 2001:db8::/56 lies in no pool of the gateway.
    held = [row[1] for row in kept.history]
    assert sorted(held) == ["10.77.0.5/32", "fd77::100/120", "fd77::5/128", "fd77::6/128"]
    assert {row[3] for row in kept.history} == {3.0}
    assert only(kept).prefixes == ()


def test_a_move_to_another_address_is_two_rows_of_history():
    kept = play(login(), START, report("INTERIM", 4.0, address4="10.77.0.9"), report("STOP", 8.0))

    assert kept.history == [[1, "10.77.0.5/32", 1.0, 4.0], [1, "10.77.0.9/32", 4.0, 8.0]]


def test_a_takeover_ends_the_first_holders_row_when_the_second_begins():
    kept = play(login(), START, login(LEE, user=8), report("START", 5.0, class_=LEE, address4="10.77.0.5"))

    assert kept.history == [[1, "10.77.0.5/32", 1.0, 5.0], [2, "10.77.0.5/32", 5.0, None]]


ROAMED = {"session": "next", "multi_session": "m", "source": "192.0.2.2", "called": "ap2"}


def test_a_session_that_roams_goes_on_at_the_next_access_point():
    start = START | {"multi_session": "m"}
    there = report("START", 5.0, octets=[1, 1], address4="10.77.0.5", **ROAMED)
    old_stop = report("STOP", 6.0, octets=[15, 30], multi_session="m")
    session = only(play(login(), start, INTERIM | {"multi_session": "m"}, there, old_stop))

    assert (session.state, session.acct_session_id, session.nas_address) == (
        State.LIVE,
        "next",
        "192.0.2.2",
    )
    assert (session.called_station, session.address4) == ("ap2", "10.77.0.5")


def test_a_session_whose_first_part_was_stopped_before_the_second_began_goes_on():
    start = START | {"multi_session": "m"}
    kept = play(login(), start, STOP, report("START", 5.0, address4="10.77.0.5", **ROAMED))

    assert only(kept).state is State.LIVE
    assert kept.history == [[1, "10.77.0.5/32", 1.0, 3.0], [1, "10.77.0.5/32", 5.0, None]]


@pytest.mark.parametrize(
    "change",
    [{"multi_session": "other"}, {"multi_session": ""}, {"session": "k"}, {"at": NOW + 2.5}],
)
def test_nothing_else_brings_an_ended_session_back(change):
    start = START | {"multi_session": "m"}
    kept = play(login(), start, STOP, report("START", 5.0, **ROAMED) | change)

    assert only(kept).state is State.ENDED


def test_a_session_that_was_disconnected_does_not_come_back_by_roaming():
    kept = play(login(), START | {"multi_session": "m"}, STOP)
    kept.rows[1] = replace(kept.rows[1], disconnect=Disconnect.PROVEN)

    account(kept, report("START", 5.0, **ROAMED))

    assert only(kept).state is State.ENDED


def asked(result, at=10.0, state=State.ENDED, station="00:00:5e:00:53:01"):
    kept = play(login(calling=station), START)
    change = {"disconnect": result, "disconnect_at": NOW + at, "state": state}
    kept.rows[1] = replace(kept.rows[1], **change)
    return kept


def test_a_stop_proves_that_the_nas_did_what_it_said():
    kept = asked(Disconnect.ACKED)

    account(kept, report("STOP", 11.0))

    assert kept.settled == [(1, Disconnect.PROVEN)]


def test_a_nas_that_goes_on_reporting_what_it_ended_is_asked_again():
    kept = asked(Disconnect.ACKED)

    account(kept, report("INTERIM", 10.0 + CLOCKS_S))
    assert kept.settled == []
    account(kept, report("INTERIM", 11.0 + CLOCKS_S))
    assert kept.settled == [(1, Disconnect.WANTED)]


@pytest.mark.parametrize(
    ("result", "at", "station", "settled"),
    [
        (Disconnect.ACKED, 12.0, "00:00:5e:00:53:01", [(1, Disconnect.PROVEN)]),
        (Disconnect.UNPROVEN, 90.0, "00:00:5e:00:53:01", [(1, Disconnect.PROVEN)]),
        (Disconnect.ACKED, 12.0, "00:00:5e:00:53:02", []),
        (Disconnect.ACKED, -1.0, "00:00:5e:00:53:01", []),
        (Disconnect.NAKED, 12.0, "00:00:5e:00:53:01", []),
    ],
)
def test_the_next_login_of_the_endpoint_proves_it_too(result, at, station, settled):
    kept = asked(result)

    admit(kept, login(LEE, at, calling=station))

    assert kept.settled == settled


def test_a_session_that_was_authorized_anew_is_as_if_nothing_had_been_wanted():
    kept = asked(Disconnect.ACKED, state=State.LIVE)

    admit(kept, login(at=12.0, calling="00:00:5e:00:53:01", vlan="guests"))

    assert kept.settled == [(1, Disconnect.NOT_WANTED)]
    assert (only(kept).state, only(kept).vlan) == (State.LIVE, "guests")


def mab(class_, at, nas, port, **more):
    where = {"calling": "00:00:5e:00:53:99", "port": port, "where": f"switch {port}"}
    return login(class_, at, user=None, nas=nas, method="mab", endpoint=9, via="wired", **where, **more)


@pytest.mark.parametrize(
    ("heard_of", "nas", "port", "copied"),
    [
        (100.0, 4, "Gi1/0/7", True),
        (100.0, 3, "Gi1/0/3", True),
        (100.0, 4, "Gi1/0/3", False),
        (-1000.0, 4, "Gi1/0/7", False),
    ],
)
def test_an_address_at_two_living_ports_raises_an_alarm(heard_of, nas, port, copied):
    kept = Kept()
    first = admit(kept, mab(KIM, -2000.0, 4, "Gi1/0/3"))
    kept.rows[first] = replace(kept.rows[first], state=State.LIVE, seen_at=NOW + heard_of)

    admit(kept, mab(LEE, 200.0, nas, port))

    assert len(kept.alarms) == copied
    for alarm in kept.alarms:
        assert (alarm.kind, alarm.subject) == (AlarmKind.MAC_AT_TWO_PLACES, "00-00-5e-00-53-99")
        assert f"switch {port}" in alarm.note and "nas-4 Gi1/0/3" in alarm.note
        assert alarm.note.count("UTC") == 2


def test_a_session_that_is_authorised_anew_keeps_its_network_password():
    kept = Kept()
    admit(kept, login(network_password=31))

    admit(kept, login(at=5.0))

    assert next(iter(kept.rows.values())).network_password_id == 31


ABOVE = "203.0.113.7"
NOT_OURS = {
    "detail": {"what": "session.not-ours"},
    "reason": Reason.SESSION_NOT_OURS.value,
    "organization": 1,
}


def unclassed(status, at=1.0, user=7, **more):
    """What a NAS reports that sends no Class back."""
    told = {"class": "", "session": "s1", "calling": ABOVE, "unclassed": user, "entry": NOT_OURS}
    return report(status, at) | told | more


def test_without_a_class_it_is_the_newest_login_of_the_same_person_from_there():
    kept = play(
        login(KIM, calling=ABOVE),
        login(LEE, 0.5, calling=ABOVE),
        unclassed("START", address4="10.77.0.5"),
    )

    states = {row.class_: row.state for row in kept.rows.values()}
    assert states == {KIM: State.ADMITTED, LEE: State.LIVE}
    assert kept.of_class(LEE).address4 == "10.77.0.5"


@pytest.mark.parametrize(
    "other",
    [{"user": 8}, {"user": None}, {"calling": "203.0.113.8"}, {"nas": 4}],
    ids=str,
)
def test_without_a_class_nothing_is_gained_by_another_person_place_or_nas(other):
    report_of = unclassed("START", address4="10.77.0.5", **other)

    kept = play(login(calling=ABOVE), report_of)

    assert only(kept).state is State.ADMITTED
    assert kept.notes == [("session.not-ours", Reason.SESSION_NOT_OURS)]


def test_without_a_class_what_has_a_name_is_found_by_it_from_then_on():
    kept = play(
        login(KIM, calling=ABOVE),
        unclassed("START"),
        login(LEE, 2.0, calling=ABOVE),
        unclassed("INTERIM", 3.0, address4="10.77.0.5"),
        unclassed("STOP", 4.0),
        # Late and twice: it is of the one that has ended, and no longer of whoever waits.
        unclassed("INTERIM", 3.5, address4="10.77.0.5"),
        unclassed("STOP", 4.0),
    )

    assert kept.of_class(KIM).state is State.ENDED
    assert kept.of_class(LEE).state is State.ADMITTED
    assert not kept.of_class(LEE).addresses


def test_without_a_class_a_report_of_before_a_login_is_not_of_it():
    kept = play(login(calling=ABOVE, at=60.0), unclassed("START", 60.0 - CLOCKS_S - 1))

    assert only(kept).state is State.ADMITTED


def own(at=0.0, name="s1", **more):
    """A login by a NAS that sends no Class back and says what it calls the session."""
    return login(KIM, at, calling=ABOVE, own_name=name, **more)


def test_a_login_of_a_session_that_goes_on_is_the_same_session_with_what_it_gives_now():
    kept = play(
        own(valid_until=None, otp_at=NOW),
        unclassed("START", address4="10.77.0.5"),
        own(3600.0, valid_until=NOW + 7200, otp_at=NOW + 3600, revision="r2"),
        unclassed("STOP", 3700.0),
    )

    session = only(kept)
    assert (session.valid_until, session.otp_at, session.policy_revision) == (NOW + 7200, NOW + 3600, "r2")
    assert (session.admitted_at, session.end_reason) == (NOW, End.STOPPED)
    assert [what for what, _ in kept.notes] == ["session.started", "session.ended"]


def test_a_report_that_names_its_session_is_of_no_other_login():
    kept = play(
        own(), login(LEE, 0.5, calling=ABOVE, own_name="s2"), unclassed("START", address4="10.77.0.5")
    )

    assert kept.of_class(KIM).addresses == {"10.77.0.5"}
    assert kept.of_class(LEE).state is State.ADMITTED


def test_a_report_of_a_name_that_no_login_said_is_of_none_that_said_another():
    kept = play(own(name="s2"), unclassed("START", address4="10.77.0.5"))

    assert only(kept).state is State.ADMITTED
    assert kept.notes == [("session.not-ours", Reason.SESSION_NOT_OURS)]


def test_who_logs_in_again_after_the_end_has_another_session_and_the_first_gets_nothing_back():
    again = own(4000.0, valid_until=NOW + 9000)
    kept = play(own(), unclassed("START", address4="10.77.0.5"))
    expire(kept, NOW + 3600 + GRACE_S + 1, SILENCE)
    for record in (again, again):
        admit(kept, record)

    first, second = kept.rows.values()
    assert (first.state, first.end_reason, first.addresses) == (State.ENDED, End.TIMED_OUT, frozenset())
    assert (second.state, second.addresses) == (State.ADMITTED, frozenset())
    account(kept, unclassed("INTERIM", 4100.0, address4="10.77.0.5"))
    assert [row.state for row in kept.rows.values()] == [State.ENDED, State.LIVE]
    assert kept.rows[second.id].addresses == {"10.77.0.5"}


def test_a_login_after_the_end_that_was_refused_before_its_accept_left_begins_nothing():
    kept = play(own(), unclassed("START"), unclassed("STOP", 60.0), own(4000.0, valid_until=NOW + 9000))
    refusal = {"t": NOW + 4000.1, "withdrawn": KIM.hex(), "entry": {"reason": Reason.STALE_DECISION}}

    assert withdraw(kept, refusal) == 2

    first, second = kept.rows.values()
    assert (first.state, first.end_reason) == (State.ENDED, End.STOPPED)
    assert (second.state, second.end_reason) == (State.ENDED, Reason.STALE_DECISION)


def test_a_refusal_of_a_session_that_goes_on_leaves_its_end_to_the_nas():
    kept = play(own(), unclassed("START", address4="10.77.0.5"), own(3000.0))

    assert withdraw(kept, {"t": NOW + 3000.1, "withdrawn": KIM.hex(), "entry": {}}) is None
    assert only(kept).state is State.LIVE


def test_a_login_that_is_loaded_after_the_stop_begins_nothing():
    """The clock of the NAS is an hour behind: its Stop seems to be of before the login."""
    kept = play(
        own(),
        unclassed("START"),
        unclassed("STOP", -3600.0, t=NOW + 20),
        own(10.0, valid_until=NOW + 99),
    )

    assert only(kept).state is State.ENDED


def test_a_class_that_is_not_ours_is_no_missing_one():
    kept = play(login(calling=ABOVE), report("START", class_=b"", calling=ABOVE) | {"session": "s1"})

    assert only(kept).state is State.ADMITTED
