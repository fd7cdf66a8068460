"""A company's own part of the policy has the life that the whole has, and never shows what others have."""

import html
import re

import pytest

from access.changes.outlook import Budget
from access.changes.publishing import Draft
from access.store import audit, drafts
from access.store.audit import Selection
from tests.access.console.test_leaks import OTHERS_POLICY, base_of
from tests.access.console.town import POLICY
from tests.access.residents import KEYRING

CHANGES, EDIT, WAVE = "/console/policy/changes", "/console/policy/edit", "/console/policy/wave"
# Of the other company: names, rules, networks, people, and how its people are called.
OTHERS = (*OTHERS_POLICY, "hangang", "seoyeon", "minjun")
WORKS = POLICY.replace(
    "tests:\n",
    """\
  - {id: lab, permit: [network:namsan-lab], who: [group:namsan/staff]}
  - {id: namsan-vpn, permit: [login:vpn], who: [group:namsan/staff]}
tests:
""",
)


@pytest.fixture
def office(town):
    """namsan has four people of its staff and two administrators: anna.schmidt and rival."""
    town.put_into("rival", "it-admins", "namsan")
    for name in ("anna.schmidt", "rival"):
        town.put_into(name, "staff", "namsan")
    town.publish(WORKS)
    return town


@pytest.fixture
def strict(office):
    """One person is too many for one administrator alone."""
    office.budget = Budget(percent=0, people=1)
    return office


@pytest.fixture
def alone(town):
    """The same with anna as the only administrator of namsan."""
    town.budget = Budget(percent=0, people=1)
    town.put_into("anna.schmidt", "staff", "namsan")
    town.publish(WORKS)
    return town


def part_of(browser) -> str:
    browser.get(EDIT)
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", browser.page, re.DOTALL)
    return html.unescape(text[1])


def write(browser, text: str, button: str, **more: str):
    values = {"document": text, "replaces": base_of(browser), "note": "ours", button: "y", **more}
    return browser.post(EDIT, **values)


def hidden(browser, name: str = "revision") -> str:
    return re.search(f'name="{name}" value="([^"]*)"', browser.page)[1]


def main(browser) -> str:
    """The page without its frame, and without the companies that the page for signing in names to anybody."""
    shown = browser.page.partition("<main")[2].partition("</main>")[0]
    return html.unescape(re.sub(r'<select[^>]* name="nas">.*?</select>', "", shown, flags=re.DOTALL))


def shown_of_others(browser) -> list[str]:
    return [word for word in OTHERS if word in main(browser)]


def narrowed(browser) -> str:
    return part_of(browser).replace("10.98.0.0/24", "10.98.0.0/25")


def without_lab(browser) -> str:
    return "".join(
        line for line in re.split(r"(?m)^(?=  - )", part_of(browser)) if not line.startswith("  - id: lab")
    )


def in_force(town) -> str:
    return town.gate().policy.published().document


def test_a_draft_of_a_part_is_kept_shown_and_published_with_nothing_else_changed(office, visit):
    anna, before = visit("anna.schmidt@namsan"), in_force(office)

    write(anna, narrowed(anna), "save")
    here = anna.path
    assert here == f"{CHANGES}/1"
    assert "Nothing stands in the way of publishing it" in anna.page
    assert "10.98.0.0/25" in main(anna)
    assert in_force(office) == before
    anna.get(CHANGES)
    assert "ours" in anna.page
    anna.get(here)
    anna.post(f"{here}/publish", revision=hidden(anna))

    assert anna.path == "/console/policy"
    after = in_force(office)
    assert "10.98.0.0/25" in after
    assert [line for line in before.splitlines() if "namsan-lab:" not in line] == [
        line for line in after.splitlines() if "namsan-lab:" not in line
    ]
    assert office.gate().policy.changes.drafts() == []


def test_a_draft_may_have_mistakes_and_says_them_without_what_others_have(office, visit):
    anna = visit("anna.schmidt@namsan")

    write(anna, part_of(anna).replace("10.98.0.0/24", "10.99.0.0/25"), "save")

    assert "It cannot be published." in anna.page
    assert "does not fit with what another organization has written" in main(anna)
    assert not [word for word in shown_of_others(anna) if word != "10.99.0"]
    write(anna, "rules: [", "save")
    assert "It cannot be published." in anna.page


def test_publishing_takes_a_fresh_code_and_keeps_what_was_typed(office, visit):
    anna, before = visit("anna.schmidt@namsan"), in_force(office)
    office.now += 11 * 60

    write(anna, narrowed(anna), "publish")

    assert anna.path == "/confirm"
    assert in_force(office) == before
    kept = office.gate().policy.changes.draft(1)
    assert (kept.organization, "10.98.0.0/25" in kept.text) == ("namsan", True)
    anna.get(f"{CHANGES}/1")
    anna.post(f"{CHANGES}/1/publish", revision=hidden(anna))
    assert anna.path == "/confirm"
    assert in_force(office) == before


