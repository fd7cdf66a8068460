"""Administrators' logins to NAS themselves, and what the policy gives in the attributes of a family."""

from dataclasses import replace

import pytest

from access.logins.accept import Spoken
from access.logins.login_ports import Patience
from access.logins.proving import UserKey
from access.model import Via
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.kept_texts import policy_of
from radius.dictionary_files import load as load_dictionary
from radius.facts import Facts as RadiusFacts
from radius.questions import Granted, Method, Refused
from tests.access.doors import KIM, MAC, SWITCH, VPN, Doors

NAMES = load_dictionary()
ADMINISTRATORS = """
version: 1
rules:
  - id: staff
    permit: [login:wired, login:vpn]
    who: [group:hangang/staff]
    gives: {vlan: staff}
  - id: operators
    permit: [login:device]
    who: [group:hangang/operators]
    gives: {privilege: full, session_timeout: 1h}
vlans:
  seoul: {staff: 120}
"""
OPERATOR = replace(KIM, groups=frozenset({"hangang/operators"}))


def doors_of(user, client):
    doors = Doors()
    doors.memory.policy = policy_of(ADMINISTRATORS)
    doors.memory.put_users([user])
    doors.memory.put_clients([client])
    return doors


def shown(granted):
    return [" ".join(NAMES.describe(attribute)) for attribute in granted.attributes]


@pytest.mark.parametrize("service_type", [1, 3, 6, 7, 9, 11])
def test_an_administrator_is_let_into_the_device_with_a_privilege_and_gets_no_session(service_type):
    doors = doors_of(OPERATOR, replace(SWITCH, vendor="cisco", via=Via.WIRED))

    granted = doors.authorize(facts=RadiusFacts(service_type=service_type))

    assert shown(granted) == [
        "Service-Type NAS-Prompt-User",
        "Cisco-AVPair shell:priv-lvl=15",
        "Session-Timeout 3600",
    ]
    assert granted.class_ == b""
    assert granted.record["kind"] == "device-login"
    assert granted.record["entry"]["detail"]["privilege"] == "full"
    assert granted.record["entry"]["detail"]["via"] == "device"


@pytest.mark.parametrize("service_type", [1, 3, 6, 7, 9, 11])
@pytest.mark.parametrize("client", [SWITCH, VPN])
def test_who_may_use_the_network_may_not_administer_its_devices(client, service_type):
    doors = doors_of(KIM, client)

    assert isinstance(doors.authorize(client, facts=RadiusFacts(service_type=2)), Granted)
    refusal = doors.authorize(client, facts=RadiusFacts(service_type=service_type))

    assert isinstance(refusal, Refused)
    assert refusal.record["entry"]["reason"] == "NO_PERMIT"


@pytest.mark.parametrize("service_type", [None, 2, 8])
def test_who_may_administer_devices_may_not_use_the_network_for_that(service_type):
    refusal = doors_of(OPERATOR, SWITCH).authorize(facts=RadiusFacts(service_type=service_type))

    assert refusal.record["entry"]["reason"] == "NO_PERMIT"


@pytest.mark.parametrize(("service_type", "granted"), [(1, True), (6, False), (7, False)])
def test_an_access_point_may_say_login_user_of_802_1x_but_never_administrator(service_type, granted):
    outcome = doors_of(KIM, SWITCH).authorize(
        method=Method.PEAP_MSCHAPV2, facts=RadiusFacts(service_type=service_type, eap=True)
    )

    assert isinstance(outcome, Granted) is granted


def test_a_fortigate_tells_its_administrators_by_connect_info():
    client = replace(VPN, vendor="fortigate")
    at_the_vpn, at_the_device = (RadiusFacts(connect_info=each) for each in ("vpn-ssl", "admin-login"))

    operator = doors_of(OPERATOR, client)
    assert shown(operator.authorize(client, facts=at_the_device))[0] == "Fortinet-Access-Profile super_admin"
    assert isinstance(operator.authorize(client, facts=at_the_vpn), Refused)
    assert isinstance(doors_of(KIM, client).authorize(client, facts=at_the_device), Refused)
    generic = replace(VPN, vendor="generic")
    assert isinstance(doors_of(KIM, generic).authorize(generic, facts=at_the_device), Granted)


def test_everything_at_a_nas_for_administrators_is_a_login_to_it():
    client = replace(SWITCH, via=Via.DEVICE, vendor="paloalto")

    assert shown(doors_of(OPERATOR, client).authorize(facts=RadiusFacts()))[0] == (
        "PaloAlto-Admin-Role superuser"
    )
    assert isinstance(doors_of(KIM, client).authorize(facts=RadiusFacts()), Refused)


