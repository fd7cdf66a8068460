"""The console: sessions, people, decisions, cases, devices, the policy, the audit."""

import re
from html import unescape

import pytest
from sqlalchemy import update

from access.nas.registry import Endpoint
from access.store import audit
from access.store.audit import Selection
from access.store.tables import devices, users, work
from tests.access.console.town import CASE, POLICY
from tests.access.residents import KEYRING


@pytest.fixture
def busy(town):
    town.publish()
    town.equip()
    town.connect("minjun.kim")
    town.connect("seoyeon.lee", "10.77.0.22")
    town.connect("desk", "10.77.0.23", state="ended")
    return town


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", {"김민준", "이서연"}),
        ("q=minjun", {"김민준"}),
        ("q=이서", {"이서연"}),
        ("q=10.77.0.22", {"이서연"}),
        ("q=02:00:00:AA:BB", {"김민준", "이서연"}),
        ("q=vpn-hangang", {"김민준", "이서연"}),
        ("via=vpn", {"김민준", "이서연"}),
        ("via=wired", set()),
        ("via=nonsense", {"김민준", "이서연"}),
        ("state=ended", {"박지우"}),
        ("q=zzz", set()),
    ],
)
def test_sessions_are_found_by_person_address_mac_and_place(busy, visit, query, seen):
    boss = visit("boss@hangang")
    boss.get(f"/console/sessions?{query}")

    assert {name for name in ("김민준", "이서연", "박지우") if name in boss.page} == seen


def test_the_table_alone_is_what_the_page_fetches_to_stay_fresh(busy, visit):
    boss = visit("boss@hangang")
    boss.get("/console/sessions?part=table")

    assert "김민준" in boss.page
    assert "<html" not in boss.page


@pytest.mark.parametrize(
    ("typed", "found"), [("minjun", 1), ("MINJUN", 1), ("김민", 1), ("kim", 0), ("새", 1)]
)
def test_people_are_found_by_the_beginning_of_either_name(busy, visit, typed, found):
    boss = visit("boss@hangang")
    boss.get(f"/console/users?q={typed}")

    assert boss.page.count('class="name"') == found


def test_a_person_page_shows_groups_phones_sessions_and_records(busy, visit):
    busy.refuse("minjun.kim")
    boss = visit("boss@hangang")
    boss.get(f"/console/users/{busy.ids['minjun.kim']}")

    for shown in ("hangang/engineering", "Phone 1", "VPN · 서울 hangang", "The code has been used already"):
        assert shown in boss.page


def test_a_person_page_shows_when_the_account_ends_where_it_does(busy, visit):
    boss = visit("boss@hangang")
    page = f"/console/users/{busy.ids['minjun.kim']}"
    boss.get(page)
    assert "Account ends" not in boss.page

    busy.end_account("minjun.kim", 1893456000.0)
    boss.get(page)

    assert "Account ends" in boss.page
    assert "2030" in boss.page


def test_a_decision_is_explained_with_what_would_help(busy, visit):
    boss = visit("boss@hangang")
    own = f"/console/users/{busy.ids['minjun.kim']}/explain"

    boss.get(f"{own}?via=vpn&object=network:intranet")
    assert "Rule staff-vpn permits: Staff work from anywhere" in boss.page
    boss.get(f"{own}?via=vpn&object=network:payroll")
    assert "Denied: network:payroll" in boss.page
    assert "membership of the group hangang/it-admins" in boss.page

    watcher = f"/console/users/{busy.ids['watcher']}/explain?via=vpn"
    boss.get(watcher)
    assert "Denied: login:vpn" in boss.page


def test_an_account_that_is_over_is_explained_as_the_login_would_refuse_it(busy, visit):
    with busy.database.write() as conn:
        conn.execute(update(users).where(users.c.name == "minjun.kim").values(enabled=False))
    boss = visit("boss@hangang")

    boss.get(f"/console/users/{busy.ids['minjun.kim']}/explain?via=vpn&object=network:intranet")

    assert "Denied: network:intranet" in boss.page
    assert "Rule staff-vpn permits" not in boss.page


