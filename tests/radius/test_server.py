"""Two ends in memory: what a NAS sees, and what the application is asked."""

import re
from dataclasses import replace
from ipaddress import ip_address

import pytest

from radius.attributes import Attribute, AttributeType, encode_attributes, integer
from radius.effects import Role, Source
from radius.formats import VendorFormat
from radius.limits import Limits
from radius.login import UnexpectedOutcome
from radius.nas import CodeMode, MessageAuthenticatorPolicy, Nas
from radius.packet import Code, Packet, decode, encode
from radius.questions import (
    AccountKind,
    Authorize,
    CodeRight,
    Failure,
    Granted,
    Method,
    PasswordRight,
    Recorded,
    Refused,
    SessionRight,
)
from radius.worker import Worker
from tests.radius.office import ADDRESS, MAC, SECRET, VLAN, Asker, Office, ask, station, user

CALL_CHECK = integer(AttributeType.SERVICE_TYPE, 10)
APPENDED = {"code": CodeMode.APPENDED}
CHALLENGE = {"code": CodeMode.CHALLENGE}
ACCOUNTING = {"role": Role.ACCOUNTING}


def report_of(office):
    return office.application.asked[-1]


# Authorize Only

ANEW = integer(AttributeType.SERVICE_TYPE, 17)
STATE = Attribute(AttributeType.STATE, b"s" * 32)
SESSION = SessionRight(
    "kim", "kim@example", None, Method.EAP_TTLS_PAP, 7.0, "cert", b"class of before", "totp handover"
)


def test_a_session_is_asked_about_anew_with_all_that_its_login_had_proven():
    office, asker = Office(), Asker()
    office.application.session = SESSION

    reply = ask(office, asker, asker.access(user("kim"), station(MAC), ANEW, STATE))

    assert reply.code is Code.ACCESS_ACCEPT
    checked, authorize = office.application.asked
    assert (checked.state, checked.source) == (b"s" * 32, str(ADDRESS))
    assert (authorize.user, authorize.user_name, authorize.method) == ("kim", "kim@example", SESSION.method)
    assert (authorize.code_at, authorize.code, authorize.certificate) == (7.0, "totp handover", "cert")
    assert authorize.session == b"class of before"


def test_credentials_beside_authorize_only_are_not_looked_at():
    office, asker = Office(), Asker()

    reply = ask(office, asker, asker.pap("correct horse", ANEW, STATE))

    assert reply.code is Code.ACCESS_REJECT
    assert office.application.kinds == ["CheckSession"]


def test_authorize_only_without_a_state_is_refused():
    office, asker = Office(), Asker()

    assert ask(office, asker, asker.pap("correct horse", ANEW)).code is Code.ACCESS_REJECT
    assert report_of(office).reason is Failure.BAD_STATE


@pytest.mark.parametrize("policy", MessageAuthenticatorPolicy)
def test_authorize_only_has_to_be_signed_whatever_the_nas_may_else(policy):
    office, asker = Office(nas={"message_authenticator": policy}), Asker()

    assert office.receive(asker.access(user("kim"), ANEW, STATE, signed=False)) == []
    assert office.counters.missing_message_authenticators == 1


# PAP


def test_a_dictionary_may_tell_the_server_of_another_vendor_s_format():
    # In the plain format these are 248 attributes, which is too many.
    vendor = Attribute(26, b"\0\0\x10\x92" + b"\1\2" * 124)
    office, asker = Office(), Asker()

    assert office.receive(asker.pap("correct horse", vendor, vendor)) == []
    office.server.formats = {4242: VendorFormat(2, 1)}
    assert len(office.receive(asker.pap("correct horse", vendor, vendor))) == 1


def test_a_right_password_is_accepted_with_what_the_application_grants():
    office, asker = Office(), Asker()

    reply = ask(office, asker, asker.pap("correct horse"))

    assert reply.code is Code.ACCESS_ACCEPT
    assert reply.attributes[1:] == (*VLAN, Attribute(AttributeType.CLASS, b"class of kim"))
    assert office.application.kinds == ["CheckPassword", "Authorize"]
    assert office.records == ["accepted"]
    assert office.counters.accepts == 1


def test_a_wrong_password_is_rejected_with_the_message_and_not_before_its_time():
    office, asker = Office(limits=Limits(reject_delay_s=1.0)), Asker()

    request = asker.pap("wrong")
    [send] = office.receive(request)

    reply = asker.read(send, request)
    assert reply.code is Code.ACCESS_REJECT
    assert reply.all(AttributeType.REPLY_MESSAGE) == [b"case 4711"]
    assert send.not_before == office.now + 1.0
    assert office.records == ["password"]


