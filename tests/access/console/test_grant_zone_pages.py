"""Temporary access that would put somebody into two zones at once: refused in the portal, and why."""

import pytest

from access.model import Facts, Reason, Request, Subject, Via
from access.policy.decide import decide
from tests.access.console.town import POLICY

RULES = POLICY[: POLICY.index("tests:")]
ZONED = RULES.replace(
    "payroll: {organization: hangang, to: [10.99.0.128/28]}",
    "payroll: {organization: hangang, to: [10.99.0.128/28],"
    " requestable: {owners: [seoyeon.lee@hangang], longest: 4h}}\n"
    "  lab: {organization: hangang, to: [10.99.0.160/28],"
    " requestable: {owners: [seoyeon.lee@hangang], longest: 4h}}\n"
    "  web: {organization: hangang, to: [10.99.0.176/28]}",
).replace(
    "rules:\n",
    """zones:
  money: {holds: [network:payroll], title: {ko: 재무망, en: Money}}
  lab: {holds: [network:lab], title: {ko: 연구망, en: The lab}}
  internet: {holds: [network:web], title: {ko: 인터넷망, en: Internet}}
rules:
""",
    1,
)
CABLE = """  - {id: cable, permit: [login:wired, login:wireless], who: [organization:hangang]}
"""
SURFING = """  - {id: surfing, permit: [network:web], who: [group:hangang/vpn-users]}
"""
SURFING_INSIDE = SURFING.replace("]}", "], when: {via: [wired, wireless]}}")
# Until an hour after the town's clock begins.
EXCEPTION = """  - {id: moving, permit: [network:payroll], who: [group:hangang/vpn-users],
     crosses: [internet], owner: boss@hangang, reason: Moving house, valid_to: "2027-01-15T18:00:00+09:00"}
"""
ENDS = 1800003600.0
WISH = {"object": "network:payroll", "hours": "2", "reason": "The audit"}
LAB = WISH | {"object": "network:lab"}


@pytest.fixture
def zoned(town):
    """What puts another document in force, with these rules."""

    def publish(*rules):
        text = "".join((ZONED, CABLE, *rules))
        (town.publish_over if town.gate().policy.published() else town.publish)(text)
        return town

    return publish


@pytest.fixture
def minjun(zoned, visit):
    zoned(SURFING_INSIDE)
    browser = visit("minjun.kim@hangang")
    browser.get("/access")
    return browser


@pytest.fixture
def owner(zoned, visit):
    zoned(SURFING_INSIDE)
    browser = visit("seoyeon.lee@hangang")
    browser.get("/access")
    return browser


def may(town, object="network:payroll", via=Via.VPN):
    user = town.user("minjun.kim")
    subject = Subject(user.id, "hangang", "minjun.kim", user.groups)
    return decide(town.gate().policy.current(), subject, Request(object, Facts(via=via)), town.now)


def test_what_would_put_somebody_into_two_zones_is_not_asked_for(town, zoned, minjun):
    zoned(SURFING)

    assert minjun.post("/access", **WISH).status_code == 400

    assert "network:payroll is in the zone Money." in minjun.page
    assert "Internet (VPN, wire, Wi-Fi: network:web)" in minjun.page
    assert "who can take away what leads into Internet" in minjun.page
    assert town.standing.open_grants(town.now) == []


def test_it_is_said_in_korean_too(zoned, visit):
    zoned(SURFING)
    minjun = visit("minjun.kim@hangang", language="ko")
    minjun.get("/access")

    minjun.post("/access", **WISH)

    assert "network:payroll은(는) 재무망 구역입니다." in minjun.page
    assert "인터넷망 (VPN, 유선, 무선(Wi-Fi): network:web)" in minjun.page
    assert "예외를 정책에 적어야 합니다" in minjun.page


def test_it_is_had_by_the_doors_alone_that_leave_everything_in_one_zone(town, minjun, owner, visit):
    minjun.post("/access", **WISH)
    assert "Had by VPN alone" in minjun.page
    owner.get("/access")
    assert "Had by VPN alone: by others one is in another zone, Internet (wire, Wi-Fi)." in owner.page
    assert "network:web" not in owner.page

    owner.post("/access/1/approve")

    assert "Granted, by VPN alone." in owner.page
    assert may(town).permits == ("grant-1",)
    assert may(town, via=Via.WIRED).reason is Reason.CONDITION_FAILED
    assert may(town, "login:wired", Via.WIRED).permitted
    assert may(town, "network:web", Via.WIRED).permitted
    boss = visit("boss@hangang")
    boss.get("/console/grants")
    assert "by VPN alone" in boss.page


