"""What one person, or one company, must not learn of another; and what a directory may not smuggle in."""

import html
import re

import pytest
from sqlalchemy import insert, select, update

from access.changes.company_policy import CompanyPart, NotYours
from access.console import create_app
from access.keys.api_key import Scope
from access.shown import Asked
from access.store import policies
from access.store.tables import groups, organizations, users
from tests.access.console.browser import HOST, Browser
from tests.access.console.test_api_codes import key_of
from tests.access.console.town import CASE

EXPLAIN = "/api/v1/policy/explain"
OTHERS = ("minjun.kim", "김민준", "10.77.0.21", "vpn-hangang", "gw-hangang", "서울 hangang")
CONSOLE = (
    "/console",
    "/console/sessions?state=live",
    "/console/sessions?q=minjun",
    "/console/users?q=minjun",
    "/console/users?q=김",
    f"/console/cases?code={CASE}",
    "/console/devices",
    "/console/nas",
    "/console/audit",
    "/console/audit?kind=login",
    "/console/audit?verify=yes",
)


@pytest.fixture
def busy(town):
    """Something of hangang on every page."""
    town.publish()
    for company in ("hangang", "namsan"):
        town.equip(company)
    town.session_id = town.connect("minjun.kim")
    town.connect("rival", "10.78.0.4")
    town.refuse("minjun.kim")
    return town


@pytest.mark.parametrize("path", CONSOLE)
def test_an_administrator_sees_nothing_of_another_company(busy, visit, path):
    anna, boss = visit("anna.schmidt@namsan"), visit("boss@hangang")

    boss.get(path)
    seen_by_boss = {word for word in OTHERS if word in _shown(boss.page)}
    anna.get(path)

    assert not {word for word in OTHERS if word in _shown(anna.page)}
    assert seen_by_boss or "verify" in path or "kind" in path or path == "/console/audit"


def test_a_person_of_another_company_is_not_there(busy, visit):
    anna = visit("anna.schmidt@namsan")
    stranger_id = busy.ids["minjun.kim"]

    for path in (
        f"/console/users/{stranger_id}",
        f"/console/users/{stranger_id}/explain",
        "/console/users/999",
    ):
        assert anna.get(path).status_code == 404
        assert "김민준" not in anna.page
    assert visit("boss@hangang").get(f"/console/users/{busy.ids['rival']}").status_code == 404


OTHERS_POLICY = (
    *("intranet", "payroll", "10.99.0", "staff-vpn", "dev-desktops"),
    *("vpn-users", "an engineer", "boss"),
)


def revision_of(town) -> str:
    with town.database.read() as conn:
        return policies.in_force(conn)


def base_of(browser):
    """What the page for editing says that a text is written over: a part's revision, or the whole's."""
    browser.get("/console/policy/edit")
    return re.search(r'name="replaces" value="([^"]*)"', browser.page)[1]


def save(browser, text, **more):
    form = {"document": text, "replaces": base_of(browser), "publish": "yes"}
    return browser.post("/console/policy/edit", **form, **more)


def test_of_the_policy_an_administrator_sees_what_is_their_companys_alone(busy, visit):
    anna = visit("anna.schmidt@namsan")

    for path in ("/console/policy", "/console/policy/edit"):
        assert anna.get(path).status_code == 200
        assert "namsan-lab" in anna.page
        assert not [word for word in OTHERS_POLICY if word in _whole(anna.page)]


LAB = "version: 1\nnetworks:\n  namsan-lab: {organization: namsan, to: [10.98.0.0/24]}\n"
OWN = LAB + "rules:\n  - {id: lab, permit: [network:namsan-lab], who: [organization:namsan]}\n"


def test_an_administrator_changes_what_is_their_companys_and_nothing_else_changes(busy, visit):
    anna = visit("anna.schmidt@namsan")
    before = busy.gate().policy.published().document

    assert save(anna, OWN).status_code == 200

    after = busy.gate().policy.published().document
    assert "id: lab" in after
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert CompanyPart(after, "hangang").shown() == CompanyPart(before, "hangang").shown()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (LAB + "rules:\n  - {id: staff-vpn, permit: [login:vpn], who: [organization:namsan]}\n", "staff-vpn"),
        (LAB + "rules:\n  - {id: in, permit: [network:payroll], who: [organization:namsan]}\n", "in"),
        (LAB + "rules:\n  - {id: in, permit: [login:vpn], who: [group:hangang/vpn-users]}\n", "in"),
        (LAB + "  payroll: {organization: namsan, to: [10.97.0.0/24]}\n", "payroll"),
    ],
)
def test_a_change_elsewhere_is_refused_by_its_name_and_changes_nothing(busy, visit, text, named):
    anna, before = visit("anna.schmidt@namsan"), revision_of(busy)

    assert save(anna, text).status_code == 422

    assert f"&#39;{named}&#39;" in anna.page
    assert "not namsan&#39;s alone" in anna.page
    assert revision_of(busy) == before
    typed = {word for word in OTHERS_POLICY if word in text}
    assert not [word for word in OTHERS_POLICY if word in _whole(anna.page) and word not in typed]