def test_the_delay_counts_from_the_receipt_and_not_from_the_answer():
    office, asker = Office(), Asker()
    [question] = office.server.receive(asker.pap("wrong"), source_of(), 100.0)

    [send] = office.server.answer(question.query, Refused("", "r"), 100.7)

    assert send.not_before == 101.0


def test_a_long_message_is_cut_between_characters():
    office, asker = Office(), Asker()
    office.application.ask = lambda question: Refused("한" * 200, None)

    reply = ask(office, asker, asker.pap("wrong"))

    pieces = reply.all(AttributeType.REPLY_MESSAGE)
    assert [len(piece) for piece in pieces] == [252, 252, 96]
    assert b"".join(pieces).decode() == "한" * 200


def test_an_appended_code_is_spent_after_one_bind_with_the_rest():
    office, asker = Office(nas=APPENDED), Asker()

    reply = ask(office, asker, asker.pap("correct horse123456"))

    assert reply.code is Code.ACCESS_ACCEPT
    assert office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]
    password, code, access = office.application.asked
    assert (password.password, code.code, code.user) == ("correct horse", "123456", "user-kim")
    assert (access.code_at, access.user, access.method) == (1000.0, "user-kim", Method.PAP)
    assert [step.name for step in access.steps] == ["password", "code"]


def test_a_code_is_not_spent_with_a_wrong_password():
    office, asker = Office(nas=APPENDED), Asker()

    reply = ask(office, asker, asker.pap("wrong123456"))

    assert reply.code is Code.ACCESS_REJECT
    assert office.application.kinds == ["CheckPassword"]
    assert office.application.codes == {"123456"}


def test_the_same_code_again_is_refused():
    office, asker = Office(nas=APPENDED), Asker()
    assert ask(office, asker, asker.pap("correct horse123456")).code is Code.ACCESS_ACCEPT

    assert ask(office, asker, asker.pap("correct horse123456")).code is Code.ACCESS_REJECT


def test_a_password_too_short_for_a_code_is_reported_without_a_bind():
    office, asker = Office(nas=APPENDED), Asker()

    reply = ask(office, asker, asker.pap("123456"))

    assert reply.code is Code.ACCESS_REJECT
    assert office.application.kinds == ["Report"]
    assert report_of(office).reason is Failure.PASSWORD_TOO_SHORT


def test_the_number_of_digits_is_the_nas_s():
    office, asker = Office(nas=APPENDED | {"code_digits": 8}), Asker()

    ask(office, asker, asker.pap("correct horse12345678"))

    assert office.application.asked[0].password == "correct horse"
    assert office.application.asked[1].code == "12345678"


def test_a_secret_shows_in_no_repr_of_a_question():
    office, asker = Office(nas=APPENDED), Asker()
    ask(office, asker, asker.pap("correct horse123456"))

    for question in office.application.asked:
        assert "horse" not in repr(question)
        assert "123456" not in repr(question)
    assert SECRET.decode() not in repr(office.nas)


# The prompt


def test_a_code_is_asked_for_after_a_right_password():
    office, asker = Office(nas=CHALLENGE), Asker()

    challenge = ask(office, asker, asker.pap("correct horse"))

    assert challenge.code is Code.ACCESS_CHALLENGE
    assert challenge.all(AttributeType.REPLY_MESSAGE) == [b"Code?"]
    assert len(challenge.first(AttributeType.STATE)) == 16
    assert challenge.first(AttributeType.SESSION_TIMEOUT) == bytes((0, 0, 0, 60))
    assert office.application.kinds == ["CheckPassword"]

    office.now += 7
    reply = ask(office, asker, answer(asker, challenge, "123456"))

    assert reply.code is Code.ACCESS_ACCEPT
    assert office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]
    assert [(s.name, s.duration_s) for s in report_of(office).steps] == [
        ("password", 0.0),
        ("prompt", 7.0),
        ("code", 0.0),
    ]


def test_a_wrong_password_is_not_prompted():
    office, asker = Office(nas=CHALLENGE), Asker()

    assert ask(office, asker, asker.pap("wrong")).code is Code.ACCESS_REJECT


def test_a_wrong_code_is_refused():
    office, asker = Office(nas=CHALLENGE), Asker()
    challenge = ask(office, asker, asker.pap("correct horse"))

    assert ask(office, asker, answer(asker, challenge, "000000")).code is Code.ACCESS_REJECT


def test_a_state_is_good_for_one_step():
    office, asker = Office(nas=CHALLENGE), Asker()
    challenge = ask(office, asker, asker.pap("correct horse"))
    ask(office, asker, answer(asker, challenge, "000000"))

    reply = ask(office, asker, answer(asker, challenge, "123456"))

    assert reply.code is Code.ACCESS_REJECT
    assert report_of(office).reason is Failure.BAD_STATE
    assert office.application.codes == {"123456"}


