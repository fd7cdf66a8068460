import random
import re
from dataclasses import replace

import pytest

from otp import recovery, registration
from otp.registration import Redemption

KEY = bytes(range(32))
NOW = 1_700_000_000.0
CODE, INVITATION = registration.invite(random.Random(1).randbytes, KEY, NOW)
WRONG = "0000-0000-0000"


def test_an_invitation_is_twelve_digits_for_three_days():
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}", CODE)
    assert INVITATION.expires_at == NOW + 3 * 86400
    assert "fingerprint" not in repr(INVITATION)


def test_the_code_is_redeemed_once():
    outcome, spent = registration.redeem(INVITATION, CODE, KEY, NOW)
    assert outcome is Redemption.REDEEMED

    assert registration.redeem(spent, CODE, KEY, NOW) == (Redemption.SPENT, spent)


def test_the_code_is_good_until_the_moment_it_expires():
    _, invitation = registration.invite(random.Random(1).randbytes, KEY, NOW, lifetime_s=60)

    assert registration.redeem(invitation, CODE, KEY, NOW + 59.9)[0] is Redemption.REDEEMED
    assert registration.redeem(invitation, CODE, KEY, NOW + 60) == (Redemption.EXPIRED, invitation)


@pytest.mark.parametrize("typed", [WRONG, "", "123456", CODE[:-1], CODE + "0"])
def test_a_wrong_code_is_counted_and_redeems_nothing(typed):
    outcome, invitation = registration.redeem(INVITATION, typed, KEY, NOW)

    assert outcome is Redemption.WRONG
    assert invitation == replace(INVITATION, failures=1)


def test_ten_wrong_tries_are_the_end_of_an_invitation():
    nearly = replace(INVITATION, failures=9)
    assert registration.redeem(nearly, CODE, KEY, NOW)[0] is Redemption.REDEEMED

    _, exhausted = registration.redeem(nearly, WRONG, KEY, NOW)

    assert registration.redeem(exhausted, CODE, KEY, NOW)[0] is Redemption.EXHAUSTED


@pytest.mark.parametrize("change", [{"spent": True}, {"failures": 50}, {"expires_at": NOW - 1}])
def test_a_guesser_does_not_learn_why_an_invitation_ended(change):
    assert registration.redeem(replace(INVITATION, **change), WRONG, KEY, NOW)[0] is Redemption.WRONG


def test_the_code_under_another_key_is_wrong():
    assert registration.redeem(INVITATION, CODE, bytes(32), NOW)[0] is Redemption.WRONG


def test_a_fingerprint_of_one_kind_of_code_is_none_of_another():
    salt = INVITATION.fingerprint[:16]
    stored = recovery.fingerprint(CODE + "-0000", KEY, salt)

    assert not registration.CODE.matches(CODE, KEY, stored)
    assert replace(recovery.CODE, digits=12).fingerprint(CODE, KEY, salt) != INVITATION.fingerprint


def test_without_an_invitation_every_code_is_wrong():
    assert registration.dummy_redeem(CODE, KEY) is Redemption.WRONG
