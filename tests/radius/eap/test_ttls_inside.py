"""EAP-TTLS with CHAP, MSCHAPv2 and EAP inside, both ends in memory, through the whole server."""

import pytest
from OpenSSL import SSL

from radius.nas import CodeMode
from radius.packet import Code
from radius.questions import Authorize, Failure, Method, Refused
from tests.radius.eap.inside import (
    EAP_MESSAGE,
    Talker,
    avp,
    by_chap,
    by_eap,
    by_mschapv2,
)
from tests.radius.eap.peer import GTC, MD5, Peer, response

VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
# Asked for by somebody else, who would carry the answer to us.
STOLEN = (bytes(16), 7)


def by_mschapv2_inside(**peer):
    return by_eap(Peer(**peer))


def by_gtc_inside(**peer):
    return by_eap(Peer(wants=GTC, **peer))


WAYS = {
    by_chap: Method.EAP_TTLS_CHAP,
    by_mschapv2: Method.EAP_TTLS_MSCHAPV2,
    by_mschapv2_inside: Method.EAP_TTLS_EAP_MSCHAPV2,
    by_gtc_inside: Method.EAP_TTLS_EAP_GTC,
}


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())
@pytest.mark.parametrize("way", WAYS)
def test_a_right_password_is_accepted_with_matching_keys(access_point, pki, way, version):
    laptop = Talker(way(), pki.server.authority, version)
    wireless = access_point(laptop)

    reply = wireless.log_in()

    assert reply.code is Code.ACCESS_ACCEPT
    assert wireless.msk() == laptop.msk()
    decided = wireless.office.application.asked[-1]
    assert (decided.user_name, decided.method) == ("kim", WAYS[way])


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())
@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_password_is_rejected(access_point, way, version):
    wireless = access_point(Talker(way(password="wrong"), version=version))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    assert wireless.office.records == ["password"]


@pytest.mark.parametrize("way", [by_chap, by_mschapv2])
def test_a_challenge_that_is_not_the_tunnel_s_is_refused_before_anybody_looks_at_the_answer(
    access_point, way
):
    wireless = access_point(Talker(way(challenge=STOLEN)))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    [report] = wireless.office.application.asked
    assert (report.reason, report.detail) == (Failure.BAD_EAP, "a challenge that is not this tunnel's")


@pytest.mark.parametrize("way", [by_chap, by_mschapv2])
def test_an_identifier_that_is_not_the_tunnel_s_is_refused(access_point, way):
    def talk(supplicant):
        challenge, identifier = supplicant.challenge()
        yield from way(challenge=(challenge, identifier ^ 1))(supplicant)

    wireless = access_point(Talker(talk))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    [report] = wireless.office.application.asked
    assert report.reason is Failure.BAD_EAP


def test_a_domain_is_not_hashed_and_still_says_who_is_meant(access_point):
    wireless = access_point(Talker(by_mschapv2(name=b"HANGANG\\kim")))

    assert wireless.log_in().code is Code.ACCESS_ACCEPT

    asked = wireless.office.application.asked[0]
    assert (asked.user_name, asked.exchange.name) == ("HANGANG\\kim", b"kim")


def test_a_peer_that_says_more_where_it_should_acknowledge_is_refused(access_point):
    def talk(supplicant):
        yield next(by_mschapv2()(supplicant))
        yield avp(1, b"kim")

    wireless = access_point(Talker(talk))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    assert wireless.office.application.asked[-1].reason is Failure.BAD_EAP


def test_a_code_is_asked_for_inside_by_gtc(access_point):
    laptop = Talker(by_gtc_inside(code="123456"))
    wireless = access_point(laptop, code=CodeMode.CHALLENGE)

    assert wireless.log_in().code is Code.ACCESS_ACCEPT

    assert wireless.office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]
    assert wireless.office.application.codes == set()


@pytest.mark.parametrize("way", [by_chap, by_mschapv2, by_mschapv2_inside])
def test_a_hash_leaves_no_room_for_a_code(access_point, way):
    for code in (CodeMode.CHALLENGE, CodeMode.APPENDED):
        wireless = access_point(Talker(way()), code=code)

        assert wireless.log_in().code is Code.ACCESS_REJECT

        assert wireless.office.application.asked[-1].reason is Failure.METHOD_NOT_ALLOWED


def test_eap_inside_that_is_not_offered_is_refused(access_point):
    wireless = access_point(Talker(by_eap(Peer(wants=MD5))))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    assert wireless.office.application.asked[-1].reason is Failure.NO_COMMON_METHOD


def test_another_way_to_log_in_in_the_midst_of_eap_is_refused(access_point):
    def talk(supplicant):
        yield avp(EAP_MESSAGE, response(0, 1, b"kim"))
        yield from by_chap()(supplicant)

    wireless = access_point(Talker(talk))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    assert wireless.office.application.asked[-1].reason is Failure.BAD_EAP


def test_what_the_policy_refuses_is_refused_inside_too(access_point):
    laptop = Talker(by_mschapv2_inside())
    wireless = access_point(laptop)
    plain = wireless.office.application.ask
    wireless.office.application.ask = lambda question: (
        Refused("no", "refused") if isinstance(question, Authorize) else plain(question)
    )

    assert wireless.log_in().code is Code.ACCESS_REJECT

    assert wireless.office.records == ["refused"]
