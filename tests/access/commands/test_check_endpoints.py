"""What `officegate check` says of the endpoints that log in by their MAC address."""

import pytest
from sqlalchemy import update

from access.store.tables import endpoints, users
from tests.access.commands.conftest import Run
from tests.access.commands.test_check_service import lines_about
from tests.access.residents import leave_to_a_namesake, settle_in

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)
WORDS = ("--organization", "hangang", "--owner", "minjun.kim@hangang", "--name", "printer")


@pytest.fixture(autouse=True)
def registered(officegate: Run, database):
    settle_in(database)
    for mac in ("00-00-5e-00-53-98", "00-00-5e-00-53-99"):
        assert officegate("endpoint", "add", mac, *WORDS)[0] == 0


def said(officegate: Run) -> list[str]:
    return lines_about(officegate("check")[1], "endpoints")


def test_endpoints_whose_owners_are_here_are_counted(officegate: Run):
    assert said(officegate) == ["ok    endpoints: 2 may log in by their MAC address, each has an owner"]


def test_an_owner_who_has_left_is_named_with_what_is_left_over(officegate: Run, database):
    with database.write() as conn:
        conn.execute(update(users).values(enabled=False))

    (line,) = said(officegate)

    seen = "nobody answers for 00-00-5e-00-53-98 (printer) and 1 more, registered to minjun.kim@hangang"
    assert line.startswith(f"warn  endpoints: {seen}; name somebody who does")


def test_whoever_has_the_name_of_an_owner_who_left_answers_for_nothing(officegate: Run, database):
    leave_to_a_namesake(database, "minjun.kim")
    assert "nobody answers for it" in officegate("endpoint", "list")[1]

    assert officegate("endpoint", "owner", "00-00-5e-00-53-98", "minjun.kim@hangang")[0] == 0

    (line,) = said(officegate)
    assert "nobody answers for 00-00-5e-00-53-99 (printer), registered to" in line


def test_what_has_ended_needs_no_owner_any_more(officegate: Run, database):
    with database.write() as conn:
        conn.execute(update(users).values(enabled=False))
        conn.execute(update(endpoints).values(valid_until=1000.0))

    assert said(officegate) == ["ok    endpoints: 0 may log in by their MAC address, each has an owner"]
