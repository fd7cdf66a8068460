"""Changes of the policy on the pages: draft, preview, approval by a second person, publication, and back."""

import re

import pytest
from sqlalchemy import select, update

from access.changes.outlook import Budget
from access.changes.publishing import Draft
from access.changes.rollout import Rollout
from access.policy.document import load
from access.policy.standing import Kept, Standing, StandingKind
from access.policy.waves import Wave
from access.store import standing
from access.store.rollouts import StoredRollouts
from access.store.tables import users
from tests.access.console.browser import Browser
from tests.access.console.town import POLICY
from tests.access.residents import KEYRING, NOW, settle_in, shown

RULES = POLICY[: POLICY.index("tests:")]
CLOSED = RULES.replace("who: [group:hangang/vpn-users]", "who: [user:boss@hangang]")


@pytest.fixture
def strict(town):
    """One person is too many, and there are two administrators at hangang."""
    town.budget = Budget(percent=0, people=1)
    town.put_into("seoyeon.lee", "it-admins")
    town.publish()
    return town


def write(boss: Browser, text: str, button: str, **more: str):
    boss.get("/console/policy/edit")
    replaces = hidden(boss.page, "replaces")
    values = {"document": text, "replaces": replaces, "note": "close it", button: "y", **more}
    return boss.post("/console/policy/edit", **values)


def hidden(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_check_names_whoever_has_the_name_of_one_who_left(town, visit):
    exception = "  - {id: exception, permit: [network:payroll], who: [user:minjun.kim@hangang]}\n"
    town.publish(RULES + exception)
    with town.database.write() as conn:
        gone = {"enabled": False, "vanished_at": town.now + 1, "entry_uuid": "the one who left"}
        conn.execute(update(users).where(users.c.name == "minjun.kim").values(gone))
    settle_in(town.database, "minjun.kim")
    boss = visit("boss@hangang", language="en")

    write(boss, RULES + exception + "# a word\n", "check")
    assert "exception names minjun.kim@hangang. Whoever that was has left" in boss.page

    write(boss, RULES + "# a word\n", "check")
    assert "exception names" not in boss.page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "in the zones Business, Internet at once (VPN). That is refused, or ends the session"),
        ("ko", "여러 망 구역에 동시에 있게 됩니다: 업무망, 인터넷망 (VPN)."),
    ],
)
def test_a_check_names_grants_that_would_have_somebody_in_two_zones(town, visit, language: str, said: str):
    zoned = RULES.replace(
        "rules:",
        "zones:\n"
        "  business: {title: {ko: 업무망, en: Business}, holds: [network:payroll]}\n"
        "  internet: {title: {ko: 인터넷망, en: Internet}, holds: [network:web]}\nrules:",
    ).replace("networks:", "networks:\n  web: {organization: hangang, to: [10.97.0.0/24]}")
    town.publish(zoned)
    who, what = ("user:minjun.kim@hangang",), ("network:payroll",)
    wanted = Standing(0, StandingKind.GRANT, who, what, until=town.now + 3600, organization="hangang")
    with town.database.write() as conn:
        id = conn.execute(select(users.c.id).where(users.c.name == "minjun.kim")).scalar_one()
        standing.add(conn, Kept(wanted, organization_id=1, user_id=id), town.now)
    boss = visit("boss@hangang", language=language)

    write(boss, f"{zoned}  - {{id: web, permit: [network:web], who: [user:minjun.kim@hangang]}}\n", "check")
    assert "network:payroll" in boss.page
    assert "grant-1" in boss.page
    assert said in boss.page

    write(boss, zoned.replace("payroll: {organization: hangang", "payroll: {organization: namsan"), "check")
    moved = {"en": "belongs to another company, which has granted", "ko": "다른 회사의 것이 됩니다"}
    assert moved[language] in boss.page


def test_a_check_shows_who_loses_what(strict, visit):
    boss = visit("boss@hangang", language="en")

    assert write(boss, CLOSED, "check").status_code == 200

    assert "minjun.kim@hangang" in boss.page
    assert "network:intranet" in boss.page
    assert "What it would do" in boss.page


