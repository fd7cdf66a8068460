from pathlib import Path

import pytest

from access.store.database import Database
from tests.access.commands.conftest import Run
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