def test_a_state_is_good_for_a_minute():
    office, asker = Office(nas=CHALLENGE), Asker()
    challenge = ask(office, asker, asker.pap("correct horse"))
    office.now += 60

    ask(office, asker, answer(asker, challenge, "123456"))

    assert report_of(office).reason is Failure.BAD_STATE


def test_a_state_is_good_for_its_nas_only():
    office, asker = Office(nas=CHALLENGE), Asker()
    challenge = ask(office, asker, asker.pap("correct horse"))
    office.nas = replace(office.nas, key="another")

    ask(office, asker, answer(asker, challenge, "123456"))

    assert report_of(office).reason is Failure.BAD_STATE


def test_a_state_is_good_for_its_user_only():
    office, asker = Office(nas=CHALLENGE), Asker()
    challenge = ask(office, asker, asker.pap("correct horse"))

    ask(office, asker, answer(asker, challenge, "123456", name="lee"))

    assert report_of(office).reason is Failure.BAD_STATE


def test_an_invented_state_is_refused():
    office, asker = Office(nas=CHALLENGE), Asker()

    for state in (b"", b"\0" * 16, b"\0" * 17, b"x"):
        ask(office, asker, asker.pap("123456", Attribute(AttributeType.STATE, state)))
        assert report_of(office).reason is Failure.BAD_STATE


def test_a_prompt_nobody_answers_is_reported_and_recorded():
    office, asker = Office(nas=CHALLENGE), Asker()
    ask(office, asker, asker.pap("correct horse"))
    assert office.server.next_timer() == office.now + 10

    office.now = office.server.next_timer()
    office.expire()
    assert office.server.next_timer() == 160.0
    office.now = 160.0
    assert office.expire() == []

    assert report_of(office).reason is Failure.TIMED_OUT
    assert office.records == [("report", Failure.TIMED_OUT)]
    assert office.server.next_timer() is None


def test_too_many_prompts_of_one_endpoint_end_the_oldest():
    office, asker = Office(nas=CHALLENGE, limits=Limits(max_conversations_per_endpoint=1)), Asker()
    first = ask(office, asker, asker.pap("correct horse"))

    second = ask(office, asker, asker.pap("correct horse"))

    assert report_of(office).reason is Failure.SUPERSEDED
    assert ask(office, asker, answer(asker, first, "123456")).code is Code.ACCESS_REJECT
    assert ask(office, asker, answer(asker, second, "123456")).code is Code.ACCESS_ACCEPT


def test_too_many_prompts_refuse_new_ones():
    office, asker = Office(nas=CHALLENGE, limits=Limits(max_conversations=1)), Asker()
    first = ask(office, asker, asker.pap("correct horse"))

    assert ask(office, asker, asker.pap("correct horse")).code is Code.ACCESS_REJECT

    assert report_of(office).reason is Failure.BUSY
    assert ask(office, asker, answer(asker, first, "123456")).code is Code.ACCESS_ACCEPT


# MAB and what is not allowed


@pytest.mark.parametrize("name", ["02005e100001", "02-00-5E-10-00-01", "0200.5e10.0001"])
def test_a_mac_is_authorized_where_the_nas_may_bypass(name):
    office, asker = Office(nas={"mab": True}), Asker()

    reply = ask(office, asker, asker.pap(name, CALL_CHECK, name=name))

    assert reply.code is Code.ACCESS_ACCEPT
    assert office.application.kinds == ["Authorize"]
    question = report_of(office)
    assert (question.user, question.mac, question.method) == (None, MAC, Method.MAB)


def test_a_mac_is_refused_where_the_nas_may_not_bypass():
    office, asker = Office(), Asker()

    assert ask(office, asker, asker.pap(MAC, CALL_CHECK, name=MAC)).code is Code.ACCESS_REJECT

    assert report_of(office).reason is Failure.MAB_NOT_ALLOWED


@pytest.mark.parametrize("name", ["02:00:5e:10:00:02", "kim", "02:00:5e:10:00"])
def test_a_mac_must_be_the_endpoint_s_own(name):
    office, asker = Office(nas={"mab": True}), Asker()

    assert ask(office, asker, asker.pap("x", CALL_CHECK, name=name)).code is Code.ACCESS_REJECT

    assert report_of(office).reason is Failure.MAB_NAME_MISMATCH