def test_what_takes_too_much_from_its_people_waits_for_another_administrator_of_the_company(strict, visit):
    anna, rival, boss = (visit(each) for each in ("anna.schmidt@namsan", "rival@namsan", "boss@hangang"))
    before = in_force(strict)

    write(anna, without_lab(anna), "publish")
    here = anna.path
    assert here == f"{CHANGES}/1"
    assert "Another administrator has to approve it" in anna.page
    assert "It takes something from 2 of 2 in namsan." in main(anna)
    assert in_force(strict) == before
    anna.post(f"{here}/approve", revision=strict.gate().policy.changes.draft(1).revision)
    assert "You wrote this change yourself" in anna.page

    boss.get(here)
    assert "Part of namsan" in boss.page
    boss.post(f"{here}/approve", revision=hidden(boss))
    assert "needs the word of an administrator of the companies" in boss.page

    rival.get(CHANGES)
    assert "waits for approval" in rival.page
    rival.get(here)
    rival.post(f"{here}/approve", revision=hidden(rival))
    assert "You have approved it." in rival.page
    anna.get(here)
    anna.post(f"{here}/publish", revision=hidden(anna))
    assert "id: lab" not in in_force(strict)
    anna.get("/console/policy/history")
    assert "approved by rival@namsan" in anna.page


def test_where_a_company_has_no_other_administrator_the_head_office_approves_and_is_not_named(alone, visit):
    town = alone
    anna, boss = visit("anna.schmidt@namsan"), visit("boss@hangang")
    write(anna, without_lab(anna), "publish")
    here = anna.path

    boss.get(CHANGES)
    assert here in boss.page
    boss.get(here)
    boss.post(f"{here}/approve", revision=hidden(boss))
    assert "You have approved it." in boss.page

    anna.get(here)
    assert "the head office" in main(anna)
    assert not shown_of_others(anna)
    anna.post(f"{here}/publish", revision=hidden(anna))
    assert "id: lab" not in in_force(town)
    anna.get("/console/audit?kind=policy")
    assert not shown_of_others(anna)


BOTH = "who: [group:namsan/staff, group:hangang/vpn-users]"
SHARED = WORKS.replace(
    "{id: lab, permit: [network:namsan-lab], who: [group:namsan/staff]",
    f"{{id: lab, permit: [network:namsan-lab], {BOTH}",
)
CONSENT = """\
  - id: out
    permit: [network:namsan-lab]
    who: [group:hangang/vpn-users]
    organization: hangang
"""


@pytest.mark.parametrize("consents", [True, False])
def test_what_is_taken_from_people_of_others_needs_a_second_person_whoever_they_are(office, visit, consents):
    """And the same whether the other company lets anybody through: that is not to be found out by trying."""
    office.publish_over(SHARED.replace("tests:\n", f"{CONSENT if consents else ''}tests:\n"))
    anna = visit("anna.schmidt@namsan")
    own = part_of(anna)
    assert "group:hangang/vpn-users" in own

    write(anna, own.replace(", group:hangang/vpn-users", ""), "publish")

    assert "group:hangang/vpn-users" in in_force(office)
    assert "It takes back or narrows what you permit people of other companies." in main(anna)
    assert "It takes something from" not in main(anna)
    assert "Nothing changes for anybody of your company." in main(anna)
    seen = [word for word in OTHERS if word in main(anna).replace("group:hangang/vpn-users", "")]
    assert not seen


def test_another_companys_publication_meanwhile_is_kept_and_stands_in_nobodys_way(strict, visit):
    anna, rival = visit("anna.schmidt@namsan"), visit("rival@namsan")
    write(anna, without_lab(anna), "publish")
    here = anna.path
    rival.get(here)
    rival.post(f"{here}/approve", revision=hidden(rival))
    strict.budget = Budget()
    strict.publish_over(in_force(strict).replace("10.99.0.128/28", "10.99.0.128/27"))

    anna.get(here)
    assert "Nothing stands in the way of publishing it" in anna.page
    anna.post(f"{here}/publish", revision=hidden(anna))

    assert "id: lab" not in in_force(strict)
    assert "10.99.0.128/27" in in_force(strict)


