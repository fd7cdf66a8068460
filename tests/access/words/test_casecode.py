import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.words.casecode import ALPHABET, LENGTH, BadCaseCode, generate, parse, show

codes = st.binary(min_size=16, max_size=16).map(lambda octets: generate(lambda _: octets))


def test_codes_are_short_distinct_and_readable():
    made = {generate(os.urandom) for _ in range(1000)}

    assert len(made) == 1000
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in made)
    assert not set("BILOSUZ") & set(ALPHABET)


@given(codes)
def test_a_code_is_understood_as_it_is_shown_and_as_people_type_it(code: str):
    assert parse(show(code)) == code
    assert parse(f" {code.lower()} ") == code
    assert parse(f"{code[:2]} {code[2:5]}-{code[5:]}") == code


@given(codes)
def test_a_look_alike_means_its_twin(code: str):
    typed = code.translate(str.maketrans("8105V2", "BIOSUZ"))

    assert parse(typed) == code
    assert parse(code.replace("1", "l").replace("0", "o")) == code


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(code: str, place: int, other: str):
    typed = code[:place] + other + code[place + 1 :]
    if typed == code:
        assert parse(typed) == code
    else:
        with pytest.raises(BadCaseCode, match="mistyped"):
            parse(typed)


@given(codes, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_two_swapped_characters_are_found(code: str, one: int, other: int):
    typed = list(code)
    typed[one], typed[other] = typed[other], typed[one]
    if "".join(typed) != code:
        with pytest.raises(BadCaseCode, match="mistyped"):
            parse("".join(typed))


@pytest.mark.parametrize("text", ["", "1234", "123456789", "ABCD-EFG!", "한강전자한강전자", "x' OR 1"])
def test_what_cannot_be_a_code_is_refused(text: str):
    with pytest.raises(BadCaseCode, match="eight letters and digits"):
        parse(text)