def test_without_a_session_a_code_is_taken_as_missing_unless_said_otherwise(busy, visit):
    busy.connect("boss", "10.77.0.30", state="ended")
    boss = visit("boss@hangang")
    own = f"/console/users/{busy.ids['seoyeon.lee']}/explain?via=wired&object=network:intranet"

    boss.get(own)
    assert "Enter a new code" in boss.page
    boss.get(own + "&code=fresh")

    assert "Permitted: network:intranet" in boss.page


def test_a_login_is_explained_at_the_nas_of_another_company(busy, visit):
    boss = visit("boss@hangang")
    own = f"/console/users/{busy.ids['minjun.kim']}/explain?via=vpn&code=fresh"

    boss.get(own)
    assert "Permitted: login:vpn" in boss.page
    boss.get(f"{own}&nas=namsan")

    assert "The organization namsan has to permit it, too" in boss.page
    anna = visit("anna.schmidt@namsan")
    anna.get(f"/console/users/{busy.ids['rival']}/explain?via=vpn&nas=hangang")
    assert "The organization hangang has to permit it, too" in anna.page


def test_what_is_seldom_supposed_is_folded_until_it_is_used(busy, visit):
    boss = visit("boss@hangang")
    own = f"/console/users/{busy.ids['minjun.kim']}/explain?via=wireless"

    boss.get(own)
    assert '<details class="more">' in boss.page
    boss.get(f"{own}&ssid=office")

    assert '<details class="more" open>' in boss.page
    assert (
        'name="ssid" maxlength="200" autocomplete="off" placeholder="as in the session" value="office"'
        in (boss.page)
    )


SUPPOSED = {
    "endpoint": ("{endpoint: [managed]}", "&endpoint=00:00:5e:00:53:99", "&endpoint=00-00-5e-00-53-98"),
    "sessions": ("{sessions: 2}", "&sessions=1", "&sessions=2"),
    "risk": ("{risk: medium}", "&risk=medium", "&risk=high"),
    "method": ("{method: eap-tls}", "&method=eap-tls", "&method=mab"),
    "ssid": ("{ssid: office}", "&ssid=office", "&ssid=guests"),
    "site": ("{site: seoul}", "&site=seoul", "&site="),
    "group": ("{nas_group: core}", "&group=core", "&group=edge"),
    "source": ("{source: 203.0.113.0/24}", "&source=203.0.113.7", "&source=203.0.114.7"),
}


def payroll_when(condition: str) -> str:
    rule = f"{{id: at, permit: [network:payroll], who: [group:hangang/vpn-users], when: {condition}}}"
    return POLICY.replace("tests:\n", f"  - {rule}\ntests:\n", 1)


@pytest.mark.parametrize("name", SUPPOSED)
def test_a_decision_is_explained_under_what_is_supposed(busy, visit, name):
    condition, permitted, denied = SUPPOSED[name]
    busy.publish_over(payroll_when(condition))
    mine = Endpoint(0, 1, "00-00-5e-00-53-99", "laptop", "minjun.kim@hangang", busy.now + 86400, managed=True)
    busy.gate().endpoints.register(mine, "test", busy.now)
    boss = visit("boss@hangang")
    own = f"/console/users/{busy.ids['minjun.kim']}/explain?via=wired&object=network:payroll"

    boss.get(own + permitted)
    assert "Permitted: network:payroll" in boss.page
    boss.get(own + denied)

    assert "Denied: network:payroll" in boss.page