def test_a_password_login_is_no_bypass_without_call_check():
    office, asker = Office(nas={"mab": True}), Asker()

    ask(office, asker, asker.pap(MAC, name=MAC))

    assert office.application.kinds == ["CheckPassword"]


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ((user("kim"),), Failure.NO_CREDENTIALS),
        ((station(MAC),), Failure.NO_CREDENTIALS),
        ((Attribute(AttributeType.USER_NAME, b"\xff"),), Failure.NOT_TEXT),
        ((Attribute(AttributeType.USER_NAME, b"kim\x1b[2J"),), Failure.NOT_TEXT),
        ((user("kim\u202e"),), Failure.NOT_TEXT),
    ],
)
def test_what_proves_nothing_is_refused_with_a_reason(attributes, reason):
    office, asker = Office(), Asker()

    assert ask(office, asker, asker.access(*attributes)).code is Code.ACCESS_REJECT

    assert report_of(office).reason is reason
    assert report_of(office).user_name.isprintable()


def test_a_password_made_with_another_secret_is_named_as_such():
    office = Office(nas={"message_authenticator": MessageAuthenticatorPolicy.OFF})

    office.receive(Asker(b"another").pap("correct horse", signed=False))

    assert report_of(office).reason is Failure.NOT_TEXT
    assert "secret" in report_of(office).detail


# Whose packets count


def test_an_unknown_nas_gets_silence():
    office, asker = Office(), Asker()

    assert office.receive(asker.pap("correct horse"), address=ip_address("192.0.2.8")) == []

    assert office.server.strangers.by_address == {ip_address("192.0.2.8"): 1}
    assert office.application.asked == []


def test_malformed_octets_get_silence():
    office = Office()

    assert office.receive(b"\1\1\0\x14") == []

    assert office.counters.malformed == 1


@pytest.mark.parametrize(
    ("code", "role"),
    [(2, Role.AUTHENTICATION), (4, Role.AUTHENTICATION), (1, Role.ACCOUNTING), (40, Role.AUTHENTICATION)],
)
def test_a_code_that_does_not_belong_here_gets_silence(code, role):
    office = Office()

    assert office.receive(encode(Packet(Code(code), 1, bytes(16))), role=role) == []

    assert office.counters.unexpected_codes == 1


def test_a_wrong_message_authenticator_gets_silence():
    office = Office()

    assert office.receive(Asker(b"another").pap("correct horse")) == []

    assert office.counters.bad_authenticators == 1
    assert office.application.asked == []


@pytest.mark.parametrize("policy", MessageAuthenticatorPolicy)
def test_a_missing_message_authenticator_gets_silence_where_it_is_required(policy):
    office, asker = Office(nas={"message_authenticator": policy}), Asker()

    replies = office.receive(asker.pap("correct horse", signed=False))

    required = policy is MessageAuthenticatorPolicy.REQUIRE
    assert len(replies) == (0 if required else 1)
    assert office.counters.missing_message_authenticators == (1 if required else 0)


def test_a_nas_on_auto_that_has_signed_once_must_sign_from_then_on():
    office, asker = Office(nas={"message_authenticator": MessageAuthenticatorPolicy.AUTO}), Asker()
    office.receive(Asker(b"another").pap("x"))
    assert len(office.receive(asker.pap("correct horse", signed=False))) == 1

    assert len(office.receive(asker.pap("correct horse"))) == 1

    assert office.receive(asker.pap("correct horse", signed=False)) == []


def test_what_is_always_signed_does_not_show_that_a_nas_on_auto_can_sign_the_rest():
    office, asker = Office(nas={"message_authenticator": MessageAuthenticatorPolicy.AUTO}), Asker()
    office.receive(asker.access(code=Code.STATUS_SERVER))
    office.receive(asker.access(user("kim"), Attribute(AttributeType.EAP_MESSAGE, b"\2\1\0\x08\1kim")))

    assert len(office.receive(asker.pap("correct horse", signed=False))) == 1


def test_a_proxy_state_needs_a_signature_on_auto():
    office, asker = Office(nas={"message_authenticator": MessageAuthenticatorPolicy.AUTO}), Asker()
    proxied = asker.pap("correct horse", Attribute(AttributeType.PROXY_STATE, b"p"), signed=False)

    assert office.receive(proxied) == []


def test_eap_and_status_server_need_a_signature_whatever_the_policy():
    office, asker = Office(nas={"message_authenticator": MessageAuthenticatorPolicy.OFF}), Asker()

    assert office.receive(asker.access(Attribute(79, b"\2\1\0\5\1"), signed=False)) == []
    assert office.receive(asker.access(code=Code.STATUS_SERVER, signed=False)) == []

    assert office.counters.missing_message_authenticators == 2


