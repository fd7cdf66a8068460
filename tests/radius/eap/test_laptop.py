"""A real supplicant, wpa_supplicant's eapol_test, with PEAP and with the methods that have no tunnel."""

import os
from dataclasses import replace

import pytest

from radius.eap.gtc import Gtc
from radius.eap.md5 import md5
from radius.eap.mschapv2 import mschapv2
from radius.eap.packet import EapType
from radius.eap.peap import Peap, Setting
from radius.eap.tls import Tls
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts, ServerIdentity
from radius.limits import Limits
from radius.nas import CodeMode
from radius.questions import Failure, Method
from tests.peers.certificates import create_authority
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.eapol_typed import log_in_typing
from tests.radius.running import running

pytestmark = pytest.mark.peer("eapol_test")

VERSIONS = {"TLSv1.2": "tls_disable_tlsv1_3=1", "TLSv1.3": "tls_disable_tlsv1_3=0"}
BINDINGS = {"without binding": "0", "optional": "1", "required": "2"}
AT_ONCE = Limits(reject_delay_s=0)
each_version = pytest.mark.parametrize("version", VERSIONS)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return create_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority):
    files = authority.issue("radius.example")
    trusted = (authority.path.read_bytes(),)
    contexts = Contexts(ServerIdentity(str(files.certificate), str(files.key), trusted))
    alone = {EapType.MSCHAPV2: mschapv2(os.urandom), EapType.GTC: Gtc}
    inside = {**alone, EapType.TLS: lambda opening: Tls(contexts.tunnel(EapType.TLS), opening)}
    setting = Setting(inside, os.urandom)
    methods = {
        EapType.PEAP: lambda opening: Peap(contexts.tunnel(EapType.PEAP), opening, setting),
        EapType.TTLS: lambda opening: Ttls(contexts.tunnel(EapType.TTLS), opening, alone),
        **alone,
        EapType.MD5_CHALLENGE: md5(os.urandom),
    }
    return {"methods": methods, "eap_methods": tuple(methods), "limits": AT_ONCE}


def peap(authority, version, inner="MSCHAPV2", binding="1", password="correct horse", **more):
    phase1 = {"phase1": f'"{VERSIONS[version]} crypto_binding={binding}"'}
    return Laptop("kim", password, authority.path, "PEAP", f"auth={inner}", more=phase1 | more)


def certified(authority):
    """Return the lines of a laptop that shows a certificate inside."""
    files = authority.issue("kim", client=True)
    shown = {"ca_cert2": authority.path, "client_cert2": files.certificate, "private_key2": files.key}
    return {name: f'"{path}"' for name, path in shown.items()}


def method_of(office):
    return office.application.asked[-1].method


@each_version
@pytest.mark.parametrize("binding", BINDINGS.values(), ids=BINDINGS.keys())
@pytest.mark.parametrize("inner", ["MSCHAPV2", "GTC"])
def test_a_password_inside_peap_is_accepted_with_matching_keys(server, authority, version, binding, inner):
    laptop = peap(authority, version, inner, binding)

    with running(**server) as office:
        login = log_in(office.auth, laptop)

    assert login.success, login.log
    assert login.keys_match
    assert login.vlan == "120"
    assert login.text(1) == "kim"
    assert method_of(office) is {"MSCHAPV2": Method.PEAP_MSCHAPV2, "GTC": Method.PEAP_GTC}[inner]
    assert version in office.application.asked[-1].steps[0].note


@each_version
@pytest.mark.parametrize("binding", BINDINGS.values(), ids=BINDINGS.keys())
def test_a_certificate_inside_peap_is_accepted_with_matching_keys(server, authority, version, binding):
    laptop = peap(authority, version, "TLS", binding, **certified(authority))

    with running(**server) as office:
        login = log_in(office.auth, laptop)

    assert login.success, login.log
    assert login.keys_match
    assert office.application.kinds == ["CheckCertificate", "Authorize"]
    assert method_of(office) is Method.PEAP_TLS


@each_version
@pytest.mark.parametrize("inner", ["MSCHAPV2", "GTC", "TLS"])
def test_small_fragments_lead_to_the_same_end(server, authority, version, inner):
    laptop = peap(authority, version, inner, "2", fragment_size="200", **certified(authority))

    with running(**server) as office:
        login = log_in(office.auth, laptop)

    assert login.success, login.log
    assert login.keys_match


