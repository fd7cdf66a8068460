import pytest

from access.changes.approving import Approval, Desk, NotApproved, check_approver, missing

BOSS, CHIEF, HEAD, ALONE = 1, 2, 3, 4
# The boss has an account at namsan, too.
BOSS_AT_NAMSAN = 5
DESK = Desk(
    {
        "hangang": {
            BOSS: frozenset({BOSS, BOSS_AT_NAMSAN}),
            CHIEF: frozenset({CHIEF}),
            HEAD: frozenset({HEAD}),
        },
        "namsan": {BOSS_AT_NAMSAN: frozenset({BOSS, BOSS_AT_NAMSAN}), 6: frozenset({6})},
        "bukhan": {ALONE: frozenset({ALONE})},
    },
    head_office="hangang",
)


def approval(user_id: int, *same: int) -> Approval:
    return Approval("new", "old", user_id, f"{user_id}@x", "x", 1.0, frozenset({user_id, *same}))


def test_another_administrator_of_the_organization_is_enough():
    assert missing(["hangang"], [approval(CHIEF)], frozenset({BOSS}), DESK) == ()


@pytest.mark.parametrize(
    "given",
    [
        [],
        [approval(BOSS)],
        [approval(BOSS_AT_NAMSAN, BOSS)],
        [approval(6)],
        [approval(99)],
    ],
)
def test_the_author_somebody_of_another_organization_and_who_is_no_administrator_are_not(given):
    assert missing(["hangang"], given, frozenset({BOSS, BOSS_AT_NAMSAN}), DESK) == ("hangang",)


def test_each_organization_over_the_budget_speaks_for_itself():
    given = [approval(CHIEF)]

    assert missing(["hangang", "namsan"], given, frozenset({BOSS}), DESK) == ("namsan",)


def test_the_head_office_speaks_where_an_organization_has_nobody_but_the_author():
    assert missing(["bukhan"], [approval(CHIEF)], frozenset({ALONE}), DESK) == ()
    assert missing(["bukhan"], [approval(CHIEF)], frozenset({BOSS}), DESK) == ("bukhan",)
    assert missing(["seorak"], [approval(CHIEF)], frozenset({BOSS}), DESK) == ()


def test_where_nobody_knows_the_author_two_people_have_to_agree():
    unknown = frozenset[int]()

    assert missing(["hangang"], [approval(CHIEF)], unknown, DESK) == ("hangang",)
    assert missing(["hangang"], [approval(CHIEF), approval(HEAD)], unknown, DESK) == ()


def test_one_person_with_two_accounts_agrees_once():
    desk = Desk({"hangang": {1: frozenset({1, 2}), 2: frozenset({1, 2})}}, "hangang")
    both = [approval(1, 2), approval(2, 1)]

    assert missing(["hangang"], both, frozenset(), desk) == ("hangang",)


def test_who_may_not_agree_is_told_so():
    author = frozenset({BOSS, BOSS_AT_NAMSAN})

    for user_id, same in ((BOSS, author), (BOSS_AT_NAMSAN, author), (6, frozenset({6}))):
        with pytest.raises(NotApproved):
            check_approver(user_id, ["hangang"], author, same, DESK)
    check_approver(CHIEF, ["hangang"], author, frozenset({CHIEF}), DESK)
