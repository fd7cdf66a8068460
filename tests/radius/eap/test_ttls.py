"""EAP-TTLS with both ends in memory, through the whole server."""

from dataclasses import replace

import pytest
from OpenSSL import SSL

from radius.attributes import Attribute, AttributeType, integer, split_octets
from radius.eap.avp import Avp, encode_avp
from radius.eap.packet import EapType
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts, ServerIdentity
from radius.limits import Limits
from radius.nas import CodeMode
from radius.packet import Code
from radius.questions import Authorize, Failure, Granted, Method
from tests.peers.certificates import create_authority
from tests.radius.eap.supplicant import Supplicant, Wireless, pap, response
from tests.radius.fuzz import MadNas
from tests.radius.office import MAC, VLAN, Asker, Office, ask, station, user

VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
KIM = pap("kim", "correct horse")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return create_authority(tmp_path_factory.mktemp("authority")).issue("radius.example")


@pytest.fixture(scope="module")
def methods(certificates):
    contexts = Contexts(ServerIdentity(str(certificates.certificate), str(certificates.key)))
    return {EapType.TTLS: lambda opening: Ttls(contexts.tunnel(EapType.TTLS), opening)}


@pytest.fixture
def wireless(methods):
    """Return a maker of an access point, a server and a supplicant."""

    def make(supplicant=None, outer="anonymous", limits=None, **nas):
        nas = {"eap_methods": (EapType.TTLS,)} | nas
        office = Office(methods, nas, limits=limits or Limits())
        return Wireless(office, Asker(), supplicant or Supplicant(KIM), outer)

    return make


def report_of(wireless):
    return wireless.office.application.asked[-1]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_right_password_is_accepted_with_matching_keys(wireless, certificates, version):
    laptop = Supplicant(KIM, certificates.authority, VERSIONS[version])
    access_point = wireless(laptop)

    reply = access_point.log_in()

    assert reply.code is Code.ACCESS_ACCEPT
    assert reply.first(AttributeType.EAP_MESSAGE)[:1] == b"\x03"
    assert reply.first(AttributeType.USER_NAME) == b"kim"
    assert reply.first(AttributeType.CLASS) == b"class of kim"
    assert access_point.msk() == laptop.msk()
    access = report_of(access_point)
    assert (access.user_name, access.method) == ("kim", Method.EAP_TTLS_PAP)
    assert access.facts.calling_station == MAC
    assert [step.name for step in access.steps] == ["EAP", "password"]
    assert version in access.steps[0].note


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())
def test_small_fragments_in_both_directions_lead_to_the_same_end(wireless, certificates, version):
    laptop = Supplicant(KIM, certificates.authority, version, fragment=80)
    access_point = wireless(laptop, limits=Limits(eap_packet_octets=100))

    assert access_point.log_in().code is Code.ACCESS_ACCEPT

    assert access_point.msk() == laptop.msk()
    assert len(access_point.replies) >= 13
    assert max(len(b"".join(reply.all(79))) for reply in access_point.replies) <= 100


@pytest.mark.parametrize(("mtu", "octets"), [(200, 196), (65535, 300), (10, 300)])
def test_the_framed_mtu_and_our_limit_bound_our_fragments(wireless, mtu, octets):
    access_point = wireless(limits=Limits(eap_packet_octets=300))
    identity = b"\x02\x01\x00\x0e\x01anonymous"

    reply = access_point.send(identity, None, integer(AttributeType.FRAMED_MTU, mtu))
    hello = access_point.answer(reply.first(AttributeType.EAP_MESSAGE))
    reply = access_point.send(hello, reply.first(AttributeType.STATE))

    assert len(b"".join(reply.all(AttributeType.EAP_MESSAGE))) == octets


def test_a_wrong_password_is_rejected_without_a_reply_message(wireless):
    access_point = wireless(Supplicant(pap("kim", "wrong")))

    reply = access_point.log_in()

    assert reply.code is Code.ACCESS_REJECT
    assert reply.first(AttributeType.EAP_MESSAGE)[:1] == b"\x04"
    assert reply.all(AttributeType.REPLY_MESSAGE) == []
    assert access_point.office.records == ["password"]
    assert access_point.office.sent[-1].not_before == access_point.office.now + 1.0


def test_an_appended_code_is_spent_with_the_inner_password(wireless):
    access_point = wireless(Supplicant(pap("kim", "correct horse123456")), code=CodeMode.APPENDED)

    assert access_point.log_in().code is Code.ACCESS_ACCEPT

    assert access_point.office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]