def test_what_another_company_registered_is_known_to_nobody_here(busy, visit):
    busy.publish_over(payroll_when("{endpoint: [managed]}"))
    namsan = busy.organization_id("namsan")
    other = Endpoint(0, namsan, "00-00-5e-00-53-97", "x", "rival@namsan", busy.now + 86400, managed=True)
    busy.gate().endpoints.register(other, "test", busy.now)
    boss = visit("boss@hangang")
    own = f"/console/users/{busy.ids['minjun.kim']}/explain?via=wired&object=network:payroll&endpoint="

    boss.get(own + "00-00-5e-00-53-97")
    registered = boss.page.replace("53-97", "53-96")
    boss.get(own + "00-00-5e-00-53-96")

    assert "Denied: network:payroll" in boss.page
    assert boss.page == registered


@pytest.mark.parametrize(
    "typed", ["endpoint=nowhere", "sessions=-1", "sessions=1001", "sessions=x", "source=here"]
)
def test_what_cannot_be_supposed_is_said_and_kept_in_the_form(busy, visit, typed):
    boss = visit("boss@hangang")

    answer = boss.get(f"/console/users/{busy.ids['minjun.kim']}/explain?via=vpn&{typed}")

    assert answer.status_code == 400
    assert "It is not explained" in boss.page
    assert f'value="{typed.partition("=")[2]}"' in boss.page


def test_a_case_is_a_timeline_with_the_time_each_step_took(busy, visit):
    busy.refuse("minjun.kim")
    desk = visit("desk@hangang")
    desk.get(f"/console/cases?code={CASE}")

    for shown in ("CODE_REPLAYED", "3.4 ms", "1.2 ms", "minjun.kim@hangang", "What an administrator can do"):
        assert shown in desk.page
    assert desk.get("/console/cases?code=00000001").status_code == 404


def test_a_device_that_is_behind_or_fails_says_so(busy, visit):
    watcher = visit("watcher@hangang")
    watcher.get("/console/devices")
    assert "as intended" in watcher.page

    with busy.database.write() as conn:
        conn.execute(update(work).where(work.c.lane == "membership").values(wanted=9))
    watcher.get("/console/devices")
    assert "catching up" in watcher.page

    with busy.database.write() as conn:
        conn.execute(update(work).values(failures=3, failure="no route to host"))
        conn.execute(update(devices).values(failed_at=busy.now, failure="<b>no route</b>"))
    watcher.get("/console/devices")
    assert "no route to host" in watcher.page
    assert "&lt;b&gt;no route" in watcher.page


@pytest.mark.parametrize("path", ["/console/users/{}", "/console/users/{}/explain?via=vpn"])
def test_a_number_no_database_has_is_an_address_that_leads_nowhere(busy, visit, path):
    boss = visit("boss@hangang")

    for number in (2**63 - 1, 2**63, 10**40):
        assert boss.get(path.format(number)).status_code == 404


def test_the_policy_is_shown_with_its_lines(busy, visit):
    boss = visit("boss@hangang")
    boss.get("/console/policy")

    assert '<li id="line-1">version: 1</li>' in boss.page
    assert "boss@hangang" in boss.page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("does not ask for otp_age", "Nothing ends within 30 days.")),
        ("ko", ("otp_age 조건이 없어도", "30일 안에 끝나는 것이 없습니다.")),
    ],
)
def test_rules_that_no_test_guards_and_what_ends_are_shown_to_the_head_office(busy, visit, language, words):
    boss = visit("boss@hangang", language=language)
    boss.get("/console/policy/proof")

    for each in words:
        assert each in boss.page


def test_another_company_does_not_read_what_the_whole_policy_does(busy, visit):
    rival = visit("anna.schmidt@namsan")

    assert rival.get("/console/policy/proof").status_code == 403


def test_a_draft_with_mistakes_is_not_published_and_every_mistake_is_named(busy, visit):
    boss = visit("boss@hangang")
    boss.get("/console/policy/edit")
    replaces = _hidden(boss.page, "replaces")
    wrong = POLICY.replace("10.99.0.0/25", "10.99.0.0/99").replace("group:hangang/it-admins", "group:nobody")

    answer = boss.post("/console/policy/edit", document=wrong, replaces=replaces, publish="yes")

    assert answer.status_code == 422
    assert "line 3" in boss.page
    assert "10.99.0.0/99" in unescape(boss.page)
    assert busy.gate().policy.published().document == POLICY


