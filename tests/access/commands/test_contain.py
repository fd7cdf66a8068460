import pytest

from access.changes.publishing import Draft
from access.policy.document import load
from access.store import standing
from access.store.policy_shelf import StoredPolicies
from access.store.tables import alarms
from tests.access.residents import DICE, KEYRING, NOW, settle_in

POLICY = "version: 1\nnetworks:\n  payroll: {organization: hangang, to: [10.99.0.144/28]}\n"
WHY = ("--reason", "Phishing")
pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def office(officegate, database):
    settle_in(database)
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(POLICY, "test", None), load(POLICY).revision, NOW)
    return database


def kept(database):
    with database.read() as conn:
        return [(each.who, each.objects) for each in standing.standing(conn)]


def test_a_person_is_contained_listed_and_let_back_in(officegate, database):
    status, out, _ = officegate("contain", "user", "minjun.kim@hangang", *WHY, "--hours", 4, "--call", "2200")

    assert (status, "Undo: officegate contain end 1" in out) == (0, True)
    assert kept(database) == [(("user:minjun.kim@hangang",), ("*",))]
    listed = officegate("contain", "list")[1]
    assert "user:minjun.kim@hangang" in listed
    assert "call 2200: Phishing" in listed
    assert officegate("contain", "end", 1)[0] == 0
    assert kept(database) == []
    assert officegate("contain", "list")[1] == "Nobody and nothing is contained.\n"
    with database.read() as conn:
        (alarm,) = conn.execute(alarms.select())
    assert alarm.cleared_at is not None


@pytest.mark.parametrize(
    ("words", "who", "objects"),
    [
        (("endpoint", "0200.5E00.5301"), "endpoint:02:00:5e:00:53:01", "*"),
        (("object", "network:payroll"), "*", "network:payroll"),
        (("organization", "hangang"), "all:hangang", "*"),
    ],
)
def test_an_endpoint_an_application_or_a_company_is_contained(officegate, database, words, who, objects):
    assert officegate("contain", *words, *WHY)[0] == 0

    assert kept(database) == [((who,), (objects,))]


@pytest.mark.parametrize(
    "words",
    [
        ("user", "nobody@hangang"),
        ("endpoint", "printer"),
        ("object", "network:nothing"),
        ("organization", "nowhere"),
        ("user", "minjun.kim@hangang", "--until", "2001-01-01"),
    ],
)
def test_what_is_not_there_or_over_is_not_contained(officegate, database, words):
    status, _, complaint = officegate("contain", *words, *WHY)

    assert (status, complaint != "") == (1, True)
    assert kept(database) == []


def test_what_is_over_cannot_be_taken_back(officegate):
    status, _, complaint = officegate("contain", "end", 7)

    assert (status, "is over, or never was" in complaint) == (1, True)
