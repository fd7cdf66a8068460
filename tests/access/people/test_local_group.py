"""Who is in a local group, by whatever leads into it, and until when."""

from math import inf

import pytest

from access.people.local_group import DAY_S, BadLocalGroup, check_end, check_name, ends, leads_to, purpose_of


@pytest.mark.parametrize(
    ("direct", "above", "expected"),
    [
        ({1: 10.0}, {}, {1: 10.0}),
        ({1: 10.0}, {1: {2: 20.0}}, {1: 10.0, 2: 10.0}),
        ({1: 30.0}, {1: {2: 20.0}}, {1: 30.0, 2: 20.0}),
        ({1: inf}, {1: {2: 20.0}, 2: {3: 30.0}}, {1: inf, 2: 20.0, 3: 20.0}),
        # Two ways into one group: the later end counts, whichever is walked first.
        ({1: 10.0, 2: 20.0}, {1: {3: 50.0}, 2: {3: 50.0}}, {1: 10.0, 2: 20.0, 3: 20.0}),
        ({1: inf, 3: 5.0}, {1: {2: 9.0}, 2: {3: 50.0}, 3: {4: 50.0}}, {1: inf, 2: 9.0, 3: 9.0, 4: 9.0}),
        # A circle, should there be one all the same, ends.
        ({1: 10.0}, {1: {2: 20.0}, 2: {1: 20.0}}, {1: 10.0, 2: 10.0}),
        ({}, {1: {2: 20.0}}, {}),
    ],
)
def test_a_way_ends_with_its_first_part_and_the_latest_way_counts(direct, above, expected):
    assert ends(direct, above) == expected


def test_a_group_is_found_to_be_in_another():
    above = {1: {2: 5.0}, 2: {3: 5.0}}

    assert leads_to(1, 3, above)
    assert leads_to(1, 1, above)
    assert not leads_to(3, 1, above)


def test_names_purposes_and_ends_are_looked_at():
    assert check_name("VPN  외주") == "vpn 외주"
    for name in ("", " ", "a/b", "a@b", "x" * 65, "a\nb"):
        with pytest.raises(BadLocalGroup):
            check_name(name)
    for purpose in ("", " ", "x" * 401):
        with pytest.raises(BadLocalGroup):
            purpose_of(purpose)
    for until in (0.0, -1.0, 367 * DAY_S, inf):
        with pytest.raises(BadLocalGroup):
            check_end(until, 0.0)
    check_end(DAY_S, 0.0)
