"""What `officegate check` says of the endpoints that log in by their MAC address."""

import pytest
from sqlalchemy import update

from access.store.tables import endpoints, users
from tests.access.commands.conftest import Run
from tests.access.commands.test_check_service import lines_about
from tests.access.residents import settle_in

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

    seen = "minjun.kim@hangang is not here and answers for 00-00-5e-00-53-98 (printer) and 1 more"
    assert line.startswith(f"warn  endpoints: {seen}; remove them")


def test_what_has_ended_needs_no_owner_any_more(officegate: Run, database):
    with database.write() as conn:
        conn.execute(update(users).values(enabled=False))
        conn.execute(update(endpoints).values(valid_until=1000.0))

    assert said(officegate) == ["ok    endpoints: 0 may log in by their MAC address, each has an owner"]
