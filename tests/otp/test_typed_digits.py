import pytest
from hypothesis import given
from hypothesis import strategies as st

from otp.typed_digits import MAX_TYPED, read_digits


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        "123 456",
        "12-34-56",
        " 123456\n",
        "１２３４５６",
        "１２３　４５６",
        "123\u2010456",
        "123\u2011456",
        "123–456",
        "123—456",
        "123\u2212456",
        "123\u00a0456",
        "\u200b123456\ufeff",
        "123·456",
        "123・456",
        "123･456",
        "123ㆍ456",
        "123‧456",
        "１２３－４５６",
        "\u3000123\u3000456\u3000",
        "1\u200b2\u200c3\u200d4\u206056",
    ],
)
def test_a_code_is_understood_however_a_person_groups_it(typed):
    assert read_digits(typed, 6) == "123456"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "12345",
        "1234567",
        "12345a",
        "12345O",
        "+123456",
        "123.456",
        "١٢٣٤٥٦",
        "१२३४५६",
        "일이삼사오육",
        "12345\x00",
        "12345\ud800",
        " " * MAX_TYPED + "123456",
    ],
)
def test_what_is_not_exactly_a_code_is_refused(typed):
    assert read_digits(typed, 6) is None


@given(st.text(max_size=80))
def test_whatever_is_typed_gives_six_ascii_digits_or_nothing(typed):
    digits = read_digits(typed, 6)

    assert digits is None or (len(digits) == 6 and set(digits) <= set("0123456789"))
