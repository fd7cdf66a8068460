"""PEAP with both ends in memory, through the whole server."""

import os
import random
from collections import Counter

import pytest
from OpenSSL import SSL

from radius.attributes import AttributeType
from radius.eap.gtc import Gtc
from radius.eap.md5 import md5
from radius.eap.method import Failed, Opening, Progress
from radius.eap.mschapv2 import mschapv2
from radius.eap.packet import EapType
from radius.eap.peap import Peap, Setting
from radius.eap.result import Status, compound_keys
from radius.eap.tunnel import Contexts, ServerIdentity
from radius.limits import Limits
from radius.nas import CodeMode
from radius.packet import Code
from radius.questions import Authorize, CheckResumption, Failure, Method, Refused
from tests.peers.certificates import create_authority
from tests.radius.eap.peap_supplicant import PeapSupplicant
from tests.radius.eap.peer import GTC, MD5, MSCHAPV2, Peer
from tests.radius.eap.supplicant import Wireless
from tests.radius.fuzz import MadNas, MadPeer, mangled
from tests.radius.office import Asker, Office

VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
INSIDE = {EapType.MSCHAPV2: mschapv2(os.urandom), EapType.GTC: Gtc}
each_version = pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return create_authority(tmp_path_factory.mktemp("authority")).issue("radius.example")


@pytest.fixture(scope="module")
def contexts(certificates):
    return Contexts(ServerIdentity(str(certificates.certificate), str(certificates.key)))


@pytest.fixture(scope="module")
def methods(contexts):
    setting = Setting(INSIDE, os.urandom)
    return {EapType.PEAP: lambda opening: Peap(contexts.tunnel(EapType.PEAP), opening, setting)}


@pytest.fixture
def wireless(methods):
    """Return a maker of an access point, a server and a supplicant."""

    def make(supplicant=None, outer="anonymous", limits=None, methods=methods, **nas):
        office = Office(methods, {"eap_methods": (EapType.PEAP,)} | nas, limits=limits or Limits())
        return Wireless(office, Asker(), supplicant or PeapSupplicant(Peer()), outer)

    return make


def report_of(wireless):
    return wireless.office.application.asked[-1]


@each_version
@pytest.mark.parametrize("binds", [True, False], ids=["bound", "unbound"])
@pytest.mark.parametrize("wants", [MSCHAPV2, GTC])
def test_a_right_password_is_accepted_with_matching_keys(wireless, certificates, version, binds, wants):
    laptop = PeapSupplicant(Peer(wants), certificates.authority, version, binds=binds)
    access_point = wireless(laptop)

    reply = access_point.log_in()

    assert reply.code is Code.ACCESS_ACCEPT
    assert reply.first(AttributeType.EAP_MESSAGE)[:1] == b"\x03"
    assert reply.first(AttributeType.USER_NAME) == b"kim"
    assert access_point.msk() == laptop.msk()
    assert (laptop.keys is not None) == binds
    access = report_of(access_point)
    assert (access.user_name, access.method) == (
        "kim",
        Method.PEAP_MSCHAPV2 if wants == MSCHAPV2 else Method.PEAP_GTC,
    )
    assert [step.name for step in access.steps] == ["EAP", "password"]


@each_version
def test_headers_inside_may_be_left_in(wireless, version):
    laptop = PeapSupplicant(Peer(GTC), version=version, headers=True)

    assert wireless(laptop).log_in().code is Code.ACCESS_ACCEPT


@each_version
@pytest.mark.parametrize("wants", [MD5, MSCHAPV2])
def test_a_request_without_its_header_has_the_identifier_of_the_one_around_it(
    wireless, contexts, version, wants
):
    setting = Setting({**INSIDE, EapType.MD5_CHALLENGE: md5(os.urandom)}, os.urandom)
    methods = {EapType.PEAP: lambda opening: Peap(contexts.tunnel(EapType.PEAP), opening, setting)}
    laptop = PeapSupplicant(Peer(wants), version=version)
    answer, seen = laptop.peer.answer, []
    laptop.peer.answer = lambda request: seen.append((request[1], request[4:])) or answer(request)

    # EAP-MD5 hashes the identifier, and so does not get in with another one.
    assert wireless(laptop, methods=methods).log_in().code is Code.ACCESS_ACCEPT

    assert all(data[2] == identifier for identifier, data in seen if data[:2] == b"\x1a\x01")


