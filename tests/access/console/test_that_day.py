"""Why somebody could get in on a day that is over, asked on their page."""

import html
import re
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from access.model import Absent, Facts, Method, Via
from access.policy.document import load
from access.policy.facts_text import spell
from access.proof.factors import Factor
from access.records.audit import AuditEntry
from access.store import audit
from tests.access.console.town import POLICY
from tests.access.residents import KEYRING

RULES = POLICY[: POLICY.index("tests:")]
STRICT = RULES.replace("who: [group:hangang/vpn-users]", "who: [user:boss@hangang]")
OTHERS = ("staff-vpn", "vpn-users", "payroll", "minjun")


@pytest.fixture
def changed(town):
    """minjun.kim came by VPN while the first policy was in force; a stricter one is in force by now."""
    town.publish()
    town.at = town.now + 60
    log_in(town, town.at, otp_at=town.at - 5)
    town.now += 3600
    town.publish_over(STRICT)
    town.now += 3600
    return town


def log_in(town, at, reason="PERMITTED", otp_at=None):
    proven = Absent.DOES_NOT_APPLY if otp_at is None else otp_at
    facts = Facts(Via.VPN, Method.PAP, proven, factor=Factor.TOTP)
    detail = {"name": "minjun.kim@hangang", "nas": "vpn-1", "facts": spell(facts)}
    company = town.organization_id("hangang")
    entry = AuditEntry("login", at, reason, company, town.ids["minjun.kim"], None, None, detail)
    with town.database.write() as conn:
        audit.record(conn, "gate/radius-0", entry, KEYRING, town.dice)


def field(at):
    return datetime.fromtimestamp(at, ZoneInfo("Asia/Seoul")).strftime("%Y-%m-%dT%H:%M:%S")


def explain(browser, town, at="", name="minjun.kim", **more):
    asked = "".join(f"&{key}={value}" for key, value in more.items())
    return browser.get(f"/console/users/{town.ids[name]}/explain?via=vpn&at={at}{asked}")


def told(browser):
    found = re.search(r'<section class="card-box" id="explain">.*?</section>', browser.page, re.DOTALL)
    return html.unescape(found[0])


def test_a_moment_that_is_over_is_answered_by_the_policy_and_the_login_of_then(changed, visit):
    desk = visit("desk@hangang")

    explain(desk, changed)
    assert "staff-vpn permits" not in told(desk)
    explain(desk, changed, field(changed.at))

    assert "Rule staff-vpn permits: Staff work from anywhere" in told(desk)
    assert "a login was recorded at" in told(desk)
    assert load(POLICY).revision[:12] in told(desk)
    assert load(STRICT).revision[:12] not in told(desk)


def test_the_records_of_a_person_lead_to_why(changed, visit):
    desk = visit("desk@hangang")
    desk.get(f"/console/users/{changed.ids['minjun.kim']}")
    link = re.search(r'href="([^"]+)">Why\?', desk.page)

    desk.get(html.unescape(link[1]))

    assert "Rule staff-vpn permits" in told(desk)


def test_of_two_logins_in_a_minute_the_one_of_that_second_is_told(changed, visit):
    log_in(changed, changed.at + 20, "CONDITION_FAILED")
    desk = visit("desk@hangang")

    explain(desk, changed, field(changed.at))
    assert "vpn-1 PERMITTED" in told(desk)
    explain(desk, changed, field(changed.at + 20))
    assert "vpn-1 CONDITION_FAILED" in told(desk)


def test_what_is_supposed_takes_the_place_of_what_was_recorded(changed, visit):
    desk = visit("desk@hangang")

    assert explain(desk, changed, field(changed.at), risk="high", sessions="2").status_code == 200

    assert "a login was recorded at" in told(desk)


def test_before_the_first_publication_the_page_says_that_nothing_is_known(changed, visit):
    desk = visit("desk@hangang")

    explain(desk, changed, field(changed.at - 86400))

    assert "Which policy was in force then is not recorded." in told(desk)
    assert "No login is recorded of that minute" in told(desk)


def test_a_moment_to_come_is_answered_by_the_policy_in_force_at_that_moment(town, visit):
    when = "when: {otp_age: 12h}"
    town.publish(RULES.replace(when, f'valid_to: "2027-02-01T00:00:00+09:00"\n    {when}'))
    desk = visit("desk@hangang")

    explain(desk, town, "2027-01-31T12:00", code="fresh")
    assert "Rule staff-vpn permits" in told(desk)
    explain(desk, town, "2027-02-02T12:00", code="fresh")
    assert "Rule staff-vpn permits" not in told(desk)


@pytest.mark.parametrize(
    "typed",
    ["yesterday", "2026-13-01T00:00", "99999999999999", "9999-12-31T23:59-09:00", "0001-01-01T00:00+14:00"],
)
def test_what_is_no_time_is_said_and_the_page_stays(changed, visit, typed):
    desk = visit("desk@hangang")

    assert explain(desk, changed, quote(typed)).status_code == 400

    assert "That is no time" in told(desk)
    assert f'value="{typed}"' in told(desk)


@pytest.mark.parametrize("typed", ["0001-01-02T00:00", "9999-12-31T00:00"])
def test_the_ends_of_time_are_answered(changed, visit, typed):
    assert explain(visit("desk@hangang"), changed, typed).status_code == 200


def test_an_object_that_was_not_there_yet_is_said(changed, visit):
    newer = STRICT.replace("vdi:\n", "  wiki: {organization: hangang, to: [10.97.0.0/24]}\nvdi:\n", 1)
    changed.publish_over(newer)
    changed.now += 60
    desk = visit("desk@hangang")

    assert explain(desk, changed, field(changed.at), object="network:wiki").status_code == 400

    assert "The policy of that day had no network:wiki" in told(desk)


def test_of_a_day_that_is_over_nothing_of_another_company_is_told(changed, visit):
    anna, own = visit("anna.schmidt@namsan"), {"name": "rival"}

    assert explain(anna, changed, field(changed.at)).status_code == 404
    assert explain(anna, changed, field(changed.at), object="network:payroll", **own).status_code == 404
    for at in ("", field(changed.at)):
        assert explain(anna, changed, at, **own).status_code == 200
        assert not [word for word in OTHERS if word in anna.page]


def test_looking_at_a_day_that_is_over_is_recorded_as_looking(changed, visit):
    explain(visit("desk@hangang"), changed, field(changed.at))

    kim = visit("minjun.kim@hangang")
    kim.get("/records")
    assert "desk@hangang" in kim.page


def test_the_answer_is_there_in_korean(changed, visit):
    desk = visit("desk@hangang", language="ko")

    explain(desk, changed, field(changed.at))
    assert "로그인 기록: vpn-1 PERMITTED (허용되었습니다)" in told(desk)
    explain(desk, changed, "whenever")
    assert "시각이 아닙니다" in told(desk)