@pytest.mark.parametrize(
    "text",
    [
        LAB.replace("10.98.0.0/24", "10.99.0.0/24"),
        "version: 1\n",
        LAB + "rules:\n  - {id: new, permit: [network:pay], who: [group:hangang/engineer]}\n",
        LAB + "hours: {}\n",
        LAB + "rules:\n  - {id: new, permit: [network:namsan-lab], who: [group:namsan/nobody]}\n",
        "rules: [",
        "",
    ],
)
def test_what_is_wrong_with_their_part_names_nothing_of_others(busy, visit, text):
    anna = visit("anna.schmidt@namsan")

    for button in ({"check": "yes"}, {"publish": "yes"}):
        anna.post("/console/policy/edit", document=text, replaces=base_of(anna), **button)
        named = [word for word in OTHERS_POLICY if word in _whole(anna.page)]
        assert not [word for word in named if word not in text]


@pytest.mark.parametrize("promise", ["accept", "deny"])
@pytest.mark.parametrize("button", ["check", "publish"])
def test_a_promise_about_somebody_of_another_company_is_not_tried(busy, visit, promise, button):
    anna = visit("anna.schmidt@namsan")
    facts = 'facts: {via: vpn, otp_age: 5m, now: "2026-11-23T09:00:00+09:00"}'
    asked = f"tests:\n  - {{name: t, who: {{user: minjun.kim@hangang}}, {promise}: [login:vpn], {facts}}}\n"
    form = {"document": LAB + asked, "replaces": base_of(anna), button: "yes"}

    assert anna.post("/console/policy/edit", **form).status_code == 422
    assert "not namsan&#39;s alone" in anna.page


GROUPED = "who: {groups: [hangang/vpn-users], organization: namsan}"
NETWORKED = "who: {groups: [namsan/it-admins], organization: namsan}"


@pytest.mark.parametrize("button", ["check", "publish"])
@pytest.mark.parametrize(
    ("who", "promised"),
    [
        (GROUPED, "accept: [network:namsan-lab]"),
        (GROUPED, "deny: [network:namsan-lab]"),
        (NETWORKED, "accept: [network:intranet]"),
        (NETWORKED, "deny: [network:intranet]"),
    ],
)
def test_a_promise_does_not_tell_whether_another_companys_rule_permits(busy, visit, who, promised, button):
    anna = visit("anna.schmidt@namsan")
    facts = 'facts: {via: vpn, otp_age: 5m, now: "2026-11-23T09:00:00+09:00"}'
    text = f"{LAB}tests:\n  - {{name: t, {who}, {promised}, {facts}}}\n"

    anna.post("/console/policy/edit", document=text, replaces=base_of(anna), **{button: "yes"})

    assert "test &#39;t&#39;: not namsan&#39;s alone" in anna.page
    assert "names another one&#39;s groups or networks in a test" in anna.page
    said = _whole(anna.page).replace(text.replace('"', "&#34;"), "")
    assert not [word for word in ("denied", "permitted", "staff-vpn", "NO_PERMIT") if word in said]


def test_the_shelf_itself_refuses_what_an_administrator_of_one_company_writes_for_others(busy):
    anna = busy.gate().pages.person(busy.organization_id("namsan"), busy.ids["anna.schmidt"])
    text = busy.gate().policy.published().document

    with pytest.raises(NotYours, match="rule 'staff-vpn'"):
        busy.gate().policy.publish(text.replace("otp_age: 12h", "otp_age: 13h"), revision_of(busy), anna, "")


