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
    assert (status, "may log in until 203" in out) == (0, True)
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
