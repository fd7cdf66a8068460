"""Facts that are found out only where a rule asks for them: the endpoint of a login."""

from dataclasses import replace

import pytest

from access.logins.risk import Visit
from access.model import Reason
from access.nas.registry import Endpoint
from access.policy.kept_texts import policy_of
from radius.facts import Facts
from radius.questions import Granted
from tests.access.doors import AFFILIATE, KIM, PRINTER, VPN, Doors
from tests.access.residents import NOW

LAPTOP = Endpoint(11, 1, "00-00-5e-00-53-11", "laptop", "minjun.kim@hangang", NOW + 3600, owner_id=KIM.id)
STATION = Facts(calling_station="00:00:5e:00:53:11")


def doors(wanted: str, *endpoints: Endpoint) -> Doors:
    found = Doors()
    found.memory.put_endpoints(endpoints)
    rule = "permit: ['login:wired', 'login:vpn'], who: ['organization:hangang', 'endpoint:00-00-5e-00-53-99']"
    found.memory.policy = policy_of(f"version: 1\nrules: [{{id: staff, {rule}, when: {{{wanted}}}}}]")
    return found


def reason(outcome) -> str:
    return "" if isinstance(outcome, Granted) else outcome.record["entry"]["reason"]


@pytest.mark.parametrize(
    ("wanted", "endpoint", "expected"),
    [
        ("known", LAPTOP, ""),
        ("known", replace(LAPTOP, owner_id=KIM.id + 1), Reason.CONDITION_FAILED),
        ("known", replace(LAPTOP, owner_id=None), Reason.CONDITION_FAILED),
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


def risky(wanted: str = "low", *visits: Visit) -> Doors:
    found = doors(f"risk: {wanted}")
    found.memory.trails.put_all((7, visit) for visit in visits)
    return found


def test_a_login_is_permitted_by_how_risky_it_is_and_tells_what_spoke_for_that():
    office = risky("low", Visit("00:00:5e:00:53:12", "", "", NOW - 60))
    assert reason(office.authorize(facts=STATION)) == ""

    for _ in range(3):
        office.logins.ports.throttle.wrong_try("minjun.kim@hangang", NOW)
    office.memory.trails.put_all([(7, Visit("00:00:5e:00:53:12", "", "", NOW - 60))])
    refused = office.authorize(facts=STATION)

    detail = refused.record["entry"]["detail"]
    assert detail["failed"] == ["staff: risk low, medium (wrong-tries, new-endpoint)"]
    assert detail["risk"] == "medium wrong-tries new-endpoint"


def test_what_was_granted_is_no_new_endpoint_the_next_time_and_its_session_keeps_the_risk():
    office = risky("low", Visit("00:00:5e:00:53:12", "", "", NOW - 60))

    first, second = (office.authorize(facts=STATION).record["risk"] for _ in range(2))

    assert (first, second) == ("low new-endpoint", "low")


def test_wrong_passwords_and_codes_are_wrong_tries_and_a_right_one_takes_none_back():
    office = risky()
    office.password("wrong 1")
    office.password("wrong 2")
    office.code("000000")
    office.password()

    assert office.ports.throttle.wrong_tries("minjun.kim@hangang", NOW) == 3
    assert office.ports.throttle.wrong_tries("minjun.kim@hangang", NOW + 3601) == 0


def test_a_printer_that_did_8021x_lately_is_a_high_risk():
    office = risky("[low, medium]")
    office.memory.put_endpoints([replace(PRINTER, dot1x_at=NOW - 86400)])

    refused = office.authorize(user=None, mac="00:00:5e:00:53:99")

    assert refused.record["entry"]["detail"]["risk"] == "high mac-after-802.1x"


def test_of_a_visitor_nobody_knows_how_risky_they_are():
    office = risky()
    rule = "permit: ['login:wired'], who: ['realm:partner'], when: {risk: low}"
    office.memory.policy = policy_of(f"version: 1\nrules: [{{id: staff, {rule}}}]")

    visitor = office.authorize(user=None, user_name="jane@partner.example", realm="partner", facts=STATION)

    assert reason(visitor) == Reason.CONDITION_FAILED


def test_before_it_is_read_where_people_have_been_the_risk_is_unknown():
    assert reason(doors("risk: low").authorize(facts=STATION)) == Reason.FACT_UNKNOWN


def test_nothing_is_found_out_that_no_rule_asks_for():
    office = doors("via: wired")
    granted = office.authorize(facts=STATION)

    assert (granted.record["risk"], office.memory.trails.of(7)) == ("", ())


def test_a_login_is_given_what_its_nas_takes_and_refused_where_it_takes_none():
    office = doors("via: [vpn, wired]")
    gives = "gives: {bandwidth: {up: 1M, down: 2M}}"
    text = (
        f"version: 1\nrules: [{{id: staff, permit: ['login:vpn'], who: ['organization:hangang'], {gives}}}]"
    )
    office.memory.policy = policy_of(text)

    refused = office.authorize(VPN, facts=STATION)
    office.memory.put_clients([replace(VPN, vendor="mikrotik")])
    granted = office.authorize(VPN, facts=STATION)

    assert reason(refused) == Reason.POLICY_CONFLICT
    assert refused.record["entry"]["detail"]["said"] == "generic has no bandwidth"
    assert [each.value for each in granted.attributes] == [b"1000k/2000k"]


def test_whose_the_nas_is_a_worker_knows_and_a_company_lets_nobody_in_at_that_of_another():
    office = Doors()
    kim = "permit: [login:wired], who: [user:minjun.kim@hangang]"
    home = f"{{id: home, {kim}, gives: {{vlan: 20}}}}"
    host = f"{{id: host, {kim}, organization: namsan, gives: {{vlan: 90}}}}"

    office.memory.policy = policy_of(f"version: 1\nrules: [{home}]")
    assert reason(office.authorize(nas=AFFILIATE)) == Reason.NO_PERMIT
    assert reason(office.authorize()) == ""

    office.memory.policy = policy_of(f"version: 1\nrules: [{home}, {host}]")
    assert office.authorize(nas=AFFILIATE).record["vlan"] == "90"
    assert office.authorize().record["vlan"] == "20"
