"""A publication in waves on the pages: begun, moved on, held and taken back, and by nobody who may not."""

import re

import pytest

from access.policy.document import load
from access.records.audit import AuditEntry
from access.store import audit
from access.store.audit import Selection
from access.store.policy_shelf import StoredPolicies
from tests.access.console.town import POLICY
from tests.access.residents import KEYRING

NEWER = POLICY + "# newer\n"
REVISION = load(NEWER).revision
WAVE = "/console/policy/wave"


@pytest.fixture
def ready(town):
    town.publish()
    return town


@pytest.fixture
def draft(ready):
    """The path of the draft."""
    return f"/console/policy/changes/{ready.keep_draft(NEWER)}"


def begin(browser, draft, waves="1%, 10%, 100%", pause="10m"):
    browser.get(draft)
    found = re.search(r'name="revision" value="([^"]+)"', browser.page)
    return browser.post(f"{draft}/waves", waves=waves, pause=pause, revision=found[1] if found else "x")


def move(browser, action):
    browser.get(WAVE)
    found = re.search(r'name="seen" value="([^"]+)"', browser.page)
    return browser.post(f"{WAVE}/{action}", seen=found[1] if found else "x")


def rollout(town):
    return town.gate().policy.waves.current()


def in_force(town):
    return town.gate().policy.published().document


def said(town):
    with town.database.read() as conn:
        return next(iter(audit.records(conn, Selection(kind="policy", limit=1), KEYRING))).detail


def test_a_draft_comes_in_waves_that_are_moved_on_until_it_is_in_force(ready, draft, visit):
    boss = visit("boss@hangang")

    begin(boss, draft)
    assert boss.path == WAVE
    assert "The first wave stands." in boss.page
    assert str(rollout(ready).wave) == "1%"

    move(boss, "next")
    assert "The next wave stands." in boss.page
    assert str(rollout(ready).wave) == "10%"
    assert said(ready)["by"] == "boss@hangang"

    move(boss, "hold")
    assert "The wave is held" in boss.page
    assert rollout(ready).held
    assert in_force(ready) == POLICY

    move(boss, "next")
    assert boss.path == "/console/policy"
    assert in_force(ready) == NEWER
    assert rollout(ready) is None


def test_it_is_taken_back_at_once(ready, draft, visit):
    boss = visit("boss@hangang")
    begin(boss, draft)

    move(boss, "back")

    assert "It is taken back." in boss.page
    assert rollout(ready) is None
    assert in_force(ready) == POLICY
    assert said(ready)["what"] == "policy.wave-taken-back"
    boss.get(WAVE)
    assert "No change is on its way in waves." in boss.page


def test_each_wave_says_what_it_did_and_to_whom(ready, draft, visit):
    boss = visit("boss@hangang")
    begin(boss, draft, waves="1%,50%")
    ready.now += 60
    refuse(ready, "seoyeon.lee")
    ready.now += 60
    move(boss, "next")
    refuse(ready, "minjun.kim")
    refuse(ready, "minjun.kim")

    boss.get(WAVE)

    first, second = boss.page.split(">50%<")
    assert "0 logins permitted, 1 refused, of 1 people." in first
    assert "seoyeon.lee@hangang" in first
    assert "minjun.kim" not in first
    assert "0 logins permitted, 2 refused, of 1 people." in second
    assert "minjun.kim@hangang" in second


def refuse(town, name):
    user = town.user(name)
    detail = {"name": f"{name}@{user.organization}", "policy": REVISION}
    company = town.organization_id(user.organization)
    entry = AuditEntry("login", town.now, "NO_PERMIT", company, user.id, None, None, detail)
    with town.database.write() as conn:
        audit.record(conn, "gate/radius-0", entry, KEYRING, town.dice)


def test_waves_that_somebody_else_has_moved_are_not_moved_from_an_old_page(ready, draft, visit):
    boss = visit("boss@hangang")
    begin(boss, draft)
    boss.get(WAVE)
    old = rollout(ready).mark
    move(boss, "next")

    for action in ("next", "hold", "back"):
        assert boss.post(f"{WAVE}/{action}", seen=old).status_code == 409
        assert "Somebody else was faster" in boss.page
    assert (str(rollout(ready).wave), rollout(ready).held) == ("10%", False)