def test_what_is_left_to_doors_that_are_closed_to_somebody_is_refused(town, zoned, visit):
    zoned(SURFING_INSIDE, "  - {id: out, permit: [login:vpn], who: [organization:hangang]}\n")
    desk = visit("desk@hangang")
    desk.get("/access")
    assert desk.post("/access", **WISH).status_code == 200
    zoned(SURFING_INSIDE.replace("group:hangang/vpn-users", "group:hangang/helpdesk"))

    assert desk.post("/access", **LAB).status_code == 400

    assert "Internet (wire, Wi-Fi: network:web)" in desk.page


def test_an_owner_is_refused_what_the_policy_has_made_a_second_zone_and_told_why(town, zoned, minjun, owner):
    minjun.post("/access", **WISH)
    zoned(SURFING)
    owner.get("/access")
    assert "network:payroll is in the zone Money." in owner.page

    owner.post("/access/1/approve")

    assert "would be in another one at the same time: Internet (VPN, wire, Wi-Fi)." in owner.page
    assert "network:web" not in owner.page
    assert not may(town).permitted
    minjun.get("/access")
    assert "Internet (VPN, wire, Wi-Fi: network:web)" in minjun.page


def test_of_two_requests_in_two_zones_one_is_granted(town, minjun, owner):
    minjun.post("/access", **WISH)
    minjun.post("/access", **LAB)
    owner.get("/access")
    owner.post("/access/1/approve")

    owner.post("/access/2/approve")

    assert "network:lab is in the zone The lab." in owner.page
    assert may(town).permitted
    assert may(town, "network:lab").reason is Reason.NO_PERMIT


def test_who_has_something_for_a_while_is_told_to_end_it_first(town, minjun, owner):
    minjun.post("/access", **WISH)
    owner.post("/access/1/approve")

    assert minjun.post("/access", **LAB).status_code == 400
    assert "Money (VPN: network:payroll (grant-1))" in minjun.page
    assert (
        "End network:payroll (grant-1) first, under Temporary access: that is to leave Money." in minjun.page
    )
    minjun.post("/access/1/end")

    assert minjun.post("/access", **LAB).status_code == 200


def test_an_exception_lets_it_be_had_until_its_end_and_no_longer(town, zoned, minjun, owner):
    zoned(SURFING, EXCEPTION)
    town.now = ENDS - 3600

    assert minjun.post("/access", **WISH).status_code == 400
    assert "For 1 h from now, not from the decision, nothing is in the way" in minjun.page
    assert minjun.post("/access", **(WISH | {"hours": "1"})).status_code == 200
    owner.get("/access")
    owner.post("/access/1/approve")
    assert may(town).permitted

    minjun.get("/access")
    minjun.post("/access/1/extend", hours="1", reason="Not done")

    assert "nothing is in the way" in minjun.page
    assert [each.standing.id for each in town.standing.open_grants(town.now)] == [1]


def test_an_extension_is_refused_when_the_policy_has_made_it_a_second_zone_and_the_grant_stays(
    town, zoned, minjun, owner
):
    minjun.post("/access", **WISH)
    owner.post("/access/1/approve")
    end = town.now + 7200
    minjun.get("/access")
    minjun.post("/access/1/extend", hours="1", reason="Not done")
    zoned(SURFING)

    owner.post("/access/2/approve")

    assert "would be in another one at the same time" in owner.page
    assert town.standing.grant(1).standing.until == end
    assert town.standing.grant(2).waits(town.now)


def test_an_extension_is_had_by_the_doors_that_are_left_when_it_is_granted(town, zoned, minjun, owner):
    minjun.post("/access", **WISH)
    owner.post("/access/1/approve")
    minjun.get("/access")
    minjun.post("/access/1/extend", hours="1", reason="Not done")
    zoned(SURFING_INSIDE.replace("wired, wireless", "wireless"))

    owner.post("/access/2/approve")

    assert "Granted, by VPN, wire alone." in owner.page
    assert may(town, via=Via.WIRED).valid_until == town.now + 3 * 3600