def test_a_nas_that_prompts_for_codes_cannot_do_so_with_pap_inside(wireless):
    access_point = wireless(code=CodeMode.CHALLENGE)

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert report_of(access_point).reason is Failure.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())
def test_a_device_that_does_not_trust_us_is_reported_in_its_own_words(wireless, version, tmp_path):
    stranger = create_authority(tmp_path, "somebody else").path
    access_point = wireless(Supplicant(KIM, stranger, version))

    assert access_point.log_in().code is Code.ACCESS_REJECT

    report = report_of(access_point)
    assert report.reason is Failure.TLS_ALERT
    assert report.detail.startswith("the device does not trust the authority")
    assert access_point.office.application.kinds == ["Report"]


def test_our_alert_is_sent_before_the_failure(wireless):
    laptop = Supplicant(KIM, version=SSL.TLS1_2_VERSION)
    access_point = wireless(laptop)
    garbage = b"\x16\x03\x01\x00\x04junk"
    answers = iter([b"\0" + garbage, b"\0"])
    laptop.respond = lambda data: next(answers)

    assert access_point.log_in().code is Code.ACCESS_REJECT

    alert = access_point.replies[-2].first(AttributeType.EAP_MESSAGE)
    assert alert[6] == 0x15
    assert report_of(access_point).reason is Failure.TLS_FAILED


def test_no_password_is_asked_about_that_could_not_be_accepted(wireless):
    access_point = wireless(inside=frozenset((Method.EAP_TTLS_CHAP, Method.PAP)))

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert access_point.office.application.kinds == ["Report"]
    assert report_of(access_point).reason is Failure.INNER_METHOD
    assert wireless(inside=frozenset((Method.EAP_TTLS_PAP,))).log_in().code is Code.ACCESS_ACCEPT


INSIDE = {
    "nothing of the kind": (encode_avp(Avp(1, 0, True, b"kim")), Failure.NO_CREDENTIALS),
    "two names": (KIM + encode_avp(Avp(1, 0, True, b"lee")), Failure.NO_CREDENTIALS),
    "two passwords": (KIM + encode_avp(Avp(2, 0, True, b"x")), Failure.NO_CREDENTIALS),
    "MS-CHAP": (encode_avp(Avp(1, 311, True, bytes(50))), Failure.INNER_METHOD),
    "EAP where none is offered": (encode_avp(Avp(79, 0, True, b"\2\0\0\5\1")), Failure.METHOD_NOT_ALLOWED),
    "malformed EAP": (encode_avp(Avp(79, 0, True, b"\1\0\0\5\1")), Failure.BAD_EAP),
    "CHAP without a challenge": (encode_avp(Avp(3, 0, True, bytes(17))), Failure.NO_CREDENTIALS),
    "CHAP too short": (encode_avp(Avp(3, 0, True, bytes(16))), Failure.BAD_EAP),
    "MSCHAPv2 without a challenge": (encode_avp(Avp(25, 311, True, bytes(50))), Failure.NO_CREDENTIALS),
    "MSCHAPv2 too short": (encode_avp(Avp(25, 311, True, bytes(49))), Failure.BAD_EAP),
    "two ways at once": (KIM + encode_avp(Avp(3, 0, True, bytes(17))), Failure.NO_CREDENTIALS),
    "unknown and mandatory": (KIM + encode_avp(Avp(999, 0, True, b"")), Failure.BAD_EAP),
    "a vendor's name": (
        encode_avp(Avp(1, 9, False, b"kim")) + encode_avp(Avp(2, 0, True, b"x")),
        Failure.NO_CREDENTIALS,
    ),
    "malformed": (b"\0\0\0\1\x40\0\0\xff", Failure.BAD_EAP),
    "not text": (pap("kim\x1b", "x"), Failure.NOT_TEXT),
    "empty name": (pap("", "x"), Failure.NOT_TEXT),
    "a name that deceives": (pap("kim\u202e", "x"), Failure.NOT_TEXT),
    "a name too long": (pap("k" * 254, "x"), Failure.TOO_LONG),
    "a password too long": (pap("kim", "x" * 129), Failure.TOO_LONG),
    "another realm": (pap("kim@evil.example", "x"), Failure.REALM_MISMATCH),
}


@pytest.mark.parametrize(("inside", "reason"), INSIDE.values(), ids=INSIDE.keys())
def test_what_does_not_belong_inside_is_refused_with_a_reason(wireless, inside, reason):
    access_point = wireless(Supplicant(inside), outer="anonymous@office.example")

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert report_of(access_point).reason is reason
    assert access_point.office.application.kinds == ["Report"]


