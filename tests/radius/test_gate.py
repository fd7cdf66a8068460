"""What the gate learns about a NAS, and what it lets nobody repeat unsigned."""

import pytest

from radius.attributes import Attribute, AttributeType
from radius.counters import TROUBLE_S, Counters
from radius.nas import MessageAuthenticatorPolicy
from radius.questions import Notice, Noticed
from tests.radius.office import ADDRESS, SECRET, Asker, Office

NEW = b"the secret that comes"
AUTO = {"message_authenticator": MessageAuthenticatorPolicy.AUTO}
OFF = {"message_authenticator": MessageAuthenticatorPolicy.OFF}
SIGNS = Noticed("gw", Notice.SIGNS, str(ADDRESS))
UNSIGNED = Noticed("gw", Notice.UNSIGNED, str(ADDRESS))


def notices(office):
    return [each for each in office.application.asked if isinstance(each, Noticed)]


def test_the_first_signature_of_a_nas_on_auto_is_noticed_and_kept():
    office, asker = Office(nas=AUTO), Asker()

    for _ in range(3):
        office.receive(asker.pap("correct horse"))

    assert notices(office) == [SIGNS]
    assert ("noticed", Notice.SIGNS, 0) in office.records


def test_a_notice_that_never_came_back_is_made_again_after_a_while():
    office, asker = Office(nas=AUTO), Asker()
    office.receive(asker.pap("correct horse"))
    office.now += 61

    office.receive(asker.pap("correct horse"))

    assert notices(office) == [SIGNS, SIGNS]


@pytest.mark.parametrize("policy", [MessageAuthenticatorPolicy.REQUIRE, MessageAuthenticatorPolicy.OFF])
def test_of_a_nas_that_is_not_on_auto_nothing_is_learnt(policy):
    office, asker = Office(nas={"message_authenticator": policy}), Asker()

    office.receive(asker.pap("correct horse"))
    office.receive(asker.pap("correct horse", signed=False))

    assert notices(office) == []


def test_a_nas_that_is_known_to_sign_must_sign_in_a_worker_that_never_saw_it():
    office, asker = Office(nas=AUTO | {"signs": True}), Asker()

    assert office.receive(asker.pap("correct horse", signed=False)) == []

    assert office.counters.missing_message_authenticators == 1
    assert notices(office) == [UNSIGNED]


def test_what_anybody_can_send_is_noticed_once_a_minute():
    office, asker = Office(nas=AUTO | {"signs": True}), Asker()
    for _ in range(50):
        office.receive(asker.pap("x", signed=False))
    assert notices(office) == [UNSIGNED]

    office.now += 60
    office.receive(asker.pap("x", signed=False))

    assert notices(office) == [UNSIGNED, UNSIGNED]


def test_which_of_two_secrets_a_nas_uses_is_noticed():
    office = Office(nas={"secrets": (SECRET, NEW)})

    for count, secret in enumerate((SECRET, SECRET, NEW, NEW, b"neither of them")):
        asker = Asker(secret)
        asker.count = count * 10
        office.receive(asker.pap("correct horse"))

    assert {each.notice for each in notices(office)} == {Notice.SECRET}
    assert [each.secret for each in notices(office)] == [0, 1]


def test_a_nas_with_one_secret_is_no_news():
    office, asker = Office(), Asker()

    office.receive(asker.pap("correct horse"))

    assert notices(office) == []


def test_what_shows_no_secret_is_read_with_the_one_that_the_nas_uses():
    office, asker = Office(nas=OFF | {"secrets": (SECRET, NEW), "preferred": 1}), Asker(NEW)

    (accepted,) = office.receive(asker.pap("correct horse", signed=False))

    assert accepted.data[0] == 2


@pytest.mark.parametrize("policy", MessageAuthenticatorPolicy)
def test_a_forger_finds_no_room_in_the_proxy_states_of_an_unsigned_request(policy):
    office, asker = Office(nas={"message_authenticator": policy}), Asker()
    room = [Attribute(AttributeType.PROXY_STATE, bytes(64))] * 7

    assert office.receive(asker.pap("correct horse", *room, signed=False)) == []

    assert len(office.receive(asker.pap("correct horse", *room))) == 1


def test_an_honest_proxy_in_front_of_a_nas_that_cannot_sign_is_let_through():
    office, asker = Office(nas=OFF), Asker()
    honest = Attribute(AttributeType.PROXY_STATE, b"12345678")

    assert len(office.receive(asker.pap("correct horse", honest, honest, signed=False))) == 1


def test_a_trouble_with_bad_authenticators_has_a_beginning_and_a_last_time():
    counters = Counters()
    for now in (100.0, 400.0, 900.0):
        counters.bad_authenticator(now)
    assert (counters.bad_authenticators, counters.bad_began, counters.bad_last) == (3, 100.0, 900.0)

    counters.bad_authenticator(901.0 + TROUBLE_S)

    assert (counters.bad_began, counters.bad_last) == (901.0 + TROUBLE_S, 901.0 + TROUBLE_S)