@each_version
def test_small_fragments_in_both_directions_lead_to_the_same_end(wireless, version):
    laptop = PeapSupplicant(Peer(), version=version, fragment=90)
    access_point = wireless(laptop, limits=Limits(eap_packet_octets=150))

    assert access_point.log_in().code is Code.ACCESS_ACCEPT

    assert access_point.msk() == laptop.msk()
    assert max(len(b"".join(reply.all(79))) for reply in access_point.replies) <= 150


@each_version
@pytest.mark.parametrize("wants", [MSCHAPV2, GTC])
def test_a_wrong_password_is_told_inside_and_then_rejected(wireless, version, wants):
    laptop = PeapSupplicant(Peer(wants, password="wrong"), version=version)
    access_point = wireless(laptop)

    reply = access_point.log_in()

    assert reply.code is Code.ACCESS_REJECT
    assert reply.all(AttributeType.REPLY_MESSAGE) == []
    assert laptop.told is Status.FAILURE
    assert access_point.office.records == ["password"]


def test_a_right_password_that_the_policy_refuses_is_told_the_same_as_a_wrong_one(wireless):
    laptop = PeapSupplicant(Peer())
    access_point = wireless(laptop)
    refuse(access_point, Authorize)

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert laptop.told is Status.FAILURE
    assert laptop.peer.keys == b""


def refuse(access_point, kind):
    plain = access_point.office.application.ask
    access_point.office.application.ask = lambda question: (
        Refused("no", "refused") if isinstance(question, kind) else plain(question)
    )


def test_an_appended_code_travels_with_gtc(wireless):
    access_point = wireless(PeapSupplicant(Peer(GTC, password="correct horse123456")), code=CodeMode.APPENDED)

    assert access_point.log_in().code is Code.ACCESS_ACCEPT

    assert access_point.office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]


def test_a_code_is_asked_for_inside_by_gtc(wireless):
    laptop = PeapSupplicant(Peer(GTC, code="123456"))
    access_point = wireless(laptop, code=CodeMode.CHALLENGE)

    assert access_point.log_in().code is Code.ACCESS_ACCEPT

    assert laptop.peer.heard[-1] == b"Code?"
    assert access_point.office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]


def test_where_a_code_is_wanted_gtc_is_proposed_first(wireless):
    laptop = PeapSupplicant(Peer(GTC, code="123456"))
    plain, asking = wireless(PeapSupplicant(Peer(GTC))), wireless(laptop, code=CodeMode.CHALLENGE)
    plain.log_in()

    assert asking.log_in().code is Code.ACCESS_ACCEPT

    # One round trip for the Nak is saved, and one is spent on the code.
    assert len(asking.replies) == len(plain.replies)


def test_a_code_cannot_be_asked_for_by_mschapv2(wireless):
    access_point = wireless(code=CodeMode.CHALLENGE)

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert access_point.office.application.kinds == ["Report"]
    assert report_of(access_point).reason is Failure.METHOD_NOT_ALLOWED


# The end of the tunnel is the end of what was proven inside


def test_whoever_carries_a_login_in_from_elsewhere_cannot_bind_it_to_the_tunnel(wireless):
    laptop = PeapSupplicant(Peer())
    laptop.compound = lambda: compound_keys(laptop.tunnel_key(), b"keys they do not have")
    laptop.bind = lambda asked: bound_with(laptop.keys, asked)
    access_point = wireless(laptop)

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert report_of(access_point).reason is Failure.BAD_EAP
    assert "crypto-binding" in report_of(access_point).detail


def bound_with(keys, asked):
    answer = asked[:7] + b"\1" + asked[8:]
    return answer[:-20] + keys.mac(answer)


