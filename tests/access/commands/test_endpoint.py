import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from access.store.tables import users
from tests.access.residents import settle_in

PRINTER = ("endpoint", "add", "0000.5E00.5399", "--organization", "hangang", "--name", "printer 2F")
OWNER = ("--owner", "minjun.kim@hangang")


@pytest.fixture(autouse=True)
def owner(officegate, database):
    return settle_in(database)


def test_an_endpoint_is_registered_listed_and_removed(officegate):
    status, out, _ = officegate(*PRINTER, *OWNER, "--days", 30)
    assert (status, "00-00-5e-00-53-99" in out) == (0, True)
    listed = officegate("endpoint", "list")[1]
    assert "00-00-5e-00-53-99  printer 2F  owner minjun.kim@hangang" in listed

    status, out, _ = officegate("endpoint", "extend", "00:00:5e:00:53:99", "--days", 3650)
    (until,) = re.findall(r"may log in until (\d{4}-\d\d-\d\d)", out)
    assert status == 0
    # Counted in UTC here and in the time of the office there, and midnight may have passed.
    assert 3649 <= (date.fromisoformat(until) - datetime.now(UTC).date()).days <= 3651
    assert officegate("endpoint", "remove", "00:00:5e:00:53:99")[0] == 0
    assert "endpoint add" in officegate("endpoint", "list")[1]


@pytest.mark.parametrize(
    ("mac", "what"),
    [("printer", "no MAC"), ("02-00-5e-00-53-99", "randomised"), ("01-00-5e-00-00-01", "group")],
)
def test_an_address_that_is_nobodys_own_is_refused(officegate, mac, what):
    status, _, complaint = officegate("endpoint", "add", mac, *PRINTER[3:], *OWNER)

    assert (status, what in complaint) == (1, True)


def test_an_endpoint_without_an_owner_is_refused(officegate):
    assert officegate(*PRINTER)[0] == 2


def test_an_endpoint_twice_is_refused(officegate):
    officegate(*PRINTER, *OWNER)

    status, _, complaint = officegate(*PRINTER, *OWNER)
    assert (status, "registered already" in complaint) == (1, True)


def test_nobody_who_is_not_here_is_made_an_owner(officegate):
    officegate(*PRINTER, *OWNER)

    status, _, complaint = officegate("endpoint", "owner", "00-00-5e-00-53-99", "nobody@hangang")
    assert (status, "Nobody is named" in complaint) == (1, True)
    assert officegate("endpoint", "owner", "00-00-5e-00-53-01", "minjun.kim@hangang")[0] == 1


def test_removing_what_is_not_there_says_so(officegate):
    status, _, complaint = officegate("endpoint", "remove", "00-00-5e-00-53-99")

    assert (status, "endpoint list" in complaint) == (1, True)


def test_who_answers_for_it_is_somebody_who_is_here(officegate, database):
    status, _, complaint = officegate(*PRINTER, "--owner", "minjun.kimm@hangang")
    assert (status, "Did you mean minjun.kim@hangang" in complaint) == (1, True)

    with database.write() as conn:
        conn.execute(update(users).values(enabled=False))
    status, _, complaint = officegate(*PRINTER, *OWNER)
    assert (status, "is disabled in the directory" in complaint) == (1, True)


def test_what_the_company_manages_is_marked_and_the_mark_taken_away(officegate):
    officegate(*PRINTER, *OWNER, "--managed")
    assert officegate("endpoint", "list")[1].rstrip().endswith("managed")

    assert officegate("endpoint", "manage", PRINTER[2], "--no-longer")[0] == 0
    assert "managed" not in officegate("endpoint", "list")[1]
    assert officegate("endpoint", "manage", PRINTER[2])[0] == 0
    assert officegate("endpoint", "list")[1].rstrip().endswith("managed")


def test_a_list_is_taken_over_and_again(officegate, tmp_path):
    listed = tmp_path / "laptops.csv"
    head = "mac,name,owner,managed\n"
    listed.write_text(
        f"{head}00:00:5e:00:53:01,laptop 1,minjun.kim,yes\n0000.5E00.5302,laptop 2,minjun.kim@hangang,no\n"
    )
    taken = officegate("endpoint", "import", listed, "--organization", "hangang")
    assert (taken[0], taken[1]) == (0, "2 endpoints, 2 of them new.\n")
    lines = officegate("endpoint", "list")[1].splitlines()
    assert [line.endswith("managed") for line in lines] == [True, False]

    listed.write_text(f"{head}00-00-5e-00-53-01,another name,minjun.kim,no\n")
    assert officegate("endpoint", "import", listed, "--organization", "hangang")[1].startswith(
        "1 endpoints, 0"
    )
    first = officegate("endpoint", "list")[1].splitlines()[0]
    assert ("laptop 1" in first, first.endswith("managed")) == (True, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mac;name\n", "mac,name,owner,managed"),
        ("mac,name,owner,managed\nprinter,x,minjun.kim,yes\n", "Line 2"),
        ("mac,name,owner,managed\n00-00-5e-00-53-01,x,minjun.kim,perhaps\n", "yes or no"),
        ("mac,name,owner,managed\n00-00-5e-00-53-01,x,nobody,yes\n", "Nobody is named"),
        ("mac,name,owner\n00-00-5e-00-53-01,x,minjun.kim\n00005e005301,y,minjun.kim\n", "stands twice"),
        ("mac,name,owner\n00-00-5e-00-53-01\n", "Line 2"),
    ],
)
def test_a_list_with_a_mistake_registers_nothing(officegate, tmp_path, text, said):
    listed = tmp_path / "laptops.csv"
    listed.write_text(text)

    status, _, complaint = officegate("endpoint", "import", listed, "--organization", "hangang")

    assert (status, said in complaint) == (1, True)
    assert "No endpoint is registered" in officegate("endpoint", "list")[1]
