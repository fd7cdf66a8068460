import pytest

from access.changes.publishing import Draft
from access.policy.document import load
from access.store import standing
from access.store.policy_shelf import StoredPolicies
from tests.access.residents import DICE, KEYRING, NOW, settle_in

POLICY = """\
version: 1
networks:
  payroll:
    organization: hangang
    to: [10.99.0.144/28]
    requestable: {owners: [sua.lee@hangang], longest: 4h}
"""
ASKED = ("access", "request", "minjun.kim@hangang", "network:payroll", "--reason", "The audit", "--hours", 2)
pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def office(officegate, database):
    settle_in(database)
    settle_in(database, "sua.lee")
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(POLICY, "test", None), load(POLICY).revision, NOW)


def granted(database):
    with database.read() as conn:
        return [(each.who, each.objects) for each in standing.standing(conn)]


def test_it_is_asked_for_granted_listed_prolonged_and_ended(officegate, database):
    assert officegate(*ASKED)[1] == "1: waits for sua.lee@hangang\n"
    assert "asked for 2 h, waits for sua.lee@hangang: The audit" in officegate("access", "list")[1]
    assert granted(database) == []

    assert officegate("access", "approve", 1)[0] == 0
    assert granted(database) == [(("user:minjun.kim@hangang",), ("network:payroll",))]
    assert officegate("access", "extend", 1, "--hours", 1, "--reason", "Not done")[0] == 0
    assert "longer, for 1" in officegate("access", "list")[1]
    assert officegate("access", "approve", 2)[0] == 0
    assert officegate("access", "revoke", 1)[0] == 0

    assert granted(database) == []
    assert officegate("access", "list")[1] == "Nothing is granted for a while, and nothing waits.\n"


def test_what_is_refused_is_not_granted_later(officegate, database):
    officegate(*ASKED)

    assert officegate("access", "refuse", 1, "--why", "No")[0] == 0
    assert officegate("access", "approve", 1)[0] == 1
    assert granted(database) == []


@pytest.mark.parametrize("number", [7])
def test_what_is_not_there_cannot_be_prolonged_or_ended(officegate, number):
    assert officegate("access", "extend", number, "--hours", 1, "--reason", "x")[0] == 1
    assert officegate("access", "revoke", number)[0] == 1