def test_our_own_binding_sent_back_is_none(wireless):
    laptop = PeapSupplicant(Peer())
    laptop.bind = lambda asked: asked
    access_point = wireless(laptop)

    assert access_point.log_in().code is Code.ACCESS_REJECT
    assert "crypto-binding" in report_of(access_point).detail


def test_a_binding_may_be_required(wireless, contexts):
    setting = Setting(INSIDE, os.urandom, binding_required=True)
    methods = {EapType.PEAP: lambda opening: Peap(contexts.tunnel(EapType.PEAP), opening, setting)}
    unbound = wireless(PeapSupplicant(Peer(), binds=False), methods=methods)

    assert unbound.log_in().code is Code.ACCESS_REJECT
    assert "required" in report_of(unbound).detail
    assert wireless(methods=methods).log_in().code is Code.ACCESS_ACCEPT


def test_each_login_is_bound_by_a_nonce_of_its_own(wireless):
    nonces = set()
    for _ in range(2):
        laptop = PeapSupplicant(Peer())
        bind = laptop.bind
        laptop.bind = lambda asked, bind=bind: nonces.add(asked[8:40]) or bind(asked)
        assert wireless(laptop).log_in().code is Code.ACCESS_ACCEPT

    assert len(nonces) == 2


def test_a_device_that_says_it_failed_is_not_let_in(wireless):
    laptop = PeapSupplicant(Peer())
    laptop.agrees = Status.FAILURE
    access_point = wireless(laptop)

    assert access_point.log_in().code is Code.ACCESS_REJECT
    assert report_of(access_point).detail == "the device does not accept the end of PEAP"


ENDS = {
    "another type": b"\x1a\x03",
    "nothing": b"",
    "no TLV": b"\x02\x07\x00\x05\x21",
    "a malformed TLV": b"\x02\x07\x00\x09\x21\x80\x03\x00\x02",
    "a header that lies": b"\x02\x07\x00\xff\x21\x80\x03\x00\x02\x00\x01",
    "a Request": b"\x01\x07\x00\x0b\x21\x80\x03\x00\x02\x00\x01",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_what_is_no_result_of_success_is_not_let_in(wireless, end):
    laptop = PeapSupplicant(Peer())
    laptop.end = lambda said: end
    access_point = wireless(laptop)

    assert access_point.log_in().code is Code.ACCESS_REJECT
    assert report_of(access_point).reason is Failure.BAD_EAP


# What does not belong inside

ANSWERS = {
    "nothing": (b"", Failure.BAD_EAP),
    "a method before the Identity": (b"\x06correct horse", Failure.BAD_EAP),
    "a Result before its time": (b"\x02\x07\x00\x0b\x21\x80\x03\x00\x02\x00\x01", Failure.BAD_EAP),
    "a name that is no text": (b"\x01\xff", Failure.NOT_TEXT),
    "a Success": (b"\x03\x07\x00\x04", Failure.BAD_EAP),
}


@each_version
@pytest.mark.parametrize(("answer", "reason"), ANSWERS.values(), ids=ANSWERS.keys())
def test_what_is_no_identity_is_told_so_and_refused(wireless, answer, reason, version):
    laptop = PeapSupplicant(Peer(), version=version)
    laptop.converse = lambda said: answer
    access_point = wireless(laptop)

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert report_of(access_point).reason is reason
    assert access_point.office.application.kinds == ["Report"]
    assert laptop.told is Status.FAILURE


class FinishedTunnel:
    """A tunnel whose peer has finished, and says one thing after the other inside."""

    resumed = False

    def __init__(self, *said):
        self.said = list(said)

    def feed(self, records):
        return Progress(plaintext=self.said.pop(0), finished=True)

    def send(self, plaintext):
        return plaintext


def test_more_than_a_packet_can_hold_is_refused_inside():
    # Of records that came in pieces more may be read at once than one message can hold.
    method = Peap(FinishedTunnel(b"", b"\x01" * 65532), Opening(1024), Setting(INSIDE, os.urandom))
    method.step(b"\0")

    method.step(b"\0")

    assert method.failure == Failed(Failure.BAD_EAP, "65532 octets inside PEAP")


@each_version
def test_what_is_said_inside_before_we_asked_is_refused(wireless, version):
    laptop = PeapSupplicant(Peer(), version=version)
    speak = laptop.speak

    def too_early():
        if not laptop.said:
            laptop.said = True
            laptop.connection.send(b"\x01kim")
        speak()

    laptop.speak = too_early
    access_point = wireless(laptop)

    assert access_point.log_in().code is Code.ACCESS_REJECT
    assert report_of(access_point).detail == "something inside PEAP before we asked"


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ({Method.PEAP_MSCHAPV2}, Code.ACCESS_ACCEPT),
        ({Method.PEAP_GTC, Method.EAP_MSCHAPV2, Method.EAP_TTLS_EAP_MSCHAPV2}, Code.ACCESS_REJECT),
        (set(), Code.ACCESS_REJECT),
    ],
)
def test_no_password_is_asked_for_by_a_method_that_could_not_be_accepted(wireless, inside, code):
    access_point = wireless(inside=frozenset(inside))

    assert access_point.log_in().code is code

    assert ("CheckMschap" in access_point.office.application.kinds) == (code is Code.ACCESS_ACCEPT)


