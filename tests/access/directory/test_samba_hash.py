import pytest

from access.directory.samba_hash import judge
from access.directory.verdict import PasswordOutcome
from radius.mschap import key_of, nt_hash
from tests.radius.office import mschap_exchange

NOW = 1_800_000_000.0
HASHED = nt_hash("right horse")
RIGHT = mschap_exchange(bytes(16), b"kim", "right horse")
WRONG = mschap_exchange(bytes(16), b"kim", "wrong horse")


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, PasswordOutcome.RIGHT),
        ({"sambaacctflags": "[U          ]"}, PasswordOutcome.RIGHT),
        ({"sambaacctflags": "[DU         ]"}, PasswordOutcome.DISABLED),
        ({"sambakickofftime": "1799999999"}, PasswordOutcome.DISABLED),
        ({"sambakickofftime": "1800000001"}, PasswordOutcome.RIGHT),
        ({"sambaacctflags": "[UL         ]"}, PasswordOutcome.LOCKED),
        ({"pwdaccountlockedtime": "20270101000000Z"}, PasswordOutcome.LOCKED),
        ({"sambapwdmustchange": "0"}, PasswordOutcome.MUST_CHANGE),
        ({"sambapwdmustchange": "0", "sambaacctflags": "[UX]"}, PasswordOutcome.RIGHT),
        ({"sambantpassword": ""}, PasswordOutcome.NO_HASH),
        ({"sambantpassword": "NO PASSWORDXXXXXXXXXXXXXXXXXXXXX"}, PasswordOutcome.NO_HASH),
        ({"sambantpassword": HASHED.hex()[:-2]}, PasswordOutcome.NO_HASH),
    ],
)
def test_a_hash_counts_while_its_account_does(more, outcome):
    said = judge({"sambantpassword": HASHED.hex().upper()} | more, RIGHT, NOW)

    assert said.outcome is outcome
    assert said.key == (key_of(HASHED) if outcome is PasswordOutcome.RIGHT else b"")


def test_a_wrong_response_says_nothing_about_the_account():
    assert judge({"sambantpassword": HASHED.hex(), "sambaacctflags": "[D]"}, WRONG, NOW).outcome is (
        PasswordOutcome.WRONG
    )


def test_an_entry_without_anything_has_no_hash():
    assert judge({}, RIGHT, NOW).outcome is PasswordOutcome.NO_HASH