@pytest.mark.parametrize("secret", [SECRET, b"the new secret"])
def test_every_access_reply_is_signed_first_with_the_secret_of_its_request(secret):
    office, asker = Office(nas=CHALLENGE | {"secrets": (b"the new secret", SECRET)}), Asker(secret)

    challenge = ask(office, asker, asker.pap("correct horse"))
    replies = [
        challenge,
        ask(office, asker, answer(asker, challenge, "123456")),
        ask(office, asker, asker.pap("wrong")),
        ask(
            office, asker, asker.access(user("kim"), Attribute(AttributeType.EAP_MESSAGE, b"\2\1\0\x08\1kim"))
        ),
        ask(office, asker, asker.access(code=Code.STATUS_SERVER)),
    ]

    accept, reject = Code.ACCESS_ACCEPT, Code.ACCESS_REJECT
    assert [reply.code for reply in replies] == [Code.ACCESS_CHALLENGE, accept, reject, reject, accept]


def test_both_secrets_are_good_while_the_secret_is_changed():
    office = Office(nas={"secrets": (b"the new secret", SECRET)})

    for first, asker in enumerate((Asker(SECRET), Asker(b"the new secret"))):
        asker.count = first * 100
        assert ask(office, asker, asker.pap("correct horse")).code is Code.ACCESS_ACCEPT
        response = ask(office, asker, asker.account(1), **ACCOUNTING)
        assert response.code is Code.ACCOUNTING_RESPONSE
    assert office.receive(Asker(b"a third").pap("correct horse")) == []


def test_a_request_that_shows_no_secret_is_read_with_the_first():
    off = {"message_authenticator": MessageAuthenticatorPolicy.OFF}
    office, asker = Office(nas=off | {"secrets": (SECRET, b"the old secret")}), Asker()

    assert ask(office, asker, asker.pap("correct horse", signed=False)).code is Code.ACCESS_ACCEPT


def test_a_nas_without_a_secret_cannot_be_made():
    for secrets in ((), (b"",), (SECRET, b"")):
        with pytest.raises(ValueError, match="secret"):
            Nas("k", "n", secrets)


def test_every_proxy_state_comes_back_in_order():
    office, asker = Office(), Asker()
    proxies = [Attribute(AttributeType.PROXY_STATE, value) for value in (b"one", b"", b"three")]

    for password in ("correct horse", "wrong"):
        reply = ask(office, asker, asker.pap(password, *proxies))
        assert reply.all(AttributeType.PROXY_STATE) == [b"one", b"", b"three"]


def test_proxy_state_that_would_fill_the_reply_gets_silence():
    office, asker = Office(), Asker()

    assert office.receive(asker.pap("x", *[Attribute(AttributeType.PROXY_STATE, bytes(250))] * 5)) == []

    assert office.counters.malformed == 1


def test_a_status_server_is_answered_on_both_ports():
    office, asker = Office(), Asker()

    assert ask(office, asker, asker.access(code=Code.STATUS_SERVER)).code is Code.ACCESS_ACCEPT
    reply = ask(office, asker, asker.access(code=Code.STATUS_SERVER), **ACCOUNTING)
    assert reply.code is Code.ACCOUNTING_RESPONSE
    assert office.application.asked == []


# Duplicates


def test_a_duplicate_gets_the_same_reply_and_is_not_decided_again():
    office, asker = Office(nas=APPENDED), Asker()
    request = asker.pap("correct horse123456")
    [first] = office.receive(request)

    [again] = office.receive(request)

    assert again.data == first.data
    assert again.record is None
    assert office.application.kinds.count("SpendCode") == 1
    assert office.counters.duplicates_answered == 1


def test_a_duplicate_of_a_reject_waits_as_long_as_the_reject():
    office, asker = Office(), Asker()
    request = asker.pap("wrong")
    [reject] = office.receive(request)

    assert office.receive(request) == []
    office.now = reject.not_before
    assert [send.data for send in office.receive(request)] == [reject.data]


def test_a_duplicate_of_a_request_in_progress_is_dropped():
    office, asker = Office(), Asker()
    request = asker.pap("correct horse")
    [question] = office.server.receive(request, source_of(), 100.0)

    assert office.server.receive(request, source_of(), 101.0) == []
    assert office.counters.duplicates_dropped == 1

    [question] = office.server.answer(question.query, PasswordRight("u"), 102.0)
    [send] = office.server.answer(question.query, Granted((), b"", "", "r"), 102.0)
    assert asker.read(send, request).code is Code.ACCESS_ACCEPT


def test_a_duplicate_after_ten_seconds_is_a_new_request():
    office, asker = Office(), Asker()
    request = asker.pap("correct horse")
    office.receive(request)
    office.now += 10

    office.receive(request)

    assert office.application.kinds.count("CheckPassword") == 2


