"""A preview says which places a policy asks for and no NAS stands at."""

import pytest

from access.model import Via
from access.nas.nowhere import Nowhere, nowhere
from access.nas.untold import Spot
from tests.access.policy.samples import office

SEOUL = Spot("ap-1", "hangang", "generic", Via.WIRELESS, "seoul", "2nd floor")


def told(when: str, *spots: Spot, who: str = "organization:hangang") -> tuple[Nowhere, ...]:
    rule = f"  - {{id: air, permit: [login:wireless], who: ['{who}'], when: {{{when}}}}}\n"
    return nowhere(office(rule), spots)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("site: seoul, nas_group: 2nd floor", []),
        ("site: seuol", [("site", "seuol", "seoul")]),
        ("site: Seoul", [("site", "Seoul", "seoul")]),
        ("site: [seoul, busan]", [("site", "busan", "")]),
        ("nas_group: 3rd floor", [("nas_group", "3rd floor", "2nd floor")]),
        ("hours: business", []),
    ],
)
def test_a_place_where_no_nas_stands_is_named_with_what_was_meant(when: str, expected: list):
    assert [(each.condition, each.word, each.meant) for each in told(when, SEOUL)] == expected


def test_an_office_without_any_nas_is_told_nothing_yet():
    assert told("site: seoul") == ()


@pytest.mark.parametrize(
    ("who", "whose"), [("group:hangang/staff", "hangang"), ("endpoint:00-11-22-33-44-55", "")]
)
def test_it_is_told_to_whose_rule_it_is(who: str, whose: str):
    (found,) = told("site: busan", SEOUL, who=who)

    assert (found.rule, found.organization) == ("air", whose)