def test_a_part_that_was_changed_meanwhile_is_a_conflict_in_which_nothing_is_lost(office, visit):
    anna = visit("anna.schmidt@namsan")
    mine, base = narrowed(anna), base_of(anna)
    office.publish_over(in_force(office).replace("id: lab,", "id: laboratory,"))

    anna.post(EDIT, document=mine, replaces=base, note="ours", publish="y")

    assert anna.path == f"{CHANGES}/1"
    assert "Your company's part was changed after this was written" in main(anna)
    _, meanwhile, own = re.split("What has changed meanwhile|What this draft changes", main(anna))
    assert "+  - id: laboratory" in meanwhile
    assert "10.98.0.0/25" in own
    assert "laboratory" not in own
    assert office.gate().policy.changes.draft(1).text == mine
    assert "10.98.0.0/25" not in in_force(office)
    assert "/publish" not in anna.page

    anna.get(f"{EDIT}?draft=1")
    assert "What others have changed meanwhile is taken over below." in anna.page
    assert "Both of you" not in anna.page
    merged = html.unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", anna.page, re.DOTALL)[1])
    anna.post(EDIT, document=merged, replaces=hidden(anna, "replaces"), draft="1", save="y")
    assert anna.path == f"{CHANGES}/1"
    anna.post(f"{CHANGES}/1/publish", revision=hidden(anna))
    assert "10.98.0.0/25" in in_force(office)
    assert "id: laboratory" in in_force(office)


def test_what_both_have_changed_is_named_and_stands_as_in_the_draft(office, visit):
    anna = visit("anna.schmidt@namsan")
    write(anna, narrowed(anna), "save")
    office.publish_over(in_force(office).replace("10.98.0.0/24", "10.98.0.0/26"))

    anna.get(f"{EDIT}?draft=1")
    assert "Both of you have changed network 'namsan-lab': it stands as in your draft." in main(anna)
    assert "10.98.0.0/25" in anna.page
    write(anna, "rules: [", "save", draft="1")
    anna.get(f"{EDIT}?draft=1")
    assert "rules: [" in anna.page
    assert "taken over" not in anna.page


def test_a_draft_is_for_its_company_alone(office, visit):
    anna, boss = visit("anna.schmidt@namsan"), visit("boss@hangang")
    write(anna, narrowed(anna), "save")
    theirs = office.keep_draft(WORKS + "# a word\n")

    for browser, number in ((boss, 1), (anna, theirs)):
        never = [browser.get(f"{CHANGES}/99").status_code, main(browser)]
        assert [browser.get(f"{CHANGES}/{number}").status_code, main(browser)] == never
        for action in ("approve", "submit", "drop", "publish", "waves"):
            assert browser.post(f"{CHANGES}/{number}/{action}", revision="x").status_code == 404
        assert browser.get(f"{EDIT}?draft={number}").status_code == 404
        for path in ("replay", "ahead"):
            assert browser.get(f"{CHANGES}/{number}/{path}").status_code in (403, 404)
    anna.get(CHANGES)
    assert f"{CHANGES}/{theirs}" not in anna.page
    boss.get(CHANGES)
    assert f'{CHANGES}/1"' not in boss.page
    assert len(office.gate().policy.changes.drafts()) == 2


def test_another_companys_draft_is_not_written_over_by_its_number(office, visit):
    anna = visit("anna.schmidt@namsan")
    theirs = office.keep_draft(WORKS + "# a word\n")

    write(anna, narrowed(anna), "save", draft=str(theirs))

    assert office.gate().policy.changes.draft(theirs).text == WORKS + "# a word\n"
    assert anna.path == f"{CHANGES}/{theirs + 1}"


def test_the_head_office_approves_a_submitted_part_and_neither_edits_nor_publishes_it(strict, visit):
    anna, boss = visit("anna.schmidt@namsan"), visit("boss@hangang")
    write(anna, without_lab(anna), "publish")

    assert boss.get(f"{CHANGES}/1").status_code == 200
    for action in ("submit", "drop", "publish", "waves"):
        assert boss.post(f"{CHANGES}/1/{action}", revision="x").status_code == 403
    assert boss.get(f"{EDIT}?draft=1").status_code == 403
    for path in ("replay", "ahead"):
        assert boss.get(f"{CHANGES}/1/{path}").status_code == 404


def test_a_part_comes_in_waves_that_its_company_moves_and_no_other_sees(office, visit):
    anna, before = visit("anna.schmidt@namsan"), in_force(office)
    write(anna, narrowed(anna), "save")
    anna.post(f"{CHANGES}/1/waves", waves="organization:namsan,100%", pause="10m", revision=hidden(anna))

    assert anna.path == WAVE
    assert "organization:namsan" in anna.page
    assert not shown_of_others(anna)
    rollout = office.gate().policy.waves.current()
    assert not [each for each in (rollout.revision, rollout.base) if each[:12] in anna.page]
    assert rollout.part[:12] in main(anna)
    assert in_force(office) == before
    anna.post(f"{WAVE}/hold", seen=hidden(anna, "seen"))
    assert "The wave is held" in anna.page
    anna.post(f"{WAVE}/next", seen=hidden(anna, "seen"))
    assert "10.98.0.0/25" in in_force(office)
    anna.get("/console/policy/history")
    assert "ours" in anna.page
    assert office.gate().policy.changes.drafts() == []


