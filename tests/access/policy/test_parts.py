"""Whose a part of the document is, what changes beyond it, and its text out of and back into the whole."""

import pytest

from access.policy.editing import BadEdit
from access.policy.kept_texts import document_of
from access.policy.part_text import (
    lines_of,
    part_of,
    put_back,
    read_part,
    rebased,
    revision_of_part,
    revision_of_typed,
    written,
)
from access.policy.parts import Place, changes_elsewhere, owned_places, withdraws

TEXT = """\
# The policy of two companies.
version: 1
networks:
  intranet: {organization: hangang, to: [10.99.0.0/25]}
  # what namsan shares
  wiki: {organization: namsan, to: [10.98.0.0/24], ports: [tcp/443]}
hours:
  day: {days: [mon], from: "08:00", to: "20:00", zone: Asia/Seoul}
rules:
  # of hangang
  - id: staff
    permit: [login:vpn, network:intranet]
    who: [group:hangang/vpn-users]
  - id: wiki-readers
    permit: [network:wiki]
    who: [organization:namsan, group:hangang/engineering]
  - {id: out, permit: [network:intranet], who: [organization:namsan], organization: namsan}
  - id: namsan-vpn
    permit: [login:vpn]
    who: [group:namsan/staff]
    when: {hours: day}
  - id: both
    permit: [login:wireless]
    who: [organization:hangang, organization:namsan]
  - id: printer
    permit: [login:wired]
    who: ["endpoint:00-11-22-aa-bb-cc"]
  - id: theirs-at-the-wire
    forbid: [login:wired]
    who: ["endpoint:00-11-22-aa-bb-cc"]
    organization: namsan
    reason: no
  - id: guarded
    tier: guardrail
    require: [network:wiki]
    who: [organization:namsan]
    when: {otp_age: 12h}
    owner: security
    reason: a code
  # the end of the rules
tests:
  - name: staff of namsan
    who: {groups: [namsan/staff], organization: namsan}
    facts: {via: vpn, now: "2026-11-23T09:00:00+09:00"}
    accept: [login:vpn]
  - name: staff of hangang
    who: {groups: [hangang/vpn-users], organization: hangang}
    facts: {via: vpn, now: "2026-11-23T09:00:00+09:00"}
    accept: [login:vpn]
"""
NAMSANS = {
    Place("networks", "wiki"),
    Place("rules", "wiki-readers"),
    Place("rules", "out"),
    Place("rules", "namsan-vpn"),
    Place("tests", "staff of namsan"),
}


def own(text: str, organization: str = "namsan"):
    return part_of(text, owned_places(document_of(text), organization))


def test_what_is_a_companys_own_is_what_speaks_for_it_and_for_no_other():
    assert owned_places(document_of(TEXT), "namsan") == NAMSANS
    assert owned_places(document_of(TEXT), "hangang") == {
        Place("networks", "intranet"),
        Place("rules", "staff"),
        Place("tests", "staff of hangang"),
    }
    assert owned_places(document_of(TEXT), "nobody") == frozenset()


def test_a_part_is_a_text_of_its_own_without_a_word_of_the_others():
    part = written(own(TEXT))

    assert read_part(part) == own(TEXT)
    for word in ("intranet:", "10.99", "vpn-users", "staff of hangang", "both", "printer", "guarded", "#"):
        assert word not in part
    assert "network:intranet" in part  # namsan's own rule speaks of it


def test_a_part_put_back_as_it_was_changes_no_octet():
    assert put_back(TEXT, own(TEXT), read_part(written(own(TEXT)))) == TEXT


def test_what_is_changed_comes_and_goes_and_everything_else_stays_as_it_was_written():
    part = written(own(TEXT)).replace("tcp/443", "tcp/8443").replace("staff of namsan", "the staff")
    lines = part.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if "id: out" in line)
    fewer = "".join(lines[:start] + lines[start + 4 :])

    merged = put_back(TEXT, own(TEXT), read_part(fewer))

    assert own(merged) == read_part(fewer)
    assert Place("rules", "out") not in own(merged)
    assert own(merged, "hangang") == own(TEXT, "hangang")
    assert changes_elsewhere(document_of(TEXT), document_of(merged), "namsan") == []
    for comment in ("# The policy of two", "# what namsan shares", "# of hangang", "# the end of the rules"):
        assert comment in merged


