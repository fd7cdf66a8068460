"""Where, when, by what and how often, in the cases that other engines are tested with, in our words.

Firezone, FreeRADIUS, NetBird, PacketFence, OpenZiti, Pomerium, Cedar and Tailscale: of their public tests,
and of FreeRADIUS's modules for login times and expiry, only the situation is taken.
"""

from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from math import inf

import pytest

from access.gateways.livesessions import _network_targets
from access.logins.accept import lasts_s
from access.logins.places import source_of, ssid_of
from access.model import Absent, Decision, Facts, Method, Others, Reason, Request, Subject, Via
from access.policy.decide import decide
from access.policy.document import load
from access.policy.kept_texts import policy_of
from access.policy.vocabulary import PolicyErrors
from access.proof.factors import Factor
from tests.access.policy.samples import HOUR, MONDAY_9
from vpn.atoms import Protocol, cut

MINUTE = 60.0
ALICE = Subject(1, "hangang", "alice", frozenset({"hangang/engineering"}))
ON_VPN = Facts(via=Via.VPN, method=Method.PAP, factor=Factor.TOTP, otp_at=MONDAY_9)
VPN = "login:vpn"
UNKNOWN, FAILED, PERMITTED = Reason.FACT_UNKNOWN, Reason.CONDITION_FAILED, Reason.PERMITTED
SEOUL = "2026-11-{:02}T{}+09:00"  # the 23rd is a Monday


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def asked(
    when: str, facts: Facts = ON_VPN, now: float = MONDAY_9, more: str = "", gives: str = ""
) -> Decision:
    given = f"\n    gives: {gives}" if gives else ""
    rule = f"rules:\n  - id: x\n    permit: [{VPN}]\n    who: [organization:hangang]\n    {when}{given}\n"
    return decide(policy_of("version: 1\n" + more + rule), ALICE, Request(VPN, facts), now)


def reason_of(when: str, facts: Facts = ON_VPN, now: float = MONDAY_9, more: str = "") -> Reason:
    return asked(when, facts, now, more).reason


@pytest.mark.parametrize(
    ("source", "networks", "reason"),
    [
        ("1.2.3.4", "1.2.3.4", PERMITTED),
        ("1.2.3.5", "1.2.3.4", FAILED),
        ("192.168.1.200", "192.168.1.0/24", PERMITTED),
        ("192.168.2.1", "192.168.1.0/24", FAILED),
        ("192.168.0.75", "192.168.0.0/28", FAILED),
        ("2001:db8::1", "'2001:db8::1'", PERMITTED),
        ("2001:db8::2", "'2001:db8::1'", FAILED),
        ("2001:db8:1:2:3:4:5:6", "'2001:db8::/32'", PERMITTED),
        ("2001:ffff::1", "'2001:db8::/32'", FAILED),
        ("1:2:3:ffff::", "'1:2:3::/52'", FAILED),
        ("10.0.0.2", "[10.0.0.1, 10.0.0.2, 10.0.0.3]", PERMITTED),
        ("10.0.0.4", "[10.0.0.1, 10.0.0.2, 10.0.0.3]", FAILED),
        ("192.168.0.1", "['2001:db8::/32', '::/0']", FAILED),
        ("2001:db8::1", "0.0.0.0/0", FAILED),
    ],
)
def test_an_address_lies_in_a_network_or_not(source, networks, reason):
    """Pomerium: one address, a range, a list. Cedar: none of one family lies in a range of the other."""
    assert reason_of(f"when: {{source: {networks}}}", replace(ON_VPN, source=ip_address(source))) is reason


@pytest.mark.parametrize("said", ["", "invalid ip", "0", "192.168.1", "00:11:22:aa:bb:cc"])
def test_what_is_no_address_lies_in_no_network_and_fails_closed_both_ways(said):
    """PacketFence: an address that is missing, empty or none matches no network filter."""
    facts = replace(ON_VPN, source=source_of(said, Via.VPN))

    assert reason_of("when: {source: 0.0.0.0/0}", facts) is UNKNOWN
    forbidding = (
        "when: {via: vpn}\n  - {id: no, forbid: [login:vpn], who: [organization:hangang],"
        " when: {source: 192.168.1.0/24}, reason: not there}"
    )
    assert reason_of(forbidding, facts) is Reason.FORBIDDEN


