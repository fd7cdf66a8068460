"""Facts that are found out only where a rule asks for them: the endpoint of a login."""

from dataclasses import replace

import pytest

from access.model import Reason
from access.policy.compiled import compile
from access.policy.document import load
from access.registry import Endpoint
from radius.facts import Facts
from radius.questions import Granted
from tests.access.doors import PRINTER, VPN, Doors
from tests.access.residents import NOW

LAPTOP = Endpoint(11, 1, "00-00-5e-00-53-11", "laptop", "minjun.kim@hangang", NOW + 3600)
STATION = Facts(calling_station="00:00:5e:00:53:11")


def doors(wanted: str, *endpoints: Endpoint) -> Doors:
    found = Doors()
    found.memory.put_endpoints(endpoints)
    rule = "permit: ['login:wired', 'login:vpn'], who: ['organization:hangang', 'endpoint:00-00-5e-00-53-99']"
    found.memory.policy = compile(load(f"version: 1\nrules: [{{id: staff, {rule}, when: {{{wanted}}}}}]"))
    return found


def reason(outcome) -> str:
    return "" if isinstance(outcome, Granted) else outcome.record["entry"]["reason"]


@pytest.mark.parametrize(
    ("wanted", "endpoint", "expected"),
    [
        ("known", LAPTOP, ""),
        ("known", replace(LAPTOP, owner="seoyeon.lee@hangang"), Reason.CONDITION_FAILED),
        ("known", replace(LAPTOP, valid_until=NOW), Reason.CONDITION_FAILED),
        ("known", replace(LAPTOP, mac="00-00-5e-00-53-12"), Reason.CONDITION_FAILED),
        ("managed", replace(LAPTOP, managed=True), ""),
        ("managed", LAPTOP, Reason.CONDITION_FAILED),
        ("managed", replace(LAPTOP, managed=True, organization_id=2), Reason.CONDITION_FAILED),
        ("certified", LAPTOP, Reason.CONDITION_FAILED),
        ("unregistered", LAPTOP, Reason.CONDITION_FAILED),
        ("unregistered", replace(LAPTOP, mac="00-00-5e-00-53-12"), ""),
    ],
)
def test_a_login_is_permitted_by_what_its_endpoint_is(wanted, endpoint, expected):
    assert reason(doors(f"endpoint: {wanted}", endpoint).authorize(facts=STATION)) == expected


def test_a_gateway_that_names_an_ip_address_leaves_the_endpoint_unknown():
    at_home = Facts(calling_station="203.0.113.7")

    assert reason(doors("endpoint: known", LAPTOP).authorize(VPN, facts=at_home)) == Reason.FACT_UNKNOWN


def test_a_printer_that_logs_in_as_itself_is_known():
    office = doors("endpoint: known", PRINTER)

    assert reason(office.authorize(user=None, mac="00:00:5e:00:53:99")) == ""


def test_a_session_lasts_no_longer_than_the_registration_of_its_endpoint():
    granted = doors("endpoint: known", LAPTOP).authorize(facts=STATION)

    assert granted.record["valid_until"] == NOW + 3600
