"""What an administrator of one company publishes on the command line changes nothing of another."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from access.store.database import Database
from access.store.tables import organizations
from tests.access.commands.conftest import Run
from tests.access.residents import settle_in

BOTH = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.0/25]}
  lab: {organization: namsan, to: [10.98.0.0/25]}
rules:
  - {id: door, permit: [login:vpn], who: [organization:hangang]}
  - {id: lab, permit: [network:lab], who: [organization:namsan]}
"""
OWN = BOTH.replace("10.98.0.0/25", "10.98.0.0/24")
OTHERS = BOTH.replace("10.99.0.0/25", "10.99.0.0/24")


@pytest.fixture
def office(officegate: Run, database: Database, tmp_path: Path) -> Path:
    """The document of two companies, in force; boss is of the head office, anna of the other one."""
    with database.write() as conn:
        conn.execute(insert(organizations).values(key="namsan", name="Namsan", realm="namsan.example"))
    settle_in(database, "boss")
    settle_in(database, "anna", "namsan")
    path = tmp_path / "policy.yaml"
    path.write_text(BOTH, "utf-8")
    assert officegate("policy", "publish", path, "--by", "boss@hangang")[0] == 0
    return path


def test_what_is_their_own_is_published(officegate: Run, office: Path):
    office.write_text(OWN, "utf-8")

    assert officegate("policy", "publish", office, "--by", "anna@namsan")[0] == 0


def test_what_is_anothers_is_refused_by_its_name_in_whichever_way(officegate: Run, office: Path):
    first = officegate("policy", "show", "--history")[1].split()[1]
    office.write_text(OTHERS, "utf-8")
    by_anna = ("--by", "anna@namsan")

    told = [officegate("policy", "publish", office, *by_anna)]
    assert officegate("policy", "draft", "save", office, *by_anna)[0] == 0
    told.append(officegate("policy", "publish", "--draft", 1))
    told.append(officegate("policy", "publish", "--draft", 1, "--waves", "1%,100%"))
    assert officegate("policy", "publish", office, "--by", "boss@hangang")[0] == 0
    told.append(officegate("policy", "rollback", first, *by_anna))

    assert [status for status, _, _ in told] == [1, 1, 1, 1]
    assert all("network 'git': not namsan's alone" in complaint for _, _, complaint in told)
    assert officegate("policy", "show")[1] == OTHERS


def test_whoever_runs_the_installation_and_the_head_office_change_everything(officegate: Run, office: Path):
    office.write_text(OTHERS, "utf-8")
    assert officegate("policy", "publish", office, "--by", "boss@hangang")[0] == 0

    office.write_text(OWN, "utf-8")
    assert officegate("policy", "publish", office)[0] == 0
