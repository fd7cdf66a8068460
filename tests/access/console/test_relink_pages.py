"""People whose entry was made again: what an administrator sees of them, and decides."""

import pytest
from sqlalchemy import select, update

from access.store.tables import alarms, notices, users
from tests.access.residents import settle_in

HERE = "/console/relinks"


@pytest.fixture
def came_back(town):
    """minjun.kim's entry is gone, and another one has the same number."""
    town.ids["again"] = settle_in(town.database, "minjun", "hangang")
    with town.database.write() as conn:
        old = update(users).where(users.c.id == town.ids["minjun.kim"])
        conn.execute(old.values(employee_number="4711", enabled=False, vanished_at=town.now - 86400))
        conn.execute(update(users).where(users.c.id == town.ids["again"]).values(employee_number="4711"))
    town.gate().relinks.tell(town.now)
    return f"{HERE}/{town.ids['minjun.kim']}/{town.ids['again']}"


def open_alarms(town):
    with town.database.read() as conn:
        found = select(alarms.c.kind).where(alarms.c.cleared_at.is_(None))
        return list(conn.execute(found).scalars())


def has_phone(town, name):
    return town.identity.factors(town.ids[name]).has_phone()


def is_there(town, name):
    with town.database.read() as conn:
        gone = select(users.c.vanished_at).where(users.c.id == town.ids[name])
        return conn.execute(gone).scalar() is None


def at(visit, name, post="", **more):
    browser = visit(name)
    browser.get(HERE)
    if post:
        browser.post(post, **more)
    return browser


def test_an_administrator_lets_the_account_of_before_go_on(town, visit, came_back):
    boss = at(visit, "boss@hangang")
    assert "4711" in boss.page and "phones 1" in boss.page

    boss.post(f"{came_back}/approve")

    assert "goes on with the phones" in boss.page
    assert is_there(town, "minjun.kim") and not is_there(town, "again")
    town.gate().relinks.tell(town.now)
    assert open_alarms(town) == []
    with town.database.read() as conn:
        told = select(notices.c.kind).where(notices.c.user_id == town.ids["minjun.kim"])
        assert list(conn.execute(told).scalars()) == ["account-returned"]


def test_a_refusal_moves_nothing_ends_the_alarm_and_is_not_asked_again(town, visit, came_back):
    assert open_alarms(town) == ["person-returned"]

    boss = at(visit, "boss@hangang", f"{came_back}/refuse")

    assert "is another person" in boss.page
    assert "Nobody looks like somebody" in boss.page
    assert not is_there(town, "minjun.kim") and is_there(town, "again")
    assert town.gate().relinks.tell(town.now + 60) == 0
    assert open_alarms(town) == []


def test_the_command_line_still_puts_together_what_was_refused_by_mistake(town, visit, came_back):
    at(visit, "boss@hangang", f"{came_back}/refuse")

    town.gate().relinks.relink(town.user("boss"), town.ids["minjun.kim"], town.ids["again"], town.now)

    assert is_there(town, "minjun.kim")


@pytest.mark.parametrize("name", ["desk@hangang", "watcher@hangang", "seoyeon.lee@hangang"])
@pytest.mark.parametrize("what", ["approve", "refuse"])
def test_nobody_but_an_administrator_decides(town, visit, came_back, name, what):
    browser = visit(name)
    browser.get("/console")

    assert browser.post(f"{came_back}/{what}").status_code in (403, 404)
    assert not is_there(town, "minjun.kim") and open_alarms(town) == ["person-returned"]


@pytest.mark.parametrize("what", ["approve", "refuse"])
def test_the_administrator_of_another_company_decides_nothing_and_sees_nobody(town, visit, came_back, what):
    anna = at(visit, "anna.schmidt@namsan")
    assert "4711" not in anna.page

    anna.post(f"{came_back}/{what}")

    assert "No such accounts." in anna.page
    assert not is_there(town, "minjun.kim") and open_alarms(town) == ["person-returned"]


@pytest.mark.parametrize("what", ["approve", "refuse"])
def test_nobody_decides_about_themselves(town, visit, came_back, what):
    town.put_into("again", "it-admins")
    town.give_phone("again")
    again = at(visit, "minjun@hangang")

    again.post(f"{came_back}/{what}")

    assert "Somebody else has to decide about you." in again.page
    assert not is_there(town, "minjun.kim") and open_alarms(town) == ["person-returned"]


def test_approving_takes_a_fresh_code(town, visit, came_back):
    boss = at(visit, "boss@hangang")
    town.now += 700

    boss.post(f"{came_back}/approve")

    assert boss.path == "/confirm"
    assert not is_there(town, "minjun.kim")


def test_both_accounts_of_a_link_are_told_that_it_stands_and_that_it_is_cut(town):
    link = town.link("seoyeon.lee", "rival")
    town.gate().links.end(town.user("boss"), link, town.now)

    with town.database.read() as conn:
        told = conn.execute(
            select(notices.c.user_id, notices.c.kind, notices.c.detail).order_by(notices.c.id)
        )
        rows = [(user_id, kind) for user_id, kind, _ in told]
    both = [town.ids["seoyeon.lee"], town.ids["rival"]]
    assert rows == [(each, kind) for kind in ("account-linked", "account-unlinked") for each in both]