def test_an_explanation_names_no_rule_of_another_company(busy, visit):
    boss = visit("boss@hangang")
    shared = (
        busy.gate()
        .policy.published()
        .document.replace(
            "  - id: payroll-people",
            "  - {id: for-the-lab, permit: [network:namsan-lab], who: [group:namsan/secret-group]}\n"
            "  - {id: our-consent, permit: [network:namsan-lab], who: [organization:hangang],"
            " organization: hangang}\n"
            "  - id: payroll-people",
        )
    )
    with busy.database.write() as conn:
        row = {"organization_id": busy.organization_id("namsan"), "name": "secret-group"}
        conn.execute(insert(groups).values(entry_uuid="secret", dn="cn=secret-group", **row))
    assert save(boss, shared).status_code == 200

    for path in ("explain?via=vpn&object=network:namsan-lab", "explain?via=vpn"):
        boss.get(f"/console/users/{busy.ids['minjun.kim']}/{path}")
        assert "for-the-lab" not in boss.page
        assert "secret-group" not in boss.page
    minjun = visit("minjun.kim@hangang")
    minjun.get("/reach")
    assert "namsan-lab" in minjun.page
    assert minjun.get("/api/v1/me/reach").status_code == 200
    assert not [word for word in ("for-the-lab", "secret-group") if word in minjun.page]


GUESTS = """\
  - {id: own-vpn, permit: [login:vpn], who: [organization:namsan]}
  - {id: secret-welcome, permit: [login:vpn], who: [group:namsan/it-admins], organization: hangang}
  - {id: secret-vendor, permit: [login:vpn], who: ["user:anna.schmidt@namsan"], organization: hangang,
     when: {site: secret-room}}
  - {id: secret-wifi, permit: [login:wireless], who: [group:hangang/engineering], organization: hangang,
     when: {ssid: secret-ssid}}
  - id: payroll-people
"""


def named_companies(page, field):
    select = re.search(rf'<select[^>]* name="{field}">(.*?)</select>', page, re.DOTALL)[1]
    return set(re.findall(r'<option value="([^"]+)"', select))


def test_an_explanation_offers_the_companies_that_anybody_is_told_of_and_no_others(busy, visit):
    stranger, anna = visit(), visit("anna.schmidt@namsan")
    stranger.get("/sign-in")
    anna.get(f"/console/users/{busy.ids['rival']}")

    assert named_companies(anna.page, "nas") == named_companies(stranger.page, "company") - {"namsan"}
    assert named_companies(anna.page, "nas") == {"hangang"}


@pytest.mark.parametrize("via", ["vpn", "wireless", "wired", "device"])
@pytest.mark.parametrize("name", ["rival", "anna.schmidt"])
def test_an_explanation_at_the_nas_of_another_company_tells_nothing_of_its_rules(busy, visit, via, name):
    boss, anna = visit("boss@hangang"), visit("anna.schmidt@namsan")
    shared = busy.gate().policy.published().document.replace("  - id: payroll-people\n", GUESTS)
    assert save(boss, shared).status_code == 200

    anna.get(f"/console/users/{busy.ids[name]}/explain?via={via}&nas=hangang&code=fresh")

    assert re.search("(Permitted|Denied): login:", anna.page)
    assert "secret" not in _whole(anna.page)


@pytest.mark.parametrize("via", ["vpn", "wireless", "wired", "device"])
@pytest.mark.parametrize("name", ["rival", "anna.schmidt"])
def test_a_program_of_another_company_is_told_no_more_than_its_administrators(busy, pages, visit, via, name):
    boss, anna = visit("boss@hangang"), visit("anna.schmidt@namsan")
    shared = busy.gate().policy.published().document.replace("  - id: payroll-people\n", GUESTS)
    assert save(boss, shared).status_code == 200
    key = key_of(busy, "namsan", frozenset({Scope.EXPLAIN}), "watch")

    asked = {"user": name, "via": via, "object": "all", "nas_organization": "hangang", "code_age_s": 0}
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}
    told = pages.test_client().post(EXPLAIN, json=asked, headers=headers, base_url=f"http://{HOST}")

    assert told.status_code == 200
    assert "secret" not in told.text
    assert not [word for word in OTHERS_POLICY if word in told.text]
    for decision in told.json["decisions"]:
        page = f"explain?via={via}&nas=hangang&code=fresh&object={decision['object']}"
        anna.get(f"/console/users/{busy.ids[name]}/{page}")
        assert not [line for line in decision["lines"] if html.escape(line, quote=False) not in anna.page]


def test_the_head_office_is_the_company_that_is_set(busy):
    busy.head_office = "namsan"
    pages = create_app(busy.gate())

    anna = Browser(pages, busy).sign_in("anna.schmidt@namsan")
    assert anna.get("/console/policy").status_code == 200

    boss = Browser(pages, busy).sign_in("boss@hangang")
    assert boss.get("/console/policy").status_code == 200
    assert "namsan-lab" not in boss.page
    assert save(boss, OWN).status_code == 422
    assert "id: lab" not in busy.gate().policy.published().document