def test_what_takes_too_much_becomes_a_draft_that_another_administrator_approves(strict, visit):
    boss, lee = visit("boss@hangang", language="en"), visit("seoyeon.lee@hangang", language="en")
    before = strict.gate().policy.published().revision

    write(boss, CLOSED, "publish")
    here = boss.path
    assert here.startswith("/console/policy/changes/")
    assert "Another administrator has to approve it" in boss.page
    assert strict.gate().policy.published().revision == before

    assert "/approve" not in boss.page
    draft = strict.gate().policy.changes.draft(int(here.rpartition("/")[2]))
    boss.post(f"{here}/approve", revision=draft.revision)
    assert "You wrote this change yourself" in boss.page

    lee.get("/console/policy/changes")
    assert "close it" in lee.page
    lee.get(here)
    lee.post(f"{here}/approve", revision=hidden(lee.page, "revision"))
    assert "You have approved it." in lee.page

    boss.get(here)
    assert "Nothing stands in the way of publishing it" in boss.page
    boss.post(f"{here}/publish", revision=hidden(boss.page, "revision"))
    assert boss.path == "/console/policy"
    assert strict.gate().policy.published().document == CLOSED

    boss.get("/console/policy/history")
    assert "approved by seoyeon.lee@hangang" in boss.page
    boss.post("/console/policy/history/1/back")
    assert "This is what it would do." in boss.page
    assert "gain" in boss.page


def test_an_approval_is_of_the_text_that_was_looked_at(strict, visit):
    boss, lee = visit("boss@hangang", language="en"), visit("seoyeon.lee@hangang", language="en")
    write(boss, CLOSED, "publish")
    here = boss.path
    lee.get(here)
    looked_at = hidden(lee.page, "revision")

    write(boss, CLOSED + "# more\n", "save", draft=here.rpartition("/")[2])
    assert boss.path == here
    answer = lee.post(f"{here}/approve", revision=looked_at)

    assert answer.status_code == 409
    assert strict.gate().policy.changes.approvals(strict.gate().policy.changes.draft(1)) == []


def test_a_draft_is_published_as_it_was_looked_at_and_not_as_somebody_else_has_left_it(strict, visit):
    boss, lee = visit("boss@hangang", language="en"), visit("seoyeon.lee@hangang", language="en")
    before = strict.gate().policy.published().revision
    write(boss, POLICY + "# looked at\n", "save")
    here = boss.path
    looked_at = hidden(boss.page, "revision")

    write(lee, POLICY + "# slipped in\n", "save", draft=here.rpartition("/")[2])
    assert lee.path == here
    told = [boss.post(f"{here}/publish", revision=looked_at), boss.post(f"{here}/publish")]
    told += [boss.post(f"{here}/waves", waves="1%,100%", pause="10m", revision=looked_at)]

    assert [each.status_code for each in told] == [409, 409, 409]
    assert "The text has changed since you looked at it" in boss.page
    assert strict.gate().policy.published().revision == before
    assert strict.gate().policy.waves.current() is None
    boss.get(here)
    boss.post(f"{here}/publish", revision=hidden(boss.page, "revision"))
    assert strict.gate().policy.published().document == POLICY + "# slipped in\n"


def test_nothing_is_published_without_a_fresh_code_and_what_was_typed_is_kept(strict, visit):
    boss = visit("boss@hangang", language="en")
    before = strict.gate().policy.published().revision
    write(boss, RULES + "# typed long ago\n", "save")
    here = boss.path
    revision = hidden(boss.page, "revision")
    strict.now += 11 * 60

    boss.post(f"{here}/publish", revision=revision)
    assert boss.path == "/confirm"
    write(boss, RULES + "# typed just now\n", "publish")
    assert boss.path == "/confirm"
    assert strict.gate().policy.published().revision == before

    assert "published there after a fresh code" in boss.page

    asked_from = re.findall('name="next" value="([^"]*)"', boss.page)[-1]
    boss.post("/confirm", code=shown(now=strict.now), next=asked_from)
    assert "typed just now" in boss.page
    boss.post(f"{boss.path}/publish", revision=hidden(boss.page, "revision"))
    assert strict.gate().policy.published().revision != before


def test_while_a_newer_revision_comes_in_waves_the_page_says_so_and_nothing_else_is_published(strict, visit):
    base = strict.gate().policy.published().revision
    newer = POLICY + "# newer\n"
    rollout = Rollout(load(newer).revision, base, (Wave(10),), 600.0, "boss@hangang", None, "", since=NOW)
    kept = StoredRollouts(strict.database, KEYRING, strict.dice, "test")
    assert kept.begin(Draft(newer, "boss@hangang", base), rollout, NOW)
    boss = visit("boss@hangang", language="en")

    boss.get("/console/policy")
    assert "A newer revision speaks for some people already" in boss.page
    assert "wave 10%" in boss.page
    assert write(boss, POLICY + "# other\n", "publish").status_code == 422
    assert "on its way in waves" in boss.page
    write(boss, POLICY + "# other\n", "save")
    assert "Another change is on its way in waves" in boss.page
    assert strict.gate().policy.published().revision == base


