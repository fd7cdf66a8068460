from ipaddress import ip_address, ip_network

import pytest

from vpn.atoms import PortRange, Protocol, Target
from vpn.vdi.static import Assignment, Desktop, DesktopPool, assign, expired, release, target

ONE, TWO = Desktop("win-01", ip_address("10.99.1.1")), Desktop("win-02", ip_address("10.99.1.2"))
POOL = DesktopPool("design", (ONE, TWO), 3389)
NOW, HOUR = 1000.0, 3600.0


def held(desktop: Desktop, user: str, until: float = NOW + 60, pool: str = "design") -> Assignment:
    return Assignment(pool, desktop.name, user, until)


def test_the_first_user_gets_the_first_desktop_for_the_lease() -> None:
    assert assign(POOL, [], "kim", NOW, HOUR) == held(ONE, "kim", NOW + HOUR)


def test_a_taken_desktop_is_not_handed_out_again() -> None:
    assert assign(POOL, [held(ONE, "lee")], "kim", NOW, HOUR) == held(TWO, "kim", NOW + HOUR)


def test_a_full_pool_has_none_left() -> None:
    assert assign(POOL, [held(ONE, "lee"), held(TWO, "park")], "kim", NOW, HOUR) is None


def test_a_user_keeps_their_desktop_and_its_end_moves() -> None:
    assert assign(POOL, [held(TWO, "kim")], "kim", NOW, HOUR) == held(TWO, "kim", NOW + HOUR)


def test_an_ended_assignment_frees_its_desktop() -> None:
    full = [held(ONE, "lee", NOW), held(TWO, "park")]

    assert assign(POOL, full, "kim", NOW, HOUR) == held(ONE, "kim", NOW + HOUR)


def test_a_user_gets_back_the_desktop_they_had_last_while_it_is_free() -> None:
    past = held(TWO, "kim", NOW - 60)

    assert assign(POOL, [past], "kim", NOW, HOUR) == held(TWO, "kim", NOW + HOUR)
    assert assign(POOL, [past, held(TWO, "lee")], "kim", NOW, HOUR) == held(ONE, "kim", NOW + HOUR)


def test_the_desktop_free_for_longest_goes_first() -> None:
    past = [held(ONE, "lee", NOW - 10), held(TWO, "park", NOW - 20)]

    assert assign(POOL, past, "kim", NOW, HOUR) == held(TWO, "kim", NOW + HOUR)


def test_assignments_of_other_pools_and_vanished_desktops_do_not_count() -> None:
    others = [held(ONE, "lee", pool="other"), held(Desktop("gone", ONE.address), "kim")]

    assert assign(POOL, others, "kim", NOW, HOUR) == held(ONE, "kim", NOW + HOUR)


def test_what_is_given_back_is_free_at_once_and_remembered() -> None:
    mine, other = held(ONE, "kim"), held(TWO, "lee")

    after = release([mine, other], mine, NOW)

    assert after == (held(ONE, "kim", NOW), other)
    assert assign(POOL, after, "park", NOW, HOUR) == held(ONE, "park", NOW + HOUR)


def test_giving_back_what_is_over_does_not_prolong_it() -> None:
    over = held(ONE, "kim", NOW - 5)

    assert release([over], over, NOW) == (over,)


def test_what_ends_now_has_expired() -> None:
    assert expired([held(ONE, "kim", NOW), held(TWO, "lee", NOW + 1)], NOW) == (held(ONE, "kim", NOW),)


def test_a_desktop_is_one_address_and_one_tcp_port() -> None:
    assert target(POOL, ONE) == Target(ip_network("10.99.1.1/32"), Protocol.TCP, PortRange(3389, 3389))


@pytest.mark.parametrize("double", [Desktop("win-01", TWO.address), Desktop("win-03", ONE.address)])
def test_a_pool_with_a_name_or_an_address_twice_is_refused(double: Desktop) -> None:
    with pytest.raises(ValueError, match="two desktops"):
        DesktopPool("design", (ONE, double), 3389)