def test_what_no_rule_connects_a_person_with_is_not_named(busy, visit):
    anna = visit("anna.schmidt@namsan")
    own = f"/console/users/{busy.ids['rival']}"
    anna.get(own)
    assert "namsan-lab" in anna.page
    assert "payroll" not in anna.page

    assert anna.get(f"{own}/explain?via=vpn&object=network:payroll").status_code == 404
    assert anna.get(f"{own}/explain?via=vpn&object=network:namsan-lab").status_code == 200

    rival = visit("rival@namsan")
    rival.get("/reach")
    assert "payroll" not in rival.page


def test_a_case_is_for_its_owner_alone(busy, visit):
    owner, other = visit("minjun.kim@hangang"), visit("seoyeon.lee@hangang")

    assert owner.get(f"/case?code={CASE.lower()[:4]}-{CASE.lower()[4:]}").status_code == 200
    assert "has been used already" in owner.page
    told = []
    for code in (CASE, "00000000", "not a code"):
        assert other.get(f"/case?code={code}").status_code == 404
        told.append(other.page.replace(code, ""))
    assert len({_shown(page) for page in told}) == 1


def test_a_session_is_ended_by_its_owner_alone(busy, visit):
    other = visit("seoyeon.lee@hangang")
    other.post(f"/sessions/{busy.session_id}/end")
    line = busy.gate().pages.sessions_of(busy.ids["minjun.kim"])[0]
    assert line.disconnect == ""

    owner = visit("minjun.kim@hangang")
    owner.post(f"/sessions/{busy.session_id}/end")

    line = busy.gate().pages.sessions_of(busy.ids["minjun.kim"])[0]
    assert line.disconnect == "wanted"
    assert "The session is being ended." in owner.page


def test_records_are_those_of_ones_own_account(busy, visit):
    other = visit("seoyeon.lee@hangang")
    other.get("/records")

    assert "Signed in with a code" in other.page
    assert "has been used already" not in other.page


def test_what_a_directory_calls_people_and_groups_stays_text(busy, visit):
    smuggled = "<script>alert(1)</script>"
    with busy.database.write() as conn:
        mine = users.c.id == busy.ids["minjun.kim"]
        conn.execute(update(users).where(mine).values(display_name=smuggled, mail=smuggled, dn=smuggled))
        conn.execute(update(groups).where(groups.c.name == "engineering").values(name=smuggled))
        conn.execute(update(organizations).where(organizations.c.key == "hangang").values(name=smuggled))
    owner, boss = visit("minjun.kim@hangang"), visit("boss@hangang")
    for browser, paths in (
        (owner, ("/", "/reach", "/enrol", "/records")),
        (boss, ("/console", "/console/users?q=<script>", f"/console/users/{busy.ids['minjun.kim']}")),
    ):
        for path in paths:
            assert browser.get(path).status_code == 200
            assert smuggled not in browser.page, path
            assert "&lt;script&gt;" in browser.page, path


@pytest.mark.parametrize("typed", ["%", "_", "\\", "' OR 1=1 --"])
def test_what_is_typed_into_a_search_is_only_text(busy, typed):
    pages = busy.gate().pages
    organization_id = busy.organization_id("hangang")

    assert pages.people(Asked(organization_id, typed)) == []
    assert pages.sessions(Asked(organization_id, typed)) == []


def test_nobody_sees_a_seed(busy, visit):
    boss = visit("boss@hangang")
    boss.get(f"/console/users/{busy.ids['minjun.kim']}")

    assert "Phone 1" in boss.page
    assert "otpauth" not in boss.page


def test_the_town_has_two_companies(busy):
    with busy.database.read() as conn:
        assert conn.execute(select(organizations.c.key).order_by(organizations.c.id)).scalars().all() == [
            "hangang",
            "namsan",
        ]


def _whole(page: str) -> str:
    """All between head and foot, what was typed included, without the tokens of the forms."""
    body = page.partition("<main")[2].partition("</main>")[0]
    return "\n".join(line for line in body.splitlines() if "csrf_token" not in line)


def _shown(page: str) -> str:
    """The part between head and foot, without what was typed and the tokens of the forms."""
    body = page.partition("<main")[2].partition("</main>")[0]
    return "\n".join(
        line for line in body.splitlines() if "csrf_token" not in line and "<input" not in line
    ).replace("/console/users?q=", "")