def test_another_port_or_authenticator_is_another_request():
    office, asker = Office(), Asker()
    request = asker.pap("correct horse")
    office.receive(request)
    office.receive(request, port=1646)
    asker.count = 256
    office.receive(asker.pap("correct horse"))

    assert decode(request).identifier == 1
    assert office.application.kinds.count("CheckPassword") == 3


def test_a_new_authenticator_ends_the_request_in_progress():
    office, asker = Office(), Asker()
    [first] = office.server.receive(asker.pap("correct horse"), source_of(), 100.0)
    asker.count = 256
    second_request = asker.pap("correct horse")
    [second] = office.server.receive(second_request, source_of(), 101.0)

    [report] = office.server.answer(first.query, PasswordRight("u"), 102.0)
    assert report.question.reason is Failure.GIVEN_UP
    assert [step.name for step in report.question.steps] == ["password"]
    [record] = office.server.answer(report.query, Refused("", "given up"), 102.0)
    assert record.record == "given up"

    [access] = office.server.answer(second.query, PasswordRight("u"), 102.0)
    assert isinstance(access.question, Authorize)


def test_what_was_granted_too_late_is_recorded_as_given_up_and_not_as_granted():
    office, asker = Office(), Asker()
    [password] = office.server.receive(asker.pap("correct horse"), source_of(), 100.0)
    [access] = office.server.answer(password.query, PasswordRight("u"), 100.0)
    asker.count = 256
    office.server.receive(asker.pap("correct horse"), source_of(), 101.0)

    office.do(office.server.answer(access.query, Granted((), b"class", "kim", "accepted"), 102.0))

    assert office.sent == []
    assert office.records == [("report", Failure.GIVEN_UP)]


def test_a_refusal_nobody_waits_for_is_still_recorded():
    office, asker = Office(), Asker()
    [first] = office.server.receive(asker.pap("wrong"), source_of(), 100.0)
    asker.count = 256
    office.server.receive(asker.pap("wrong"), source_of(), 101.0)

    [record] = office.server.answer(first.query, Refused("", "refused"), 102.0)

    assert record.record == "refused"


def test_a_forged_packet_does_not_touch_the_cache():
    office, asker = Office(), Asker()
    request = asker.pap("correct horse")
    [first] = office.receive(request)
    asker.count = 256
    forged = bytearray(asker.pap("correct horse"))
    forged[-1] ^= 1
    assert office.receive(bytes(forged)) == []

    [again] = office.receive(request)

    assert again.data == first.data


def test_the_cache_is_bounded_by_the_oldest_reply():
    office, asker = Office(limits=Limits(max_replies=2)), Asker()
    requests = [asker.pap("correct horse") for _ in range(3)]
    for request in requests:
        office.receive(request)

    office.receive(requests[2])
    assert office.counters.duplicates_answered == 1
    office.receive(requests[0])
    assert office.counters.duplicates_answered == 1


def test_replies_whose_records_were_lost_are_forgotten():
    office, asker = Office(nas=APPENDED), Asker()
    request = asker.pap("correct horse123456")
    office.receive(request)

    office.server.forget_replies()

    assert ask(office, asker, request).code is Code.ACCESS_REJECT


def test_a_question_never_answered_is_given_up():
    office, asker = Office(), Asker()
    request = asker.pap("correct horse")
    [question] = office.server.receive(request, source_of(), 100.0)
    assert office.server.next_timer() == 130.0

    assert office.server.expire(129.9) == []
    office.now = 130.0
    office.expire()

    assert office.counters.unanswered == 1
    assert office.records == [("report", Failure.GIVEN_UP)]
    assert "CheckPassword" in report_of(office).detail
    assert office.server.answer(question.query, PasswordRight("u"), 131.0) == []
    assert len(office.server.receive(request, source_of(), 131.0)) == 1


def test_a_login_given_up_by_both_sides_is_reported_once():
    office, asker = Office(), Asker()
    office.server.receive(asker.pap("correct horse"), source_of(), 100.0)
    asker.count = 256
    [second] = office.server.receive(asker.pap("correct horse"), source_of(), 101.0)

    [report] = office.server.expire(130.0)

    assert report.question.reason is Failure.GIVEN_UP
    [access] = office.server.answer(second.query, PasswordRight("u"), 130.5)
    assert isinstance(access.question, Authorize)


def test_a_report_never_answered_is_not_reported_again():
    office, asker = Office(), Asker()
    office.server.receive(asker.pap("correct horse"), source_of(), 100.0)

    [report] = office.server.expire(130.0)

    assert report.question.reason is Failure.GIVEN_UP
    assert office.server.expire(160.0) == []
    assert office.server.next_timer() is None


