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


@pytest.mark.parametrize("version", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION])
def test_a_peer_that_asks_is_shown_it(authority, server, pki, version):
    now = datetime.now(UTC)
    response = authority.ocsp_response(server, now + timedelta(days=1))
    contexts = Contexts(pki.identity(server, stapled=response))
    laptop = Supplicant(b"inside", authority.path, version)
    shown = []
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_max_proto_version(version)
    context.set_ocsp_client_callback(lambda _connection, data, _more: shown.append(data) or True)
    laptop.connection = SSL.Connection(context, None)
    laptop.connection.set_connect_state()
    laptop.connection.request_ocsp()
    tunnel = contexts.tunnel(EapType.TTLS)

    for _ in range(3):
        laptop.incoming = tunnel.feed(laptop.advance()).output

    assert shown == [response]
