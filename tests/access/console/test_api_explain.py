"""Why somebody may or may not, asked by a program with a key: what it is told, and what it is not."""

import json
import re
from pathlib import Path

import pytest

from access.keys.api_key import Scope
from access.nas.registry import Endpoint
from access.policy.document import load
from access.policy.remedies import COSTS
from tests.access.console.test_api_codes import HOST, key_of, records
from tests.access.console.test_that_day import RULES, STRICT, changed, field
from tests.access.console.town import POLICY

DOCS = Path(__file__).resolve().parents[3] / "docs" / "policy.md"
URL = "/api/v1/policy/explain"
EXPLAINS = frozenset({Scope.EXPLAIN})
PRINTER = "00-00-5e-00-53-01"
__all__ = ["changed"]


@pytest.fixture
def ask(town, pages):
    """ask(user=..., via=...) -> status and answer, with a key of hangang unless another is given."""
    own = key_of(town, scopes=EXPLAINS, name="watch")

    def send(key=own, language="en", **asked):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = pages.test_client().post(
            URL,
            json={"user": "minjun.kim", "via": "vpn", **asked},
            headers={**headers, "Accept-Language": language},
            base_url=HOST,
        )
        return answer.status_code, answer.json

    return send


@pytest.fixture
def theirs(town):
    """A key of namsan, which is not the head office."""
    return key_of(town, "namsan", EXPLAINS, "watch-namsan")


def one(answer):
    status, told = answer
    assert status == 200, told
    (decision,) = told["decisions"]
    return decision


def codes(remedies):
    return [each["code"] for each in remedies]


def test_a_permit_is_told_with_its_rule_its_end_and_the_revision(town, ask):
    town.publish()

    status, told = ask(code_age_s=60)

    (decision,) = told["decisions"]
    assert (status, told["user"], told["via"], told["at"]) == (200, "minjun.kim@hangang", "vpn", town.now)
    assert told["revision"] == load(POLICY).revision
    assert told["facts"] == {
        **{"via": "vpn", "method": "pap", "otp_at": town.now - 60, "factor": "totp", "risk": "low"},
        **{"certificate": None, "ssid": None, "sessions": [], "endpoint": [None, None, 0.0]},
    }
    assert (decision["object"], decision["permitted"], decision["reason"]) == ("login:vpn", True, "PERMITTED")
    assert decision["permits"] == [
        {"rule": "staff-vpn", "requires": False, "reason": "Staff work from anywhere", "standing": ""}
    ]
    assert decision["valid_until"] == town.now - 60 + 12 * 3600
    assert (decision["needs"], decision["cheapest"], decision["failed"]) == ([], [], [])


def test_a_refusal_is_told_with_what_failed_its_values_and_the_cheapest_remedy(town, ask):
    town.publish()

    decision = one(ask(code_age_s=13 * 3600))

    assert decision["reason"] == "CONDITION_FAILED"
    assert decision["failed"] == [
        {
            **{"rule": "staff-vpn", "condition": "otp_age", "wanted": "< 12h", "seen": "13h"},
            **{"state": "fails", "text": "Rule staff-vpn wants age of the code (otp_age) < 12h, saw 13h"},
        }
    ]
    assert [(each["rule"], each["about"], each["lacks"]) for each in decision["nearest"]] == [
        ("staff-vpn", True, ["otp_age"])
    ]
    assert decision["cheapest"] == [
        {
            **{"code": "ENTER_CODE", "arguments": [], "at": None},
            "text": "Enter a new code from the authenticator app.",
        }
    ]
    assert decision["needs"] == [{"ways": [{"minutes": 1.0, "remedies": decision["cheapest"]}]}]
    assert decision["lines"][0] == "Denied: login:vpn (A condition is not met now)"