def test_a_device_that_knows_no_administrators_lets_none_in():
    refusal = doors_of(OPERATOR, replace(SWITCH, vendor="meraki")).authorize(
        facts=RadiusFacts(service_type=6)
    )

    assert refusal.record["entry"]["reason"] == "POLICY_CONFLICT"
    assert "meraki has no privilege" in refusal.record["entry"]["detail"]["said"]


def test_a_login_to_a_device_without_a_privilege_is_refused():
    doors = doors_of(OPERATOR, SWITCH)
    doors.memory.policy = compile(
        load(ADMINISTRATORS.replace("gives: {privilege: full, session_timeout: 1h}", ""))
    )

    refusal = doors.authorize(facts=RadiusFacts(service_type=6))

    assert refusal.record["entry"]["reason"] == "POLICY_CONFLICT"


def test_a_mac_address_administers_nothing():
    doors = Doors()
    doors.memory.put_clients([replace(SWITCH, via=Via.DEVICE)])
    doors.memory.policy = compile(
        load(
            'version: 1\nrules:\n  - {id: p, permit: [login:device], who: ["endpoint:00-00-5e-00-53-99"],'
            " gives: {privilege: full}}\n"
        )
    )

    refusal = doors.authorize(mac=MAC)

    assert refusal.record["entry"]["reason"] == "METHOD_NOT_ALLOWED"


def test_a_password_for_one_endpoint_administers_nothing():
    doors = doors_of(OPERATOR, SWITCH)

    refusal = doors.authorize(user=str(UserKey(7, 3)), facts=RadiusFacts(service_type=6))

    assert refusal.record["entry"]["reason"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(("age_s", "reason"), [(30.0, "PERMITTED"), (31.0, "STALE_DECISION")])
def test_a_memory_that_still_lets_everybody_else_in_is_too_old_for_an_administrator(age_s, reason):
    doors = doors_of(OPERATOR, SWITCH)
    doors.now += age_s

    outcome = doors.authorize(facts=RadiusFacts(service_type=6))

    assert outcome.record["entry"]["reason"] == reason


def test_administrators_never_have_a_longer_patience_than_a_code():
    patience = Patience(strict_s=10.0, basic_s=3600.0, privileged_s=30.0)

    assert patience.of(Via.DEVICE, with_code=True) == 10.0


def test_administrators_are_refused_first_and_who_proves_least_last():
    patience = Patience(strict_s=60.0, basic_s=3600.0, privileged_s=30.0)
    tiers = ["staleness_privileged_s", "staleness_s", "staleness_basic_s"]

    assert [len(patience.exceeded(age_s)) for age_s in (30.0, 31.0, 60.0, 61.0, 3600.0, 3601.0)] == [
        *(0, 1, 1, 2, 2, 3)
    ]
    assert patience.exceeded(3601.0) == tiers


def test_what_an_administrator_does_on_a_device_is_no_session_of_somebody_else_s():
    doors = doors_of(OPERATOR, VPN)
    record = doors.account(facts=RadiusFacts(service_type=6))

    assert "entry" not in record
    assert "entry" in doors.account(facts=RadiusFacts(service_type=2))


def test_a_vlan_travels_by_its_number_where_its_site_has_one():
    seoul, busan = replace(SWITCH, site="seoul"), replace(SWITCH, site="busan")

    assert "Tunnel-Private-Group-Id 120" in shown(doors_of(KIM, seoul).authorize(facts=RadiusFacts()))
    assert "Tunnel-Private-Group-Id staff" in shown(doors_of(KIM, busan).authorize(facts=RadiusFacts()))


def test_the_record_says_what_the_nas_was_given_in_words():
    doors = doors_of(KIM, replace(SWITCH, vendor="mikrotik", site="seoul"))
    doors.logins = replace(doors.logins, spoken=Spoken(NAMES))

    record = doors.authorize(facts=RadiusFacts()).record

    assert record["entry"]["detail"]["given"][2:4] == [
        "Tunnel-Private-Group-Id = 120",
        "Mikrotik-Wireless-VLANID = 120",
    ]


def test_role_acl_and_voice_vlan_travel_in_the_attributes_of_the_family():
    doors = doors_of(KIM, replace(SWITCH, vendor="cisco", site="seoul"))
    doors.memory.policy = compile(
        load(
            "version: 1\nrules:\n  - {id: staff, permit: [login:wired], who: ['group:hangang/staff'],"
            " gives: {voice_vlan: phones, role: STAFF, acl: desk}}\nvlans: {seoul: {phones: 150}}\n"
        )
    )

    assert shown(doors.authorize(facts=RadiusFacts())) == [
        "Cisco-AVPair device-traffic-class=voice",
        "Tunnel-Type VLAN",
        "Tunnel-Medium-Type IEEE-802",
        "Tunnel-Private-Group-Id 150",
        "Cisco-AVPair subscriber:service-name=STAFF",
        "Filter-Id desk.in",
    ]
