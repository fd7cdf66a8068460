"""Every note that our code writes down in English has Korean for the page."""

import re
from dataclasses import replace

import pytest

from access.certificates.ending import Ending, due
from access.changes.policy_watch import SUBJECT
from access.changes.rollout import Bearable, Harm, look
from access.directory.connection import BIND_REFUSALS
from access.directory.fuse import Held, What
from access.directory.search import SEARCH_REFUSALS
from access.gateways import enforcement_notes
from access.logins.login_alarms import (
    GUESSED_AT_PLACE,
    WrongCode,
    clashing,
    conflicting,
    guessing_codes,
    lying_mac,
    spraying,
)
from access.logins.mac_copies import watch_for_copies
from access.logins.network_session import NetworkSession
from access.model import Decision, Effect, Method, Reason, Via
from access.people.provisioning import _failure, _shown_twice
from access.words.korean_notes import in_korean
from tests.access.changes.test_policy_watch import AUDIT, DEC_1, MONDAY_9, TEST, Paper, looked, office
from tests.access.changes.test_rollout import Kept
from tests.access.doors import NOW, PRINTER, SWITCH

# What stays: names of settings, commands, protocols and places.
NAMES = re.compile(
    r"`[^`]*`|ldaps?://\S+|tls|starttls|ldaps|bind_dn|bind_password|user_base|group_base|url|entryUUID|UTC|"
    r"MAC|802\.1X|DN|LDAP|TLS|switch|portal|uid=\S+|Gi1/0/\d|hangang/mail|application|"
    r"timed out|base|laptop"
)


def left_over(note):
    return re.findall(r"[A-Za-z]{2,}", NAMES.sub("", in_korean(note)))


class Many:
    """So many names that each place has too many."""

    def spread(self, _place, _name, _now):
        return 1000

    def wrong_try(self, _name, _now):
        pass


class Claim:
    source, name = "02-00-00-00-00-01", "minjun.kim"


def alarms():
    yield from spraying(Many(), SWITCH, Claim, Reason.WRONG_PASSWORD, NOW)
    for place in ("portal", "application hangang/mail"):
        yield from guessing_codes(Many(), WrongCode(place, "hangang", "minjun.kim@hangang"), NOW)
    yield from filter(None, (due(Ending("radius", NOW + days * 86400.0), NOW) for days in (-1, 3)))


def test_what_alarms_have_seen_is_told_in_korean():
    told = [alarm.note for alarm in alarms()]

    assert GUESSED_AT_PLACE and len(told) >= 6
    assert [left_over(note) for note in told] == [[]] * len(told)
    assert in_korean("row 7; 1 rows in all") == "행 7, 모두 1개"
    assert in_korean("number 4711") == "번호 4711"
    assert left_over("from 192.0.2.7") == left_over("passkey 3 laptop: 1 after 7") == []


def test_an_address_at_two_ports_is_told_in_korean():
    raised = []

    class Stations:
        def from_station(self, _station):
            kept = NetworkSession.__dataclass_fields__
            assert "nas_port" in kept
            return [(Other(), "switch")]

        def raise_alarm(self, alarm, _at):
            raised.append(alarm.note)

    class Other:
        nas_id, nas_port, seen_at, organization_id = 3, "Gi1/0/9", NOW - 5, 2

    record = {"nas": 3, "port": "Gi1/0/3", "t": NOW, "calling": "00-00-5e-00-53-99", "organization": 1}
    watch_for_copies(Stations(), record | {"where": "switch Gi1/0/3"})

    class Attempt:
        endpoint = replace(PRINTER, dot1x_at=NOW - 86400, dot1x_place="switch Gi1/0/9")
        method, where, door = Method.MAB, "switch Gi1/0/3", Via.WIRED

    raised += [alarm.note for alarm in lying_mac(Attempt, NOW)]
    assert len(raised) == 3
    assert [left_over(note) for note in raised] == [[], [], []]


@pytest.mark.parametrize("words", [*BIND_REFUSALS.values(), *SEARCH_REFUSALS.values()])
def test_why_a_directory_refuses_us_is_told_in_korean(words):
    note = f"ldaps://dc1.hangang.example {words}"

    assert left_over(note) == []
    assert left_over(f"{note} (base 'uid=a')") == []


PERMITTED = Decision(Effect.PERMIT, Reason.PERMITTED, zone="work", clash=(("work", "wiki"), ("dev", "git")))
CONFLICT = Decision(Effect.DENY, Reason.POLICY_CONFLICT, permits=("wiki", "git"))


def conflicts():
    """The alarms about rules that do not fit together, at a login and in a session that is open."""

    class Attempt:
        client, user_name, where, organization_id = SWITCH, "minjun.kim", "switch Gi1/0/3", 1

    def anybodys(rules):
        return None

    yield from clashing(Attempt, PERMITTED, anybodys)
    for said in ({}, {"said": "aruba has no bandwidth"}):
        yield from conflicting(
            Attempt, Reason.POLICY_CONFLICT, said | {"permits": CONFLICT.permits}, anybodys
        )
    yield enforcement_notes.conflicting("minjun.kim", CONFLICT, None)
    yield enforcement_notes.clashing(7, "minjun.kim", PERMITTED.clash, None)


def test_what_rules_do_to_each_other_is_told_in_korean():
    told = [alarm.note for alarm in conflicts()]

    assert len(set(told)) == 5
    assert [re.findall(r"[a-z]{2,} [a-z]{2,}", in_korean(note)) for note in told] == [[]] * 5
    assert in_korean(told[0]) == "switch Gi1/0/3의 minjun.kim: 망 구역 work에만 들임"
    assert in_korean(told[2]) == "switch Gi1/0/3의 minjun.kim: aruba에는 bandwidth 기능이 없음"


def test_what_time_and_waves_do_to_a_policy_is_told_in_korean():
    paper = Paper(office(AUDIT % DEC_1, TEST))
    wave = Kept(harmed=Harm(refused=9, people=4, permitted=1))

    (breaks,) = looked(paper, MONDAY_9)
    look(wave, Bearable(), 1100.0)

    assert in_korean(breaks) == "14일 안에: the audit"
    assert in_korean(SUBJECT) == "시행 중인 정책"
    assert in_korean(wave.why) == "4명의 로그인 9건 거부, 1건 허용"
    assert in_korean("review 3") == "검토 3"


def test_a_mass_change_is_told_in_korean_whatever_it_takes():
    class Fuse:
        held = frozenset({1, 2})

    class Fuses:
        people = groups = Fuse
        kept = names = group_names = attributes = withheld = unwanted = frozenset({Held(What.PERSON, "one")})

    class Roster:
        group_count = 40

        def __len__(self):
            return 1234

    told = _failure(Fuses, Roster())

    assert told.count(" and ") == 7
    assert left_over(told) == []
    assert "1,234명 중 2명이 사라지게 됨, " in in_korean(told)
    twice = _shown_twice(["uid=a,dc=b", "uid=c,dc=b"])
    assert left_over(f"{told}. {twice}") == []


def test_what_another_program_says_stays():
    note = "ldaps://dc1.hangang.example does not answer: [Errno 111] Connection refused"

    assert in_korean(note) == "ldaps://dc1.hangang.example: 응답하지 않습니다: [Errno 111] Connection refused"
    assert in_korean("kernel panic") == "kernel panic"