@pytest.mark.parametrize(
    ("waves", "pause", "told"),
    [
        ("10%,1%", "10m", "Write waves that grow"),
        ("100%", "10m", "Write waves that grow"),
        ("some", "10m", "&#39;some&#39; is no wave"),
        ("1%,100%", "soon", "is not a duration"),
    ],
)
def test_what_are_no_waves_is_refused_with_what_to_write(ready, draft, visit, waves, pause, told):
    boss = visit("boss@hangang")

    assert begin(boss, draft, waves, pause).status_code == 409

    assert told in boss.page
    assert f'value="{waves}"' in boss.page
    assert rollout(ready) is None


def test_a_second_publication_does_not_begin_beside_the_first(ready, draft, visit):
    boss = visit("boss@hangang")
    begin(boss, draft)
    other = f"/console/policy/changes/{ready.keep_draft(POLICY + '# other')}"

    assert begin(boss, other).status_code == 409

    assert "Another change is on its way in waves" in boss.page
    assert rollout(ready).revision == REVISION


def test_a_policy_that_would_shut_its_publisher_out_does_not_begin(ready, visit):
    door = "  - {id: door, permit: [login:portal], who: [user:minjun.kim@hangang]}\n"
    shut = NEWER.replace("rules:\n", f"rules:\n{door}")
    boss = visit("boss@hangang")

    assert begin(boss, f"/console/policy/changes/{ready.keep_draft(shut)}").status_code == 409

    assert "you could not sign in here any more" in boss.page
    assert rollout(ready) is None


def test_nothing_is_moved_without_a_fresh_code(ready, draft, visit):
    boss = visit("boss@hangang")
    ready.now += 700
    begin(boss, draft)
    assert boss.path == "/confirm"
    assert rollout(ready) is None

    again = visit("boss@hangang")
    begin(again, draft)
    before = rollout(ready)
    ready.now += 700
    for action in ("next", "hold", "back"):
        move(again, action)
        assert again.path == "/confirm"
    assert rollout(ready) == before


def test_only_administrators_of_the_head_office_move_waves(ready, draft, visit):
    boss, anna = visit("boss@hangang"), visit("anna.schmidt@namsan")
    assert anna.post(f"{draft}/waves", waves="1%,100%", pause="10m").status_code == 404
    begin(boss, draft)
    before = rollout(ready)

    # Not even that there are any.
    anna.get(WAVE)
    assert "No change is on its way in waves." in anna.page
    for action in ("next", "hold", "back"):
        assert anna.post(f"{WAVE}/{action}", seen=before.mark).status_code == 409
    watcher = visit("watcher@hangang")
    assert watcher.get(WAVE).status_code == 200
    assert 'name="seen"' not in watcher.page
    for path in (f"{draft}/waves", f"{WAVE}/next", f"{WAVE}/hold", f"{WAVE}/back"):
        assert watcher.post(path, seen=before.mark).status_code == 403
    assert visit("desk@hangang").get(WAVE).status_code == 403
    assert rollout(ready) == before


def test_waves_are_not_moved_without_the_token_of_the_form(ready, draft, visit):
    boss = visit("boss@hangang")
    begin(boss, draft)

    assert boss.post_bare(f"{WAVE}/back", seen=rollout(ready).mark).status_code == 400

    assert rollout(ready) is not None


def test_whoever_is_held_to_zones_moves_nothing_beyond_them(ready, visit, monkeypatch):
    boss = visit("boss@hangang")
    wider = NEWER.replace("10.99.0.128/28", "10.99.0.128/27")
    draft = f"/console/policy/changes/{ready.keep_draft(wider)}"
    begin(boss, draft)
    before = rollout(ready)
    monkeypatch.setattr(StoredPolicies, "zones_of", lambda _shelf, _user: frozenset({"research"}))

    for action in ("next", "hold", "back"):
        assert move(boss, action).status_code == 409
        assert "more than the zones you answer for: networks" in boss.page
    assert rollout(ready) == before


def test_the_page_is_there_in_korean(ready, draft, visit):
    boss = visit("boss@hangang", language="ko")
    begin(boss, draft)

    assert "첫 단계가 적용되었습니다" in boss.page
    assert "모든 사람" in boss.page
    assert "변경 되돌리기" in boss.page
    assert "차단 풀기" not in boss.page
