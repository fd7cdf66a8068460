import pytest
from sqlalchemy import insert

from access.store.database import Database
from access.store.tables import groups
from tests.access.commands.conftest import Run

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


def add_group(database: Database, name: str) -> None:
    with database.write() as conn:
        row = {"organization_id": 1, "entry_uuid": name, "name": name, "dn": f"cn={name}"}
        conn.execute(insert(groups).values(row))


def roles_in(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line[6:].startswith("roles: ")]


def test_before_the_first_sync_nobody_is_blamed(officegate: Run):
    _, printed, _ = officegate("check")

    assert roles_in(printed) == [
        "warn  roles: no group is known yet; run `officegate directory sync`, then check again"
    ]


def test_a_role_whose_group_is_known_in_any_case_is_in_order(officegate: Run, database: Database):
    add_group(database, "IT-admins")

    _, printed, _ = officegate("check")

    assert "ok    role admin: held by hangang/it-admins" in printed


def test_a_role_whose_group_nobody_knows_is_named_with_what_to_do(officegate: Run, database: Database):
    add_group(database, "staff")

    _, printed, _ = officegate("check")

    assert (
        "warn  role admin: the directories know no group hangang/it-admins;"
        " spell it as `cn` in the directory, after organization/"
    ) in printed


def test_a_role_without_any_group_is_named(officegate: Run, database: Database):
    add_group(database, "staff")

    _, printed, _ = officegate("check")

    assert "warn  role helpdesk: held by nobody" in printed