@pytest.mark.parametrize("said", ["::ffff:192.168.1.7", "192.168.1.7"])
def test_an_address_in_the_guise_of_the_other_family_is_itself(said):
    """Tailscale, Cedar: an IPv4 address is none of IPv6; a gateway on a dual-stack socket reports one so."""
    facts = replace(ON_VPN, source=source_of(said, Via.VPN))

    assert reason_of("when: {source: 192.168.1.0/24}", facts) is PERMITTED


@pytest.mark.parametrize(
    "wrong",
    [
        "not-an-ip-address",
        "{key: value}",
        "[{key: value}]",
        "10.0.0.0/33",
        "1.0.0.0-1.255.255.255",
        "'*'",
        "[]",
    ],
)
def test_what_is_no_network_is_refused_when_the_document_is_read(wrong):
    """Pomerium, NetBird, Tailscale: words, tables, empty lists.

    A range from one address to another, which Tailscale takes, is not written here: networks are CIDR, so
    that two documents that mean the same say the same.
    """
    with pytest.raises(PolicyErrors, match="line 6"):
        asked(f"when: {{source: {wrong}}}")


@pytest.mark.parametrize(
    ("written", "meant"), [("192.168.1.1/24", "192.168.1.0/24"), ("8.8.8.8/16", "8.8.0.0/16")]
)
def test_bits_behind_the_prefix_are_refused_with_what_was_meant(written, meant):
    """Pomerium and Cedar take them for the whole network, Tailscale refuses them.

    Here they are refused: whoever wrote one host and a prefix may have meant the host.
    """
    with pytest.raises(PolicyErrors, match=f"did you mean {meant}"):
        asked(f"when: {{source: {written}}}")


@pytest.mark.parametrize(
    ("country", "allowed", "denied"),
    [
        ("KR", PERMITTED, Reason.FORBIDDEN),
        ("DE", PERMITTED, Reason.FORBIDDEN),
        ("US", FAILED, PERMITTED),
        (Absent.UNKNOWN, UNKNOWN, Reason.FORBIDDEN),
        (Absent.DOES_NOT_APPLY, FAILED, PERMITTED),
    ],
    ids=str,
)
def test_a_country_in_the_list_of_those_allowed_or_of_those_denied(country, allowed, denied):
    """NetBird and Firezone: in and not in a list. Where nobody knows the country neither opens anything."""
    facts = replace(ON_VPN, country=country)
    forbidding = (
        "when: {via: vpn}\n  - {id: no, forbid: [login:vpn], who: [organization:hangang],"
        " when: {country: [KR, DE]}, reason: not from there}"
    )

    assert reason_of("when: {country: [KR, DE]}", facts) is allowed
    assert reason_of(forbidding, facts) is denied


@pytest.mark.parametrize(
    ("country", "source", "failed"),
    [
        ("KR", "192.168.0.1", []),
        ("CN", "192.168.0.1", ["country"]),
        ("KR", "10.10.0.1", ["source"]),
        ("CN", "10.10.0.1", ["country", "source"]),
    ],
)
def test_all_conditions_have_to_hold_and_each_that_does_not_is_named(country, source, failed):
    """Firezone: every condition that is not met is in the answer, not the first one only."""
    facts = replace(ON_VPN, country=country, source=ip_address(source))

    decision = asked("when: {country: KR, source: 192.168.0.0/24}", facts)

    assert sorted(each.condition for each in decision.failed) == failed
    assert decision.permitted is not bool(failed)


LATER = "  - {id: y, permit: [login:vpn], who: [organization:hangang], when: {%s}}"


def window(days: str, begin: str, end: str, zone: str = "Asia/Seoul", name: str = "w") -> str:
    return f'hours: {{{name}: {{days: [{days}], from: "{begin}", to: "{end}", zone: {zone}}}}}\n'


IN_W = "when: {hours: w}"
WEEK = "mon, tue, wed, thu, fri"