def test_a_fact_nobody_knows_and_one_that_does_not_apply_are_told_apart(town, ask):
    rule = "  - {id: floor, permit: [network:payroll], who: [group:hangang/vpn-users],\n"
    town.publish(RULES + rule + "     when: {site: seoul, certificate: managed}}\n")

    decision = one(ask(object="network:payroll"))

    states = {each["condition"]: each["state"] for each in decision["failed"]}
    assert states == {"site": "unknown", "certificate": "does-not-apply"}
    assert decision["missed"] == ["site"]


def test_a_forbid_is_told_with_its_reason(town, ask):
    rule = "  - {id: shut, forbid: [login:vpn], who: [group:hangang/engineering],"
    town.publish(f"{RULES}{rule} reason: {{ko: 점검, en: Repairs}}}}\n")

    decision = one(ask(code_age_s=1, language="ko"))

    assert decision["reason"] == "FORBIDDEN"
    assert [(each["rule"], each["reason"]) for each in decision["forbids"]] == [("shut", "점검")]
    assert codes(decision["cheapest"]) == ["ASK_ABOUT_RULE"]


@pytest.mark.parametrize(("language", "words"), [("ko", "새 인증 번호"), ("en", "Enter a new code")])
def test_texts_are_in_the_language_that_is_asked_for(town, ask, language, words):
    town.publish()

    decision = one(ask(language=language, code_age_s=13 * 3600))

    assert words in decision["cheapest"][0]["text"]
    assert words in "".join(decision["lines"])


def test_korean_is_written_as_it_is_read(town, pages):
    town.publish()
    key = key_of(town, scopes=EXPLAINS, name="watch")
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": "ko"}
    answer = pages.test_client().post(
        URL, json={"user": "minjun.kim", "via": "wired"}, headers=headers, base_url=HOST
    )

    assert "거부: login:wired".encode() in answer.data


def test_everything_is_the_login_and_what_may_be_spoken_of(town, ask):
    town.publish()

    _, told = ask(object="all")

    assert [each["object"] for each in told["decisions"]] == [
        *("login:vpn", "network:intranet", "network:payroll", "vdi:dev-desktops")
    ]


def test_a_live_session_is_what_it_goes_by_until_something_else_is_told(town, ask):
    town.publish()
    town.equip()
    town.connect("minjun.kim")

    assert ask()[1]["facts"]["site"] == "서울 hangang"
    told = ask(site="busan", nas_group="edge", nas_organization="namsan", risk="high", sessions=2)[1]["facts"]
    assert [told[name] for name in ("site", "nas_group", "nas_organization", "risk", "sessions")] == [
        *("busan", "edge", "namsan", "high", [[None, 2]])
    ]


def test_every_fact_can_be_told(town, ask):
    town.publish()

    status, told = ask(
        via="wireless",
        method="eap-tls",
        certificate="managed",
        code_age_s=5,
        factor="passkey",
        assurance="on-site",
        ssid="office",
        medium="wireless",
        source="203.0.113.7",
        endpoint=PRINTER,
    )

    facts = told["facts"]
    assert status == 200
    names = ("method", "certificate", "factor", "assurance", "ssid", "medium", "source", "station")
    assert [facts[name] for name in names] == [
        *("eap-tls", "managed", "passkey", "on-site", "office", "wireless", "203.0.113.7"),
        "00:00:5e:00:53:01",
    ]


def test_a_moment_that_is_over_is_answered_by_the_versions_of_that_day(changed, ask):
    moment = f"{field(changed.at)}+09:00"

    status, told = ask(at=moment)

    assert (status, told["at"], told["revision"]) == (200, changed.at, load(POLICY).revision)
    assert told["decisions"][0]["permits"][0]["rule"] == "staff-vpn"
    assert any("a login was recorded at" in note for note in told["notes"])
    assert ask()[1]["revision"] == load(STRICT).revision


