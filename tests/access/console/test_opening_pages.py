"""Opening an office: two administrators, or two sealed codes; and closing it."""

import re

import pytest
from sqlalchemy import update

from access.policy.standing import State
from access.store import alarms
from access.store.policy_shelf import StoredPolicies
from access.store.tables import nas, sessions
from tests.access.console.town import POLICY

PREPARED = POLICY.replace(
    "rules:",
    """openings:
  seoul-hq:
    organization: hangang
    site: "서울"
    permit: [login:wireless, network:intranet]
    longest: 2h
  busan: {organization: hangang, site: busan, permit: [login:wired]}
rules:""",
    1,
)
ASKED = {"opening": "seoul-hq", "reason": "LDAP is down"}
CODE = re.compile(r"[0-9]{4}(-[0-9]{4}){3}")


@pytest.fixture
def ready(town):
    town.publish(PREPARED)
    return town


@pytest.fixture
def boss(ready, visit):
    browser = visit("boss@hangang")
    browser.get("/console/openings")
    return browser


def state(town):
    return [(each.standing.opening, each.state) for each in town.standing.openings(town.now)]


def made(town, opening="seoul-hq"):
    return [code for _, code in town.standing.make_codes(opening, 4, "test", town.now)]


def open_alarms(town):
    with town.database.read() as conn:
        return [each.kind for each in alarms.listed(conn)]


def test_another_administrator_has_to_agree_and_it_ends_by_itself(ready, boss, visit):
    ready.put_into("seoyeon.lee", "it-admins")
    boss.post("/console/openings", **ASKED)
    assert state(ready) == [("seoul-hq", State.ASKED)]
    boss.post("/console/openings/1/agree")
    assert state(ready) == [("seoul-hq", State.ASKED)]

    second = visit("seoyeon.lee@hangang")
    second.get("/console/openings")
    second.post("/console/openings/1/agree")

    assert state(ready) == [("seoul-hq", State.STANDING)]
    assert open_alarms(ready) == ["office-open"]
    ready.now += 7200
    ready.standing.close_over(ready.now)
    assert state(ready) == []
    assert open_alarms(ready) == []


def test_an_administrator_closes_it_before_its_time(ready, boss):
    codes = made(ready)
    boss.post("/open-office", one=codes[0], two=codes[1])

    boss.get("/console/openings")
    boss.post("/console/openings/1/close")

    assert state(ready) == []


def test_two_sealed_codes_open_it_once_without_signing_in(ready, visit):
    one, two, three, _ = made(ready)
    stranger = visit()
    stranger.get("/open-office")

    stranger.post("/open-office", one=one, two=two.replace("-", " "))
    assert state(ready) == [("seoul-hq", State.STANDING)]
    assert "It is open." in stranger.page
    (opened,) = ready.standing.openings(ready.now)
    ready.standing.close_opening(opened, "test", ready.now)

    stranger.get("/open-office")
    assert stranger.post("/open-office", one=one, two=three).status_code == 403
    assert state(ready) == []


def test_what_is_no_pair_of_sealed_codes_opens_nothing_and_spends_nothing(ready, visit):
    one, two, *_ = made(ready)
    other = made(ready, "busan")[0]
    stranger = visit()

    for first, second in ((one, one), (one, "0000-0000-0000-0000"), ("", ""), (one, other), ("x" * 40, two)):
        stranger.get("/open-office")
        assert stranger.post("/open-office", one=first, two=second).status_code == 403
        assert state(ready) == []

    stranger.get("/open-office")
    assert stranger.post("/open-office", one=one, two=two).status_code == 200


def test_new_codes_end_the_older_ones(ready, visit):
    old = made(ready)
    made(ready)
    stranger = visit()
    stranger.get("/open-office")

    assert stranger.post("/open-office", one=old[0], two=old[1]).status_code == 403


def test_codes_are_kept_as_fingerprints(ready):
    codes = made(ready)

    octets = b"".join(path.read_bytes() for path in ready.directory.rglob("*.sqlite*"))
    assert all(CODE.fullmatch(code) for code in codes)
    assert not any(code.encode() in octets or code.replace("-", "").encode() in octets for code in codes)


def test_another_company_opens_nothing_here(ready, visit, boss):
    anna = visit("anna.schmidt@namsan")
    anna.get("/console/openings")
    assert "seoul-hq" not in anna.page
    anna.post("/console/openings", **ASKED)
    assert state(ready) == []

    boss.post("/console/openings", **ASKED)
    anna.post("/console/openings/1/agree")
    anna.post("/console/openings/1/close")

    assert state(ready) == [("seoul-hq", State.ASKED)]


