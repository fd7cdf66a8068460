import pytest
from sqlalchemy import insert

from access.store.database import Database
from access.store.tables import groups
from tests.access.commands.conftest import Run
from tests.access.residents import settle_in

NEW = ("--organization", "hangang", "--employer", "남산외주", "--sponsor", "minjun.kim")


@pytest.fixture
def staffed(config, database: Database) -> Database:
    settle_in(database)
    with database.write() as conn:
        row = {"organization_id": 1, "entry_uuid": "g", "name": "contractors", "dn": "cn=contractors"}
        conn.execute(insert(groups).values(**row))
    return database


def add(officegate: Run, name: str = "ext.hong", *more: str) -> tuple[int, str, str]:
    return officegate("local-user", "add", name, *NEW, *more)


def test_somebody_is_added_listed_extended_and_ended(officegate: Run, staffed: Database):
    status, printed, _ = add(officegate, "ext.hong", "--days", "10", "--display-name", "홍길동")
    assert status == 0
    assert "minjun.kim@hangang answers for them" in printed
    secret = printed.split("shown this once: ")[1].strip()
    assert len(secret) == 23

    _, listed, _ = officegate("local-user", "list")
    assert listed.startswith("ext.hong@hangang  홍길동 (남산외주)  sponsor minjun.kim@hangang  until ")
    assert secret not in listed

    assert "may log in until" in officegate("local-user", "extend", "ext.hong", "--days", "90")[1]
    assert officegate("local-user", "extend", "ext.hong", "--days", "91")[0] == 2
    assert officegate("local-user", "end", "ext.hong")[1] == "ext.hong@hangang may log in no more.\n"
    assert "  ended " in officegate("local-user", "list")[1]


def test_groups_are_joined_and_left(officegate: Run, staffed: Database):
    add(officegate, "ext.hong", "--group", "hangang/contractors")

    assert officegate("local-user", "join", "ext.hong", "hangang/contractors")[0] == 0
    assert officegate("local-user", "leave", "ext.hong", "hangang/contractors")[0] == 0
    status, _, complaint = officegate("local-user", "leave", "ext.hong", "hangang/contractors")
    assert status != 0
    assert "is not in hangang/contractors" in complaint


def test_another_password_is_shown_once_and_in_no_record(officegate: Run, staffed: Database):
    first = add(officegate)[1].split("shown this once: ")[1].strip()
    second = officegate("local-user", "password", "ext.hong")[1].split("shown this once: ")[1].strip()

    _, record, _ = officegate("audit", "show")
    assert first != second
    for kept in ("LOCAL_USER_ADDED", "LOCAL_USER_PASSWORD", "at the command line"):
        assert kept in record
    assert first not in record
    assert second not in record


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("add", "ext.hong", "--organization", "hangang", "--employer", "x", "--sponsor", "nobody"),
            "Nobody in",
        ),
        (("add", "Ext", *NEW), "lower case"),
        (("add", "minjun.kim", *NEW), "Somebody else"),
        (("add", "ext", *NEW, "--group", "hangang/none"), "no group of the company"),
        (("extend", "minjun.kim", "--days", "9"), "is in a directory"),
        (("end", "minjun.kim"), "is in a directory"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(officegate: Run, staffed: Database, arguments, said):
    status, _, complaint = officegate("local-user", *arguments)

    assert status != 0
    assert said in complaint
    assert officegate("local-user", "list")[1] == "Nobody is in no directory.\n"
