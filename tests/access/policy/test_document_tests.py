from dataclasses import replace

from access.policy.document import World
from access.policy.document_tests import run
from access.policy.kept_texts import policy_of
from tests.access.policy.samples import MINJUN, OFFICE

WORLD = World(users={"minjun.kim@hangang": MINJUN})
FACTS = 'facts: {via: vpn, otp_age: %s, now: "2026-11-23T09:00:00+09:00"}'


def failures(test: str, world: World = WORLD) -> list[str]:
    policy = policy_of(OFFICE + "tests:\n  - " + test)
    return [str(failure) for failure in run(policy, world)]


def test_a_promise_that_is_kept_says_nothing():
    assert (
        failures(
            "{name: engineer, who: {user: Minjun.Kim@hangang}, accept: [login:vpn, network:git],"
            f" deny: [network:payroll], {FACTS % '5m'}}}"
        )
        == []
    )


def test_a_denied_object_that_should_be_accepted_says_why():
    assert failures(
        f"{{name: old, who: {{user: minjun.kim@hangang}}, accept: [login:vpn], {FACTS % '13h'}}}"
    ) == ["line 40: old: login:vpn is denied: CONDITION_FAILED (staff-vpn wants otp_age < 12h, saw 13h)"]


def test_a_forbidden_object_that_should_be_accepted_names_the_forbid():
    who = "{groups: [hangang/engineering, hangang/contractors], organization: hangang}"

    assert failures(f"{{name: c, who: {who}, accept: [network:git], {FACTS % '5m'}}}") == [
        "line 40: c: network:git is denied: FORBIDDEN by no-contractors-git"
    ]


def test_a_permitted_object_that_should_be_denied_names_the_permit():
    assert failures(
        f"{{name: x, who: {{organization: hangang}}, deny: [network:intranet], {FACTS % '5m'}}}"
    ) == ["line 40: x: network:intranet is permitted by everyone-intranet"]


def test_an_endpoint_can_be_asked_about():
    facts = 'facts: {method: mab, via: wired, otp_age: none, now: "2026-11-23T09:00:00+09:00"}'
    who = "who: {endpoint: 001122AABBCC, organization: hangang}"

    assert (
        failures(f"{{name: printer, {who}, accept: [login:wired], deny: [network:intranet], {facts}}}") == []
    )


def test_a_test_about_nobody_fails():
    test = f"{{name: gone, who: {{user: minjun.kim@hangang}}, deny: [network:payroll], {FACTS % '5m'}}}"

    assert failures(test, World()) == ["line 40: gone: there is no user minjun.kim@hangang"]


def test_a_test_that_demands_nothing_fails():
    test = f"{{name: empty, who: {{organization: hangang}}, deny: [network:payroll], {FACTS % '5m'}}}"
    policy = policy_of(OFFICE + "tests:\n  - " + test)
    hollow = replace(
        policy, document=replace(policy.document, tests=(replace(policy.document.tests[0], deny=()),))
    )

    assert [str(failure.what) for failure in run(hollow, WORLD)] == ["it neither accepts nor denies anything"]


def test_a_login_that_gives_something_else_says_what():
    test = (
        "{name: gifts, who: {user: minjun.kim@hangang}, accept: [login:vpn],"
        f" gives: {{vlan: guest, session_timeout: %s}}, {FACTS % '5m'}}}"
    )

    assert failures(test % "8h") == ["line 40: gifts: login:vpn gives vlan staff, not guest"]
    assert failures(test % "7h")[1] == "line 40: gifts: login:vpn gives session_timeout_s 28800, not 25200"


def test_somebody_of_another_realm_can_be_asked_about():
    about = "name: visitor, who: {realm: partner}, accept: [login:vpn], deny: [network:git]"
    promise = f"{{{about}, {FACTS % 'none'}}}"
    visitors = "  - {id: visitors, permit: [login:vpn], who: [realm:partner]}\nprefer:"
    text = OFFICE.replace("prefer:", visitors)
    policy = policy_of(f"{text}tests:\n  - {promise}")

    assert [str(failure) for failure in run(policy, WORLD)] == []
    assert failures(promise) == ["line 40: visitor: login:vpn is denied: NO_PERMIT"]
