from dataclasses import replace
from math import nan

from access.model import Absent, Reason
from access.policy.edges import Edges, reach
from tests.access.policy.samples import HOUR, MINJUN, MONDAY_9, ON_VPN, office, person


def test_a_session_reaches_its_networks_and_pools_until_its_login_ends():
    found = reach(office(), MINJUN, ON_VPN, MONDAY_9)

    assert found.objects == {"network:intranet", "network:git", "vdi:desktops"}
    assert found.forbidden == frozenset()
    assert found.login.permitted
    assert found.valid_until == MONDAY_9 + 11 * HOUR


def test_a_lost_group_takes_its_networks_away():
    found = reach(office(), person("hangang/vpn-users"), ON_VPN, MONDAY_9)

    assert found.objects == {"network:intranet"}


def test_what_a_forbid_takes_away_is_named():
    found = reach(office(), person("hangang/engineering", "hangang/contractors"), ON_VPN, MONDAY_9)

    assert found.objects == {"network:intranet", "vdi:desktops"}
    assert found.forbidden == {"network:git"}


def test_without_a_policy_nothing_is_reached():
    found = Edges(None).reach(MINJUN, ON_VPN, MONDAY_9)

    assert (found.objects, found.login.reason) == (frozenset(), Reason.NO_POLICY)


def test_with_a_wrong_clock_nothing_is_reached():
    assert reach(office(), MINJUN, ON_VPN, nan).objects == frozenset()


def test_a_session_through_an_unknown_door_has_no_login():
    found = reach(office(), MINJUN, replace(ON_VPN, via=Absent.UNKNOWN), MONDAY_9)

    assert found.login.reason is Reason.FACT_UNKNOWN
    assert found.objects == {"network:intranet"}


def test_a_membership_that_ends_is_looked_at_again_also_where_there_is_no_login_to_look_at():
    temporary = replace(person("hangang/vpn-users"), ending=(("hangang/engineering", MONDAY_9 + HOUR),))
    by = replace(ON_VPN, via=Absent.UNKNOWN)

    assert reach(office(), temporary, by, MONDAY_9).valid_until == MONDAY_9 + HOUR
    assert reach(office(), temporary, by, MONDAY_9 + HOUR).valid_until is None
