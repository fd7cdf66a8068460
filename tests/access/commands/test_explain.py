"""officegate explain: the answer as its exit status, and why."""

import re
import time
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from access.directory.fuse import Fuses
from access.directory.roster import Roster
from access.people.provisioning import provision
from access.store import organizations
from access.store.database import Database
from access.store.rosters import RosterStore
from access.store.tables import directory_runs, policy_publications, users
from tests.access.commands.conftest import Run
from tests.access.provisioned import everything, group, person
from tests.access.residents import NOW

POLICY = """version: 1
networks:
  intranet: {organization: hangang, to: [10.20.0.0/16]}
hours:
  business: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00", zone: Asia/Seoul}
rules:
  - id: staff-vpn
    permit: [login:vpn]
    who: [group:hangang/Staff]
    when: {hours: business}
  - id: staff-intranet
    permit: [network:intranet]
    who: [group:hangang/staff]
"""
REVISION = sha256(POLICY.encode()).hexdigest()[:12]
# A Friday in Seoul that stays ahead of the clock: what is over is answered from what stood then.
AT_WORK, AT_NIGHT = "2055-01-15 10:00", "2055-01-15 23:00"


@pytest.fixture
def staffed(officegate: Run, database: Database, tmp_path: Path) -> Run:
    with database.read() as conn:
        organization_id = organizations.all_organizations(conn)[0].id
    reading = everything(person("kim"), person("lee"), group("staff", "kim"))
    provision(RosterStore(database, organization_id, lambda conn: None), Roster(), reading, NOW, Fuses())
    document = tmp_path / "policy.yaml"
    document.write_text(POLICY, encoding="utf-8")
    status, _, complaint = officegate("policy", "publish", document)
    assert (status, complaint) == (0, "")
    return officegate


def asked(officegate: Run, *words: str) -> tuple[int, str, str]:
    return officegate("explain", *words, "--via", "vpn")


def test_a_permitted_login_is_status_0_and_names_the_rule(staffed: Run):
    status, shown, _ = asked(staffed, "kim@hangang", "--at", AT_WORK)

    assert status == 0
    assert "kim@hangang (Kim)" in shown
    assert "staff-vpn" in shown


def test_a_refused_login_is_status_1_and_says_what_failed_and_what_would_help(staffed: Run):
    status, shown, _ = asked(staffed, "kim@hangang", "--at", AT_NIGHT)

    assert status == 1
    assert AT_NIGHT in shown
    assert "business" in shown


def test_who_is_in_no_group_is_told_which_would_help(staffed: Run):
    status, shown, _ = asked(staffed, "lee@hangang", "--at", AT_WORK)

    assert status == 1
    assert "hangang/staff" in shown.lower()


def test_another_object_than_the_login_can_be_asked_for(staffed: Run):
    assert asked(staffed, "kim@hangang", "--object", "network:intranet", "--at", AT_NIGHT)[0] == 0
    assert asked(staffed, "lee@hangang", "--object", "network:intranet", "--at", AT_NIGHT)[0] == 1


def test_everything_is_asked_for_at_once_and_all_of_it_has_to_be_permitted(staffed: Run):
    status, shown, _ = asked(staffed, "kim@hangang", "--object", "all", "--at", AT_NIGHT)

    assert status == 1
    assert "Denied: login:vpn" in shown
    assert "Permitted: network:intranet" in shown
    assert asked(staffed, "kim@hangang", "--object", "all", "--at", AT_WORK)[0] == 0


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            (
                "Rule staff-vpn wants hours business (mon tue wed thu fri 09:00-18:00 Asia/Seoul),"
                " saw 2055-01-15 23:00 (fri)",
                "Nearest permit: staff-vpn (lacks hours)",
                "→ Wait until 2055-01-18 09:00 KST.",
                f"CONDITION_FAILED by policy {REVISION}",
            ),
        ),
        (
            "ko",
            (
                "규칙 staff-vpn: 시간대(hours) 조건 business (월 화 수 목 금 09:00-18:00 Asia/Seoul),"
                " 현재 2055-01-15 23:00 (금)",
                "가장 가까운 허용 규칙: staff-vpn (부족한 조건 시간대(hours))",
                "→ 2055-01-18 09:00 KST까지 기다려 주세요.",
                f"사유 코드 CONDITION_FAILED, 정책 개정 {REVISION}",
            ),
        ),
    ],
)
def test_a_refusal_is_told_in_both_languages(staffed: Run, language: str, lines: tuple[str, ...]):
    _, shown, _ = asked(staffed, "kim@hangang", "--at", AT_NIGHT, "--language", language)

    told = [line.strip() for line in shown.splitlines()]
    assert [line for line in lines if line not in told] == []


