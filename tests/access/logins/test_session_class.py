import hmac
from dataclasses import replace

import pytest

from access.logins.login_record import OWN_NAME
from access.logins.session_class import RANDOM_OCTETS, SIGNATURE_OCTETS, SessionClasses
from radius.facts import Facts
from tests.access.doors import VPN, Doors

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


def logged_in(vendor, doors=None, said="s1", station="203.0.113.7", name="minjun.kim"):
    """The Class and what is recorded of a login at a VPN gateway of one kind."""
    doors = doors or Doors()
    doors.memory.put_clients([replace(VPN, vendor=vendor)])
    facts = Facts(calling_station=station, acct_session_id=said)
    granted = doors.authorize(VPN, facts=facts, code_at=doors.now, user_name=name)
    return granted.class_, granted.record


@pytest.mark.parametrize(
    ("vendor", "said", "goes_on"),
    [("openvpn", "s1", True), ("openvpn", "", False), ("strongswan", "s1", False), ("generic", "s1", False)],
)
def test_a_session_keeps_its_class_where_its_nas_names_it_and_sends_no_class_back(vendor, said, goes_on):
    doors = Doors()
    first, record = logged_in(vendor, doors, said)
    again, _ = logged_in(vendor, doors, said)

    assert (again == first) is goes_on
    assert record[OWN_NAME] == ("s1" if goes_on else "")
    assert doors.logins.classes.is_ours(str(VPN.id), first)


@pytest.mark.parametrize(
    "other", [{"said": "s2"}, {"station": "203.0.113.8"}, {"name": "minjun.kim@hangang.example"}], ids=str
)
def test_another_name_place_or_person_is_another_session(other):
    doors = Doors()

    assert logged_in("openvpn", doors, **other)[0] != logged_in("openvpn", doors)[0]


def test_nobody_without_the_key_can_work_out_the_class_of_a_named_session():
    doors, others = Doors(), Doors()
    others.logins = replace(others.logins, classes=SessionClasses((OTHER_KEY,)))
    first, _ = logged_in("openvpn", doors)
    made_up, _ = logged_in("openvpn", others)

    assert made_up[:RANDOM_OCTETS] != first[:RANDOM_OCTETS]
    assert not doors.logins.classes.is_ours(str(VPN.id), made_up)