def test_a_draft_that_breaks_its_own_tests_is_not_published(busy, visit):
    boss = visit("boss@hangang")
    boss.get("/console/policy/edit")
    broken = POLICY.replace("deny: [network:payroll]", "deny: [network:intranet]")

    answer = boss.post("/console/policy/edit", document=broken, note='why "so"', check="yes")

    assert answer.status_code == 422
    assert 'value="why &#34;so&#34;"' in boss.page
    assert "an engineer reaches the intranet" in boss.page


def test_a_right_draft_is_checked_then_published(busy, visit):
    boss = visit("boss@hangang")
    boss.get("/console/policy/edit")
    replaces, changed = _hidden(boss.page, "replaces"), POLICY.replace("12h", "6h")

    assert boss.post("/console/policy/edit", document=changed, check="yes").status_code == 200
    assert "1 tests of the document pass." in boss.page
    as_sent = changed.replace("\n", "\r\n")
    boss.post("/console/policy/edit", document=as_sent, replaces=replaces, note="shorter", publish="yes")

    assert boss.path == "/console/policy"
    assert "The policy is published." in boss.page
    assert busy.gate().policy.published().document == changed
    boss.get("/console/audit?kind=policy")
    assert boss.page.count("Policy was published") == 2


def test_whoever_was_slower_does_not_undo_what_the_other_did(busy, visit):
    first, second = visit("boss@hangang"), visit("boss@hangang")
    for browser in (first, second):
        browser.get("/console/policy/edit")
    replaces = _hidden(second.page, "replaces")
    first.post("/console/policy/edit", document=POLICY.replace("12h", "6h"), replaces=replaces, publish="y")

    late = POLICY.replace("12h", "1h")
    answer = second.post("/console/policy/edit", document=late, replaces=replaces, publish="y")

    assert answer.status_code == 409
    assert "somebody else was faster" in second.page
    assert "6h" in busy.gate().policy.published().document


def test_repeats_of_a_login_are_one_line_with_a_count_and_can_be_unfolded(busy, visit):
    for _ in range(30):
        busy.refuse("minjun.kim")
    busy.refuse("seoyeon.lee")
    boss = visit("boss@hangang")
    boss.get("/console/audit?kind=login")
    folded = boss.page.count("The code has been used already</span>")
    assert 'class="number">30<' in boss.page

    boss.get("/console/audit?kind=login&each=yes")

    assert folded == 2
    assert boss.page.count("The code has been used already</span>") == 31


def test_the_audit_goes_back_page_by_page(busy, visit):
    for _ in range(60):
        busy.refuse("minjun.kim")
    boss = visit("boss@hangang")
    boss.get("/console/audit?kind=login&each=yes")
    older = unescape(
        boss.page.partition('class="button second" href="/console/audit?q=')[2].partition('"')[0]
    )
    newest = boss.page.count("<tr>")

    boss.get("/console/audit?q=" + older)

    assert (newest, boss.page.count("<tr>")) == (51, 11)


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("q=minjun", {"minjun.kim"}),
        ("q=vpn-hangang", {"minjun.kim", "seoyeon.lee"}),
        ("q=02:00:00:AA", {"minjun.kim"}),
        ("q=020000aabb01", {"minjun.kim"}),
        ("q=" + CASE[:4], {"minjun.kim", "seoyeon.lee"}),
        ("reason=WRONG_CODE", {"seoyeon.lee"}),
        ("reason=NO_PERMIT", set()),
        ("q=nothing-like-it", set()),
    ],
)
def test_records_are_found_by_person_mac_nas_case_and_reason(town, visit, query, seen):
    town.equip()
    town.refuse("minjun.kim", endpoint="02-00-00-aa-bb-01")
    town.refuse("seoyeon.lee", reason="WRONG_CODE", endpoint="00-00-5e-00-53-01")
    town.refuse("rival", endpoint="02-00-00-aa-bb-01")
    boss = visit("boss@hangang")
    boss.get(f"/console/audit?kind=login&{query}")

    assert {name for name in ("minjun.kim", "seoyeon.lee", "rival") if f">{name}@" in boss.page} == seen


