"""What a code says about a login."""

import pytest

from access.model import Absent
from access.proof.code_facts import NO_CODE, CodeFacts, code_facts, code_word
from access.proof.factors import Factor, Origin


def test_a_word_is_read_as_it_was_written():
    word = code_word("totp", "registration")

    assert code_facts(7.0, word) == CodeFacts(7.0, Factor.TOTP, Origin.REGISTRATION)


def test_without_a_code_none_of_it_applies_whatever_the_word_is():
    assert code_facts(None, "totp registration") == NO_CODE
    assert NO_CODE.factor is NO_CODE.assurance is NO_CODE.otp_at is Absent.DOES_NOT_APPLY


@pytest.mark.parametrize("word", ["", "carrier-pigeon seaside", " registration-x"])
def test_of_a_code_whose_word_was_not_kept_or_is_none_of_ours_both_are_unknown(word):
    found = code_facts(7.0, word)

    assert (found.otp_at, found.factor, found.assurance) == (7.0, Absent.UNKNOWN, Absent.UNKNOWN)


def test_a_phone_of_before_has_a_factor_and_no_known_origin():
    assert code_facts(7.0, "totp") == CodeFacts(7.0, Factor.TOTP, Absent.UNKNOWN)