@each_version
@pytest.mark.parametrize("binding", ["1", "2"], ids=["optional", "required"])
@pytest.mark.parametrize("inner", ["MSCHAPV2", "GTC"])
def test_a_laptop_that_comes_back_resumes_and_is_decided_anew(server, authority, version, binding, inner):
    laptop = peap(authority, version, inner, binding)

    with running(**server) as office:
        login = log_in(office.auth, laptop, again=1)

    assert login.success, login.log
    assert (login.keys_match, login.keys_matched) == (True, 2)
    asked = {"MSCHAPV2": "CheckMschap", "GTC": "CheckPassword"}[inner]
    assert office.application.kinds == [asked, "Authorize", "CheckResumption", "Authorize"]
    assert office.application.asked[-1].resumed


@each_version
def test_a_laptop_with_a_certificate_inside_shows_it_again_each_time(server, authority, version):
    laptop = peap(authority, version, "TLS", **certified(authority))

    with running(**server) as office:
        login = log_in(office.auth, laptop, again=1)

    assert (login.success, login.keys_match, login.keys_matched) == (True, True, 2), login.log
    assert office.application.kinds == ["CheckCertificate", "Authorize"] * 2


@each_version
@pytest.mark.parametrize("inner", ["MSCHAPV2", "GTC"])
def test_a_wrong_password_inside_peap_is_rejected(server, authority, version, inner):
    laptop = peap(authority, version, inner, password="wrong")

    with running(**server) as office:
        login = log_in(office.auth, laptop)

    assert (login.success, login.code) == (False, "Access-Reject")
    assert 18 not in login.attributes
    assert office.application.records == ["password"]


@each_version
def test_a_certificate_inside_peap_of_somebody_we_do_not_trust_is_rejected(
    server, authority, version, tmp_path
):
    stranger = create_authority(tmp_path, "somebody else")
    files = stranger.issue("kim", client=True)
    more = {"ca_cert2": authority.path, "client_cert2": files.certificate, "private_key2": files.key}
    quoted = {name: f'"{path}"' for name, path in more.items()}

    with running(**server) as office:
        login = log_in(office.auth, peap(authority, version, "TLS", **quoted))

    assert (login.success, login.code) == (False, "Access-Reject")
    assert office.application.kinds == ["Report"]
    assert office.application.asked[-1].reason is Failure.BAD_CERTIFICATE


@each_version
def test_a_laptop_that_does_not_trust_our_certificate_says_so(server, version, tmp_path):
    stranger = create_authority(tmp_path, "somebody else")

    with running(**server) as office:
        login = log_in(office.auth, peap(stranger, version))

    assert not login.success
    assert office.application.asked[-1].reason is Failure.TLS_ALERT
    assert office.application.kinds == ["Report"]


def test_a_code_behind_the_password_is_spent_inside_peap(server, authority):
    laptop = peap(authority, "TLSv1.3", "GTC", password="correct horse123456")

    with running(**server, code=CodeMode.APPENDED) as office:
        login = log_in(office.auth, laptop)

    assert login.success
    assert office.application.codes == set()


@each_version
@pytest.mark.parametrize("way", ["PEAP", "TTLS"])
def test_a_person_is_asked_for_the_password_and_then_for_the_code(server, authority, version, way):
    laptop = peap(authority, version, "GTC", "2")
    laptop = laptop if way == "PEAP" else replace(laptop, eap="TTLS", inner="autheap=GTC")

    with running(**server, code=CodeMode.CHALLENGE) as office:
        login, asked = log_in_typing(office.auth, laptop, ["correct horse", "123456"])

    assert login.success, login.log
    assert login.keys_match
    assert asked == ["Password: ", "Code?"]
    assert office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]
    assert office.application.codes == set()


def alone(authority, eap, password="correct horse"):
    return Laptop("kim", password, authority.path, eap, "", anonymous="kim")


def test_mschapv2_alone_is_accepted_with_matching_keys(server, authority):
    with running(**server) as office:
        login = log_in(office.auth, alone(authority, "MSCHAPV2"))

    assert login.success, login.log
    assert login.keys_match
    assert method_of(office) is Method.EAP_MSCHAPV2


@pytest.mark.parametrize(("eap", "method"), [("GTC", Method.EAP_GTC), ("MD5", Method.EAP_MD5)])
def test_the_methods_without_keys_are_accepted_alone(server, authority, eap, method):
    with running(**server) as office:
        login = log_in(office.auth, alone(authority, eap))

    assert login.success, login.log
    assert method_of(office) is method


@pytest.mark.parametrize("eap", ["MSCHAPV2", "GTC", "MD5"])
def test_a_wrong_password_alone_is_rejected(server, authority, eap):
    with running(**server) as office:
        login = log_in(office.auth, alone(authority, eap, "wrong"))

    assert (login.success, login.code) == (False, "Access-Reject")
    assert office.application.records == ["password"]
