"""One company's part of the policy on the command line: pulled, changed, looked at, published, put back."""

import re
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from access.store.database import Database
from access.store.tables import groups, memberships, organizations, users
from tests.access.commands.conftest import Run
from tests.access.residents import settle_in

BOTH = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.0/25]}
  lab: {organization: namsan, to: [10.98.0.0/24]}
rules:
  - {id: door, permit: [login:vpn], who: [organization:hangang]}
  - {id: lab-door, permit: [network:lab], who: [organization:namsan]}
tests:
  - name: the lab is open
    who: {user: anna@namsan}
    facts: {via: vpn, now: "2026-11-23T09:00:00+09:00"}
    accept: [network:lab]
"""
OTHERS = ("git", "door, permit", "hangang", "10.99.0")
PART = ("--part", "namsan")


@pytest.fixture
def part(officegate: Run, database: Database, tmp_path: Path) -> Path:
    """A file with namsan's part of the document in force. boss is of hangang, anna and bert of namsan."""
    with database.write() as conn:
        conn.execute(insert(organizations).values(key="namsan", name="Namsan", realm="namsan.example"))
    for name, company in (("boss", "hangang"), ("anna", "namsan"), ("bert", "namsan")):
        settle_in(database, name, company)
    whole = tmp_path / "policy.yaml"
    whole.write_text(BOTH, "utf-8")
    assert officegate("policy", "publish", whole, "--by", "boss@hangang")[0] == 0
    path = tmp_path / "namsan.yaml"
    assert officegate("policy", "pull", path, *PART)[0] == 0
    return path


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def says_nothing_of_others(*told: str) -> bool:
    return not [word for each in told for word in OTHERS if word in each]


def test_a_part_is_pulled_checked_tried_compared_and_published(officegate: Run, part: Path):
    revision = officegate("policy", "pull", "-", *PART)[2].strip()
    assert says_nothing_of_others(part.read_text("utf-8"))
    rewrite(part, "10.98.0.0/24", "10.98.0.0/25")

    assert officegate("policy", "check", part, *PART) == (0, f"{part}: no mistakes\n", "")
    assert officegate("policy", "test", part, *PART)[1] == f"{part}: 1 test of the part passed\n"
    status, told, complaint = officegate("policy", "diff", part, *PART)
    assert status == 0
    assert "+  lab: {organization: namsan, to: [10.98.0.0/25]}" in told
    assert says_nothing_of_others(told, complaint)
    status, told, complaint = officegate(
        "policy", "publish", part, *PART, "--over", revision[:12], "--by", "anna@namsan"
    )
    assert (status, complaint) == (0, "")
    assert re.search(r"revision \w{12} of the part published", told)

    assert officegate("policy", "show")[1] == BOTH.replace("10.98.0.0/24", "10.98.0.0/25")
    assert officegate("policy", "show", *PART)[1] == part.read_text("utf-8")


def test_mistakes_and_broken_promises_are_told_without_what_others_have(officegate: Run, part: Path):
    before = part.read_text("utf-8")
    for old, new, told in (
        ("10.98.0.0/24", "10.99.0.0/25", "it does not fit with what another organization has written"),
        ("network:lab", "network:labs", "there is no object 'network:labs'"),
        ("id: lab-door", "id: door", "not namsan's alone"),
    ):
        part.write_text(before.replace(old, new), "utf-8")
        status, _, complaint = officegate("policy", "check", part, *PART)
        assert status == 1
        assert told in complaint
    part.write_text(before.replace("accept:", "deny:"), "utf-8")
    assert officegate("policy", "check", part, *PART)[0] == 0
    status, _, complaint = officegate("policy", "test", part, *PART)
    assert status == 1
    assert "the lab is open" in complaint
    assert officegate("policy", "publish", part, *PART)[0] == 1


def test_what_others_publish_meanwhile_is_kept_and_a_changed_part_is_refused(
    officegate: Run, part: Path, tmp_path: Path
):
    revision = officegate("policy", "pull", "-", *PART)[2].strip()
    whole = tmp_path / "policy.yaml"
    rewrite(whole, "10.99.0.0/25", "10.99.0.0/24")
    assert officegate("policy", "publish", whole)[0] == 0
    rewrite(part, "10.98.0.0/24", "10.98.0.0/25")

    assert officegate("policy", "publish", part, *PART, "--over", revision)[0] == 0
    document = officegate("policy", "show")[1]
    assert "10.99.0.0/24" in document
    assert "10.98.0.0/25" in document

    rewrite(part, "10.98.0.0/25", "10.98.0.0/26")
    status, _, complaint = officegate("policy", "publish", part, *PART, "--over", revision)
    assert status == 1
    assert "the part was changed after this was written" in complaint
    assert officegate("policy", "show")[1] == document


