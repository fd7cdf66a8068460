"""A large company: BENCH_PEOPLE people in 500 groups, four deep, the same every time."""

import os
from collections.abc import Iterator
from dataclasses import replace

from tests.peers.people import Company, Group, company

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
BUDGETED_PEOPLE = 100_000
TEAMS, DEPARTMENTS, DIVISIONS = 400, 80, 16
VPN_EVERY = 4


def large_company() -> Company:
    """Everyone is in a team, its department, its division and staff, and every fourth has the VPN."""
    office = company("hangang", "한강전자", PEOPLE)
    return replace(office, groups=tuple(_groups([person.uid for person in office.people])))


def at_full_size(budget: float) -> float | None:
    """The budget, where as many people are here as it is about."""
    return budget if PEOPLE >= BUDGETED_PEOPLE else None


def team(number: int) -> str:
    """The name of a team."""
    return f"team-{number}"


def _groups(uids: list[str]) -> Iterator[Group]:
    for number in range(TEAMS):
        yield Group(team(number), f"팀 {number}", tuple(uids[number::TEAMS]))
    for number in range(DEPARTMENTS):
        teams = tuple(team(each) for each in range(number, TEAMS, DEPARTMENTS))
        yield Group(f"department-{number}", f"부서 {number}", groups=teams)
    for number in range(DIVISIONS):
        departments = tuple(f"department-{each}" for each in range(number, DEPARTMENTS, DIVISIONS))
        yield Group(f"division-{number}", f"본부 {number}", groups=departments)
    yield Group("staff", "임직원", groups=tuple(f"division-{number}" for number in range(DIVISIONS)))
    yield Group("it-admins", "정보시스템 관리자", tuple(uids[:5]))
    yield Group("helpdesk", "헬프데스크", tuple(uids[5:9]), ("it-admins",))
    yield Group("vpn-users", "VPN 사용자", tuple(uids[::VPN_EVERY]), ("it-admins",))
