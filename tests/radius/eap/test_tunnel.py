"""A real supplicant: wpa_supplicant's eapol_test against the listener."""

import pytest

from radius.eap.packet import EapType
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts, ServerIdentity, TlsVersion
from radius.limits import Limits
from radius.nas import CodeMode
from radius.questions import Failure
from tests.peers.certificates import create_authority
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.waiting import wait_until
from tests.radius.running import running

pytestmark = pytest.mark.peer("eapol_test")

TLS_1_2 = {"phase1": '"tls_disable_tlsv1_3=1"'}
TLS_1_3 = {"phase1": '"tls_disable_tlsv1_3=0"'}
VERSIONS = {"TLSv1.2": TLS_1_2, "TLSv1.3": TLS_1_3}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return create_authority(tmp_path_factory.mktemp("authority")).issue("radius.example")


@pytest.fixture(scope="module")
def ttls(certificates):
    contexts = Contexts(ServerIdentity(str(certificates.certificate), str(certificates.key)))
    methods = {EapType.TTLS: lambda opening: Ttls(contexts.tunnel(EapType.TTLS), opening)}
    return {"methods": methods, "eap_methods": (EapType.TTLS,)}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("fragment", [{}, {"fragment_size": "200"}], ids=["whole", "fragments"])
def test_a_laptop_is_accepted_with_matching_keys(ttls, certificates, version, fragment):
    laptop = Laptop("kim", "correct horse", certificates.authority, more=VERSIONS[version] | fragment)

    with running(**ttls) as office:
        login = log_in(office.auth, laptop)

    assert login.success, login.log
    assert login.keys_match
    assert login.vlan == "120"
    assert version in office.application.asked[-1].steps[0].note


def test_a_laptop_s_appended_code_is_spent(ttls, certificates):
    laptop = Laptop("kim", "correct horse123456", certificates.authority)

    with running(**ttls, code=CodeMode.APPENDED) as office:
        login = log_in(office.auth, laptop)

    assert login.success
    assert office.application.codes == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_laptop_with_a_wrong_password_is_rejected(ttls, certificates, version):
    laptop = Laptop("kim", "wrong", certificates.authority, more=VERSIONS[version])

    with running(**ttls) as office:
        login = log_in(office.auth, laptop)

    assert (login.success, login.code) == (False, "Access-Reject")
    assert 18 not in login.attributes


@pytest.mark.parametrize("version", VERSIONS)
def test_a_laptop_that_does_not_trust_our_certificate_says_so(ttls, version, tmp_path):
    stranger = create_authority(tmp_path, "somebody else").path
    laptop = Laptop("kim", "correct horse", stranger, more=VERSIONS[version])

    with running(**ttls) as office:
        login = log_in(office.auth, laptop)

    assert not login.success
    report = office.application.asked[-1]
    assert report.reason is Failure.TLS_ALERT
    assert "does not trust the authority" in report.detail


def test_a_laptop_that_wants_another_method_is_told_apart(ttls, certificates):
    laptop = Laptop("kim", "correct horse", certificates.authority, eap="PEAP", inner="auth=MSCHAPV2")

    with running(**ttls) as office:
        login = log_in(office.auth, laptop)

    assert login.code == "Access-Reject"
    report = office.application.asked[-1]
    assert report.reason is Failure.NO_COMMON_METHOD
    assert report.detail == "we offer TTLS; the device wants PEAP"


def test_a_laptop_older_than_we_allow_is_refused(certificates):
    modern = ServerIdentity(str(certificates.certificate), str(certificates.key), lowest=TlsVersion.TLS_1_3)
    contexts = Contexts(modern)
    methods = {EapType.TTLS: lambda opening: Ttls(contexts.tunnel(EapType.TTLS), opening)}
    laptop = Laptop("kim", "correct horse", certificates.authority, more=TLS_1_2)

    with running(methods=methods, eap_methods=(EapType.TTLS,), limits=Limits(state_s=2)) as office:
        login = log_in(office.auth, laptop)
        wait_until(lambda: office.application.asked, "the report")

    assert not login.success
    assert office.application.asked[-1].reason is Failure.TLS_FAILED
