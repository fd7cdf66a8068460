"""OCSP responses that are shown along with our certificate."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from OpenSSL import SSL

from radius.eap.packet import EapType
from radius.eap.stapling import read_stapled
from radius.eap.tunnel import Contexts
from tests.peers.certificates import create_authority
from tests.radius.eap.supplicant import Supplicant

VERSIONS = (SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION)
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return create_authority(tmp_path_factory.mktemp("stapling"), "responder")


@pytest.fixture(scope="module")
def server(authority):
    return authority.issue("radius.example")


def test_a_response_is_shown_until_it_ends(authority, server):
    stapled = read_stapled(response := authority.ocsp_response(server, NOW + timedelta(days=1)))

    assert stapled.at(NOW) == response
    assert stapled.at(NOW + timedelta(days=1)) == b""


def test_what_would_speak_against_us_or_for_ever_is_not_taken(authority, server):
    later = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    responses = (
        authority.ocsp_response(server, NOW + timedelta(days=1), ocsp.OCSPCertStatus.REVOKED),
        authority.ocsp_response(server, None),
        later.public_bytes(Encoding.DER),
        b"no response",
    )
    for response in responses:
        with pytest.raises(ValueError, match=r"OCSP|ASN\.1|asn1"):
            read_stapled(response)


class Asking(Supplicant):
    """Asks for the OCSP response of our certificate. shown is what came, b"" for none."""

    def __init__(self, version):
        super().__init__(b"inside", version=version)
        self.shown = None
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_max_proto_version(version)
        context.set_ocsp_client_callback(self.look)
        self.connection = SSL.Connection(context, None)
        self.connection.set_connect_state()
        self.connection.request_ocsp()

    def look(self, _connection, response, _more):
        self.shown = response
        return True


def handshake(contexts, laptop):
    """Return the tunnel, once both ends have finished."""
    tunnel = contexts.tunnel(EapType.TTLS)
    for _ in range(3):
        laptop.incoming = tunnel.feed(laptop.advance()).output
    laptop.advance()
    assert laptop.finished
    return tunnel


@pytest.mark.parametrize("version", VERSIONS)
def test_a_peer_that_asks_is_shown_the_newest_response_and_none_that_has_ended(
    authority, server, pki, version
):
    now = datetime.now(UTC)
    contexts = Contexts(pki.identity(server))
    for days, is_shown in ((1, True), (2, True), (-1, False)):
        start = now - timedelta(days=3)
        response = authority.ocsp_response(server, now + timedelta(days=days), start=start)
        contexts.replace(pki.identity(server, stapled=response))
        laptop = Asking(version)

        handshake(contexts, laptop)

        assert laptop.shown == (response if is_shown else b"")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_new_response_ends_nothing_that_could_be_resumed(authority, server, pki, version):
    contexts = Contexts(pki.identity(server))
    first = Supplicant(b"inside", version=version)
    handshake(contexts, first).keep(None)

    response = authority.ocsp_response(server, datetime.now(UTC) + timedelta(days=1))
    contexts.replace(pki.identity(server, stapled=response))

    assert handshake(contexts, Supplicant(b"inside", version=version).resume(first)).known()
