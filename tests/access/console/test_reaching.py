"""From where reach is told, and what is told to whom."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from access.console.reaching import Reader, reach_of
from access.explaining.standpoint import as_if, facts_of, standpoint
from access.logins.presence import Present
from access.model import Absent, Method, Others, User, Via
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.subjects import subject_of
from access.policy.visible import visible_objects
from access.shown import SessionLine
from tests.access.console.town import POLICY

NOW = 1_800_000_000.0
ENGLISH = Reader("en", ZoneInfo("Asia/Seoul"))
POLICY_IN_FORCE = compile(load(POLICY))
MINJUN = User(1, "hangang", "minjun.kim", "", groups=frozenset({"hangang/vpn-users"}))
RIVAL = User(2, "namsan", "rival", "")


def session(session_id=1, since=NOW - 60, **more) -> SessionLine:
    known = {
        "organization_id": 1, "user_id": 1, "who": "minjun.kim@hangang", "display_name": "", "via": "vpn",
        "method": "pap", "state": "live", "place": "Seoul", "nas": "vpn-1", "nas_group": "",
        "nas_organization": "hangang", "site": "Seoul", "addresses": (), "station": "", "vlan": "",
        "otp_at": NOW - 60,
    }  # fmt: skip
    return SessionLine(id=session_id, since=since, **(known | more))


def test_the_newest_live_session_is_where_somebody_stands():
    lines = [session(1), session(2, NOW - 30), session(3, NOW - 10, state="ended")]

    assert standpoint(lines, NOW).session.id == 2


def test_without_one_they_stand_before_a_vpn_login_with_a_fresh_code():
    here = standpoint([session(state="admitted")], NOW)

    assert here.session is None
    assert here.facts == replace(as_if(Via.VPN, NOW, ()), sessions=Others())


def test_who_stands_in_a_session_has_the_earlier_ones_beside_it():
    laptop, phone = (
        Present(bytes([number]), 1, 1, f"00:00:5e:00:53:0{number}", NOW + number, via)
        for number, via in enumerate((Via.WIRED, Via.VPN), 1)
    )
    lines = [session(1, NOW + 1, present=laptop), session(2, NOW + 2, present=phone)]

    assert standpoint(lines, NOW).facts.sessions == Others(((Via.WIRED, 1),))
    assert standpoint([replace(each, state="admitted") for each in lines], NOW).facts.sessions == Others(
        ((Via.VPN, 1), (Via.WIRED, 1))
    )


def test_a_session_without_a_code_has_none_and_an_unknown_word_is_unknown():
    facts = facts_of(session(otp_at=None, method="carrier-pigeon", site=""))

    assert facts.otp_at is Absent.DOES_NOT_APPLY
    assert facts.method is Absent.UNKNOWN
    assert facts.site is Absent.UNKNOWN
    assert facts_of(session()).method is Method.PAP


def test_what_is_open_comes_first_and_the_rest_says_what_would_help():
    lines = reach_of(POLICY_IN_FORCE, MINJUN, as_if(Via.VPN, NOW, ()), NOW, ENGLISH)

    assert [(line.name, line.decision.permitted) for line in lines] == [
        ("intranet", True),
        ("payroll", False),
        ("dev-desktops", False),
    ]
    assert lines[1].remedies == ("Ask an administrator for membership of the group hangang/it-admins.",)


def test_what_other_companies_have_is_named_only_where_a_rule_connects():
    assert visible_objects(POLICY_IN_FORCE, subject_of(RIVAL)) == ["network:namsan-lab"]
    shared = POLICY.replace(
        "  - id: payroll-people",
        "  - {id: guests, permit: [network:intranet], who: [user:rival@namsan]}\n  - id: payroll-people",
    )

    assert visible_objects(compile(load(shared)), subject_of(RIVAL)) == [
        "network:intranet",
        "network:namsan-lab",
    ]


def test_without_a_policy_there_is_nothing_to_tell():
    assert reach_of(None, MINJUN, as_if(Via.VPN, NOW, ()), NOW, ENGLISH) == ()
    assert visible_objects(None, subject_of(MINJUN)) == []


def test_whose_nas_a_session_is_at_is_a_fact_of_it():
    assert facts_of(session(nas_organization="namsan")).nas_organization == "namsan"