def test_a_moment_to_come_is_answered_by_the_policy_in_force(town, ask):
    when = "when: {otp_age: 12h}"
    town.publish(RULES.replace(when, f'valid_to: "2027-02-01T00:00:00+09:00"\n    {when}'))

    assert one(ask(at="2027-01-31T12:00:00+09:00", code_age_s=0))["permitted"] is True
    refused = one(ask(at="2027-02-02T12:00:00+09:00", code_age_s=0))
    assert codes(refused["cheapest"]) == ["ASK_TO_PROLONG"]


def register(town, mac=PRINTER, company="hangang", valid_until=None):
    owner = "boss@hangang" if company == "hangang" else "rival@namsan"
    new = Endpoint(0, town.organization_id(company), mac, "printer", owner, valid_until)
    town.gate().endpoints.register(new, "boss@hangang", town.now)


def test_a_registered_endpoint_is_asked_about_by_its_address(town, ask):
    printers = (
        f'  - {{id: printer, permit: [login:wired], who: ["endpoint:{PRINTER}"], when: {{method: mab}}}}\n'
    )
    register(town)
    town.publish(RULES + printers)

    status, told = ask(user=PRINTER.upper(), via="wired")

    assert (status, told["user"]) == (200, PRINTER)
    assert told["decisions"][0]["permits"][0]["rule"] == "printer"


def test_an_endpoint_whose_registration_has_ended_is_refused_with_what_to_do(town, ask):
    town.publish()
    register(town, valid_until=town.now + 60)
    town.now += 60

    status, told = ask(user=PRINTER, via="wired")

    assert (status, told["title"]) == (404, "The registration of this endpoint has ended.")


NOBODIES = (
    "nobody",
    "nobody@hangang",
    "rival@namsan",
    "RIVAL@namsan.example",
    "nobody@namsan",
    "a@b",
    "@",
    "\x00",
)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_somebody_of_another_company_is_as_somebody_who_never_was(town, ask, language):
    town.publish()
    register(town, company="namsan")

    answers = [ask(user=name, language=language) for name in (*NOBODIES, PRINTER, "00-00-5e-00-53-99")]

    assert {status for status, _ in answers} == {404}
    assert [told for _, told in answers] == [answers[0][1]] * len(answers)
    assert not {"rival", "라이벌"} & set(str(answers).split())
    assert records(town, "viewed") == []


@pytest.mark.parametrize("wanted", ["network:namsan-lab", "network:nowhere", "namsan-lab", "login:moon"])
def test_what_no_rule_connects_somebody_with_is_as_what_never_was(town, ask, wanted):
    town.publish()

    status, told = ask(object=wanted)

    assert (status, told["title"]) == (404, f"The policy has no {wanted}.")
    assert "namsan" not in told["detail"]
    assert "network:payroll" in told["detail"]


OTHERS = ("staff-vpn", "vpn-users", "payroll", "intranet", "dev-desktops", "minjun", "secret", "hangang")
SHARED = """\
  - {id: secret-rule, permit: [network:intranet], who: [organization:namsan], when: {via: wired}}
  - {id: our-consent, permit: [network:intranet], who: [organization:namsan], organization: namsan}
  - {id: secret-lab, permit: [network:payroll], who: [group:hangang/engineering], when: {site: secret-room}}
"""


def test_a_key_of_another_company_learns_nothing_of_the_head_offices_policy(town, ask, theirs):
    town.publish()

    status, told = ask(theirs, user="rival", object="all")

    assert status == 200
    assert [each["object"] for each in told["decisions"]] == ["login:vpn", "network:namsan-lab"]
    assert told["revision"] == ""
    assert not [word for word in OTHERS if word in str(told)]


def test_a_rule_of_another_company_is_called_by_that_company(town, ask, theirs):
    town.publish(RULES + SHARED)

    decision = one(ask(theirs, user="rival", object="network:intranet"))

    assert [each["rule"] for each in decision["failed"]] == ["(hangang)"]
    assert [(each["rule"], each["lacks"]) for each in decision["nearest"]] == [("(hangang)", ["via"])]
    assert [each["rule"] for each in decision["permits"]] == ["our-consent"]
    assert not [word for word in ("secret", "payroll", "vpn-users") if word in str(decision)]


