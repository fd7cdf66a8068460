"""What a bind is in octets, that only an answer is taken for one, and that ldap3 reads the same in it."""

import ldap3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.bind import bind_operation
from ldap3.protocol.convert import build_controls_list
from ldap3.protocol.rfc4511 import LDAPMessage, MessageID, ProtocolOp
from ldap3.strategy.base import BaseStrategy
from ldap3.utils.asn1 import decode_message_fast
from ldap3.utils.asn1 import encode as encode_by_ldap3

from access.directory.ber import BOOLEAN, ENUMERATED, INTEGER, OCTET_STRING, SEQUENCE, encode
from access.directory.connection import close, connect
from access.directory.errors import BadMessage
from access.directory.password import PasswordChecker
from access.directory.simple_bind import BindAnswer, decode_answer, encode_bind
from access.directory.verdict import PASSWORD_POLICY, PasswordOutcome, verdict
from tests.access.directory.companies import settings_of
from tests.peers.people import hangang
from tests.peers.slapd import Options, Slapd

KIM = "uid=kim,ou=people,dc=x"
POLICY = PASSWORD_POLICY.encode()
LOCKED = bytes.fromhex("3003810101")


def sequence(*parts):
    return encode(SEQUENCE, b"".join(parts))


def text(value):
    return encode(OCTET_STRING, value)


def control(kind, value=None, critical=None):
    said = b"" if critical is None else encode(BOOLEAN, bytes((critical,)))
    return sequence(text(kind), said, b"" if value is None else text(value))


def answer(code=0, diagnostic=b"", more=b"", controls=None, message_id=7, tag=0x61):
    result = encode(ENUMERATED, bytes((code,))) + text(b"") + text(diagnostic) + more
    listed = b"" if controls is None else encode(0xA0, b"".join(controls))
    return sequence(encode(INTEGER, bytes((message_id,))), encode(tag, result), listed)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (answer(), BindAnswer(7, 0, "")),
        (answer(49, "틀림".encode()), BindAnswer(7, 49, "틀림")),
        (answer(49, b"\xff"), BindAnswer(7, 49, "\ufffd")),
        (answer(10, more=encode(0xA3, text(b"ldap://else.where/"))), BindAnswer(7, 10, "")),
        (answer(0, more=encode(0x87, b"token")), BindAnswer(7, 0, "")),
        (answer(controls=()), BindAnswer(7, 0, "")),
        (answer(49, controls=(control(POLICY, LOCKED),)), BindAnswer(7, 49, "", LOCKED)),
        (
            answer(49, controls=(control(b"1.2.3", b"x"), control(POLICY, LOCKED, False))),
            BindAnswer(7, 49, "", LOCKED),
        ),
        (answer(0, controls=(control(POLICY),)), BindAnswer(7, 0, "")),
    ],
)
def test_an_answer_is_read_whole(message, said):
    assert decode_answer(message) == said


@pytest.mark.parametrize(
    "message",
    [
        b"",
        answer()[:-1],
        answer() + b"\0",
        answer(tag=0x78),
        answer(tag=0x65),
        encode(0x31, answer()[2:]),
        answer(controls=(control(POLICY, LOCKED), control(POLICY, LOCKED))),
        answer(controls=(text(POLICY),)),
        answer(controls=(sequence(text(POLICY), text(b""), text(b"")),)),
        sequence(encode(INTEGER, b"\x07"), encode(0x61, text(b""))),
        sequence(encode(INTEGER, b"\x07"), encode(0x61, encode(ENUMERATED, b"\x00"))),
        sequence(encode(INTEGER, b"\x07"), encode(0x61, encode(ENUMERATED, b"") + text(b"") + text(b""))),
        sequence(answer()[2:5], answer()[5:], encode(0xA0, b""), encode(0xA0, b"")),
    ],
)
def test_what_is_no_answer_is_refused(message):
    with pytest.raises(BadMessage):
        decode_answer(message)


@given(st.binary(max_size=200))
def test_any_octets_are_an_answer_or_refused(octets):
    try:
        decode_answer(octets)
    except BadMessage:
        return