@pytest.mark.parametrize("moment", [AT_WORK, AT_NIGHT])
def test_no_line_of_a_korean_answer_is_in_english_alone(staffed: Run, moment: str):
    _, shown, _ = asked(staffed, "kim@hangang", "--object", "all", "--at", moment, "--language", "ko")

    told = shown.splitlines()[1:]
    assert len(told) >= 6
    assert [line for line in told if not re.search("[가-힣]", line)] == []


def test_an_object_that_the_policy_does_not_know_is_named_in_korean(staffed: Run):
    _, _, close = asked(staffed, "kim@hangang", "--object", "network:intarnet", "--language", "ko")
    _, _, far = asked(staffed, "kim@hangang", "--object", "vdi:zzz", "--language", "ko")

    assert "정책에 network:intarnet이(가) 없습니다. 혹시 network:intranet입니까?" in close
    assert "정책에 vdi:zzz이(가) 없습니다. 정책에 있는 것: login:" in far


def test_an_object_that_the_policy_does_not_know_is_named_with_those_it_knows(staffed: Run):
    status, shown, complaint = asked(staffed, "kim@hangang", "--object", "network:intarnet")

    assert status == 1
    assert shown == ""
    assert "network:intarnet" in complaint
    assert "network:intranet" in complaint


@pytest.mark.parametrize("state", [{"enabled": False}, {"expires_at": 1.0}])
def test_somebody_disabled_or_ended_is_refused_whatever_the_rules_say(
    staffed: Run, database: Database, state: dict[str, object]
):
    with database.write() as conn:
        conn.execute(update(users).where(users.c.name == "kim").values(**state))

    status, shown, _ = asked(staffed, "kim@hangang", "--at", AT_WORK)

    assert status == 1
    assert "USER_DISABLED" in shown


def test_nobody_is_answered_with_who_may_be_meant(staffed: Run):
    status, _, complaint = asked(staffed, "kimm@hangang")

    assert status == 1
    assert "Did you mean kim@hangang (Kim)?" in complaint


def test_without_a_policy_nobody_may_do_anything(officegate: Run, database: Database):
    with database.read() as conn:
        organization_id = organizations.all_organizations(conn)[0].id
    store = RosterStore(database, organization_id, lambda conn: None)
    provision(store, Roster(), everything(person("kim")), NOW, Fuses())

    status, shown, _ = asked(officegate, "kim@hangang")

    assert status == 1
    assert "NO_POLICY by policy none" in shown
    assert "사유 코드 NO_POLICY, 정책 개정 없음" in asked(officegate, "kim@hangang", "--language", "ko")[1]
    assert "officegate policy publish" in shown
    assert asked(officegate, "kim@hangang", "--object", "network:intranet")[0] == 1


REALM = """
[realms.partner]
names = ["partner.example", "PARTNER"]
[realms.partner.servers.first]
address = "127.0.0.1"
secret = "a secret of the partner"
"""
VISITORS = (
    POLICY
    + """  - id: visitors
    permit: [login:wired]
    who: [realm:partner]
    when: {site: [seoul]}
    gives: {vlan: guests}
"""
)


@pytest.mark.parametrize("name", ["jane@partner.example", "PARTNER\\jane"])
def test_a_visitor_is_taken_for_somebody_whom_the_home_server_accepts(
    staffed: Run, config: Path, tmp_path: Path, name: str
):
    config.write_text(config.read_text("utf-8") + REALM, "utf-8")
    (tmp_path / "visitors.yaml").write_text(VISITORS, "utf-8")
    assert staffed("policy", "publish", tmp_path / "visitors.yaml")[0] == 0

    status, shown, _ = staffed("explain", name, "--via", "wired", "--site", "seoul")
    elsewhere, refused, _ = staffed("explain", name, "--via", "wired", "--site", "busan")

    assert (status, elsewhere) == (0, 1)
    assert f"{name} (visitor of realm partner)" in shown
    in_korean = staffed("explain", name, "--via", "wired", "--site", "seoul", "--language", "ko")[1]
    assert f"{name} (영역 partner의 방문자)" in in_korean
    assert "visitors" in shown
    assert "guests" in shown
    assert "seoul" in refused
    assert staffed("explain", "jane@nowhere.example", "--via", "wired")[0] == 1


PRINTERS = """
  - id: printer
    permit: [login:wired]
    who: ["endpoint:00-11-22-aa-bb-cc"]
    when: {method: mab}
"""


@pytest.fixture
def printer(staffed: Run, tmp_path: Path) -> Run:
    document = tmp_path / "policy.yaml"
    document.write_text(POLICY + PRINTERS, encoding="utf-8")
    owned = ("--organization", "hangang", "--owner", "kim@hangang")
    assert staffed("endpoint", "add", "0011.22aa.bbcc", "--name", "printer 3F", *owned)[0] == 0
    assert staffed("policy", "publish", document)[0] == 0
    return staffed


