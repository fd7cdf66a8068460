"""Every way in which a browser's answer can be wrong is refused, beside the one in which it is right."""

import json
from contextlib import suppress
from dataclasses import replace

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.model import User
from access.proof.ceremonies import (
    BadPasskey,
    check_assertion,
    check_registration,
    creation_options,
    request_options,
    user_handle,
)
from access.proof.passkey import RelyingParty, StoredPasskey
from tests.access.authenticator import (
    BOTH,
    USER_PRESENT,
    USER_VERIFIED,
    Algorithm,
    Authenticator,
    base64url,
)

PARTY = RelyingParty("gate.hangang.example", "https://gate.hangang.example")
CHALLENGE = b"a challenge of thirty-two octets"
USER = User(7, "hangang", "minjun.kim", "uid=minjun.kim", "김민준")
OTHER = replace(USER, id=8)
GOOD = (Algorithm.ES256, Algorithm.EDDSA, Algorithm.RS256)


def created(authenticator=None, party=PARTY, **wrong):
    made = authenticator or Authenticator()
    options = creation_options(PARTY, CHALLENGE, USER, "한강전자", ())
    return check_registration(party, CHALLENGE, made.make(options, **wrong))


def held_by(authenticator, **changed):
    stored = StoredPasskey(1, USER.id, authenticator.credential_id, authenticator.cose(), 0)
    return replace(stored, **changed)


def asserted(authenticator, held=None, party=PARTY, **wrong):
    held = (held_by(authenticator),) if held is None else held
    answer = authenticator.sign(request_options(PARTY, CHALLENGE, held), **wrong)
    return check_assertion(party, CHALLENGE, answer, held)


@pytest.mark.parametrize("algorithm", GOOD)
def test_a_passkey_is_made_and_signs(algorithm):
    authenticator = Authenticator(algorithm=algorithm)

    made = created(authenticator)
    known, count = asserted(authenticator, handle=user_handle(USER.id))

    assert (made.credential_id, made.public_key) == (authenticator.credential_id, authenticator.cose())
    assert made.transports == ("internal",)
    assert made.aaguid == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert (known.credential_id, count) == (authenticator.credential_id, 1)


def test_the_browser_is_asked_for_verification_no_attestation_and_three_algorithms():
    held = held_by(Authenticator(), transports=("usb",))
    asked = json.loads(creation_options(PARTY, CHALLENGE, USER, "한강전자", (held,)))

    assert asked["rp"] == {"id": "gate.hangang.example", "name": "한강전자"}
    assert asked["attestation"] == "none"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert {each["alg"] for each in asked["pubKeyCredParams"]} == {-7, -8, -257}
    assert asked["challenge"] == base64url(CHALLENGE)
    (excluded,) = asked["excludeCredentials"]
    assert (excluded["id"], excluded["transports"]) == (base64url(held.credential_id), ["usb"])


def test_what_is_told_of_a_person_is_their_name_and_a_handle_that_tells_nothing():
    asked = json.loads(creation_options(PARTY, CHALLENGE, USER, "한강전자", ()))

    assert (asked["user"]["name"], asked["user"]["displayName"]) == ("minjun.kim@hangang", "김민준")
    assert asked["user"]["id"] == base64url(user_handle(USER.id))
    assert len(user_handle(USER.id)) == 32 and user_handle(USER.id) != user_handle(OTHER.id)


def test_the_browser_is_asked_to_sign_with_what_its_person_has():
    held = held_by(Authenticator(), transports=("internal", "hybrid"))
    asked = json.loads(request_options(PARTY, CHALLENGE, (held,)))

    assert (asked["rpId"], asked["userVerification"]) == ("gate.hangang.example", "required")
    (allowed,) = asked["allowCredentials"]
    assert allowed["id"] == base64url(held.credential_id)


WRONG = {
    "another challenge": {"challenge": b"another challenge of somebody els"},
    "another origin": {"origin": "https://gate.hangang.example.evil.example"},
    "another port": {"origin": "https://gate.hangang.example:8443"},
    "no TLS": {"origin": "http://gate.hangang.example"},
    "the hash of another name": {"rp_id": "evil.example"},
    "the hash of a name above ours": {"rp_id": "hangang.example"},
    "nobody was there": {"flags": USER_VERIFIED},
    "nobody was verified": {"flags": USER_PRESENT},
    "neither": {"flags": 0},
    "framed by another site": {"cross_origin": True},
    "the other ceremony": {"type": "payment.get"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_registration_is_refused(wrong):
    with pytest.raises(BadPasskey):
        created(**wrong)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.EDDSA])
def test_a_wrong_assertion_is_refused(wrong, algorithm):
    with pytest.raises(BadPasskey):
        asserted(Authenticator(algorithm=algorithm), **wrong)


@pytest.mark.parametrize("ceremony", ["webauthn.get", "webauthn.create"])
def test_an_answer_of_one_ceremony_is_none_of_the_other(ceremony):
    with pytest.raises(BadPasskey):
        created(type="webauthn.get") if ceremony == "webauthn.get" else asserted(
            Authenticator(), type="webauthn.create"
        )


@pytest.mark.parametrize("algorithm", GOOD)
def test_a_wrong_signature_is_refused(algorithm):
    authenticator, impostor = Authenticator(algorithm=algorithm), Authenticator(algorithm=algorithm)

    for signature in (b"", b"\0" * 64, b"\0" * 256):
        with pytest.raises(BadPasskey):
            asserted(authenticator, signature=signature)
    with pytest.raises(BadPasskey):
        asserted(impostor, held=(held_by(authenticator),))


