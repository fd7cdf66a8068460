import pytest

from access.store.database import Database
from tests.access.commands.conftest import Run
from tests.access.residents import settle_in

NEW = ("--owner", "minjun.kim@hangang", "--purpose", "the new shop")


@pytest.fixture
def shop(officegate: Run, database: Database) -> Run:
    settle_in(database)
    assert officegate("group", "add", "hangang/Shop", *NEW)[0] == 0
    return officegate


def test_a_group_is_made_filled_shown_and_taken_away(shop: Run):
    assert shop("group", "list")[1] == "hangang/shop  0 listed  owner minjun.kim@hangang  the new shop\n"

    assert shop("group", "join", "hangang/shop", "minjun.kim@hangang", "--days", "5")[0] == 0
    _, shown, _ = shop("group", "show", "hangang/shop")
    assert "user:minjun.kim@hangang  until " in shown

    assert shop("group", "leave", "hangang/shop", "minjun.kim@hangang")[0] == 0
    assert "user:" not in shop("group", "show", "hangang/shop")[1]
    assert shop("group", "remove", "hangang/shop", "--yes")[1] == "hangang/shop is gone.\n"
    assert shop("group", "list")[1] == "No group is kept here.\n"


def test_groups_stand_in_groups_and_in_no_circle(shop: Run):
    assert shop("group", "add", "hangang/inner", *NEW)[0] == 0
    assert shop("group", "join", "hangang/shop", "group:hangang/inner")[0] == 0

    status, _, complaint = shop("group", "join", "hangang/inner", "group:hangang/shop")

    assert status == 1
    assert "cannot be in itself" in complaint
    assert "group:hangang/inner  until " in shop("group", "show", "hangang/shop")[1]
    assert shop("group", "leave", "hangang/shop", "group:hangang/inner")[0] == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("add", "hangang/shop", *NEW), "has a group shop already"),
        (("add", "hangang/a@b", *NEW), "is no name of a group"),
        (("add", "nowhere/x", *NEW), "There is no organization nowhere"),
        (("join", "hangang/nothing", "minjun.kim@hangang"), "is not kept here"),
        (("join", "hangang/shop", "group:hangang/nothing"), "has no group nothing"),
        (("leave", "hangang/shop", "minjun.kim@hangang"), "is not listed in"),
        (("owner", "hangang/shop", "nobody@hangang"), "Nobody"),
    ],
)
def test_what_cannot_be_is_refused_and_said(shop: Run, line: tuple[str, ...], said: str):
    status, _, complaint = shop("group", *line)

    assert status == 1
    assert said in complaint


def test_a_membership_without_a_near_end_is_refused(shop: Run):
    assert shop("group", "join", "hangang/shop", "minjun.kim@hangang", "--days", "367")[0] == 2


def test_every_change_stands_in_the_audit(shop: Run):
    shop("group", "join", "hangang/shop", "minjun.kim@hangang")

    _, told, _ = shop("audit", "show")

    assert "LOCAL_GROUP_ADDED" in told
    assert "LOCAL_GROUP_JOINED" in told