def test_an_earlier_part_is_found_by_its_revision_and_put_in_force_again(officegate: Run, part: Path):
    first = officegate("policy", "pull", "-", *PART)[2].strip()
    rewrite(part, "10.98.0.0/24", "10.98.0.0/25")
    assert officegate("policy", "publish", part, *PART, "--by", "anna@namsan", "--note", "narrow")[0] == 0

    status, told, _ = officegate("policy", "history", *PART, "--diff")
    lines = told.splitlines()
    assert status == 0
    assert first[:12] in lines[0]
    assert "anna@namsan" in lines[0]
    assert "narrow" in lines[0]
    assert "+  lab: {organization: namsan, to: [10.98.0.0/25]}" in lines
    assert says_nothing_of_others(told)
    assert "10.98.0.0/24" in officegate("policy", "show", first[:12], *PART)[1]
    assert officegate("policy", "rollback", first[:12], *PART, "--dry-run")[0] == 0
    assert "10.98.0.0/25" in officegate("policy", "show")[1]
    status, told, _ = officegate("policy", "rollback", first[:12], *PART, "--by", "bert@namsan")
    assert status == 0
    assert f"revision {first[:12]} of the part published" in told
    assert "10.98.0.0/24" in officegate("policy", "show")[1]
    assert officegate("policy", "rollback", "ffffffffffff", *PART)[0] == 1


def test_a_draft_of_a_part_is_published_as_a_part_and_listed_with_its_company(officegate: Run, part: Path):
    rewrite(part, "10.98.0.0/24", "10.98.0.0/25")

    told = officegate("policy", "draft", "save", part, *PART, "--by", "anna@namsan")[1]
    assert told.startswith("1  part of namsan  ")
    assert officegate("policy", "draft", "list", "--part", "hangang")[1].startswith("There are no drafts")
    assert officegate("policy", "draft", "list", *PART)[1] == told
    status, told, _ = officegate("policy", "publish", "--draft", 1)
    assert status == 0
    assert "of the part published" in told
    assert "10.99.0.0/25" in officegate("policy", "show")[1]


def test_a_part_comes_in_waves(officegate: Run, part: Path):
    rewrite(part, "10.98.0.0/24", "10.98.0.0/25")

    told = officegate("policy", "publish", part, *PART, "--waves", "organization:namsan,100%")
    assert told[0] == 0
    assert "the first wave stands" in told[1]
    status, _, complaint = officegate("policy", "publish", part, *PART)
    assert status == 1
    assert "nothing can be published at the moment" in complaint
    assert officegate("policy", "wave", "next")[0] == 0
    assert "10.98.0.0/25" in officegate("policy", "show")[1]


def test_what_takes_from_others_waits_for_somebody_else(officegate: Run, part: Path, database: Database):
    """Of the head office here: the company has no other administrator."""
    make_administrator(database, "hangang", "boss")
    rewrite(part, "who: [organization:namsan]", "who: [organization:namsan, organization:hangang]")
    assert officegate("policy", "publish", part, *PART, "--by", "anna@namsan")[0] == 0
    rewrite(part, ", organization:hangang]", "]")

    for command in ("diff", "publish"):
        by = ("--by", "anna@namsan") if command == "publish" else ()
        status, _, complaint = officegate("policy", command, part, *PART, *by)
        assert status == 3
        assert "what people of other companies are permitted" in complaint
    saved = officegate("policy", "draft", "save", part, *PART, "--by", "anna@namsan", "--submit")
    assert saved[0] == 0
    for stranger in ("anna@namsan", "bert@namsan"):
        assert officegate("policy", "approve", 1, "--by", stranger)[0] == 1
    assert officegate("policy", "approve", 1, "--by", "boss@hangang")[0] == 0
    assert officegate("policy", "publish", "--draft", 1, "--by", "anna@namsan")[0] == 0
    assert "organization:hangang" not in officegate("policy", "show", *PART)[1]


def make_administrator(database: Database, company: str, name: str) -> None:
    with database.write() as conn:
        of = conn.execute(select(organizations.c.id).where(organizations.c.key == company)).scalar_one()
        row = {"organization_id": of, "entry_uuid": f"{company}-admins", "name": "it-admins", "dn": "cn=x"}
        group = conn.execute(insert(groups).values(**row).returning(groups.c.id)).scalar_one()
        user = conn.execute(select(users.c.id).where(users.c.name == name)).scalar_one()
        conn.execute(insert(memberships).values(user_id=user, group_id=group))


def test_an_administrator_of_a_third_company_touches_no_part(officegate: Run, part: Path, database: Database):
    with database.write() as conn:
        conn.execute(insert(organizations).values(key="seorak", name="Seorak", realm="seorak.example"))
    settle_in(database, "cara", "seorak")
    rewrite(part, "10.98.0.0/24", "10.98.0.0/25")

    for command in (("publish", part), ("draft", "save", part)):
        status, _, complaint = officegate("policy", *command, *PART, "--by", "cara@seorak")
        assert status == 1
        assert "cara@seorak is of another company than namsan" in complaint
        assert "lab" not in complaint
    assert "10.98.0.0/24" in officegate("policy", "show")[1]


def test_no_part_of_a_company_that_is_not_there(officegate: Run, part: Path):
    for command in (("pull", "-"), ("check", part), ("publish", part), ("history",)):
        status, _, complaint = officegate("policy", *command, "--part", "nowhere")
        assert status == 1
        assert "There is no organization 'nowhere'" in complaint