def test_a_passkey_of_somebody_else_is_refused():
    theirs, own = Authenticator(credential_id=b"theirs"), Authenticator(credential_id=b"own")

    with pytest.raises(BadPasskey):
        asserted(theirs, held=(held_by(own),))
    with pytest.raises(BadPasskey):
        asserted(theirs, held=())
    with pytest.raises(BadPasskey):
        asserted(theirs, held=(held_by(own),), credential_id=b"own")


def test_a_passkey_that_was_made_for_somebody_else_is_refused():
    with pytest.raises(BadPasskey):
        asserted(Authenticator(), handle=user_handle(OTHER.id))


def test_the_count_is_told_only_of_a_right_signature():
    authenticator = Authenticator()
    seen = held_by(authenticator, sign_count=100)

    assert asserted(authenticator, held=(seen,))[1] == 1
    with pytest.raises(BadPasskey):
        asserted(Authenticator(), held=(seen,))


def test_a_key_of_another_algorithm_is_refused():
    with pytest.raises(BadPasskey):
        created(Authenticator(algorithm=Algorithm.ES384))


def mixed(**changed):
    key = cbor2.loads(Authenticator().cose())
    return cbor2.dumps(key | {int(name): value for name, value in changed.items()})


@pytest.mark.parametrize(
    "key",
    [
        mixed(**{"3": -257}),
        mixed(**{"-1": 2}),
        mixed(**{"-2": b"\1" * 32}),
        cbor2.dumps({1: 1, 3: -8, -1: 6, -2: b"short"}),
        cbor2.dumps({1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\1\0\1"}),
        cbor2.dumps({1: 2}),
        cbor2.dumps("no key"),
    ],
    ids=[
        "RS256 with a point",
        "ES256 on another curve",
        "a point off the curve",
        "a short Ed25519 key",
        "RSA of 1024 bits",
        "half a key",
        "a text",
    ],
)
def test_a_key_that_no_signature_can_be_checked_with_is_refused(key):
    with pytest.raises(BadPasskey):
        created(key=key)


@pytest.mark.parametrize(
    "attestation",
    [
        {"fmt": "fido-u2f", "attStmt": {"sig": b"s", "x5c": [b"c"]}},
        {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"s", "x5c": [b"c"]}},
        {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"s"}},
        {"fmt": "android-safetynet", "attStmt": {"ver": "1", "response": b"r"}},
        {"fmt": "none", "attStmt": {"sig": b"s"}},
        {"fmt": 7},
    ],
)
def test_an_attestation_is_not_taken(attestation):
    with pytest.raises(BadPasskey):
        created(attestation=attestation)


def test_one_of_its_maker_is_not_taken_even_if_it_is_right():
    authenticator = Authenticator()

    with pytest.raises(BadPasskey):
        created(authenticator, packed_by={"x5c": [authenticator.certificate()]})


def test_what_an_authenticator_says_of_itself_with_its_own_key_does_no_harm():
    assert created(Authenticator(), packed_by={}).sign_count == 0


def test_a_name_that_is_not_the_authenticators_is_refused():
    with pytest.raises(BadPasskey):
        created(credential_id=b"another name")


def test_a_name_longer_than_the_standard_allows_is_refused():
    with pytest.raises(BadPasskey):
        created(Authenticator(credential_id=b"x" * 1024))


def test_the_right_flags_are_enough():
    assert created(flags=BOTH).sign_count == 0


BROKEN = [
    "",
    "null",
    "[]",
    "{}",
    '{"response": {}}',
    '{"response": []}',
    '{"response": {"clientDataJSON": 7, "attestationObject": []}}',
    '{"rawId": "AA", "id": "AA", "type": "public-key", "response": {"clientDataJSON": "bnVsbA"}}',
    "[" * 10_000,
    '{"response": {}, "x": "' + "x" * 40_000 + '"}',
]


@pytest.mark.parametrize("answer", BROKEN, ids=range(len(BROKEN)))
def test_something_broken_is_refused_and_nothing_else(answer):
    with pytest.raises(BadPasskey):
        check_registration(PARTY, CHALLENGE, answer)
    with pytest.raises(BadPasskey):
        check_assertion(PARTY, CHALLENGE, answer, (held_by(Authenticator()),))


FIELDS = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle", "transports")
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=40)
ENCODED = st.binary(max_size=40).map(base64url)
ANY = st.recursive(
    SCALARS | ENCODED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.sampled_from(FIELDS), ANY, st.sampled_from(("id", "rawId", "type", "response")), ANY)
def test_whatever_stands_in_an_answer_one_error_comes_of_it(field, inside, outer, outside):
    authenticator = Authenticator()
    held = (held_by(authenticator),)
    made = json.loads(authenticator.make(creation_options(PARTY, CHALLENGE, USER, "한강전자", ())))
    signed = json.loads(authenticator.sign(request_options(PARTY, CHALLENGE, held)))

    for answer in (made, signed):
        inner = {**answer, "response": {**answer["response"], field: inside}}
        for broken in (inner, {**answer, outer: outside}):
            for check in (
                lambda text: check_registration(PARTY, CHALLENGE, text),
                lambda text: check_assertion(PARTY, CHALLENGE, text, held),
            ):
                with suppress(BadPasskey):
                    check(json.dumps(broken))


@given(st.data())
def test_whatever_an_authenticator_writes_one_error_comes_of_it(data):
    authenticator = Authenticator()
    data_of = b"\0" * 37 + authenticator.cose()
    written = bytearray(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data_of}))
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    answer = json.loads(authenticator.make(creation_options(PARTY, CHALLENGE, USER, "한강전자", ())))
    answer["response"]["attestationObject"] = base64url(bytes(written))

    with pytest.raises(BadPasskey):
        check_registration(PARTY, CHALLENGE, json.dumps(answer))
