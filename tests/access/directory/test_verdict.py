"""What a directory's answer says about a password."""

import pytest

from access.directory.errors import BadMessage
from access.directory.verdict import PasswordOutcome, verdict

AD = "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data {}, v4563"
EXPIRED, LOCKED, MUST_CHANGE = (bytes.fromhex(f"30038101{code:02x}") for code in (0, 1, 2))
GRACE_LEFT = bytes.fromhex("3005a003810102")


@pytest.mark.parametrize(
    ("code", "text", "policy", "outcome"),
    [
        (0, "", None, PasswordOutcome.RIGHT),
        (0, "", b"\x30\x00", PasswordOutcome.RIGHT),
        (0, "", GRACE_LEFT, PasswordOutcome.RIGHT),
        (0, "", MUST_CHANGE, PasswordOutcome.MUST_CHANGE),
        (49, "", None, PasswordOutcome.WRONG),
        (49, "", EXPIRED, PasswordOutcome.EXPIRED),
        (49, "", LOCKED, PasswordOutcome.LOCKED),
        (49, AD.format("52e"), None, PasswordOutcome.WRONG),
        (49, AD.format("525"), None, PasswordOutcome.WRONG),
        (49, AD.format("532"), None, PasswordOutcome.EXPIRED),
        (49, AD.format("773"), None, PasswordOutcome.MUST_CHANGE),
        (49, AD.format("533"), None, PasswordOutcome.DISABLED),
        (49, AD.format("701"), None, PasswordOutcome.DISABLED),
        (49, AD.format("530"), None, PasswordOutcome.DISABLED),
        (49, AD.format("531"), None, PasswordOutcome.DISABLED),
        (49, AD.format("775"), None, PasswordOutcome.LOCKED),
        (32, "", None, PasswordOutcome.WRONG),
        (53, "", None, PasswordOutcome.DISABLED),
        (13, "", None, PasswordOutcome.UNAVAILABLE),
        (51, "", None, PasswordOutcome.UNAVAILABLE),
        (10, "", None, PasswordOutcome.UNAVAILABLE),
        (1, AD.format("775"), None, PasswordOutcome.UNAVAILABLE),
    ],
)
def test_every_answer_has_a_verdict(code, text, policy, outcome):
    assert verdict(code, text, policy) is outcome


@pytest.mark.parametrize("code", range(1, 124))
def test_only_success_is_right(code):
    assert verdict(code, "", None) is not PasswordOutcome.RIGHT


def test_a_control_that_is_none_is_bad():
    with pytest.raises(BadMessage):
        verdict(0, "", b"\x30\x03\x81")