@pytest.mark.parametrize("name", ["anna.schmidt", "rival"])
def test_at_the_nas_of_another_company_nothing_is_told_of_its_rules(town, ask, theirs, name):
    guests = (
        "  - {id: own-wifi, permit: [login:wireless], who: [organization:namsan]}\n"
        "  - {id: secret-guests, permit: [login:wireless], who: [group:namsan/it-admins],"
        " organization: hangang, valid_to: 2026-01-01T00:00:00Z}\n"
        "  - {id: secret-wifi, permit: [login:wireless], who: [group:hangang/engineering],"
        " when: {ssid: secret-ssid}}\n"
    )
    town.publish(RULES + guests)

    decision = one(ask(theirs, user=name, via="wireless", nas_organization="hangang"))

    assert decision["permitted"] is False
    assert "secret" not in str(decision)
    assert "hangang" in str(decision["cheapest"])


def test_a_company_that_there_is_not_is_said_so(town, ask):
    assert ask(nas_organization="nowhere")[0] == 404


@pytest.mark.parametrize(
    ("scopes", "status"), [(frozenset({Scope.OTP_VERIFY}), 403), (EXPLAINS, 200), (frozenset(Scope), 200)]
)
def test_a_key_explains_that_was_made_for_it_and_no_other(town, ask, scopes, status):
    assert ask(key_of(town, scopes=scopes, name="another"))[0] == status


def test_a_key_to_explain_checks_no_codes(town, pages):
    key = key_of(town, scopes=EXPLAINS, name="watch")
    answer = pages.test_client().post(
        "/api/v1/otp/verify",
        json={"user": "minjun.kim", "code": "287082"},
        headers={"Authorization": f"Bearer {key}"},
        base_url=HOST,
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("key", ["", "og_1_" + "A" * 43, "og_9_" + "A" * 43, "nonsense"])
def test_without_a_key_that_stands_nothing_is_answered(town, ask, key):
    town.publish()

    status, told = ask(key)

    assert (status, set(told)) == (401, {"status", "title", "detail"})


def test_a_signed_in_administrator_asks_on_the_page_and_not_here(town, visit):
    boss = visit("boss@hangang")

    answer = boss.client.post(URL, json={"user": "minjun.kim", "via": "vpn"}, base_url=HOST)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "asked",
    [
        {"via": "moon"},
        {"user": ""},
        {"user": 7},
        {"user": "x" * 201},
        {"obejct": "all"},
        {"at": "2026-11-17T14:03"},
        {"at": "yesterday"},
        {"at": "9999-12-31T23:59:59-23:59"},
        {"sessions": -1},
        {"sessions": 1001},
        {"sessions": "2"},
        {"code_age_s": -1},
        {"code_age_s": "nan"},
        {"risk": "grave"},
        {"endpoint": "00-00-5e-00-53"},
        {"endpoint": "02-00-00-00-00-01"},
        {"source": "10.0.0.300"},
        {"site": ""},
        {"method": None},
    ],
)
def test_a_request_that_is_not_as_described_is_refused_with_the_field_that_is_wrong(town, ask, asked):
    status, told = ask(**asked)

    assert (status, told["status"]) == (422, 422)
    assert told["title"] == "The request is not as the description says"
    assert list(told["errors"]["json"]) == list(asked)


def test_what_is_wrong_with_a_request_is_told_in_the_language_that_is_asked_for(town, pages):
    key = key_of(town, scopes=EXPLAINS, name="watch")

    def errors(language, **asked):
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
        answer = pages.test_client().post(URL, json=asked, headers=headers, base_url=HOST)
        assert answer.status_code == 422
        return answer.json["errors"]["json"]

    asked = {"user": "minjun.kim", "via": "vpn", "endpoint": "02-00-00-00-00-01", "sessions": "2"}
    korean, english = errors("ko", **asked), errors("en", **asked)

    assert (korean["sessions"], english["sessions"]) == (["정수가 아닙니다."], ["Not a valid integer."])
    assert "임의(비공개) MAC 주소입니다" in korean["endpoint"][0]
    assert "randomised address" in english["endpoint"][0]