def test_another_realm_inside_is_refused(wireless):
    laptop = PeapSupplicant(Peer(name="kim@evil.example"))
    access_point = wireless(laptop, outer="anonymous@office.example")

    assert access_point.log_in().code is Code.ACCESS_REJECT
    assert report_of(access_point).reason is Failure.REALM_MISMATCH


def test_a_device_that_wants_another_method_inside_is_told_apart(wireless):
    access_point = wireless(PeapSupplicant(Peer(wants=MD5)))

    assert access_point.log_in().code is Code.ACCESS_REJECT

    report = report_of(access_point)
    assert report.reason is Failure.NO_COMMON_METHOD
    assert report.detail == "we offer MSCHAPV2, GTC; the device wants MD5-CHALLENGE"


@each_version
def test_a_device_that_does_not_trust_us_is_reported_in_its_own_words(wireless, version, tmp_path):
    stranger = create_authority(tmp_path, "somebody else").path
    access_point = wireless(PeapSupplicant(Peer(), stranger, version))

    assert access_point.log_in().code is Code.ACCESS_REJECT
    assert report_of(access_point).reason is Failure.TLS_ALERT


def test_a_device_that_falls_silent_is_reported_wherever_it_stopped(wireless):
    whole = wireless()
    whole.log_in()

    for steps in range(1, len(whole.replies)):
        access_point = wireless()
        access_point.log_in(steps=steps)
        access_point.office.now += 60
        access_point.office.expire()
        assert access_point.office.records == [("report", Failure.TIMED_OUT)]


def test_a_refusal_nobody_acknowledges_is_recorded_as_what_it_is(wireless):
    laptop = PeapSupplicant(Peer(GTC, password="wrong"))
    access_point = wireless(laptop)
    access_point.log_in(steps=next(n for n in range(1, 20) if refused_after(wireless, n)))

    access_point.office.now += 60
    access_point.office.expire()

    assert access_point.office.records == ["password"]


def refused_after(wireless, steps):
    laptop = PeapSupplicant(Peer(GTC, password="wrong"))
    wireless(laptop).log_in(steps=steps)
    return laptop.told is Status.FAILURE


# Loss and repeats


class Lossy(Wireless):
    """A NAS that hears nothing the first time and asks again, of a device that repeats itself."""

    def send(self, eap, state, *more):
        reply = super().send(eap, state, *more)
        again = self.office.receive(self.last_request)
        assert [send.data for send in again] == [self.office.sent[-1].data]
        return reply


@each_version
def test_every_request_sent_again_is_answered_by_the_same_reply(wireless, version):
    laptop = PeapSupplicant(Peer(), version=version)
    plain = wireless(laptop)
    access_point = Lossy(plain.office, plain.asker, laptop)

    assert access_point.log_in().code is Code.ACCESS_ACCEPT

    assert access_point.msk() == laptop.msk()
    assert access_point.office.application.kinds == ["CheckMschap", "Authorize"]