def test_the_audit_tells_who_changed_what_apart(town, visit):
    town.equip()
    boss = visit("boss@hangang")
    boss.get("/console/endpoints")
    boss.post("/console/endpoints", mac="00-11-22-33-44-55", name="2F printer", owner="minjun.kim", days="9")
    boss.get("/console/audit?kind=endpoint")

    person, place = (
        re.search(rf'<td data-label="{column}".*?</td>', boss.page)[0] for column in ("Person", "Place")
    )
    assert "boss@hangang" in person and "2F printer" not in person
    assert "2F printer" in place
    boss.get("/network-passwords")
    boss.post("/network-passwords", nickname="laptop", days="9")
    made = boss.get("/console/audit?kind=enrolment").get_data(as_text=True)
    assert "Network password was made" in made
    assert ">by " not in made


def test_verifying_says_whether_the_records_hold(busy, visit):
    boss = visit("boss@hangang")
    boss.get("/console/audit?verify=yes")

    assert "The records hold" in boss.page


def _hidden(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("way", "wanted"), [("disconnect", ("end", "wanted")), ("reauthenticate", ("reauthenticate", "wanted"))]
)
def test_the_desk_ends_a_session_or_has_it_log_in_anew_and_the_audit_says_who(busy, visit, way, wanted):
    session_id = busy.connect("boss", "10.77.0.31")
    desk = visit("desk@hangang")
    desk.get("/console/sessions")
    desk.post(f"/console/sessions/{session_id}/{way}")

    assert busy.wish(session_id) == wanted
    with busy.database.read() as conn:
        newest = audit.records(conn, Selection(user_id=busy.ids["boss"]), KEYRING)
    told = next(record for record in newest if record.session_id == session_id)
    assert (told.kind, told.detail["by"]) == ("session", "desk@hangang")


@pytest.mark.parametrize(("who", "status"), [("watcher@hangang", 403), ("minjun.kim@hangang", 403)])
def test_nobody_else_ends_the_sessions_of_others(busy, visit, who, status):
    session_id = busy.connect("boss", "10.77.0.31")
    visitor = visit(who)

    assert visitor.post(f"/console/sessions/{session_id}/disconnect").status_code == status
    assert busy.wish(session_id) == ("end", "")


def test_the_session_of_another_company_is_not_ended(busy, visit):
    busy.equip("namsan")
    theirs = busy.connect("rival", "10.77.0.40")

    visit("desk@hangang").post(f"/console/sessions/{theirs}/disconnect")

    assert busy.wish(theirs) == ("end", "")


def test_who_had_an_address_is_found_for_a_moment_in_the_own_company(busy, visit):
    busy.lease(busy.connect("seoyeon.lee", "10.77.0.31"), "10.77.0.31/32")
    boss = visit("boss@hangang")

    boss.get("/console/addresses?q=10.77.0.31")
    assert "이서연" in boss.page
    boss.get("/console/addresses?q=10.77.0.31&at=2020-01-01T00:00")
    assert "이서연" not in boss.page
    stranger = visit("anna.schmidt@namsan")
    stranger.get("/console/addresses?q=10.77.0.31")
    assert "이서연" not in stranger.page


@pytest.mark.parametrize(
    "query", ["q=10.77.0", "q=10.77.0.31&at=yesterday", "q=10.77.0.31&at=9999-12-31T23:59"]
)
def test_what_is_no_address_or_no_moment_is_said_so(busy, visit, query):
    boss = visit("boss@hangang")
    boss.get(f"/console/addresses?{query}")

    assert "<form" in boss.page