@pytest.mark.parametrize("outer", ["anonymous", "@OFFICE.example", "kim@office.example"])
def test_an_outer_name_may_leave_its_realm_out_or_repeat_it(wireless, outer):
    access_point = wireless(Supplicant(pap("kim@office.example", "x")), outer=outer)

    access_point.log_in()

    assert access_point.office.application.asked[0].user_name == "kim@office.example"


def test_an_unknown_optional_avp_is_ignored(wireless):
    inside = encode_avp(Avp(999, 0, False, b"x")) + KIM

    assert wireless(Supplicant(inside)).log_in().code is Code.ACCESS_ACCEPT


def test_what_is_said_of_many_unknown_avps_stays_short(wireless):
    access_point = wireless(Supplicant(KIM + encode_avp(Avp(999, 0, True, b"")) * 1000))

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert len(report_of(access_point).detail) < 200


def test_a_password_as_long_as_pap_knows_is_asked_about(wireless):
    access_point = wireless(Supplicant(pap("kim", "x" * 128)))

    access_point.log_in()

    assert access_point.office.application.asked[0].password == "x" * 128


def test_a_reply_message_that_was_granted_does_not_go_with_eap(wireless):
    access_point = wireless()
    plain = access_point.office.application.ask
    welcome = (Attribute(AttributeType.REPLY_MESSAGE, b"welcome"), *VLAN)
    access_point.office.application.ask = lambda question: (
        Granted(welcome, b"", "kim", "accepted") if isinstance(question, Authorize) else plain(question)
    )

    reply = access_point.log_in()

    assert reply.code is Code.ACCESS_ACCEPT
    assert reply.all(AttributeType.REPLY_MESSAGE) == []
    assert reply.all(81) == [b"120"]


def test_a_user_name_that_is_not_the_identity_is_refused(wireless):
    access_point = wireless()
    access_point.outer = "somebody"

    access_point.send(b"\x02\x01\x00\x0e\x01anonymous", None)

    assert report_of(access_point).reason is Failure.IDENTITY_MISMATCH


def test_a_nas_without_eap_methods_refuses_eap(wireless):
    access_point = wireless(eap_methods=())

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert report_of(access_point).reason is Failure.METHOD_NOT_ALLOWED


def test_a_failure_nobody_acknowledges_is_reported_as_what_it_is(wireless):
    laptop = Supplicant(KIM)
    laptop.respond = lambda data: b"\0\x16\x03\x01\x00\x04junk"
    access_point = wireless(laptop)
    access_point.log_in(steps=2)

    access_point.office.now += 60
    access_point.office.expire()

    assert report_of(access_point).reason is Failure.TLS_FAILED


def test_a_conversation_that_nobody_goes_on_with_is_reported(wireless):
    access_point = wireless()
    assert access_point.log_in(steps=2).code is Code.ACCESS_CHALLENGE

    access_point.office.now += 60
    assert access_point.office.expire() == []

    report = report_of(access_point)
    assert (report.reason, report.method) == (Failure.TIMED_OUT, Method.EAP_TTLS)
    assert "2 round trips" in report.detail
    assert access_point.office.records == [("report", Failure.TIMED_OUT)]


def test_a_state_is_good_for_one_step_of_eap(wireless):
    access_point = wireless()
    first = access_point.log_in(steps=1)
    eap, state = first.first(AttributeType.EAP_MESSAGE), first.first(AttributeType.STATE)
    hello = access_point.answer(eap)
    access_point.send(hello, state)

    reply = access_point.send(hello, state)

    assert reply.code is Code.ACCESS_REJECT
    assert reply.first(AttributeType.EAP_MESSAGE) == bytes((4, hello[1], 0, 4))
    assert report_of(access_point).reason is Failure.BAD_STATE


def test_a_state_of_a_prompt_is_not_one_of_eap(wireless):
    access_point = wireless(code=CodeMode.CHALLENGE)
    office, asker = access_point.office, access_point.asker
    state = ask(office, asker, asker.pap("correct horse")).first(AttributeType.STATE)

    access_point.send(b"\x02\x01\x00\x0e\x01anonymous", state)

    assert report_of(access_point).reason is Failure.BAD_STATE


def test_a_state_of_eap_is_not_one_of_a_prompt(wireless):
    access_point = wireless()
    office, asker = access_point.office, access_point.asker
    state = access_point.log_in(steps=1).first(AttributeType.STATE)

    ask(office, asker, asker.pap("123456", Attribute(AttributeType.STATE, state), name="anonymous"))

    assert report_of(access_point).reason is Failure.BAD_STATE