def test_a_draft_with_mistakes_is_kept_shown_with_its_lines_and_dropped(strict, visit):
    boss = visit("boss@hangang", language="en")

    write(boss, POLICY.replace("vpn-users", "vpn-user"), "save")
    here = boss.path
    assert "there is no group" in boss.page
    revision = strict.gate().policy.changes.draft(int(here.rpartition("/")[2])).revision
    assert boss.post(f"{here}/publish", revision=revision).status_code == 409
    assert "It cannot be published. Mend these first" in boss.page

    boss.post(f"{here}/drop")
    assert boss.path == "/console/policy/changes"
    assert boss.get(here).status_code == 404


def test_a_draft_is_submitted_by_its_author_alone(strict, visit):
    boss, lee = visit("boss@hangang", language="en"), visit("seoyeon.lee@hangang", language="en")
    write(boss, CLOSED, "save")
    here = boss.path
    assert "Ask for approval" in boss.page

    lee.get(here)
    assert "Ask for approval" not in lee.page
    assert lee.post(f"{here}/submit").status_code == 403
    assert "Its author has to submit this draft." in lee.page

    write(lee, CLOSED, "publish", draft=here.rpartition("/")[2])
    assert lee.path != here
    assert "Another administrator has to approve it" in lee.page
    assert strict.gate().policy.changes.draft(int(here.rpartition("/")[2])).submitted_at is None


def test_another_company_sees_a_change_only_while_it_takes_something_from_its_people(strict, visit):
    boss, anna = visit("boss@hangang", language="en"), visit("anna.schmidt@namsan", language="en")
    write(boss, CLOSED, "publish")
    here = boss.path

    anna.get("/console/policy/changes")
    assert "close it" not in anna.page
    assert anna.get(here).status_code == 404
    assert anna.post(f"{here}/approve", revision="x").status_code == 404
    assert anna.get("/console/policy/history/2").status_code == 404
    for action in ("publish", "drop", "submit"):
        assert anna.post(f"{here}/{action}").status_code == 404


def test_the_other_company_approves_for_its_own_and_sees_nothing_of_ours(strict, visit):
    both = POLICY[: POLICY.index("tests:")] + (
        "  - {id: lab, permit: [network:namsan-lab], who: [organization:namsan]}\n"
    )
    boss = visit("boss@hangang", language="en")
    write(boss, both, "publish")
    write(boss, CLOSED, "publish")
    here = boss.path
    anna = visit("anna.schmidt@namsan", language="en")

    anna.get(here)

    assert "rival@namsan" in anna.page
    assert "minjun.kim" not in anna.page
    assert "document" not in anna.page
    anna.post(f"{here}/approve", revision=hidden(anna.page, "revision"))
    assert "You have approved it." in anna.page
    boss.get(here)
    assert "Another administrator has to approve it" in boss.page
    lee = visit("seoyeon.lee@hangang")
    lee.get(here)
    lee.post(f"{here}/approve", revision=hidden(lee.page, "revision"))
    boss.get(here)
    assert "anna.schmidt@namsan" in boss.page
    assert "seoyeon.lee@hangang" in boss.page
    anna.get(here)
    assert "anna.schmidt@namsan" in anna.page
    assert "seoyeon.lee" not in anna.page


def test_the_other_company_is_not_told_who_else_has_approved(strict, visit):
    boss, lee = visit("boss@hangang"), visit("seoyeon.lee@hangang")
    both = POLICY[: POLICY.index("tests:")] + (
        "  - {id: lab, permit: [network:namsan-lab], who: [organization:namsan]}\n"
    )
    write(boss, both, "publish")
    write(boss, CLOSED, "publish")
    here = boss.path
    lee.get(here)
    lee.post(f"{here}/approve", revision=hidden(lee.page, "revision"))
    anna = visit("anna.schmidt@namsan")

    anna.get(here)

    assert "seoyeon.lee" not in anna.page
    assert "Nobody of your company has approved it yet." in anna.page


def test_an_auditor_looks_and_changes_nothing(strict, visit):
    boss, watcher = visit("boss@hangang"), visit("watcher@hangang")
    write(boss, CLOSED, "publish")
    here = boss.path

    assert watcher.get(here).status_code == 200
    for action in ("publish", "drop", "submit", "approve"):
        assert watcher.post(f"{here}/{action}").status_code == 403
