"""CHAP and MSCHAPv2 without EAP, through the whole server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.attributes import Attribute, AttributeType, integer
from radius.hidden import MICROSOFT, reveal_salted
from radius.mschap import authenticator_response, session_keys
from radius.nas import CodeMode
from radius.packet import Code
from radius.questions import Failure, Method, Refused
from tests.radius.office import (
    KEY,
    MAC,
    PASSWORD,
    Asker,
    Office,
    ask,
    chap,
    mschap_exchange,
    station,
    user,
)

CHALLENGE = bytes(range(50, 66))


def vendor(kind, value):
    return Attribute(kind, value, MICROSOFT)


def by_chap(password=PASSWORD, challenge=CHALLENGE):
    return Attribute(AttributeType.CHAP_PASSWORD, chap(challenge, password)), Attribute(60, challenge)


def by_mschap(password=PASSWORD, name=b"kim", identifier=7):
    made = mschap_exchange(CHALLENGE, name, password)
    response = bytes((identifier, 0)) + made.peer_challenge + bytes(8) + made.response
    return vendor(11, CHALLENGE), vendor(25, response)


def log_in(office, *attributes, name="kim", asker=None):
    asker = asker or Asker()
    return ask(office, asker, asker.access(user(name), station(MAC), *attributes))


def report_of(office):
    return office.application.asked[-1]


def test_a_chap_login_is_accepted_by_a_challenge_of_its_own():
    office = Office()

    reply = log_in(office, *by_chap())

    assert reply.code is Code.ACCESS_ACCEPT
    assert office.application.kinds == ["CheckChap", "Authorize"]
    assert report_of(office).method is Method.CHAP
    assert reply.first(17, MICROSOFT) is None


def test_the_authenticator_of_the_request_is_the_challenge_where_there_is_no_other():
    office, asker = Office(), Asker()
    asker.count = 41
    challenge = (42).to_bytes(16, "big")

    reply = log_in(office, Attribute(AttributeType.CHAP_PASSWORD, chap(challenge)), asker=asker)

    assert reply.code is Code.ACCESS_ACCEPT


def test_a_wrong_password_by_chap_is_refused():
    office = Office()

    assert log_in(office, *by_chap("wrong")).code is Code.ACCESS_REJECT

    assert office.records == ["password"]


def test_a_chap_response_to_another_challenge_is_refused():
    office = Office()
    password, _ = by_chap()

    assert log_in(office, password, Attribute(60, bytes(16))).code is Code.ACCESS_REJECT


def test_a_mschapv2_login_is_accepted_with_our_proof_and_keys():
    office, asker = Office(), Asker()

    reply = log_in(office, *by_mschap(), asker=asker)

    made = mschap_exchange(CHALLENGE)
    assert reply.code is Code.ACCESS_ACCEPT
    assert reply.first(26, MICROSOFT) == b"\x07" + authenticator_response(made, KEY).encode()
    authenticator = asker.count.to_bytes(16, "big")
    recv, send = (
        reveal_salted(reply.first(kind, MICROSOFT), asker.secret, authenticator) for kind in (17, 16)
    )
    assert recv + send == session_keys(made, KEY)
    assert reply.first(7, MICROSOFT) == b"\0\0\0\x01"
    assert reply.first(8, MICROSOFT) == b"\0\0\0\x04"
    assert report_of(office).method is Method.MSCHAPV2


def test_the_domain_before_the_name_says_whose_login_it_is_and_is_not_hashed():
    office = Office()

    assert log_in(office, *by_mschap(), name="HANGANG\\kim").code is Code.ACCESS_ACCEPT

    assert office.application.asked[0].user_name == "HANGANG\\kim"
    assert office.application.asked[0].exchange.name == b"kim"


def test_a_refused_mschapv2_login_is_told_so_in_its_own_words_and_gets_no_keys():
    office = Office()

    reply = log_in(office, *by_mschap("wrong"))

    assert reply.code is Code.ACCESS_REJECT
    error = reply.first(2, MICROSOFT)
    assert error.startswith(b"\x07E=691 R=0 C=")
    assert error.endswith(b" V=3")
    assert len(error) == 1 + len("E=691 R=0 C= V=3") + 32
    assert [reply.first(kind, MICROSOFT) for kind in (26, 16, 17)] == [None, None, None]
    assert reply.first(AttributeType.REPLY_MESSAGE) == b"case 4711"


def test_a_right_password_that_the_policy_refuses_gets_no_proof_and_no_keys():
    office = Office()
    plain = office.application.ask
    office.application.ask = lambda question: (
        Refused("no", "refused") if type(question).__name__ == "Authorize" else plain(question)
    )

    reply = log_in(office, *by_mschap())

    assert reply.code is Code.ACCESS_REJECT
    assert [reply.first(kind, MICROSOFT) for kind in (26, 16, 17)] == [None, None, None]
    assert reply.first(2, MICROSOFT)[0] == 7


def test_a_login_by_password_gets_no_keys():
    office, asker = Office(), Asker()

    reply = ask(office, asker, asker.pap(PASSWORD))

    assert not [attribute for attribute in reply.attributes if attribute.vendor == MICROSOFT]


@pytest.mark.parametrize("credentials", [by_chap, by_mschap])
def test_a_code_behind_a_password_that_is_hashed_is_refused_before_anybody_is_asked(credentials):
    office = Office(nas={"code": CodeMode.APPENDED})

    assert log_in(office, *credentials()).code is Code.ACCESS_REJECT

    assert office.application.kinds == ["Report"]
    assert report_of(office).reason is Failure.METHOD_NOT_ALLOWED


def test_a_code_is_asked_for_after_mschapv2_and_the_keys_come_with_the_accept():
    office, asker = Office(nas={"code": CodeMode.CHALLENGE}), Asker()
    prompt = log_in(office, *by_mschap(), asker=asker)
    state = Attribute(AttributeType.STATE, prompt.first(AttributeType.STATE))

    reply = ask(office, asker, asker.pap("123456", state))

    assert (prompt.code, reply.code) == (Code.ACCESS_CHALLENGE, Code.ACCESS_ACCEPT)
    assert prompt.first(26, MICROSOFT) is None
    assert reply.first(26, MICROSOFT)[:3] == b"\x07S="
    assert reply.first(17, MICROSOFT) is not None
    assert office.application.kinds == ["CheckMschap", "SpendCode", "Authorize"]


@pytest.mark.parametrize("credentials", [by_chap, by_mschap])
def test_the_answer_to_a_prompt_cannot_be_hashed(credentials):
    office, asker = Office(nas={"code": CodeMode.CHALLENGE}), Asker()
    prompt = log_in(office, *credentials(), asker=asker)
    state = Attribute(AttributeType.STATE, prompt.first(AttributeType.STATE))

    assert log_in(office, *credentials(), state, asker=asker).code is Code.ACCESS_REJECT

    assert report_of(office).reason is Failure.BAD_STATE


CHALLENGED, RESPONSE = by_mschap()
MALFORMED = {
    "a CHAP-Password too short": ((Attribute(3, bytes(16)),), Failure.NO_CREDENTIALS),
    "a CHAP-Password too long": ((Attribute(3, bytes(18)),), Failure.NO_CREDENTIALS),
    "an empty challenge": ((by_chap()[0], Attribute(60, b"")), Failure.NO_CREDENTIALS),
    "no MS-CHAP-Challenge": ((RESPONSE,), Failure.NO_CREDENTIALS),
    "a challenge of the first version": ((vendor(11, bytes(8)), RESPONSE), Failure.NO_CREDENTIALS),
    "a response cut off": ((CHALLENGED, vendor(25, RESPONSE.value[:-1])), Failure.NO_CREDENTIALS),
    "the first version": ((vendor(11, bytes(8)), vendor(1, bytes(50))), Failure.METHOD_NOT_ALLOWED),
    "of another vendor": ((CHALLENGED, RESPONSE._replace(vendor=9)), Failure.NO_CREDENTIALS),
}


@pytest.mark.parametrize(("attributes", "reason"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_malformed_proves_nothing(attributes, reason):
    office = Office()

    assert log_in(office, *attributes).code is Code.ACCESS_REJECT

    assert office.application.kinds == ["Report"]
    assert report_of(office).reason is reason


def test_call_check_is_a_bypass_whatever_is_hashed():
    office = Office(nas={"mab": True})

    reply = log_in(office, *by_chap("wrong"), integer(AttributeType.SERVICE_TYPE, 10), name=MAC)

    assert reply.code is Code.ACCESS_ACCEPT
    assert office.application.kinds == ["Authorize"]


VALUES = st.one_of(
    st.binary(max_size=60), st.sampled_from((CHALLENGED.value, RESPONSE.value, chap(CHALLENGE)))
)
KINDS = st.sampled_from(((3, 0), (60, 0), (24, 0), (1, 311), (11, 311), (25, 311)))


@given(st.dictionaries(KINDS, VALUES))
def test_no_octets_raise_anything(values):
    attributes = [Attribute(kind, value, whose) for (kind, whose), value in values.items()]

    assert log_in(Office(), *attributes).code in (Code.ACCESS_ACCEPT, Code.ACCESS_REJECT)


def test_no_hash_shows_in_a_repr():
    office = Office()
    log_in(office, *by_mschap())
    log_in(office, *by_chap())

    said = repr(office.application.asked)
    for made in (mschap_exchange(CHALLENGE).response, chap(CHALLENGE)[1:], KEY):
        assert repr(made)[2:-1] not in said
