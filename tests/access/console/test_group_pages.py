"""Local groups in the console: made, filled, emptied and taken away, by administrators of the company."""

import re

import pytest

from access.changes.outlook import Budget
from access.store.policy_shelf import StoredPolicies
from access.store.put_off import TakesTooMuch
from tests.access.console.town import POLICY

HERE = "/console/groups"
SHOP = POLICY.replace("who: [group:hangang/it-admins]", "who: [group:hangang/shop]")
NEW = {"name": "Shop", "owner": "minjun.kim", "purpose": "the new shop"}


@pytest.fixture
def boss(visit):
    browser = visit("boss@hangang")
    browser.get(HERE)
    return browser


@pytest.fixture
def strict(town):
    """One person is too many."""
    town.budget = Budget(percent=0, people=1)
    return town


def the_group(town):
    ((group, _),) = town.gate().local_groups.listed(1)
    return group.id


def made(boss, **changes):
    boss.get(HERE)
    boss.post(HERE, **{**NEW, **changes})


def test_a_group_is_made_filled_emptied_and_taken_away(town, boss):
    assert "No group is kept here." in boss.page
    made(boss)
    assert "hangang/shop is there" in boss.page

    boss.post(f"{HERE}/{the_group(town)}/join", who="minjun.kim", days="5")
    assert "minjun.kim@hangang" in boss.page
    assert [group for group, _ in town.user("minjun.kim").ending] == ["hangang/shop"]

    (member,) = re.findall(rf"{HERE}/[0-9]+/members/[0-9]+/leave", boss.page)
    boss.post(member)
    assert town.user("minjun.kim").ending == ()

    boss.post(f"{HERE}/{the_group(town)}/remove")
    assert "No group is kept here." in boss.page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "a@b"}, "is no name of a group"),
        ({"name": ""}, "is no name of a group"),
        ({"owner": "nobody"}, "Nobody of the company"),
        ({"purpose": " "}, "what the group is for"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(town, boss, changes, said):
    made(boss, **changes)

    assert said in boss.page
    assert list(town.gate().local_groups.listed(1)) == []


@pytest.mark.parametrize("days", ["0", "367", "-1", "soon", "99999999999", ""])
def test_a_membership_without_a_near_end_is_refused(town, boss, days):
    made(boss)

    boss.post(f"{HERE}/{the_group(town)}/join", who="minjun.kim", days=days)

    assert "A membership ends 1 to 366 days" in boss.page
    assert town.user("minjun.kim").ending == ()


def test_every_change_takes_a_fresh_code(town, boss):
    made(boss)
    group = the_group(town)
    town.now += 700
    asked = set()

    for path, typed in {
        HERE: {**NEW, "name": "Another"},
        f"{HERE}/{group}/join": {"who": "minjun.kim", "days": "5"},
        f"{HERE}/{group}/members/1/leave": {},
        f"{HERE}/{group}/remove": {},
    }.items():
        boss.get(HERE)
        asked.add(boss.post(path, follow=False, **typed).location)

    assert asked == {f"/confirm?next={HERE}"}
    assert the_group(town) == group
    assert town.user("minjun.kim").ending == ()


def test_another_company_sees_and_changes_nothing_of_it(town, boss, visit):
    made(boss)
    anna = visit("anna.schmidt@namsan")
    anna.get(HERE)
    assert "hangang/shop" not in anna.page

    anna.post(f"{HERE}/{the_group(town)}/remove")

    assert "There is no such group any more." in anna.page
    assert the_group(town)


def test_others_are_sent_away(visit):
    browser = visit("minjun.kim@hangang")

    assert browser.get(HERE).status_code == 403


def test_who_takes_too_many_off_groups_that_carry_rights_needs_another_administrator(town, boss):
    made(boss)
    town.publish(SHOP)
    town.budget = Budget(percent=0, people=2)
    group = the_group(town)
    for who in ("minjun.kim", "seoyeon.lee"):
        boss.post(f"{HERE}/{group}/join", who=who, days="5")
    desk = town.gate().local_groups
    first, second = (each.id for each in desk.listed(1)[0][1])

    desk.leave(town.user("boss"), group, first, town.now)
    for act in (
        lambda: desk.leave(town.user("boss"), group, second, town.now),
        lambda: desk.remove(town.user("boss"), group, town.now),
    ):
        with pytest.raises(TakesTooMuch, match=r"2 of [0-9]+ in hangang"):
            act()

    assert len(desk.listed(1)[0][1]) == 1
    assert town.gate().policy.shelf.taken_lately(town.user("boss").id, town.now + 86400) == {}
    desk.leave(town.user("boss"), group, second, town.now + 86400)


def test_a_group_of_no_rule_may_lose_as_many_as_anybody_likes(strict, boss):
    made(boss)
    boss.post(f"{HERE}/{the_group(strict)}/join", who="minjun.kim", days="5")

    boss.post(f"{HERE}/{the_group(strict)}/remove")

    assert "No group is kept here." in boss.page


def test_the_page_says_why_one_person_may_not_take_so_much(strict, boss):
    made(boss)
    strict.publish(SHOP)
    boss.post(f"{HERE}/{the_group(strict)}/join", who="minjun.kim", days="5")

    boss.post(f"{HERE}/{the_group(strict)}/remove")

    assert "Let another administrator do the rest." in boss.page
    assert [group for group, _ in strict.user("minjun.kim").ending] == ["hangang/shop"]


def test_an_earlier_end_takes_as_well_and_a_later_one_does_not(strict, boss):
    made(boss)
    strict.publish(SHOP)
    join = f"{HERE}/{the_group(strict)}/join"
    for days in ("5", "9"):
        boss.post(join, who="minjun.kim", days=days)
        assert "is listed in hangang/shop" in boss.page

    boss.post(join, who="minjun.kim", days="1")

    assert "Let another administrator do the rest." in boss.page
    ((_, until),) = strict.user("minjun.kim").ending
    assert until == strict.now + 9 * 86400


HELD = SHOP.replace(
    "rules:",
    """zones:
  shops: {holds: [network:intranet]}
  air: {holds: [login:wireless]}
groups:
  both: {organization: hangang, any: [group:hangang/shop, group:hangang/stock]}
rules:
  - {id: till, permit: [network:intranet], who: [group:hangang/stall]}
  - {id: air, permit: [login:wireless], who: [group:hangang/both], crosses: [shops], owner: boss@hangang,
     reason: {ko: 이전, en: Moving house}, valid_to: "2027-12-01T00:00:00+09:00"}""",
    1,
)


@pytest.mark.parametrize(
    ("group", "may"),
    [
        ("stall", True),  # a rule of the zone alone
        ("shop", False),  # a rule of an object in no zone
        ("stock", False),  # computed into a group of another zone
        ("inner", False),  # listed in one of those
        ("idle", True),  # nothing stands on it
    ],
)
def test_whoever_is_held_to_zones_fills_and_empties_no_group_of_another(town, boss, monkeypatch, group, may):
    town.put_into("seoyeon.lee", "it-admins")
    for name in ("stall", "shop", "stock", "inner", "idle"):
        made(boss, name=name)
    ids = {each.name.partition("/")[2]: each.id for each, _ in town.gate().local_groups.listed(1)}
    boss.post(f"{HERE}/{ids['stock']}/join", who="group:inner", days="5")
    boss.post(f"{HERE}/{ids[group]}/join", who="minjun.kim", days="5")
    town.publish(HELD)
    monkeypatch.setattr(StoredPolicies, "zones_of", lambda _shelf, _user: frozenset({"shops"}))
    listed = [f"{HERE}/{ids[group]}/members/{member}/leave" for member in members(boss, ids[group])]

    boss.post(f"{HERE}/{ids[group]}/join", who="seoyeon.lee", days="5")
    joined = len(members(boss, ids[group]))
    boss.post(listed[0])
    left = len(members(boss, ids[group]))
    boss.post(f"{HERE}/{ids[group]}/remove")

    assert (joined, left) == ((len(listed) + 1, len(listed)) if may else (len(listed), len(listed)))
    assert ("the zones you answer for" in boss.page) is not may
    assert (
        group in {each.name.partition("/")[2] for each, _ in town.gate().local_groups.listed(1)}
    ) is not may


def members(boss, group_id):
    return re.findall(rf"{HERE}/{group_id}/members/([0-9]+)/leave", boss.page)