@pytest.mark.parametrize(
    "body",
    [
        "{",
        r'{"user": "minjun.kim", "via": "vpn", "object": "network:\ud800"}',
        r'{"user": "minjun.kim", "via": "vpn", "site": "\udfff"}',
        r'{"user": "minjun.kim", "via": "vpn", "misspelt\ud800": 1}',
    ],
)
def test_what_is_no_json_is_refused_with_what_is_wrong(town, pages, body):
    key = key_of(town, scopes=EXPLAINS, name="watch")
    answer = pages.test_client().post(
        URL,
        data=body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"},
        base_url=HOST,
    )

    assert (answer.status_code, answer.json["title"]) == (400, "The request is not as the description says")


def test_who_asked_about_whom_is_recorded_and_the_person_sees_it(town, ask, visit):
    town.publish()
    ask()
    ask(object="all")
    ask(user="seoyeon.lee")

    asked = [
        (record.user_id, record.detail["by"], record.detail["page"]) for record in records(town, "viewed")
    ]
    assert sorted(asked) == [
        (town.ids["minjun.kim"], "watch (API)", "explain"),
        (town.ids["seoyeon.lee"], "watch (API)", "explain"),
    ]
    owner = visit("minjun.kim@hangang")
    owner.get("/records")
    assert "watch (API)" in owner.page


def test_who_asked_about_an_endpoint_is_recorded_with_its_address(town, ask):
    town.publish()
    register(town)
    ask(user=PRINTER, via="wired")

    (record,) = records(town, "viewed")
    assert (record.detail["by"], record.detail["text"]) == ("watch (API)", PRINTER)


def test_without_a_policy_that_is_the_answer(ask):
    status, told = ask(object="network:intranet")

    assert (status, told["revision"], told["decisions"][0]["reason"]) == (200, "", "NO_POLICY")


def test_it_says_the_same_as_the_console(town, ask, visit):
    town.publish()
    boss = visit("boss@hangang")
    person = town.ids["minjun.kim"]
    boss.get(f"/console/users/{person}/explain?via=vpn&object=network:payroll&code=fresh")

    for line in one(ask(object="network:payroll", code_age_s=0))["lines"]:
        assert line in boss.page


def test_the_example_of_the_docs_is_answered_so(town, ask):
    section = DOCS.read_text("utf-8").partition("\n### For programs\n")[2].partition("\n## ")[0]
    asked = json.loads(re.search(r"-d '(\{.*?\})'", section)[1])
    shown = json.loads(section.partition("```json\n")[2].partition("```")[0])
    town.publish()

    decision = one(ask(**asked))

    assert {name: decision[name] for name in shown} == shown


def test_every_field_and_every_code_of_help_stands_in_the_docs(pages):
    section = DOCS.read_text("utf-8").partition("\n### For programs\n")[2].partition("\n## ")[0]
    described = pages.test_client().get("/api/v1/openapi.json", base_url=HOST).json["components"]["schemas"]
    named = set(re.findall(r"`([a-z_]+)`", section))

    assert set(described["Question"]["properties"]) <= named
    assert set(described["Decisions"]["properties"]) - {"decisions", "via"} <= named
    for kind, minutes in COSTS.items():
        assert f"| `{kind.name}` | {kind.value.en.format('…', at='…')} | {minutes} |" in section


def test_whom_an_opened_office_let_in_is_told_to_prove_who_they_are(town, ask):
    town.publish()

    decision = one(ask(method="office-open", code_age_s=60))

    assert (decision["reason"], codes(decision["cheapest"])) == ("CONDITION_FAILED", ["PROVE_WHO"])