@pytest.mark.parametrize(
    ("now", "inside"),
    [
        (SEOUL.format(23, "09:59:59"), False),
        (SEOUL.format(23, "10:00:00"), True),
        (SEOUL.format(23, "10:59:59"), True),
        # Firezone counts the last moment in. Here a window ends where the next one may begin.
        (SEOUL.format(23, "11:00:00"), False),
        (SEOUL.format(24, "10:30:00"), False),
    ],
)
def test_a_window_begins_with_its_first_second_and_ends_before_its_last(now, inside):
    """Firezone: exactly at the start, exactly at the end, a second beside them, another day of the week."""
    assert (reason_of(IN_W, now=at(now), more=window("mon", "10:00", "11:00")) is PERMITTED) is inside


@pytest.mark.parametrize(
    ("zone", "day", "begin", "end", "inside"),
    [
        ("America/Los_Angeles", "thu", "00:00", "24:00", True),
        ("UTC", "fri", "00:00", "24:00", True),
        ("America/Los_Angeles", "fri", "00:00", "24:00", False),
        ("America/Los_Angeles", "thu", "15:00", "19:00", True),
        ("America/Los_Angeles", "thu", "00:00", "02:00", False),
        ("Europe/Warsaw", "fri", "02:00", "04:00", True),
    ],
)
def test_the_day_of_a_window_is_that_of_its_zone(zone, day, begin, end, inside):
    """Firezone: one in the morning of a Friday in UTC is still Thursday in California."""
    friday = at("2021-01-01T01:00:00+00:00")

    assert (reason_of(IN_W, now=friday, more=window(day, begin, end, zone)) is PERMITTED) is inside


def test_two_windows_that_touch_or_overlap_are_one_to_whoever_has_both():
    """Firezone joins them and tells the later end.

    Here each rule has its own: at the end of the first the session is decided again, and goes on.
    """
    more = (
        "hours:\n"
        '  early: {days: [mon], from: "09:00", to: "11:00", zone: Asia/Seoul}\n'
        '  late: {days: [mon], from: "11:00", to: "15:00", zone: Asia/Seoul}\n'
    )
    rules = "when: {hours: early}\n" + LATER % "hours: late"

    early = asked(rules, now=at(SEOUL.format(23, "10:00:00")), more=more)

    assert early.valid_until == at(SEOUL.format(23, "11:00:00"))
    late = asked(rules, now=early.valid_until, more=more)
    assert (late.permitted, late.valid_until) == (True, at(SEOUL.format(23, "15:00:00")))
    assert not asked(rules, now=late.valid_until, more=more).permitted


