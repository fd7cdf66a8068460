"""A login that the policy refused: its owner and the console are told why, and what would have helped."""

import html
import re

import pytest

from access.model import Absent, Facts, Method, Via
from access.policy.facts_text import spell
from access.records.audit import AuditEntry
from access.store import audit
from access.words import casecode
from tests.access.console.test_that_day import RULES
from tests.access.residents import KEYRING

WIFI = (
    "  - {id: staff-wifi, permit: [login:wireless], who: [organization:hangang],"
    " when: {ssid: [office], method: eap-ttls-pap}}\n"
    "  - {id: namsan-wifi, permit: [login:wireless], who: [organization:namsan]}\n"
    "  - {id: secret-guests, permit: [login:wireless], who: [organization:namsan], organization: hangang,"
    " when: {ssid: [guests]}}\n"
)
CODE = casecode.generate(lambda octets: b"3" * octets)
WRONG = {"ssid": "guests", "method": Method.PEAP_MSCHAPV2}


@pytest.fixture
def refused(town):
    """refused(name, reason, facts...) -> a login by Wi-Fi of a minute ago, under a policy of an hour ago."""
    town.publish(RULES + WIFI)
    town.now += 3600

    def record(name="minjun.kim", reason="CONDITION_FAILED", at=None, **facts):
        user = town.user(name)
        known = {"ssid": "guests", "method": Method.EAP_TTLS_PAP, "nas_organization": "hangang"} | facts
        kept = Facts(via=Via.WIRELESS, otp_at=Absent.DOES_NOT_APPLY, **known)
        failed = ["secret-guests: ssid guests, office"]
        detail = {
            "name": name,
            "nas": "ap-1",
            "facts": spell(kept),
            "failed": failed,
            "permits": ["secret-x"],
        }
        company = town.organization_id(user.organization)
        entry = AuditEntry("login", at or town.now, reason, company, user.id, None, CODE, detail)
        with town.database.write() as conn:
            audit.record(conn, "gate/radius-0", entry, KEYRING, town.dice)
        town.now += 60

    return record


def shown(browser):
    return html.unescape(re.sub(r"<[^>]+>", "\n", browser.page.partition("<main")[2]))


HELP = {
    "en": (
        "Log in with the method EAP-TTLS/PAP; for Wi-Fi and wire it is chosen in the network settings of the"
        " device.",
        "Also: Join the Wi-Fi office.",
    ),
    "ko": (
        "다음 인증 방식으로 로그인해 주세요. Wi-Fi와 유선에서는 기기의 네트워크 설정에서 고릅니다:"
        " EAP-TTLS/PAP.",
        "그리고: 다음 Wi-Fi에 연결해 주세요: office.",
    ),
}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_owner_of_a_case_is_told_what_would_have_helped(town, refused, visit, language):
    refused(**WRONG)
    owner = visit("minjun.kim@hangang", language=language)

    owner.get(f"/case?code={CODE}")

    assert tuple(re.findall(r"<li>([^<→]+)</li>", html.unescape(owner.page)))[:2] == HELP[language]
    assert "staff-wifi" in owner.page


def test_the_first_page_leads_to_what_would_help(town, refused, visit):
    refused(**WRONG)
    owner = visit("minjun.kim@hangang")
    owner.get("/")

    assert f'href="/case?code={CODE}">What would help</a>' in owner.page
    town.refuse("seoyeon.lee")
    other = visit("seoyeon.lee@hangang")
    other.get("/")
    assert "Refused lately" in other.page
    assert "What would help" not in other.page


def test_the_console_says_why_beside_the_steps(town, refused, visit):
    refused(**WRONG)
    desk = visit("desk@hangang")

    desk.get(f"/console/cases?code={CODE}")

    assert "Rule staff-wifi wants Wi-Fi (ssid) office, saw guests" in shown(desk)
    assert "→ Also: Join the Wi-Fi office." in shown(desk)


def test_it_is_explained_by_the_policy_of_then(town, refused, visit):
    refused(**WRONG)
    town.publish_over(RULES)
    owner = visit("minjun.kim@hangang")

    owner.get(f"/case?code={CODE}")

    assert "staff-wifi" in owner.page


@pytest.mark.parametrize("reason", ["NO_PERMIT", "WRONG_PASSWORD"])
def test_what_the_versions_of_that_day_do_not_refuse_so_is_not_explained(town, refused, visit, reason):
    refused(reason=reason, **WRONG)
    owner, desk = visit("minjun.kim@hangang"), visit("desk@hangang")

    assert owner.get(f"/case?code={CODE}").status_code == 200
    desk.get(f"/console/cases?code={CODE}")

    assert "staff-wifi" not in owner.page + desk.page


def test_a_record_without_facts_is_not_explained(town, visit):
    town.publish(RULES + WIFI)
    town.refuse("minjun.kim", reason="CONDITION_FAILED")
    owner = visit("minjun.kim@hangang")
    owner.get("/")

    assert "What would help" in owner.page
    link = re.search(r'href="(/case\?code=[^"]+)"', owner.page)[1]
    assert owner.get(link).status_code == 200
    assert "<h2>What would help</h2>" not in owner.page


def test_a_guest_and_their_administrators_are_not_told_what_rules_of_the_host_are_called(
    town, refused, visit
):
    refused("rival", ssid="office")
    owner, anna = visit("rival@namsan"), visit("anna.schmidt@namsan")

    owner.get(f"/case?code={CODE}")
    anna.get(f"/console/cases?code={CODE}")

    for browser in (owner, anna):
        assert "Rule (hangang) wants Wi-Fi (ssid) guests, saw office" in shown(browser)
        assert "secret" not in browser.page


def test_the_head_office_reads_what_is_recorded_of_the_policy_as_it_is(town, refused, visit):
    refused(**WRONG)
    boss = visit("boss@hangang")

    boss.get(f"/console/cases?code={CODE}")

    assert "secret-x" in boss.page
