"""A real supplicant, wpa_supplicant's eapol_test, logs in by every method over TLS that is not PEAP."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from radius.eap.gtc import Gtc
from radius.eap.method import Alert
from radius.eap.mschapv2 import mschapv2
from radius.eap.packet import EapType
from radius.eap.tls import Tls
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts
from radius.limits import Limits
from radius.questions import Authorize, CheckCertificate, Failure, Method, Refused
from tests.peers.eapol_test import Laptop, log_in
from tests.radius.running import LoopbackApplication, running

pytestmark = pytest.mark.peer("eapol_test")

VERSIONS = {"TLSv1.2": '"tls_disable_tlsv1_3=1"', "TLSv1.3": '"tls_disable_tlsv1_3=0"'}
WAYS = {
    "auth=PAP": Method.EAP_TTLS_PAP,
    "auth=CHAP": Method.EAP_TTLS_CHAP,
    "auth=MSCHAPV2": Method.EAP_TTLS_MSCHAPV2,
    "autheap=MSCHAPV2": Method.EAP_TTLS_EAP_MSCHAPV2,
    "autheap=GTC": Method.EAP_TTLS_EAP_GTC,
}
FRAGMENTS = {"whole": {}, "fragments": {"fragment_size": "200"}}
# What one test leaves half-open is not reported in the midst of another.
AT_ONCE = Limits(reject_delay_s=0.0, state_s=3600.0)

each_version = pytest.mark.parametrize("version", VERSIONS)
each_size = pytest.mark.parametrize("size", FRAGMENTS)


class Revoking(LoopbackApplication):
    """Refuses every certificate while it is told to."""

    revoked = False

    def objection(self, _certificate):
        return Alert.REVOKED if self.revoked else None

    def ask(self, query, question):
        if self.revoked and isinstance(question, CheckCertificate):
            self.asked.append(question)
            return Refused("no", "revoked")
        return super().ask(query, question)


@pytest.fixture(scope="module")
def served(pki):
    """Serve all logins of this module."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    contexts = Contexts(pki.identity(stapled=pki.servers.ocsp_response(pki.server, tomorrow)))
    inside = {EapType.MSCHAPV2: mschapv2(os.urandom), EapType.GTC: Gtc}
    revoking = Revoking()
    methods = {
        EapType.TLS: lambda opening: Tls(contexts.tunnel(EapType.TLS, revoking.objection), opening),
        EapType.TTLS: lambda opening: Ttls(contexts.tunnel(EapType.TTLS), opening, inside),
    }
    with running(revoking, methods, limits=AT_ONCE, eap_methods=(EapType.TLS, EapType.TTLS)) as office:
        yield office


@pytest.fixture
def office(served):
    served.application.asked.clear()
    served.application.revoked = False
    return served


def certified(pki, files, version, authority=None, **more):
    own = {
        "client_cert": f'"{files.certificate}"',
        "private_key": f'"{files.key}"',
        "phase1": VERSIONS[version],
    }
    return Laptop(
        "@hangang", "", authority or pki.server.authority, eap="TLS", anonymous="@hangang", more=own | more
    )


def ttls(pki, way, version, password="correct horse", authority=None, **more):
    phase1 = {"phase1": VERSIONS[version]}
    return Laptop("kim", password, authority or pki.server.authority, inner=way, more=phase1 | more)


def decisions(office):
    return [asked for asked in office.application.asked if isinstance(asked, Authorize)]


@each_version
@each_size
@pytest.mark.parametrize("way", WAYS)
def test_a_laptop_logs_in_by_ttls_and_resumes_it(office, pki, way, version, size):
    login = log_in(office.auth, ttls(pki, way, version, **FRAGMENTS[size]), again=1, key_name=True)

    assert login.success, login.log
    assert (login.keys_match, login.keys_matched) == (True, 2)
    whole, resumed = decisions(office)
    assert (whole.method, whole.resumed) == (WAYS[way], False)
    assert (resumed.method, resumed.resumed) == (WAYS[way], True)
    assert version in whole.steps[0].note
    assert f"{version} resumed" in resumed.steps[0].note


@each_version
@each_size
def test_a_laptop_logs_in_by_certificate_and_resumes_it(office, pki, version, size):
    laptop = certified(pki, pki.laptop, version, **FRAGMENTS[size])

    login = log_in(office.auth, laptop, again=1, key_name=True)

    assert login.success, login.log
    assert (login.keys_match, login.keys_matched) == (True, 2)
    whole, resumed = decisions(office)
    assert whole.method is resumed.method is Method.EAP_TLS
    assert (whole.resumed, resumed.resumed) == (False, True)
    assert f"{version} resumed" in resumed.steps[0].note
    assert [type(asked) for asked in office.application.asked].count(CheckCertificate) == 2


@each_version
def test_a_laptop_that_insists_is_shown_that_our_certificate_was_not_revoked(office, pki, version):
    login = log_in(office.auth, ttls(pki, "auth=PAP", version, ocsp="2"))

    assert login.success, login.log


@each_version
@pytest.mark.parametrize("way", WAYS)
def test_a_laptop_with_a_wrong_password_is_rejected(office, pki, way, version):
    login = log_in(office.auth, ttls(pki, way, version, password="wrong"))

    assert (login.success, login.code) == (False, "Access-Reject")
    assert decisions(office) == []


@each_version
def test_a_laptop_that_does_not_trust_our_certificate_says_so(office, pki, version):
    stranger = pki.stranger.authority
    for laptop in (
        ttls(pki, "auth=PAP", version, authority=stranger),
        certified(pki, pki.laptop, version, authority=stranger),
    ):
        login = log_in(office.auth, laptop)

        assert (login.success, login.code) == (False, "Access-Reject")
        report = office.application.asked[-1]
        assert report.reason is Failure.TLS_ALERT
        assert "does not trust the authority" in report.detail


REFUSED = {
    "expired": (Failure.BAD_CERTIFICATE, "the certificate CN=expired has expired"),
    "stranger": (
        Failure.BAD_CERTIFICATE,
        "the certificate CN=stranger comes from no authority that we trust",
    ),
}


@each_version
@pytest.mark.parametrize("which", REFUSED)
def test_a_laptop_whose_certificate_does_not_do_is_rejected_with_the_reason(office, pki, which, version):
    login = log_in(office.auth, certified(pki, getattr(pki, which), version))

    assert (login.success, login.code) == (False, "Access-Reject")
    report = office.application.asked[-1]
    assert (report.reason, report.detail) == REFUSED[which]


@each_version
def test_a_laptop_whose_certificate_was_revoked_is_rejected_by_an_alert(office, pki, version):
    office.application.revoked = True

    login = log_in(office.auth, certified(pki, pki.laptop, version))

    assert (login.success, login.code) == (False, "Access-Reject")
    assert "SSL3 alert: read (remote end reported an error):fatal:certificate revoked" in login.log
    assert [type(asked) for asked in office.application.asked] == [CheckCertificate]


def test_a_laptop_without_a_certificate_is_rejected(office, pki):
    laptop = Laptop("kim", "correct horse", pki.server.authority, eap="TLS")

    login = log_in(office.auth, laptop)

    assert not login.success
    assert decisions(office) == []