# Resumption


def returning(laptop, version, peer=None):
    """Return the same device, come back with its session."""
    return PeapSupplicant(peer or laptop.peer, version=version).resume(laptop)


@each_version
@pytest.mark.parametrize("binds", [True, False], ids=["bound", "unbound"])
def test_a_device_that_comes_back_is_decided_anew_without_its_password(wireless, version, binds):
    laptop = PeapSupplicant(Peer(), version=version)
    first = wireless(laptop)
    first.log_in()
    again = returning(laptop, version, Peer(password="forgotten"))
    again.binds = binds
    second = wireless(again)

    reply = second.log_in()

    assert reply.code is Code.ACCESS_ACCEPT
    assert second.msk() == again.msk()
    assert second.office.application.kinds == ["CheckResumption", "Authorize"]
    asked, decided = second.office.application.asked
    assert (asked.user, asked.ticket) == ("user-kim", "ticket")
    assert (decided.method, decided.resumed) == (Method.PEAP_MSCHAPV2, True)
    assert len(second.replies) < len(first.replies)
    assert again.peer.heard == []


@each_version
@pytest.mark.parametrize("kind", [CheckResumption, Authorize])
def test_a_device_that_comes_back_and_is_not_granted_is_told_so_inside(wireless, version, kind):
    laptop = PeapSupplicant(Peer(), version=version)
    wireless(laptop).log_in()
    again = returning(laptop, version)
    access_point = wireless(again)
    refuse(access_point, kind)

    assert access_point.log_in().code is Code.ACCESS_REJECT

    assert again.told is Status.FAILURE
    assert access_point.office.records == ["refused"]


@each_version
def test_a_session_in_which_nobody_logged_in_resumes_nothing(wireless, version):
    laptop = PeapSupplicant(Peer(password="wrong"), version=version)
    wireless(laptop).log_in()
    again = returning(laptop, version)
    access_point = wireless(again)

    access_point.log_in()

    assert "CheckResumption" not in access_point.office.application.kinds
    assert access_point.office.application.kinds != []


@each_version
def test_a_device_that_resumes_cannot_bind_with_other_keys(wireless, version):
    laptop = PeapSupplicant(Peer(), version=version)
    wireless(laptop).log_in()
    again = returning(laptop, version)
    again.compound = lambda: compound_keys(again.tunnel_key(), again.peer.keys)
    again.bind = lambda asked: bound_with(again.keys, asked)
    access_point = wireless(again)

    assert access_point.log_in().code is Code.ACCESS_REJECT
    assert "crypto-binding" in report_of(access_point).detail


def test_a_password_shows_in_no_repr_of_a_step(wireless):
    access_point = wireless(PeapSupplicant(Peer(GTC)))
    access_point.log_in()

    assert "horse" not in repr(access_point.office.application.asked)


@pytest.mark.parametrize("code", CodeMode)
def test_a_nas_that_has_lost_its_mind_crashes_nothing(methods, code):
    nas = MadNas(2868, methods, code=code, eap_methods=(EapType.PEAP,))

    for _ in range(300):
        nas.step()

    assert nas.office.counters.rejects > 20
    assert nas.office.counters.challenges > 20


def test_a_device_that_has_lost_its_mind_inside_crashes_nothing_and_gets_nowhere(wireless):
    rng = random.Random(2759)
    codes = Counter()

    for _ in range(60):
        laptop = PeapSupplicant(MadPeer(rng), version=rng.choice(list(VERSIONS.values())))
        laptop.end = lambda said, end=laptop.end: mangled(rng, end(said))
        codes[wireless(laptop).log_in().code] += 1

    assert set(codes) == {Code.ACCESS_REJECT, Code.ACCESS_ACCEPT}
    assert codes[Code.ACCESS_REJECT] > codes[Code.ACCESS_ACCEPT]