@pytest.mark.parametrize(
    ("now", "inside"),
    [
        (SEOUL.format(27, "22:00:00"), True),
        (SEOUL.format(28, "05:59:59"), True),
        (SEOUL.format(28, "06:00:00"), False),
        (SEOUL.format(27, "05:00:00"), True),
        (SEOUL.format(23, "05:00:00"), False),
        (SEOUL.format(28, "22:00:00"), False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_on_which_it_opens(now, inside):
    """FreeRADIUS marks both on one day: `Fr2200-0600` is the early morning and late evening of a Friday.

    Firezone calls an end before its start invalid. Here it is the night that begins on that day: nobody who
    says "the night of Friday" means its morning.
    """
    assert (reason_of(IN_W, now=at(now), more=window(WEEK, "22:00", "06:00")) is PERMITTED) is inside


def test_a_window_that_ends_when_it_begins_is_refused():
    """To Firezone and FreeRADIUS it is that one moment or minute; others take it for a whole day.

    Here whoever wrote it has to say which.
    """
    with pytest.raises(PolicyErrors, match='a whole day is "00:00" to "24:00"'):
        asked(IN_W, more=window("mon", "10:00", "10:00"))


@pytest.mark.parametrize(
    ("days", "begin", "end", "now", "inside"),
    [
        (WEEK, "08:55", "23:05", SEOUL.format(27, "23:04:59"), True),
        (WEEK, "08:55", "23:05", SEOUL.format(28, "12:00:00"), False),
        ("sat", "00:00", "24:00", SEOUL.format(28, "00:00:00"), True),
        ("sat", "00:00", "24:00", SEOUL.format(29, "00:00:00"), False),
        ("sun", "23:05", "16:55", SEOUL.format(30, "16:54:00"), True),
    ],
)
def test_working_days_whole_days_and_a_night_of_the_weekend(days, begin, end, now, inside):
    """FreeRADIUS: `Wk0855-2305,Sa,Su2305-1655`, a part at a time."""
    assert (reason_of(IN_W, now=at(now), more=window(days, begin, end)) is PERMITTED) is inside


def test_around_the_clock_no_midnight_ends_a_session():
    """FreeRADIUS: `Al` gives no Session-Timeout. Here one of a week or more, to look again after it."""
    decision = asked(IN_W, more=window(f"{WEEK}, sat, sun", "00:00", "24:00"))

    assert decision.permitted
    assert (decision.valid_until or inf) > MONDAY_9 + 6 * 24 * HOUR


@pytest.mark.parametrize(
    ("now", "gives", "seconds"),
    [
        (SEOUL.format(23, "19:00:00"), "{session_timeout: 8h}", 3600),
        (SEOUL.format(23, "09:00:00"), "{session_timeout: 30m}", 1800),
        (SEOUL.format(23, "09:00:00"), "", 11 * 3600),
        # Less than a minute: FreeRADIUS refuses, as some terminal servers read over so short a timeout. Here
        # what is reached ends at that second at the gateway, so whoever is early enough gets what is left.
        (SEOUL.format(23, "19:59:30"), "", 30),
        (SEOUL.format(23, "19:59:59.5"), "", 1),
    ],
)
def test_a_session_lasts_until_the_window_closes_and_no_longer_than_it_may(now, gives, seconds):
    """FreeRADIUS: what is left of a login time, or the Session-Timeout that was there if that is less."""
    decision = asked(IN_W, now=at(now), more=window(WEEK, "08:00", "20:00"), gives=gives)

    assert lasts_s(decision, None, at(now)) == seconds


@pytest.mark.parametrize("wrong", ["24:01", "12:60", "8:00", "0800", "noon", "-1:00", "25:00"])
def test_what_is_no_time_of_day_is_refused(wrong):
    """FreeRADIUS: a Time-Of-Day beyond 23, minutes beyond 59, letters."""
    with pytest.raises(PolicyErrors, match="line 2"):
        asked(IN_W, more=window("mon", wrong, "20:00"))


@pytest.mark.parametrize(
    ("before_s", "reason", "seconds"),
    [(7200.0, PERMITTED, 7200), (1.0, PERMITTED, 1), (0.0, FAILED, None), (-1.0, FAILED, None)],
)
def test_who_has_expired_is_refused_from_that_second_on_and_before_lasts_until_then(
    before_s, reason, seconds
):
    """FreeRADIUS: Expiration ahead, at this very second and past; PacketFence: a date before and after."""
    end = at("2026-12-01T00:00:00+09:00")

    decision = asked('valid_to: "2026-12-01T00:00:00+09:00"', now=end - before_s)

    assert decision.reason is reason
    if seconds is not None:
        assert lasts_s(decision, None, end - before_s) == seconds


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        (Others(), PERMITTED),
        (Others(((Via.VPN, 1),)), FAILED),
        (Others(((Via.WIRED, 1),)), PERMITTED),
        (Absent.UNKNOWN, UNKNOWN),
        (Absent.DOES_NOT_APPLY, FAILED),
    ],
    ids=str,
)
def test_a_second_session_at_once_is_one_too_many(others, reason):
    """FreeRADIUS: Simultaneous-Use of one, with none, with one of the same kind, with one of another."""
    assert reason_of("when: {sessions: {most: 1, via: vpn}}", replace(ON_VPN, sessions=others)) is reason


@pytest.mark.parametrize(
    ("ago_s", "reason"),
    [(10.0, PERMITTED), (59.0, PERMITTED), (60.0, FAILED), (120.0, FAILED)],
)
def test_a_second_factor_counts_until_it_is_too_old(ago_s, reason):
    """OpenZiti: within the timeout of a check for a second factor, and past it."""
    facts = replace(ON_VPN, otp_at=MONDAY_9 - ago_s)

    decision = asked("when: {otp_age: 1m}", facts)

    assert decision.reason is reason
    assert decision.valid_until == (MONDAY_9 - ago_s + MINUTE if reason is PERMITTED else None)


@pytest.mark.parametrize(("otp_at", "reason"), [(Absent.DOES_NOT_APPLY, FAILED), (Absent.UNKNOWN, UNKNOWN)])
def test_a_second_factor_that_was_never_given_has_no_age(otp_at, reason):
    """OpenZiti: a session without one has no end either, and its check fails."""
    decision = asked("when: {otp_age: 1m}", replace(ON_VPN, otp_at=otp_at))

    assert (decision.reason, decision.valid_until) == (reason, None)


def test_of_two_ages_the_one_that_is_over_first_is_the_next_moment_to_look():
    """OpenZiti: the earliest of several deadlines is the one that is told."""
    rules = "when: {otp_age: 2h}\n" + LATER % "otp_age: 1h"

    decision = asked(rules)

    assert (decision.permits, decision.valid_until) == (("x", "y"), MONDAY_9 + HOUR)
    assert asked(rules, now=MONDAY_9 + HOUR).permits == ("x",)


@pytest.mark.parametrize(
    ("called", "reason"),
    [
        ("aa-bb-cc-dd-ee-ff:Bobby", PERMITTED),
        ("aa:bb:cc:dd:ee:ff:Bobby", PERMITTED),
        ("aabbccddeeff:Bobby", PERMITTED),
        ("aa-bb-cc-dd-ee-ff:bobby", FAILED),
        ("aa-bb-cc-dd-ee-ff:Bobby:2", FAILED),
        ("aabbccddeef:Bobby", UNKNOWN),
        ("Bobby", UNKNOWN),
    ],
)
def test_a_wireless_network_is_read_from_behind_the_address_of_its_access_point(called, reason):
    """PacketFence: three spellings of a Called-Station-Id and one that is broken, which names nothing."""
    facts = replace(ON_VPN, ssid=ssid_of(called, Via.WIRELESS))

    assert reason_of("when: {ssid: Bobby}", facts) is reason


@pytest.mark.parametrize(
    ("group", "reason"), [("floor-2", PERMITTED), ("floor-3", FAILED), (Absent.UNKNOWN, UNKNOWN)]
)
def test_a_switch_is_in_a_group_of_switches_or_not(group, reason):
    """PacketFence: the last switch is in a group, in another one, in none that is known."""
    assert reason_of("when: {nas_group: floor-2}", replace(ON_VPN, nas_group=group)) is reason


TCP, UDP, ICMP = Protocol.TCP, Protocol.UDP, Protocol.ICMP


@pytest.mark.parametrize(
    ("ports", "let_by", "kept_out"),
    [
        ("[tcp/22]", [(TCP, 22)], [(TCP, 21), (TCP, 23), (UDP, 22), (ICMP, None)]),
        ("[tcp/23-24]", [(TCP, 23), (TCP, 24)], [(TCP, 22), (TCP, 25), (UDP, 23)]),
        ("[tcp/22, udp/22]", [(TCP, 22), (UDP, 22)], [(TCP, 443), (ICMP, None)]),
        ("[udp]", [(UDP, 1), (UDP, 65535)], [(TCP, 1), (ICMP, None)]),
        ("[icmp]", [(ICMP, None)], [(TCP, 1), (UDP, 1)]),
        ("[tcp/8080-8083, tcp/8082-8088]", [(TCP, 8080), (TCP, 8088)], [(TCP, 8079), (TCP, 8089)]),
    ],
)
@pytest.mark.parametrize("address", ["10.1.0.3", "2001:db8::3"])
def test_ports_let_by_what_they_name_from_the_first_to_the_last(ports, let_by, kept_out, address):
    """Tailscale and NetBird: ranges with both ends, protocols apart, of both families.

    Tailscale lets ICMP by where any port is open. Here it has to be named: a ping answers who is there.
    """
    document = load(
        "version: 1\nnetworks:\n  server:\n    organization: hangang\n"
        f"    to: [10.1.0.3/32, '2001:db8::3/128']\n    ports: {ports}\n"
    )
    found = cut({"network:server": _network_targets(document.networks["server"])})

    assert all(found.find(ip_address(address), *each) is not None for each in let_by)
    assert [each for each in kept_out if found.find(ip_address(address), *each) is not None] == []
    beside = ip_address("10.1.0.4" if "." in address else "2001:db8::4")
    assert [each for each in let_by if found.find(beside, *each) is not None] == []
