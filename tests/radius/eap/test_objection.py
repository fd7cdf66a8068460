"""A certificate that is objected to while TLS can still say so: an alert, then EAP-Failure."""

import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from radius.eap.method import Alert
from radius.eap.packet import EapType
from radius.eap.peap import Peap, Setting
from radius.eap.tls import Tls
from radius.eap.tunnel import Contexts
from radius.packet import Code
from radius.questions import Authorize, CheckCertificate, Failure, Refused
from tests.radius.eap.inside import CertificatePeer, CertificateSupplicant
from tests.radius.eap.peap_supplicant import PeapSupplicant
from tests.radius.eap.supplicant import Wireless
from tests.radius.office import Asker, Office

VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
ALERTS = {
    Alert.REVOKED: "alert certificate revoked",
    Alert.EXPIRED: "alert certificate expired",
    Alert.UNKNOWN: "alert certificate unknown",
    Alert.UNSUPPORTED: "alert unsupported certificate",
}

each_version = pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS.keys())


class Place:
    """An access point at a server; what there is against certificates is set by the test."""

    def __init__(self, pki, kind=EapType.TLS):
        self.pki, self.alert, self.looked_at = pki, None, []
        self.contexts = Contexts(pki.identity())
        makers = {EapType.TLS: self.tls}
        peap = Setting(makers, bytes)
        methods = makers | {
            EapType.PEAP: lambda opening: Peap(self.contexts.tunnel(EapType.PEAP), opening, peap)
        }
        self.office = Office(methods, {"eap_methods": (kind,)})
        self.asker, self.plain = Asker(), self.office.application.ask
        self.office.application.ask = self.ask

    def tls(self, opening):
        return Tls(self.contexts.tunnel(EapType.TLS, self.objection), opening)

    def objection(self, certificate):
        self.looked_at.append(certificate)
        return self.alert

    def ask(self, question):
        if self.alert is None or not isinstance(question, CheckCertificate):
            return self.plain(question)
        self.office.application.asked.append(question)
        return Refused("no", "the case")

    def laptop(self, version, earlier=None):
        made = CertificateSupplicant(self.pki.laptop, self.pki.server.authority, version)
        if earlier is not None:
            made.resume(earlier)
            made.show()
        return made

    def log_in(self, laptop):
        point = Wireless(self.office, self.asker, laptop)
        return point, point.log_in()


@pytest.fixture
def place(pki):
    return Place(pki)


def reused(laptop):
    return SSL._lib.SSL_session_reused(laptop.connection._ssl) == 1


@each_version
@pytest.mark.parametrize("alert", Alert)
def test_a_certificate_that_is_objected_to_is_refused_by_an_alert(place, version, alert):
    place.alert = alert
    laptop = place.laptop(version)

    point, reply = place.log_in(laptop)

    assert reply.code is Code.ACCESS_REJECT
    assert laptop.alerts[-1].endswith(ALERTS[alert])
    assert point.replies[-2].code is Code.ACCESS_CHALLENGE
    # Told and written down once, by the application's own words.
    assert place.office.records == ["the case"]
    [asked] = place.office.application.asked
    assert asked.chain == (place.looked_at[0],)


@each_version
def test_who_is_objected_to_is_refused_although_the_application_would_let_them_in(place, version):
    place.alert = Alert.REVOKED
    place.office.application.ask = place.plain
    laptop = place.laptop(version)

    _, reply = place.log_in(laptop)

    assert reply.code is Code.ACCESS_REJECT
    assert laptop.alerts[-1].endswith(ALERTS[Alert.REVOKED])


@each_version
def test_what_breaks_while_it_looks_at_a_certificate_refuses_it(place, version, monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda broken: told.append(broken.exc_type))
    place.objection = lambda certificate: certificate.missing

    _, reply = place.log_in(place.laptop(version))

    assert reply.code is Code.ACCESS_REJECT
    assert told == [AttributeError]


@each_version
def test_a_certificate_for_no_purpose_is_refused_by_an_alert_and_nobody_is_asked(place, version):
    plain = place.pki.endpoints.issue("plain", client=True, purpose=False)
    laptop = CertificateSupplicant(plain, place.pki.server.authority, version)

    _, reply = place.log_in(laptop)

    assert reply.code is Code.ACCESS_REJECT
    assert laptop.alerts[-1].endswith(ALERTS[Alert.UNSUPPORTED])
    assert place.looked_at == []
    assert place.office.application.asked[-1].reason is Failure.BAD_CERTIFICATE


@each_version
def test_without_an_objection_the_endpoint_comes_in_and_comes_back_sooner(place, version):
    first = place.laptop(version)
    assert place.log_in(first)[1].code is Code.ACCESS_ACCEPT

    again = place.laptop(version, first)
    _, reply = place.log_in(again)

    assert reply.code is Code.ACCESS_ACCEPT
    assert reused(again)
    assert len(set(place.looked_at)) == 1


@each_version
def test_a_session_whose_certificate_is_objected_to_is_not_resumed_and_an_alert_says_why(place, version):
    first = place.laptop(version)
    place.log_in(first)
    place.alert = Alert.REVOKED

    again = place.laptop(version, first)
    _, reply = place.log_in(again)

    assert reply.code is Code.ACCESS_REJECT
    assert not reused(again)
    assert again.alerts[-1].endswith(ALERTS[Alert.REVOKED])
    assert place.office.records[-1] == "the case"


@each_version
def test_a_laptop_with_another_certificate_by_now_logs_in_whole_in_the_same_try(place, version):
    first = place.laptop(version)
    place.log_in(first)
    old = place.looked_at[0]
    place.objection = lambda certificate: Alert.REVOKED if certificate == old else None
    again = place.laptop(version, first)
    again.files = place.pki.endpoints.issue("renewed", client=True)
    again.show()

    point, reply = place.log_in(again)

    assert reply.code is Code.ACCESS_ACCEPT
    assert not reused(again)
    assert point.msk() == again.msk()
    assert isinstance(place.office.application.asked[-1], Authorize)
    assert place.office.application.asked[-1].resumed is False


def test_a_session_is_not_resumed_after_a_hello_was_asked_for_twice_either(place):
    context = place.contexts._contexts[EapType.TLS]
    for each in (context.ssl, context.whole):
        # No group that the laptop sends a key for at first: the server answers by a HelloRetryRequest.
        each.set_tmp_ecdh(ec.SECP521R1())
    first = place.laptop(SSL.TLS1_3_VERSION)
    assert place.log_in(first)[1].code is Code.ACCESS_ACCEPT
    place.alert = Alert.REVOKED
    again = place.laptop(SSL.TLS1_3_VERSION, first)

    _, reply = place.log_in(again)

    assert reply.code is Code.ACCESS_REJECT
    assert again.alerts[-1].endswith(ALERTS[Alert.REVOKED])
    assert not reused(again)


@each_version
def test_inside_of_peap_the_alert_comes_before_the_refusal(pki, version):
    place = Place(pki, EapType.PEAP)
    place.alert = Alert.REVOKED
    inside = CertificatePeer(place.pki.laptop)

    _, reply = place.log_in(PeapSupplicant(inside, version=version))

    assert reply.code is Code.ACCESS_REJECT
    assert inside.supplicant.alerts[-1].endswith(ALERTS[Alert.REVOKED])
    assert place.office.records == ["the case"]