@given(st.data())
def test_an_answer_that_was_altered_is_read_or_refused(data):
    octets = bytearray(answer(49, b"data 775", controls=(control(POLICY, LOCKED, True),)))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))

    try:
        decode_answer(bytes(octets))
    except BadMessage:
        return


@given(
    st.sampled_from([0, 1, 2, 7, 8, 10, 14, 19, 32, 48, 49, 50, 51, 52, 53, 80]),
    st.text(max_size=300),
    st.none() | st.lists(st.tuples(st.sampled_from([b"1.2.3", b"2.5"]), st.none() | st.binary(max_size=9))),
    st.none()
    | st.sampled_from([b"", b"\x30\x00", *(bytes.fromhex(f"30038101{code:02x}") for code in range(9))]),
)
def test_ldap3_reads_the_same(code, diagnostic, others, policy):
    controls = None if others is None and policy is None else [control(*each, True) for each in others or ()]
    if policy is not None:
        controls.append(control(POLICY, policy, False))
    octets = answer(code, diagnostic.encode(), controls=controls)

    ours = decode_answer(octets)

    theirs = BaseStrategy.decode_response_fast(_Decoding(), decode_message_fast(octets))
    value = theirs.get("controls", {}).get(PASSWORD_POLICY, {}).get("value")
    assert (ours.code, ours.diagnostic) == (theirs["result"], theirs["message"])
    assert (ours.policy or None) == (value or None)


class _Decoding:
    """As much of a strategy of ldap3 as decodes."""

    decode_control_fast = staticmethod(BaseStrategy.decode_control_fast)


@given(
    st.integers(1, 2**31 - 1),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300),
    st.binary(min_size=1, max_size=300),
)
def test_ldap3_would_send_the_same_octets(message_id, dn, password):
    message = LDAPMessage()
    message["messageID"] = MessageID(message_id)
    bind = bind_operation(3, ldap3.SIMPLE, dn, password)
    message["protocolOp"] = ProtocolOp().setComponentByName("bindRequest", bind)
    message["controls"] = build_controls_list([(PASSWORD_POLICY, False, None)])

    assert encode_bind(message_id, dn, password) == encode_by_ldap3(message)


@pytest.mark.peer("slapd")
def test_a_server_with_a_policy_gets_the_same_verdict_by_both():
    company = hangang()
    with Slapd((company,), Options(password_policy=True, lockout_after=3)) as slapd:
        settings = settings_of(slapd, company)
        right, reset, guessed = company.people[:3]
        slapd.replace(company.person_dn(reset.uid), {"pwdReset": ["TRUE"]})
        slapd.replace(f"cn=default,{company.suffix}", {"pwdMustChange": ["TRUE"]})
        asked = [
            (company.person_dn(right.uid), right.password),
            (company.person_dn(right.uid), "wrong"),
            (company.person_dn("nobody"), "wrong"),
            ("no distinguished name", "wrong"),
            (company.person_dn(reset.uid), reset.password),
            *[(company.person_dn(guessed.uid), f"wrong {number}") for number in range(4)],
            (company.person_dn(guessed.uid), guessed.password),
        ]
        checker = PasswordChecker(settings, lambda: 0.0)
        connection = connect(settings)

        ours = [checker.check(dn, password) for dn, password in asked]
        theirs = [_bound_by_ldap3(connection, dn, password) for dn, password in asked]
        checker.close()
        close(connection)

    assert ours[:5] == theirs[:5]
    assert PasswordOutcome.RIGHT in ours and PasswordOutcome.MUST_CHANGE in ours
    assert ours[-1] == theirs[-1] != PasswordOutcome.RIGHT


def _bound_by_ldap3(connection, dn, password):
    connection.user, connection.password, connection.authentication = dn, password, ldap3.SIMPLE
    connection.bind(read_server_info=False, controls=[(PASSWORD_POLICY, False, None)])
    result = connection.result
    policy = (result.get("controls") or {}).get(PASSWORD_POLICY, {}).get("value")
    return verdict(result["result"], result["message"] or "", policy)
