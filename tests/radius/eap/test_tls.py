"""EAP-TLS with both ends in memory, through the whole server."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from radius.attributes import Attribute, AttributeType
from radius.limits import Limits
from radius.packet import Code
from radius.questions import CheckCertificate, Failure, Method, Refused
from tests.peers.certificates import create_authority
from tests.radius.eap.inside import CertificateSupplicant

VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
ASKS_KEY_NAME = Attribute(AttributeType.EAP_KEY_NAME, b"\0")

pytestmark = pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())


def refuse_certificates(office):
    plain = office.application.ask

    def ask(question):
        if not isinstance(question, CheckCertificate):
            return plain(question)
        office.application.asked.append(question)
        return Refused("revoked", "revoked")

    office.application.ask = ask


def test_a_certificate_lets_in_whom_it_names_with_matching_keys(access_point, pki, version):
    laptop = CertificateSupplicant(pki.laptop, pki.server.authority, version)
    wireless = access_point(laptop, outer="@hangang")

    reply = wireless.log_in()

    assert reply.code is Code.ACCESS_ACCEPT
    assert wireless.msk() == laptop.msk()
    asked, decided = wireless.office.application.asked
    assert (asked.identity, decided.method) == ("@hangang", Method.EAP_TLS)
    assert (decided.user_name, decided.certificate) == ("kim@hangang", "certificate-7")
    own, authority = asked.chain
    assert own != authority
    assert own == certificate_of(pki.laptop)
    assert authority == certificate_of(pki.laptop, "authority")


def test_the_peer_is_told_inside_that_it_was_let_in_and_only_then(access_point, pki, version):
    laptop = CertificateSupplicant(pki.laptop, pki.server.authority, version)
    assert access_point(laptop).log_in().code is Code.ACCESS_ACCEPT
    assert laptop.heard == (b"\0" if version == SSL.TLS1_3_VERSION else b"")

    refused = CertificateSupplicant(pki.laptop, pki.server.authority, version)
    wireless = access_point(refused)
    refuse_certificates(wireless.office)

    assert wireless.log_in().code is Code.ACCESS_REJECT
    assert refused.heard == b""
    assert wireless.office.records == ["revoked"]


def test_every_size_of_fragments_leads_to_the_same_end(access_point, pki, version):
    for ours, theirs in ((128, 120), (200, 253), (257, 1000), (1023, 77), (1400, 1400)):
        laptop = CertificateSupplicant(pki.laptop, pki.server.authority, version, fragment=theirs)
        wireless = access_point(laptop, limits=Limits(eap_packet_octets=ours))

        assert wireless.log_in().code is Code.ACCESS_ACCEPT

        assert wireless.msk() == laptop.msk()
        sizes = [len(b"".join(reply.all(AttributeType.EAP_MESSAGE))) for reply in wireless.replies]
        assert max(sizes) <= ours


def test_a_certificate_that_has_expired_is_refused_by_its_name(access_point, pki, version):
    laptop = CertificateSupplicant(pki.expired, pki.server.authority, version)
    wireless = access_point(laptop)

    assert wireless.log_in().code is Code.ACCESS_REJECT

    assert laptop.alerts[-1].endswith("alert certificate expired")
    [report] = wireless.office.application.asked
    assert report.reason is Failure.BAD_CERTIFICATE
    assert report.detail == "the certificate CN=expired has expired"


def test_a_certificate_of_another_authority_is_refused(access_point, pki, version):
    wireless = access_point(CertificateSupplicant(pki.stranger, pki.server.authority, version))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    [report] = wireless.office.application.asked
    assert report.reason is Failure.BAD_CERTIFICATE
    assert report.detail == "the certificate CN=stranger comes from no authority that we trust"


def test_a_certificate_for_servers_is_none_for_logging_in(access_point, pki, version):
    wireless = access_point(CertificateSupplicant(pki.for_servers, pki.server.authority, version))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    [report] = wireless.office.application.asked
    assert report.reason is Failure.BAD_CERTIFICATE
    assert "is not for clients" in report.detail


def test_a_certificate_that_says_nothing_of_its_purpose_is_refused(access_point, pki, version):
    plain = pki.endpoints.issue("plain", client=True, purpose=False)
    wireless = access_point(CertificateSupplicant(plain, pki.server.authority, version))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    assert wireless.office.application.asked[-1].reason is Failure.BAD_CERTIFICATE


def test_without_a_certificate_nobody_comes_in(access_point, pki, version):
    wireless = access_point(CertificateSupplicant(None, pki.server.authority, version))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    [report] = wireless.office.application.asked
    assert (report.reason, report.detail) == (Failure.TLS_FAILED, "the device has shown no certificate")


def test_a_peer_that_does_not_trust_us_is_heard(access_point, pki, version, tmp_path):
    elsewhere = create_authority(tmp_path, "elsewhere").path
    wireless = access_point(CertificateSupplicant(pki.laptop, elsewhere, version))

    assert wireless.log_in().code is Code.ACCESS_REJECT

    [report] = wireless.office.application.asked
    assert report.reason is Failure.TLS_ALERT
    assert report.detail.startswith("the device does not trust the authority")


def test_nothing_belongs_inside(access_point, pki, version):
    laptop = CertificateSupplicant(pki.laptop, pki.server.authority, version)
    laptop.speak = lambda: laptop.connection.send(b"hello")
    wireless = access_point(laptop)

    assert wireless.log_in().code is Code.ACCESS_REJECT

    assert wireless.office.application.asked[-1].reason is Failure.BAD_EAP


def test_a_nas_that_asks_is_told_the_name_of_the_keys(access_point, pki, version):
    laptop = CertificateSupplicant(pki.laptop, pki.server.authority, version)
    wireless = access_point(laptop)
    plain = wireless.send
    wireless.send = lambda eap, state: plain(eap, state, ASKS_KEY_NAME)

    reply = wireless.log_in()

    assert reply.all(AttributeType.EAP_KEY_NAME) == [laptop.session_id()]


def test_a_nas_that_does_not_ask_is_not_told_it(access_point, pki, version):
    wireless = access_point(CertificateSupplicant(pki.laptop, pki.server.authority, version))

    assert wireless.log_in().all(AttributeType.EAP_KEY_NAME) == []


def certificate_of(files, which="certificate"):
    pem = getattr(files, which).read_bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