def test_waves_of_others_are_not_there_and_stop_publishing_without_a_word_of_whose(office, visit):
    anna, boss = visit("anna.schmidt@namsan"), visit("boss@hangang")
    write(anna, narrowed(anna), "save")
    anna.get(WAVE)
    none = main(anna)
    theirs = office.keep_draft(WORKS + "# a word\n")
    boss.get(f"{CHANGES}/{theirs}")
    boss.post(f"{CHANGES}/{theirs}/waves", waves="1%,100%", pause="10m", revision=hidden(boss))

    anna.get(WAVE)
    assert main(anna) == none
    for action in ("next", "hold", "back"):
        assert (
            anna.post(f"{WAVE}/{action}", seen=office.gate().policy.waves.current().mark).status_code == 409
        )
    anna.get(f"{CHANGES}/1")
    assert "Nothing can be published at the moment. Try again later." in anna.page
    assert not [word for word in ("waves", *OTHERS) if word in main(anna)]
    assert office.gate().policy.waves.current() is not None
    assert not office.gate().policy.waves.current().held


def policy_records(town, company: str | None):
    with town.database.read() as conn:
        of = town.organization_id(company) if company else None
        found = audit.records(conn, Selection(kind="policy", limit=50), KEYRING)
    return [each.detail for each in found if each.organization_id == of]


def test_the_audit_of_a_company_has_what_its_own_did_and_no_revision_of_the_whole(office, visit):
    anna = visit("anna.schmidt@namsan")
    write(anna, narrowed(anna), "save")
    anna.post(f"{CHANGES}/1/publish", revision=hidden(anna))
    with office.database.read() as conn:
        told = drafts.history(conn)
    whole = {each.revision for each in told} | {each.replaced for each in told}

    own = policy_records(office, "namsan")
    assert [each["what"] for each in own] == ["policy.published", "policy.draft-saved"]
    assert all(each["author"] == "anna.schmidt@namsan" for each in own)
    assert not [value for each in own for value in each.values() if value in whole - {""}]
    assert policy_records(office, None)[0]["organization"] == "namsan"
    for path in ("/console/audit", f"/console/users/{office.ids['anna.schmidt']}", "/records"):
        anna.get(path)
        assert not [each for each in whole if each and each[:12] in anna.page]


def test_no_page_of_a_company_shows_a_revision_of_the_whole(office, visit):
    anna = visit("anna.schmidt@namsan")
    write(anna, narrowed(anna), "save")
    revision = office.gate().policy.published().revision[:12]

    for path in (
        "/console/policy",
        EDIT,
        CHANGES,
        f"{CHANGES}/1",
        "/console/policy/history",
        "/console/policy/history/1",
        WAVE,
        f"/console/users/{office.ids['rival']}/explain?via=vpn&object=network:namsan-lab",
    ):
        assert anna.get(path).status_code == 200
        assert revision not in anna.page, path
        assert not [word for word in OTHERS if word in main(anna)], path


FAST = """\
  - id: fast
    permit: [login:vpn]
    who: [group:hangang/engineering]
    gives: {bandwidth: {up: 5M}}
"""


def test_what_a_nas_of_the_company_cannot_be_told_by_anothers_rule_is_not_said(office, visit):
    office.equip("namsan")
    office.publish_over(in_force(office).replace("tests:\n", f"{FAST}tests:\n"))
    desk = office.gate().policy
    whole = Draft(in_force(office) + "# a word\n", "boss", desk.published().revision)
    seen = desk.changes.rehearse(whole).preview.of("namsan")
    assert [each.rule for each in seen.untold] == ["fast"]
    anna = visit("anna.schmidt@namsan")

    write(anna, narrowed(anna), "save")

    assert "What it would do" in anna.page
    assert "POLICY_CONFLICT" not in anna.page
    assert not shown_of_others(anna)


def test_the_pages_of_a_part_speak_korean(strict, visit):
    anna = visit("anna.schmidt@namsan", language="ko")

    write(anna, without_lab(anna), "publish")
    assert "다른 관리자의 승인이 필요합니다" in anna.page
    write(anna, part_of(anna).replace("10.98.0.0/24", "10.99.0.0/25"), "save")
    assert "다른 회사의 내용과 맞지 않습니다" in anna.page
    strict.budget = Budget()
    strict.publish_over(in_force(strict).replace("id: lab,", "id: laboratory,"))
    anna.get(f"{CHANGES}/1")
    assert "우리 회사 부분이" in anna.page