def test_a_company_may_take_everything_of_its_own_away_and_begin_from_nothing():
    shared = TEXT[: TEXT.index("  - id: guarded")] + TEXT[TEXT.index("  # the end") :]
    empty = put_back(shared, own(shared), {})
    assert own(empty) == {}
    assert own(empty, "hangang") == own(TEXT, "hangang")

    only = "version: 1\nrules:\n- id: one\n  permit: [login:vpn]\n  who: [organization:namsan]\n"
    bare = put_back(only, own(only), {})
    assert document_of(bare).rules == ()
    assert own(put_back(bare, {}, own(only))) == own(only)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("group:hangang/vpn-users]\n  - id: wiki", "group:hangang/all]\n  - id: wiki", ["rule 'staff'"]),
        ("10.99.0.0/25", "10.99.0.0/24", ["network 'intranet'"]),
        ('to: "20:00"', 'to: "21:00"', ["section 'hours'"]),
        (
            "accept: [login:vpn]\n  - name: staff of hangang",
            "deny: [login:vpn]\n  - name: staff of hangang",
            [],
        ),
        ("otp_age: 12h", "otp_age: 13h", ["rule 'guarded'"]),
        ("organization: namsan, to", "organization: hangang, to", ["network 'wiki'"]),
        ("who: [group:namsan/staff]", "who: [group:namsan/staff, group:hangang/all]", ["rule 'namsan-vpn'"]),
        ("id: both", "id: all", ["rule 'all'", "rule 'both'"]),
        ("tests:\n", "prefer: {vlan: [a, b]}\ntests:\n", ["section 'prefer'"]),
    ],
)
def test_a_change_beyond_ones_own_is_named(before: str, after: str, named: list[str]):
    assert before in TEXT

    edited = document_of(TEXT.replace(before, after, 1))
    found = [*map(str, changes_elsewhere(document_of(TEXT), edited, "namsan"))]

    assert set(named) <= set(found)
    assert bool(named) == bool(found)


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nhours: {}\n",
        "version: 1\nrules: {}\n",
        "version: 1\nrules: [word]\n",
        "version: 1\nrules:\n  - permit: [login:vpn]\n",
        "version: 1\nrules:\n  - {id: a}\n  - {id: a}\n",
        "version: 1\nnetworks: [a]\n",
        "version: 1\nnetworks:\n  a: {}\n  a: {}\n",
    ],
)
def test_what_is_no_part_is_refused(text: str):
    with pytest.raises(BadEdit):
        read_part(text)


def test_a_section_on_one_line_is_for_the_head_office_to_unfold():
    text = "version: 1\nrules: [{id: one, permit: [login:vpn], who: [organization:namsan]}]\n"

    with pytest.raises(BadEdit, match="one entry below the other"):
        put_back(text, own(text), {})


def test_lines_lead_to_entries():
    first = {place: line for line, place in lines_of(TEXT)}

    assert TEXT.splitlines()[first[Place("rules", "namsan-vpn")] - 1].endswith("id: namsan-vpn")
    assert TEXT.splitlines()[first[Place("networks", "wiki")] - 1].startswith("  wiki:")


PROMISE = """  - name: t
    who: {0}
    facts: {{via: vpn, now: "2026-11-23T09:00:00+09:00"}}
    {1}
"""


@pytest.mark.parametrize(
    ("who", "said", "theirs"),
    [
        ("{groups: [namsan/staff], organization: namsan}", "deny: [network:wiki, login:vpn]", True),
        ("{user: kim@namsan}", "deny: [network:wiki]", True),
        ("{groups: [hangang/engineering], organization: namsan}", "accept: [network:wiki]", False),
        ("{groups: [namsan/staff, hangang/vpn-users], organization: namsan}", "deny: [login:vpn]", False),
        ("{groups: [namsan/staff], organization: namsan}", "deny: [network:intranet]", False),
        ("{user: kim@namsan}", "accept: [network:intranet]", False),
        ("{groups: [hangang/vpn-users], organization: hangang}", "deny: [network:wiki]", False),
    ],
)
def test_a_test_that_tries_another_companys_groups_or_networks_is_the_head_offices(who, said, theirs):
    text = TEXT + PROMISE.format(who, said)

    document = document_of(text)
    assert (Place("tests", "t") in owned_places(document, "namsan")) is theirs
    assert ("test 't'" in map(str, changes_elsewhere(document_of(TEXT), document, "namsan"))) is not theirs


