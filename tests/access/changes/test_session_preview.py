from dataclasses import replace
from ipaddress import ip_address

from access.changes.session_preview import Live, SessionChange, sessions_between
from access.gateways.livesessions import Holder, HolderKey, HolderKind, LiveSession
from access.model import Facts, Method, Reason, Via
from access.policy.compiled import Policy, compile
from access.policy.document import load
from tests.access.policy.samples import MONDAY_9, OFFICE, office, person

KIM = person("hangang/vpn-users", "hangang/engineering", name="kim")
ON_VPN = Facts(via=Via.VPN, method=Method.PAP, otp_at=MONDAY_9 - 7200)
SESSION = LiveSession(
    1, 1, HolderKey(HolderKind.USER, 7), ON_VPN, gateway_id=1, addresses=(ip_address("10.8.0.5"),)
)
LIVE = Live(SESSION, Holder(KIM))


def edited(old: str, new: str) -> Policy:
    assert old in OFFICE
    return compile(load(OFFICE.replace(old, new)))


def change(new: Policy | None, live: Live = LIVE) -> SessionChange | None:
    found = sessions_between(office(), new, [live], MONDAY_9).changes
    return found[0] if found else None


def test_a_session_loses_what_no_rule_permits_any_more():
    found = change(edited("who: [group:hangang/engineering]", "who: [user:lee@hangang]"))

    assert found == SessionChange(
        1, "kim@hangang", "hangang", loses=frozenset({"network:git", "vdi:desktops"}), cut=1
    )


def test_a_session_ends_whose_door_asks_for_a_younger_code():
    found = change(edited("when: {otp_age: 12h,", "when: {otp_age: 1h,"))

    assert found is not None
    assert (found.ends, found.takes) == (Reason.CONDITION_FAILED, True)


def test_a_network_that_grows_smaller_takes_destinations_of_an_object_that_stays():
    found = change(edited("to: [10.99.0.128/28]", "to: [10.99.0.128/29]"))

    assert found is not None
    assert (found.loses, found.cut > 0, found.opened) == (frozenset(), True, 0)


def test_a_session_that_nothing_is_taken_from_or_given_is_not_named():
    assert change(edited("- id: engineers", "- id: developers")) is None
    assert change(office(), replace_leaving()) is None


def replace_leaving() -> Live:
    return Live(replace(SESSION, leaving=True), Holder(KIM))


def test_what_is_open_is_the_login_and_what_a_gateway_lets_through():
    new = edited("permit: [login:vpn]", "permit: [login:portal]")
    without = Live(replace(SESSION, gateway_id=None), Holder(KIM))

    at_gateway = sessions_between(office(), new, [LIVE], MONDAY_9).open_to
    elsewhere = sessions_between(office(), new, [without], MONDAY_9).open_to

    assert at_gateway["network:git"] == at_gateway["login:vpn"] == {"kim@hangang"}
    assert set(elsewhere) == {"login:vpn"}