def test_a_printer_is_asked_about_by_its_address_however_spelt(printer: Run):
    status, printed, _ = printer("explain", "00:11:22:AA:BB:CC", "--via", "wired")

    assert status == 0
    assert printed.startswith("00-11-22-aa-bb-cc (printer 3F), owner kim@hangang\n")
    assert "PERMITTED by policy" in printed
    in_korean = printer("explain", "00:11:22:AA:BB:CC", "--via", "wired", "--language", "ko")[1]
    assert in_korean.startswith("00-11-22-aa-bb-cc (printer 3F), 소유자 kim@hangang\n")


def test_a_printer_at_another_door_is_refused_with_why(printer: Run):
    status, printed, _ = printer("explain", "00:11:22:AA:BB:CC", "--via", "wireless")

    assert status == 1
    assert "NO_PERMIT by policy" in printed


def test_a_printer_nobody_registered_and_one_that_ended_are_told_apart(printer: Run, database: Database):
    status, _, complaint = printer("explain", "00-11-22-00-00-01", "--via", "wired")
    assert status != 0
    assert "officegate endpoint add 00-11-22-00-00-01" in complaint

    status, _, complaint = printer(
        "explain", "00-11-22-aa-bb-cc", "--via", "wired", "--at", "2099-01-01T00:00:00"
    )
    assert status != 0
    assert "has ended" in complaint


def test_a_moment_of_the_past_is_answered_from_the_versions_and_the_groups_of_then(
    staffed: Run, database: Database, tmp_path: Path
):
    now = time.time()
    with database.read() as conn:
        organization_id = organizations.all_organizations(conn)[0].id
    store = RosterStore(database, organization_id, lambda conn: None)
    later = everything(person("kim"), person("lee"), group("staff", "lee"))
    with database.write() as conn:
        conn.execute(update(directory_runs).values(began=now - 7200))
        conn.execute(update(policy_publications).values(at=now - 7200))
    provision(store, store.load()[0], later, now - 1800, None)
    shut = tmp_path / "shut.yaml"
    shut.write_text("version: 1\n", encoding="utf-8")
    assert staffed("policy", "publish", shut)[0] == 0

    def moment(ago_s: float) -> str:
        return datetime.fromtimestamp(now - ago_s, ZoneInfo("Asia/Seoul")).strftime("%Y-%m-%d %H:%M:%S")

    def reaches(who: str, ago_s: float) -> tuple[int, str]:
        asked_for = ("--object", "network:intranet", "--at", moment(ago_s))
        status, shown, _ = asked(staffed, who, *asked_for)
        return status, shown

    status, shown = reaches("kim@hangang", 3600)
    assert status == 0
    assert "staff-intranet" in shown
    assert "no login is recorded of that minute" in shown.lower()
    assert reaches("lee@hangang", 3600)[0] == 1
    assert reaches("lee@hangang", 600)[0] == 0
    assert "read for the first time later" in reaches("kim@hangang", 9000)[1]


def test_what_is_contained_at_one_endpoint_is_refused_there_alone(printer: Run):
    assert printer("contain", "endpoint", "00:11:22:aa:bb:cc", "--reason", "sends spam")[0] == 0
    to_intranet = ("kim@hangang", "--object", "network:intranet", "--endpoint")

    contained, why, _ = asked(printer, *to_intranet, "0011.22aa.bbcc")
    free, _, _ = asked(printer, *to_intranet, "0011.22aa.0001")

    assert (contained, free) == (1, 0)
    assert "sends spam" in why


FACTS = """
  - id: laptops
    permit: [login:wireless]
    who: [organization:hangang]
    when: {method: eap-tls, certificate: managed, endpoint: certified, risk: medium, medium: wireless}
  - id: with-a-passkey
    permit: [login:vpn]
    who: [organization:hangang]
    when: {factor: passkey, assurance: on-site, otp_age: 10m}
"""


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("--via wireless --method eap-tls --certificate managed --risk medium --medium wireless", 0),
        ("--via wireless --method eap-tls --certificate personal --risk medium --medium wireless", 1),
        ("--via wireless --method eap-tls --risk medium --medium wireless", 1),
        ("--via wireless --method peap-mschapv2 --risk medium --medium wireless", 1),
        ("--via vpn --code-age 9m --factor passkey --assurance on-site", 0),
        ("--via vpn --code-age 10m --factor passkey --assurance on-site", 1),
        ("--via vpn --code-age 9m --factor totp --assurance on-site", 1),
        ("--via vpn --code-age 9m --factor passkey --assurance vouched", 1),
        ("--via vpn", 1),
        ("--via vpn --code-age soon", 2),
        ("--via vpn --method EAP_TLS", 2),
    ],
)
def test_the_facts_that_rules_ask_for_are_told_in_the_words_of_the_policy(
    staffed: Run, tmp_path: Path, told: str, status: int
):
    document = tmp_path / "policy.yaml"
    document.write_text(POLICY + FACTS, encoding="utf-8")
    assert staffed("policy", "publish", document)[0] == 0

    assert staffed("explain", "lee@hangang", *told.split())[0] == status
