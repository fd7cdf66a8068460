from dataclasses import replace

import pytest

from otp import TYPES, totp
from otp.kinds import Algorithm, Kind
from otp.token import Token

SEEDS = {
    Algorithm.SHA1: b"12345678901234567890",
    Algorithm.SHA256: b"12345678901234567890123456789012",
    Algorithm.SHA512: b"1234567890123456789012345678901234567890123456789012345678901234",
}

# RFC 6238 appendix B: Unix time, then the code of eight digits with each hash.
RFC_6238 = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]

# RFC 4226 appendix D: the codes of the steps 0 to 9.
RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922"]
RFC_4226 += ["162583", "399871", "520489"]


@pytest.mark.parametrize(("now", "sha1", "sha256", "sha512"), RFC_6238)
def test_the_codes_are_those_of_rfc_6238(now, sha1, sha256, sha512):
    codes = {
        algorithm: totp.code_at(Token(secret=seed, digits=8, algorithm=algorithm), totp.step_at(now, 30))
        for algorithm, seed in SEEDS.items()
    }

    assert codes == {Algorithm.SHA1: sha1, Algorithm.SHA256: sha256, Algorithm.SHA512: sha512}


def test_the_codes_are_those_of_rfc_4226():
    token = Token(secret=SEEDS[Algorithm.SHA1])

    assert [totp.code_at(token, step) for step in range(10)] == RFC_4226


def test_a_code_of_seven_digits_is_the_end_of_the_one_of_eight():
    token = Token(secret=SEEDS[Algorithm.SHA1], digits=7)

    assert totp.code_at(token, 1) == "4287082"


@pytest.mark.parametrize(
    ("now", "period_s", "step"), [(0, 30, 0), (29.999, 30, 0), (30, 30, 1), (59.9, 60, 0), (60, 60, 1)]
)
def test_a_step_begins_at_its_first_instant(now, period_s, step):
    assert totp.step_at(now, period_s) == step


def test_the_window_is_one_step_either_way():
    candidates = TYPES[Kind.TOTP].candidates(Token(secret=SEEDS[Algorithm.SHA1]), 95)

    assert candidates == ((2, RFC_4226[2]), (3, RFC_4226[3]), (4, RFC_4226[4]))


def test_the_window_follows_the_drift_known_of_the_token():
    token = Token(secret=SEEDS[Algorithm.SHA1])

    ahead = totp.candidates(replace(token, drift_steps=4), 95)
    behind = totp.candidates(replace(token, drift_steps=-2), 95)

    assert [step for step, _ in ahead] == [6, 7, 8]
    assert [step for step, _ in behind] == [0, 1, 2]


def test_the_window_never_reaches_before_the_first_step_and_stays_three_codes_wide():
    candidates = totp.candidates(Token(secret=SEEDS[Algorithm.SHA1]), 5)

    assert [step for step, _ in candidates] == [0, 0, 1]


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_new_secret_is_as_long_as_the_hash(algorithm):
    secret = totp.new_secret(lambda count: b"x" * count, algorithm)

    assert len(secret) == len(SEEDS[algorithm])


def test_every_kind_has_its_line_in_the_table():
    assert set(TYPES) == set(Kind)