def test_an_account_never_recorded_is_given_up_without_a_report():
    office, asker = Office(), Asker()
    [question] = office.server.receive(asker.account(1), source_of()._replace(role=Role.ACCOUNTING), 100.0)

    assert office.server.expire(130.0) == []

    assert office.counters.unanswered == 1
    assert office.server.answer(question.query, Recorded("late"), 131.0) == []


def test_more_questions_than_the_limit_are_not_asked():
    office, asker = Office(limits=Limits(max_waiting=1)), Asker()
    [question] = office.server.receive(asker.pap("correct horse"), source_of(), 100.0)
    second = asker.pap("correct horse")

    assert office.server.receive(second, source_of(), 100.0) == []
    assert office.counters.overload_dropped == 1

    office.server.answer(question.query, Refused("", None), 100.0)
    assert len(office.server.receive(second, source_of(), 100.0)) == 1


def test_an_outcome_for_nothing_is_ignored():
    assert Office().server.answer(99, PasswordRight("u"), 0.0) == []


def test_an_outcome_of_another_question_is_a_bug_of_the_application():
    office, asker = Office(), Asker()
    for outcome in (CodeRight(0.0), Granted((), b"", "", None), Recorded(None)):
        [question] = office.server.receive(asker.pap("x"), source_of(), 100.0)
        with pytest.raises(UnexpectedOutcome):
            office.server.answer(question.query, outcome, 100.0)


def test_a_reply_too_large_is_a_refusal_with_a_reason():
    office, asker = Office(), Asker()
    much = tuple(Attribute(18, bytes(253)) for _ in range(17))
    plain = office.application.ask
    office.application.ask = lambda q: (
        Granted(much, b"", "", "accepted") if isinstance(q, Authorize) else plain(q)
    )

    assert ask(office, asker, asker.pap("correct horse")).code is Code.ACCESS_REJECT

    assert report_of(office).reason is Failure.REPLY_TOO_LARGE
    assert "accepted" not in office.records


# Accounting


@pytest.mark.parametrize("signed", [False, True])
def test_accounting_is_answered_with_the_record_to_wait_for(signed):
    office, asker = Office(), Asker()
    request = asker.account(
        1,
        Attribute(AttributeType.CLASS, b"class of kim"),
        integer(8, 0x0A000001),
        integer(42, 5),
        integer(52, 2),
        signed=signed,
    )

    [send] = office.receive(request, **ACCOUNTING)

    assert asker.read(send, request).code is Code.ACCOUNTING_RESPONSE
    assert send.record == ("account", AccountKind.START)
    account = report_of(office)
    assert account.class_ == (b"class of kim",)
    assert account.facts.framed_ip == ip_address("10.0.0.1")
    assert account.usage.octets_in == 2 << 32 | 5


def test_accounting_made_with_another_secret_gets_silence():
    office = Office()

    assert office.receive(Asker(b"another").account(1), **ACCOUNTING) == []

    assert office.counters.bad_authenticators == 1


def test_accounting_with_a_wrong_message_authenticator_gets_silence():
    office, asker = Office(), Asker()
    wrong = Attribute(AttributeType.MESSAGE_AUTHENTICATOR, bytes(16))

    assert office.receive(asker.account(1, wrong), **ACCOUNTING) == []


def test_accounting_without_what_it_must_have_gets_silence():
    office, asker = Office(), Asker()
    body = encode_attributes((user("kim"),))
    head = bytes((4, 1)) + (20 + len(body)).to_bytes(2, "big")
    nothing = head + asker.secret.md5_before(head + bytes(16) + body) + body

    assert office.receive(nothing, **ACCOUNTING) == []

    assert office.counters.malformed == 1


def test_accounting_that_is_not_about_a_session_is_answered_and_not_asked_about():
    office, asker = Office(), Asker()

    assert ask(office, asker, asker.account(9), **ACCOUNTING).code is Code.ACCOUNTING_RESPONSE

    assert office.application.asked == []


def test_a_repeated_start_is_recorded_once():
    office, asker = Office(), Asker()
    request = asker.account(1)

    office.receive(request, **ACCOUNTING)
    office.receive(request, **ACCOUNTING)

    assert office.records == [("account", AccountKind.START)]


# Workers