def test_a_response_to_an_older_request_is_dropped_and_its_state_stays_good(wireless):
    access_point = wireless()
    first = access_point.log_in(steps=1)
    state = first.first(AttributeType.STATE)
    hello = access_point.answer(first.first(AttributeType.EAP_MESSAGE))
    older = bytes((2, (hello[1] - 1) & 255)) + hello[2:]
    attributes = [user("anonymous"), station(MAC), Attribute(24, state), *split_octets(79, older)]

    assert access_point.office.receive(access_point.asker.access(*attributes)) == []
    assert access_point.office.counters.eap_discarded == 1

    assert access_point.send(hello, state).code is Code.ACCESS_CHALLENGE


def test_new_conversations_are_refused_when_there_are_too_many(wireless):
    access_point = wireless(limits=Limits(max_eap_conversations=1))
    access_point.log_in(steps=1)

    assert access_point.log_in(steps=1).code is Code.ACCESS_REJECT

    assert report_of(access_point).reason is Failure.BUSY


def test_one_nas_full_of_conversations_leaves_room_for_the_others(wireless):
    access_point = wireless(limits=Limits(max_eap_conversations_per_nas=1))
    access_point.log_in(steps=1)
    access_point.log_in(steps=1)
    assert report_of(access_point).reason is Failure.BUSY

    access_point.office.nas = replace(access_point.office.nas, key="another")
    access_point.supplicant = Supplicant(KIM)

    assert access_point.log_in().code is Code.ACCESS_ACCEPT


def test_a_conversation_that_ended_makes_room_for_another(wireless):
    access_point = wireless(limits=Limits(max_eap_conversations=1))
    assert access_point.log_in().code is Code.ACCESS_ACCEPT
    access_point.supplicant = Supplicant(KIM)

    assert access_point.log_in().code is Code.ACCESS_ACCEPT

    access_point.log_in(steps=1)
    access_point.office.now += 60
    access_point.office.expire()
    access_point.supplicant = Supplicant(KIM)
    assert access_point.log_in().code is Code.ACCESS_ACCEPT


def test_prompts_take_no_room_from_eap(wireless):
    access_point = wireless(code=CodeMode.CHALLENGE, limits=Limits(max_eap_conversations=1))
    office, asker = access_point.office, access_point.asker
    for _ in range(2):
        ask(office, asker, asker.pap("correct horse"))

    assert access_point.log_in(steps=1).code is Code.ACCESS_CHALLENGE


def test_an_endpoint_that_begins_again_and_again_keeps_only_its_last_conversations(wireless):
    access_point = wireless(limits=Limits(max_conversations_per_endpoint=2))
    for _ in range(3):
        assert access_point.log_in(steps=1).code is Code.ACCESS_CHALLENGE

    assert report_of(access_point).reason is Failure.SUPERSEDED
    assert access_point.office.application.kinds == ["Report"]


def test_an_endpoint_that_makes_up_a_new_name_each_time_is_still_one_endpoint(wireless):
    access_point = wireless(limits=Limits(max_conversations_per_endpoint=2))
    for number in range(3):
        access_point.outer = f"anybody{number}"
        assert access_point.log_in(steps=1).code is Code.ACCESS_CHALLENGE

    assert report_of(access_point).reason is Failure.SUPERSEDED


def test_people_behind_one_ip_address_do_not_take_each_others_place(wireless):
    access_point, asker = wireless(limits=Limits(max_conversations_per_endpoint=2)), Asker()

    for name in ("kim", "lee", "park"):
        identity = Attribute(AttributeType.EAP_MESSAGE, response(1, 1, name.encode()))
        request = asker.access(user(name), station("203.0.113.7"), identity)
        assert ask(access_point.office, asker, request).code is Code.ACCESS_CHALLENGE

    assert access_point.office.application.kinds == []


def test_a_password_shows_in_no_repr_of_a_step(wireless):
    access_point = wireless()
    access_point.log_in()

    assert "horse" not in repr(access_point.office.application.asked)


@pytest.mark.parametrize("code", CodeMode)
def test_a_nas_that_has_lost_its_mind_crashes_nothing(methods, code):
    nas = MadNas(2865, methods, code=code)

    for _ in range(500):
        nas.step()

    assert nas.office.counters.rejects > 20
    assert nas.office.counters.challenges > 20