@pytest.mark.parametrize(("host", "theirs"), [("namsan", True), ("hangang", False)])
def test_a_test_at_the_nas_of_another_company_is_the_head_offices(host: str, theirs: bool):
    promise = PROMISE.format("{groups: [namsan/staff], organization: namsan}", "deny: [login:vpn]")
    text = TEXT + promise.replace("facts: {", f"facts: {{nas_organization: {host}, ")

    assert (Place("tests", "t") in owned_places(document_of(text), "namsan")) is theirs


def test_an_exception_to_the_zones_is_the_head_offices_whosever_rule_it_is():
    zones = "zones:\n  shared: {holds: [network:wiki]}\n  own: {vlans: [staff]}\n"
    exception = 'crosses: [own], owner: kim, reason: moves, valid_to: "2026-12-01T00:00:00+09:00"'
    rule = "  - {{id: x, permit: [network:wiki], who: [group:namsan/staff], organization: namsan{0}}}\n"

    plain, crossing = (
        document_of(TEXT.replace("rules:\n", f"{zones}rules:\n{rule.format(more)}"))
        for more in ("", f", {exception}")
    )

    assert Place("rules", "x") in owned_places(plain, "namsan")
    assert Place("rules", "x") not in owned_places(crossing, "namsan")


OWN = """\
version: 1
networks:
  wiki: {organization: namsan, to: [10.98.0.0/24]}
  lab: {organization: namsan, to: [10.97.0.0/24]}
  intranet: {organization: hangang, to: [10.99.0.0/25]}
rules:
  - {id: readers, permit: [network:wiki], who: [group:hangang/engineering]}
  - {id: ours, permit: [network:lab], who: [organization:namsan]}
  - {id: theirs, permit: [network:intranet], who: [organization:namsan]}
"""
FORBID = "  - {id: no, forbid: [network:wiki], who: [WHO], reason: no}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("group:hangang/engineering", "group:hangang/others", True),
        ("  - {id: readers, permit: [network:wiki], who: [group:hangang/engineering]}\n", "", True),
        ("engineering]}", "engineering], when: {otp_age: 1h}}", True),
        ("10.98.0.0/24", "10.98.0.0/25", True),
        ("rules:\n", "rules:\n" + FORBID.replace("WHO", "group:hangang/engineering"), True),
        ("rules:\n", "rules:\n" + FORBID.replace("WHO", "group:namsan/staff"), False),
        ("10.97.0.0/24", "10.97.0.0/25", False),
        ("[network:lab], who: [organization:namsan]", "[network:lab], who: [group:namsan/staff]", False),
        ("rules:\n", "rules:\n  - {id: more, permit: [network:lab], who: [group:hangang/staff]}\n", False),
        # Whatever becomes of what is another company's is none of theirs.
        ("10.99.0.0/25", "10.99.0.0/26", False),
        ("rules:\n", "# a word\nrules:\n", False),
    ],
)
def test_what_takes_from_people_of_others_is_told_by_the_companys_own_entries(before, after, expected):
    assert before in OWN

    assert withdraws(document_of(OWN), document_of(OWN.replace(before, after, 1)), "namsan") is expected


def test_a_part_is_called_by_what_it_says_and_by_whose_it_is():
    part = read_part(written(part_of(OWN, owned_places(document_of(OWN), "namsan"))))
    turned = dict(reversed(part.items()))
    text = written(turned)

    assert text != written(part)
    assert revision_of_typed("namsan", f"# a word\n{text}") == revision_of_part("namsan", part)
    assert revision_of_part("seorak", part) != revision_of_part("namsan", part)
    assert revision_of_typed("namsan", text.replace("10.97", "10.96")) != revision_of_part("namsan", part)
    assert len({revision_of_typed("namsan", each) for each in ("rules: [", "rules: [[", "")}) == 3


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected", "both"),
    [
        ("a", "b", "a", "b", False),
        ("a", "a", "b", "b", False),
        ("a", "b", "b", "b", False),
        ("a", "b", "c", "b", True),
        ("a", None, "a", None, False),
        ("a", "a", None, None, False),
        ("a", None, "b", None, True),
        ("a", "b", None, "b", True),
        (None, "b", None, "b", False),
        (None, None, "b", "b", False),
        (None, "b", "c", "b", True),
        ("a", None, None, None, False),
    ],
)
def test_a_part_over_another_keeps_what_either_has_changed(base, mine, theirs, expected, both):
    place, other = Place("rules", "one"), Place("rules", "other")
    parts = [{other: "same"} | ({place: each} if each else {}) for each in (base, mine, theirs)]

    merged, clashing = rebased(*parts)

    assert merged == {other: "same"} | ({place: expected} if expected else {})
    assert clashing == ([place] if both else [])