def test_an_answer_to_another_worker_s_prompt_is_handed_to_it():
    first, second, asker = (
        Office(nas=CHALLENGE, worker=Worker(0, 2)),
        Office(nas=CHALLENGE, worker=Worker(1, 2)),
        Asker(),
    )
    challenge = ask(second, asker, asker.pap("correct horse"))
    request = answer(asker, challenge, "123456")

    assert first.receive(request) == []
    [forward] = first.forwards
    assert (forward.worker, forward.data) == (1, request)
    assert first.counters.forwarded == 1

    assert ask(second, asker, forward.data).code is Code.ACCESS_ACCEPT


def test_an_endpoint_begins_to_speak_eap_at_one_worker_whatever_the_spelling_of_its_address():
    asker, eap = Asker(), Attribute(AttributeType.EAP_MESSAGE, b"\x02\x01\x00\x08\x01kim")
    homes = []
    for last in range(40):
        endpoint, home = f"02005e1000{last:02x}", set()
        for spelling in (endpoint, endpoint.upper(), "-".join(re.findall("..", endpoint))):
            for index in range(3):
                office = Office(worker=Worker(index, 3))
                replies = office.receive(asker.access(user("kim"), station(spelling), eap))
                home.add(index if replies else office.forwards[0].worker)
        homes += home

    assert len(homes) == 40
    assert set(homes) == {0, 1, 2}


def test_nobody_without_the_key_can_say_which_worker_an_endpoint_begins_at():
    asker, eap = Asker(), Attribute(AttributeType.EAP_MESSAGE, b"\x02\x01\x00\x08\x01kim")
    requests = [asker.access(user("kim"), station(f"02005e1000{last:02x}"), eap) for last in range(40)]

    def homes(key):
        office = Office(worker=Worker(0, 2, key))
        for request in requests:
            office.receive(request)
        return [forward.data for forward in office.forwards]

    assert homes(b"one key") == homes(b"one key") != homes(b"another")


def test_workers_that_do_not_agree_hand_a_packet_over_once_and_not_to_and_fro():
    asker, eap = Asker(), Attribute(AttributeType.EAP_MESSAGE, b"\x02\x01\x00\x08\x01kim")
    endpoint = next(
        each
        for each in (f"02005e1000{last:02x}" for last in range(256))
        if [_home_of(asker, each, key) for key in (b"a key", b"another")] == [1, 0]
    )
    request = asker.access(user("kim"), station(endpoint), eap)
    first, second = Office(worker=Worker(0, 2, b"a key")), Office(worker=Worker(1, 2, b"another"))

    first.receive(request)
    [forward] = first.forwards
    replies = second.receive(forward.data, handed=True)

    assert second.forwards == []
    assert [reply.data[0] for reply in replies] == [Code.ACCESS_REJECT]


def _home_of(asker, endpoint, key):
    office = Office(worker=Worker(0, 2, key))
    eap = Attribute(AttributeType.EAP_MESSAGE, b"\x02\x01\x00\x08\x01kim")
    office.receive(asker.access(user("kim"), station(endpoint), eap))
    return office.forwards[0].worker if office.forwards else 0


def test_what_is_no_eap_is_answered_by_whoever_gets_it():
    workers, asker = [Office(worker=Worker(index, 3)) for index in range(3)], Asker()

    assert [ask(office, asker, asker.pap("correct horse")).code for office in workers] == [
        Code.ACCESS_ACCEPT
    ] * 3


def test_a_state_of_no_worker_is_refused_here():
    office, asker = Office(nas=CHALLENGE, worker=Worker(0, 2)), Asker()

    ask(office, asker, asker.pap("123456", Attribute(AttributeType.STATE, b"\x02" + bytes(15))))

    assert office.forwards == []
    assert report_of(office).reason is Failure.BAD_STATE


def test_a_forged_packet_is_not_handed_on():
    office = Office(nas=CHALLENGE, worker=Worker(0, 2))
    state = Attribute(AttributeType.STATE, b"\x01" + bytes(15))

    assert office.receive(Asker(b"another").pap("123456", state)) == []

    assert office.forwards == []


def test_lost_repeated_and_disordered_packets_lead_to_the_same_end():
    office, asker = Office(nas=CHALLENGE), Asker()
    first = asker.pap("correct horse")
    [lost] = office.receive(first)
    [challenge] = office.receive(first)
    assert challenge.data == lost.data
    second = answer(asker, asker.read(challenge, first), "123456")
    office.receive(second)
    [late] = office.receive(first)
    assert late.data == challenge.data

    [accept] = office.receive(second)

    assert asker.read(accept, second).code is Code.ACCESS_ACCEPT
    assert office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]


def source_of():
    return Source(ADDRESS, 1645)


def answer(asker, challenge, code, name="kim"):
    state = challenge.first(AttributeType.STATE)
    return asker.pap(code, Attribute(AttributeType.STATE, state), name=name)
