import pytest

from access.changes.publishing import Draft
from access.commands.operator import operator
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


def test_the_audit_says_who_has_asked_on_behalf_of_whom(officegate):
    officegate(*ASKED)
    officegate("access", "approve", 1)
    officegate("access", "extend", 1, "--hours", 1, "--reason", "Not done")

    shown = officegate("audit", "show")[1].splitlines()
    asked = [line for line in shown if 'what="grant.asked"' in line]
    assert len(asked) == 2
    for line in asked:
        assert f'by="{operator()}"' in line
        assert 'who=["user:minjun.kim@hangang"]' in line


def test_what_is_refused_is_not_granted_later(officegate, database):
    officegate(*ASKED)

    assert officegate("access", "refuse", 1, "--why", "No")[0] == 0
    assert officegate("access", "approve", 1)[0] == 1
    assert granted(database) == []


@pytest.mark.parametrize("number", [7])
def test_what_is_not_there_cannot_be_prolonged_or_ended(officegate, number):
    assert officegate("access", "extend", number, "--hours", 1, "--reason", "x")[0] == 1
    assert officegate("access", "revoke", number)[0] == 1


ZONED = f"""{POLICY}  web: {{organization: hangang, to: [10.99.0.176/28]}}
zones:
  money: {{holds: [network:payroll]}}
  internet: {{holds: [network:web]}}
rules:
  - {{id: doors, permit: [login:vpn, login:wired], who: [organization:hangang]}}
"""
SURFING = "  - {id: surfing, permit: [network:web], who: [organization:hangang]}\n"
SURFING_INSIDE = SURFING.replace("]}", "], when: {via: wired}}")


@pytest.fixture
def publish(office, database):
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    before = [load(POLICY).revision]

    def publish(text):
        revision = load(text).revision
        assert shelf.put_in_force(Draft(text, "test", before[-1]), revision, NOW)
        before.append(revision)

    return publish


def test_what_would_put_somebody_into_two_zones_is_refused_with_all_that_is_in_the_way(
    officegate, database, publish
):
    publish(ZONED + SURFING)

    status, _, told = officegate(*ASKED)

    assert status == 1
    assert "network:payroll is in the zone money." in told
    assert "internet (VPN, wire: network:web)" in told


def test_it_is_refused_again_when_the_policy_has_changed_before_it_is_granted(officegate, database, publish):
    publish(ZONED)
    officegate(*ASKED)
    publish(ZONED + SURFING)

    status, _, told = officegate("access", "approve", 1)

    assert status == 1
    assert "internet (VPN, wire: network:web)" in told
    assert granted(database) == []


def test_the_doors_that_are_left_are_told_when_it_is_asked_granted_and_listed(officegate, database, publish):
    publish(ZONED + SURFING_INSIDE)

    assert "Had by VPN alone" in officegate(*ASKED)[1]
    assert officegate("access", "approve", 1)[1].endswith(", by VPN, Wi-Fi alone.\n")
    assert "minjun.kim@hangang by VPN, Wi-Fi alone  until" in officegate("access", "list")[1]
