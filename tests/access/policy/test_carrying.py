"""What of people's attributes the rules in force stand on, and what somebody loses by a change of theirs."""

import pytest

from access.policy.carrying import Ground, ground_of
from access.policy.document import load

GROUND = ground_of(
    "hangang",
    load("""\
version: 1
networks: {git: {organization: hangang, to: [10.99.0.0/24]}}
groups:
  staff: {organization: hangang, any: [organization:hangang], but: [group:hangang/outside]}
  outside: {organization: hangang, any: ["attribute:hangang/employeeType=contractor"]}
  barred: {organization: hangang, any: ["attribute:hangang/title=Suspended"]}
rules:
  - {id: research, permit: [network:git], who: ["attribute:hangang/Department=연구소"]}
  - {id: staff, permit: [network:git], who: [group:hangang/staff]}
  - {id: barred, forbid: [network:git], who: [group:hangang/barred], reason: suspended}
"""),
)
RESEARCH, STAFF = "department=연구소", "employeetype=regular"


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({RESEARCH, STAFF}, {STAFF}, {RESEARCH}),
        ({RESEARCH, STAFF}, {RESEARCH, STAFF}, set()),
        ({RESEARCH, STAFF}, {"department=영업", STAFF}, {RESEARCH}),
        ({"department=영업"}, set(), set()),
        ({RESEARCH, STAFF}, {RESEARCH}, {STAFF}),
        ({STAFF}, {"employeetype=contractor"}, {STAFF}),
        ({STAFF}, {"employeetype=temporary"}, set()),
        ({RESEARCH, STAFF}, {"title=suspended", STAFF}, set()),
        ({STAFF}, {RESEARCH, STAFF}, set()),
    ],
)
def test_what_somebody_loses_by_other_attributes(before, after, lost):
    assert GROUND.lost(frozenset(before), frozenset(after)) == lost


def test_another_company_and_no_policy_stand_on_nothing_of_ours():
    assert ground_of("namsan", None) == Ground()
    assert GROUND.forbidding == {"title=suspended"}
    assert GROUND.asked == {"employeetype"}
