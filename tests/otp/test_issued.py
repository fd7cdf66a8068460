"""Bypass codes and codes by e-mail: limits of time, uses and doors, and what a guesser learns."""

from dataclasses import replace

import pytest

from otp import bypass, issued, mailed
from otp.errors import BadToken
from otp.issued import Typed
from otp.throttle import MAX_FAILURES, NO_FAILURES, Throttle
from otp.token import Outcome

KEY = bytes(range(32))
NOW = 1_700_000_000.0
HOUR_S = 3600.0
KINDS = {"bypass": bypass.CODE, "mailed": mailed.CODE}


def dice(octets: int) -> bytes:
    return bytes(range(7, 7 + octets))


def made(hours: float = 4, uses: int = 3, doors: frozenset[str] = frozenset()):
    return bypass.issue(dice, KEY, bypass.Limits(hours, uses, doors), NOW)


def typed(held, code, now=NOW, door="vpn"):
    return issued.verify(bypass.CODE, held, Typed(code, KEY, door), now)


def test_a_bypass_code_is_good_for_its_uses_and_not_once_more():
    code, held = made(uses=3)

    outcomes = []
    for _ in range(4):
        outcome, held = typed(held, code)
        outcomes.append(outcome)

    assert outcomes == [Outcome.ACCEPTED] * 3 + [Outcome.REPLAYED]


@pytest.mark.parametrize(
    ("now", "expected"),
    [(NOW + 4 * HOUR_S - 1, Outcome.ACCEPTED), (NOW + 4 * HOUR_S, Outcome.EXPIRED)],
)
def test_a_bypass_code_ends_by_itself(now, expected):
    code, held = made(hours=4)

    assert typed(held, code, now)[0] is expected


@pytest.mark.parametrize(
    ("doors", "door", "expected"),
    [
        (frozenset({"vpn"}), "vpn", Outcome.ACCEPTED),
        (frozenset({"vpn"}), "portal", Outcome.ELSEWHERE),
        (frozenset({"vpn", "portal"}), "portal", Outcome.ACCEPTED),
        (frozenset(), "wireless", Outcome.ACCEPTED),
    ],
)
def test_a_bypass_code_counts_at_the_doors_it_was_made_for(doors, door, expected):
    code, held = made(doors=doors)

    assert typed(held, code, door=door)[0] is expected


@pytest.mark.parametrize("ended", ["expired", "used up", "elsewhere"])
def test_the_right_code_at_the_wrong_time_or_place_is_no_failure_and_clears_none(ended):
    code, held = made(uses=1, doors=frozenset({"vpn"}))
    held = replace(held, throttle=Throttle(3), uses_left=0 if ended == "used up" else 1)
    now = NOW + (5 * HOUR_S if ended == "expired" else 0)

    outcome, after = typed(held, code, now, "portal" if ended == "elsewhere" else "vpn")

    assert outcome is not Outcome.ACCEPTED
    assert after == held


def test_a_guesser_of_a_code_that_has_ended_learns_no_more_than_wrong():
    _, held = made(uses=1)

    for ended, now in ((replace(held, uses_left=0), NOW), (held, NOW + 5 * HOUR_S)):
        assert typed(ended, "000-000", now)[0] is Outcome.WRONG


def test_wrong_codes_make_wait_and_in_the_end_lock():
    code, held = made()
    for _ in range(5):
        outcome, held = typed(held, "000000")
        assert outcome is Outcome.WRONG

    assert typed(held, code, NOW + 59)[0] is Outcome.THROTTLED
    assert typed(held, code, NOW + 60)[0] is Outcome.ACCEPTED
    assert typed(replace(held, throttle=Throttle(MAX_FAILURES)), code, NOW)[0] is Outcome.LOCKED


def test_what_is_no_code_is_malformed_and_counts():
    _, held = made()

    outcome, held = typed(held, "12345")

    assert (outcome, held.throttle.failures) == (Outcome.MALFORMED, 1)


def test_a_right_code_forgets_the_failures_before_it():
    code, held = made()

    outcome, held = typed(replace(held, throttle=Throttle(4)), code)

    assert (outcome, held.throttle, held.uses_left) == (Outcome.ACCEPTED, NO_FAILURES, 2)


@pytest.mark.parametrize(("hours", "uses"), [(0, 1), (-1, 1), (73, 1), (4, 0), (4, 21)])
def test_a_bypass_code_without_an_end_is_not_made(hours, uses):
    with pytest.raises(BadToken, match="a bypass code"):
        made(hours, uses)


def test_a_bypass_code_has_as_many_digits_as_an_app_shows():
    code, _ = made()

    assert len(code) == 7
    assert code[3] == "-"
    assert typed(made()[1], code.replace("-", ""))[0] is Outcome.ACCEPTED


def test_a_mailed_code_is_good_once_for_ten_minutes():
    code, held = mailed.issue(dice, KEY, frozenset({"portal"}), NO_FAILURES, NOW)

    def given(some, now):
        return issued.verify(mailed.CODE, some, Typed(code, KEY, "portal"), now)

    outcome, after = given(held, NOW + 599)
    assert outcome is Outcome.ACCEPTED
    assert given(after, NOW + 599)[0] is Outcome.REPLAYED
    assert given(held, NOW + 600)[0] is Outcome.EXPIRED


def test_a_newer_mailed_code_does_not_forget_the_wrong_ones_before_it():
    _, held = mailed.issue(dice, KEY, frozenset(), Throttle(5, NOW + 60), NOW)

    assert held.throttle == Throttle(5, NOW + 60)


@pytest.mark.parametrize(
    ("sent", "wait_s"),
    [
        ([], 0),
        ([NOW - 60], 0),
        ([NOW - 20], 40),
        ([NOW - 600, NOW - 500, NOW - 400, NOW - 300], 0),
        ([NOW - 600, NOW - 500, NOW - 400, NOW - 300, NOW - 200], 3000),
        ([NOW - 3601, NOW - 500, NOW - 400, NOW - 300, NOW - 200], 0),
        ([NOW + 100], 160),
    ],
)
def test_mails_are_a_minute_apart_and_five_an_hour(sent, wait_s):
    assert mailed.wait_s(sent, NOW) == wait_s


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_code_of_one_kind_is_none_of_another(kind):
    code, held = issued.issue(kind, dice, KEY, issued.IssuedCode(b"", NOW + 60))
    other = next(each for each in KINDS.values() if each is not kind)

    assert issued.verify(other, held, Typed(code, KEY, "vpn"), NOW)[0] is Outcome.MALFORMED
    assert issued.verify(kind, held, Typed(code, bytes(32), "vpn"), NOW)[0] is Outcome.WRONG


def test_nobody_is_accepted_for_somebody_without_a_code():
    assert issued.dummy_verify(bypass.CODE, Typed("123456", KEY, "vpn")) is Outcome.WRONG
    assert issued.dummy_verify(bypass.CODE, Typed("12", KEY, "vpn")) is Outcome.MALFORMED


def test_a_printed_code_does_not_show_what_is_stored():
    assert "fingerprint" not in repr(made()[1])