def test_the_page_names_nobody_of_another_company_whom_an_opening_at_the_same_site_has_let_in(ready, visit):
    theirs = "  seoul-nam: {organization: namsan, site: seoul, permit: [login:wired]}\nrules:"
    ready.publish_over(PREPARED.replace("rules:", theirs, 1).replace('"서울"', "seoul"))
    for opening in ("seoul-hq", "seoul-nam"):
        one, two, *_ = made(ready, opening)
        stranger = visit()
        stranger.get("/open-office")
        assert stranger.post("/open-office", one=one, two=two).status_code == 200
    for company in ("hangang", "namsan"):
        ready.equip(company)
    ready.now += 120
    for name, address in (("minjun.kim", "10.77.0.21"), ("rival", "10.77.0.22")):
        ready.connect(name, address)
    with ready.database.write() as conn:
        conn.execute(update(sessions).values(method="office-open"))
        conn.execute(update(nas).values(site="seoul"))

    anna = visit("anna.schmidt@namsan")
    anna.get("/console/openings")

    assert "rival@namsan" in anna.page
    assert "minjun.kim" not in anna.page


MOVED = PREPARED.replace('"서울"', "elsewhere").replace("site: busan", 'site: "서울"')


@pytest.mark.parametrize(
    ("opened", "newer", "site", "listed"),
    [
        ("seoul-hq", POLICY, "서울", 1),
        # It was there by a document that has come and gone meanwhile.
        ("seoul-hq", POLICY, "incheon", 1),
        ("seoul-hq busan", POLICY, "서울", 1),
        ("seoul-hq busan", POLICY, "incheon", 0),
        ("seoul-hq busan", POLICY, "busan", 1),
        ("seoul-hq busan", MOVED, "서울", 2),
        ("seoul-hq busan", MOVED, "elsewhere", 1),
    ],
)
def test_whom_an_opening_has_let_in_is_listed_whatever_the_policy_has_prepared_since(
    ready, visit, opened: str, newer: str, site: str, listed: int
):
    for opening in opened.split():
        one, two, *_ = made(ready, opening)
        stranger = visit()
        stranger.get("/open-office")
        assert stranger.post("/open-office", one=one, two=two).status_code == 200
    ready.equip()
    ready.now += 120
    for name, address in (("minjun.kim", "10.77.0.21"), ("seoyeon.lee", "10.77.0.22")):
        ready.connect(name, address)
    with ready.database.write() as conn:
        conn.execute(update(nas).values(site=site))
        unproven = update(sessions).where(sessions.c.user_name == "minjun.kim@hangang")
        assert conn.execute(unproven.values(method="office-open")).rowcount == 1
    ready.now += 60
    ready.publish_over(newer)

    boss = visit("boss@hangang")
    boss.get("/console/openings")

    assert boss.page.count("minjun.kim@hangang · ") == listed
    assert "seoyeon.lee@hangang · " not in boss.page


def test_sealed_codes_open_it_while_an_administrator_waits_for_another(ready, boss, visit):
    boss.post("/console/openings", **ASKED)
    one, two, *_ = made(ready)
    stranger = visit()
    stranger.get("/open-office")

    assert stranger.post("/open-office", one=one, two=two).status_code == 200
    assert ("seoul-hq", State.STANDING) in state(ready)


def test_what_is_not_prepared_or_open_already_is_not_opened(ready, boss):
    boss.post("/console/openings", opening="nowhere", reason="x")
    boss.post("/console/openings", **ASKED)
    boss.post("/console/openings", **ASKED)

    assert state(ready) == [("seoul-hq", State.ASKED)]
    ready.now += 900
    ready.standing.close_over(ready.now)
    assert state(ready) == []


def test_the_page_is_there_in_korean(boss, visit):
    assert "준비된 개방" in visit("boss@hangang", language="ko").get("/console/openings").text


@pytest.mark.parametrize(("zones", "may"), [({"air"}, False), ({"work"}, True)])
def test_whoever_is_held_to_zones_opens_nothing_of_another(town, visit, monkeypatch, zones, may):
    """Neither by asking nor by agreeing: two who are held would open it for each other."""
    held = "zones:\n  work: {holds: [network:intranet, login:wireless]}\n  air: {vlans: [guest]}\nrules:"
    town.publish(PREPARED.replace("rules:", held, 1))
    town.put_into("seoyeon.lee", "it-admins")
    boss = visit("boss@hangang")
    boss.get("/console/openings")
    boss.post("/console/openings", **ASKED)
    monkeypatch.setattr(StoredPolicies, "zones_of", lambda _shelf, _user: frozenset(zones))
    other = visit("seoyeon.lee@hangang")
    other.get("/console/openings")

    other.post("/console/openings/1/agree")
    agreed = state(town)
    other.post("/console/openings", opening="busan", reason="LDAP is down")

    assert agreed == [("seoul-hq", State.STANDING if may else State.ASKED)]
    assert ("the zones you answer for" in other.page) is True
    assert "busan" not in {name for name, _ in state(town)}
