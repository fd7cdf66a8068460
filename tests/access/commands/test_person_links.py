from pathlib import Path

import pytest
from sqlalchemy import update

from access.store.database import Database
from access.store.tables import users
from tests.access.commands.conftest import Run
from tests.access.residents import NOW, settle_in
from tests.access.two_companies import TwoCompanies

PAIR = ("minjun.kim@hangang", "mj.kim@namsan")


NAMSAN = """
[organizations.{key}]
name = "{name}"
realm = "{key}.example"
[organizations.{key}.directory]
url = "ldap://127.0.0.1:9"
tls = "none"
user_base = "dc={key},dc=example"
group_base = "dc={key},dc=example"
"""


@pytest.fixture
def two(config: Path, database: Database) -> TwoCompanies:
    text = config.read_text("utf-8")
    admins = '"hangang/it-admins", "namsan/it-admins", "bukhan/it-admins"'
    others = NAMSAN.format(key="namsan", name="Namsan") + NAMSAN.format(key="bukhan", name="Bukhan")
    config.write_text(text.replace('"hangang/it-admins"', admins) + others, "utf-8")
    return TwoCompanies(database)


def test_one_company_proposes_the_other_approves_and_either_cuts(officegate: Run, two: TwoCompanies):
    status, printed, complaint = officegate("person", "link", *PAIR, "--by", "boss@hangang")
    assert (status, complaint) == (0, "")
    assert "An administrator of Namsan approves it until" in printed
    assert "proposed, waits for namsan until" in officegate("person", "links")[1]

    assert officegate("person", "approve", 1, "--by", "chief@namsan")[0] == 0
    listed = officegate("person", "links", "--organization", "namsan")[1]
    assert listed == "1  minjun.kim@hangang  mj.kim@namsan  linked\n"

    assert officegate("person", "cut", 1, "--by", "chief@namsan")[1].endswith("are linked no more.\n")
    assert officegate("person", "links")[1] == "Nobody is linked, and nothing is proposed.\n"
    assert "LINK_CUT" in officegate("audit", "show")[1]


@pytest.mark.parametrize("by", ["boss@hangang", "head@bukhan", "mj.kim@namsan"])
def test_nobody_else_approves(officegate: Run, two: TwoCompanies, by: str):
    officegate("person", "link", *PAIR, "--by", "boss@hangang")

    status, _, complaint = officegate("person", "approve", 1, "--by", by)

    assert status == 1
    assert complaint
    assert "linked\n" not in officegate("person", "links")[1]


def test_who_came_back_is_listed_and_goes_on_once_an_administrator_says_so(
    officegate: Run, config: Path, two: TwoCompanies
):
    text = config.read_text("utf-8")
    stable = 'stable_attribute = "employeeNumber"\nuser_base = "ou=people'
    config.write_text(text.replace('user_base = "ou=people', stable), "utf-8")
    new_id = settle_in(two.database, "minjun.kim.2")
    with two.database.write() as conn:
        both = users.c.id.in_([new_id, two.ids["minjun.kim"]])
        conn.execute(update(users).where(both).values(employee_number="E-1001"))
        gone = update(users).where(users.c.id == two.ids["minjun.kim"])
        conn.execute(gone.values(vanished_at=NOW, enabled=False))

    listed = officegate("person", "relinks")[1]
    assert listed.startswith(f"{two.ids['minjun.kim']} {new_id}  minjun.kim@hangang, gone since ")
    assert officegate("person", "relink", 1, new_id, "--by", "chief@namsan")[0] == 1
    status, printed, _ = officegate("person", "relink", 1, new_id, "--by", "boss@hangang")

    assert status == 0
    assert "minjun.kim.2@hangang goes on with the phones" in printed
    assert officegate("person", "relinks")[1] == "Nobody looks like somebody who was there before.\n"
