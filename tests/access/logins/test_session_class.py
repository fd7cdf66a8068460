import hmac

import pytest

from access.logins.session_class import RANDOM_OCTETS, SIGNATURE_OCTETS, SessionClasses

KEY, OLD_KEY, OTHER_KEY = bytes(32), bytes([1]) * 32, bytes([2]) * 32
RANDOM = bytes(range(RANDOM_OCTETS))
CLASS = SessionClasses((KEY,)).make("7", RANDOM)


def test_a_class_we_gave_is_ours_at_that_nas():
    assert SessionClasses((KEY,)).is_ours("7", CLASS)
    assert CLASS.startswith(RANDOM)
    assert len(CLASS) == RANDOM_OCTETS + SIGNATURE_OCTETS


def test_a_class_heard_at_one_nas_is_worth_nothing_at_another():
    assert not SessionClasses((KEY,)).is_ours("8", CLASS)


def test_nobody_without_the_key_can_make_one():
    assert not SessionClasses((KEY,)).is_ours("7", SessionClasses((OTHER_KEY,)).make("7", RANDOM))


def test_a_class_given_before_is_still_ours():
    assert CLASS[RANDOM_OCTETS:] == hmac.digest(KEY, b"7|" + RANDOM, "sha256")[:SIGNATURE_OCTETS]


def test_sessions_outlive_a_change_of_the_key():
    renewed = SessionClasses((KEY, OLD_KEY))

    assert renewed.is_ours("7", SessionClasses((OLD_KEY,)).make("7", RANDOM))
    assert renewed.make("7", RANDOM) == CLASS


@pytest.mark.parametrize("at", range(RANDOM_OCTETS + SIGNATURE_OCTETS))
def test_a_class_with_any_octet_changed_is_not_ours(at):
    changed = bytearray(CLASS)
    changed[at] ^= 0x80

    assert not SessionClasses((KEY,)).is_ours("7", bytes(changed))


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_class_of_another_length_is_not_ours(size):
    assert not SessionClasses((KEY,)).is_ours("7", (CLASS + b"x")[:size])


def test_a_repr_does_not_show_the_keys():
    assert "\\x" not in repr(SessionClasses((OLD_KEY,)))
