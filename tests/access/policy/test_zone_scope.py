"""What somebody who is held to zones may change, and what not."""

from dataclasses import fields

import pytest

from access.policy.kept_texts import document_of
from access.policy.vocabulary import Document
from access.policy.zone_scope import _SHARED, beyond, zones_of_groups, zones_of_opening

OFFICE = """\
version: 1
networks:
  intranet: {organization: hangang, to: [10.1.0.0/24]}
  git: {organization: hangang, to: [10.3.0.0/24]}
  clock: {organization: hangang, to: [10.4.0.0/24]}
zones:
  business: {holds: [network:intranet], vlans: [staff]}
  development: {holds: [network:git]}
rules:
  - {id: vpn, permit: [login:vpn], who: [organization:hangang]}
  - {id: clock, permit: [network:clock], who: [organization:hangang]}
  - {id: git, permit: [network:git], who: [group:hangang/a]}
  - {id: intranet, permit: [network:intranet], who: [group:hangang/b]}
tests:
  - name: git
    who: {groups: [hangang/a], organization: hangang}
    facts: {now: "2026-11-23T09:00:00+09:00"}
    accept: [network:git]
"""
DEVELOPMENT = frozenset({"development"})
EXCEPTION = (
    "rules:\n  - {id: n, permit: [network:git], who: [group:hangang/x], crosses: [business], "
    'owner: k, reason: r, valid_to: "2026-12-01T00:00:00+09:00"}\n'
)
OPENING = "openings:\n  hq: {organization: hangang, site: seoul, permit: [network:intranet]}\nrules:\n"


def changed(old: str, new: str) -> list[str]:
    assert old in OFFICE
    return [
        str(each) for each in beyond(document_of(OFFICE), document_of(OFFICE.replace(old, new)), DEVELOPMENT)
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("who: [group:hangang/a]}", "who: [group:hangang/c]}"),
        ("  - {id: git, permit: [network:git], who: [group:hangang/a]}\n", ""),
        ("rules:\n", "rules:\n  - {id: new, permit: [network:git], who: [group:hangang/x]}\n"),
        ("rules:\n", "\n\nrules:   # other lines\n"),
        ("    accept: [network:git]", "    deny: [network:git]"),
    ],
)
def test_what_is_of_the_zone_may_be_changed(old: str, new: str):
    assert changed(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("who: [group:hangang/b]}", "who: [group:hangang/c]}", ["rule intranet"]),
        ("  - {id: intranet, permit: [network:intranet], who: [group:hangang/b]}\n", "", ["rule intranet"]),
        ("permit: [network:git]", "permit: [network:git, network:clock]", ["rule git"]),
        ("permit: [network:clock]", "permit: [network:git]", ["rule clock"]),
        ("{id: vpn,", "{id: vpn2,", ["rule vpn", "rule vpn2"]),
        ("permit: [login:vpn]", "permit: [login:wired]", ["rule vpn"]),
        ("rules:\n", "rules:\n  - {id: n, permit: [login:vpn], who: [group:hangang/x]}\n", ["rule n"]),
        ("rules:\n", EXCEPTION, ["rule n"]),
        ("10.3.0.0/24", "10.5.0.0/24", ["networks"]),
        ("holds: [network:git]", "holds: [network:git, network:clock]", ["zones"]),
        ("rules:\n", "prefer: {vlan: [staff]}\nrules:\n", ["prefer"]),
        ("rules:\n", OPENING, ["openings"]),
        ("    accept: [network:git]", "    accept: [network:git, network:clock]", ["test git"]),
    ],
)
def test_what_is_not_of_the_zone_alone_is_told(old: str, new: str, told: list[str]):
    assert changed(old, new) == told


def test_moving_an_object_into_ones_own_zone_opens_nothing():
    moved = OFFICE.replace("holds: [network:intranet]", "holds: [network:clock]").replace(
        "holds: [network:git]", "holds: [network:git, network:intranet]"
    )

    told = beyond(
        document_of(OFFICE), document_of(moved.replace("group:hangang/b", "group:hangang/c")), DEVELOPMENT
    )

    assert [each.to("en") for each in told] == ["rule intranet", "zones"]
    assert [each.to("ko") for each in told] == ["규칙 intranet", "zones"]


def test_every_section_but_rules_and_tests_is_for_those_who_are_held_to_no_zone():
    sections = {each.name for each in fields(Document)} - {"revision", "rules", "tests"}

    assert set(_SHARED) == sections


def test_over_nothing_everything_is_new():
    assert "rule vpn" in map(str, beyond(None, document_of(OFFICE), DEVELOPMENT))


STANDING = OFFICE.replace(
    "rules:\n",
    """openings:
  hq: {organization: hangang, site: seoul, permit: [network:intranet, login:wired], who: [group:hangang/o]}
groups:
  all: {organization: hangang, all: [group:hangang/c, group:hangang/d]}
  more: {organization: hangang, any: [group:hangang/all], but: [group:hangang/e]}
rules:
  - {id: more, permit: [network:git], who: [group:hangang/more]}
  - {id: desk, permit: [login:wired], who: [group:hangang/f], gives: {vlan: staff}}
""",
).replace(
    "to: [10.4.0.0/24]}",
    "to: [10.4.0.0/24], requestable: {owners: [k@hangang], longest: 1h, who: [group:hangang/r]}}",
)


@pytest.mark.parametrize(
    ("group", "zones"),
    [
        ("a", {"development"}),
        ("b", {"business"}),
        ("c", {"development"}),
        ("e", {"development"}),
        ("f", {"business", ""}),
        ("o", {"business", ""}),
        ("r", {""}),
        ("nothing", set()),
    ],
)
def test_a_group_is_of_the_zones_of_all_that_stands_on_it(group: str, zones: set[str]):
    assert zones_of_groups(document_of(STANDING), {f"hangang/{group.upper()}"}) == zones


def test_an_opening_is_of_the_zones_of_what_it_opens():
    document = document_of(STANDING)

    assert zones_of_opening(document, document.openings["hq"]) == {"business", ""}
