"""What others bring is checked before anything is made of it."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from access.certificates import authority as making
from access.certificates.errors import BadAuthority, BadRequest
from access.certificates.intake import read_authority, read_request
from tests.access.certificates.workshop import DAY_S, NOW, a_key, an_authority, key_pem, pem, wanted

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody else")])


@pytest.fixture(scope="module")
def signer():
    return an_authority()


def request_of(key, algorithm=None) -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder().subject_name(NAME)
    return builder.sign(key, hashes.SHA256() if algorithm is None else algorithm or None)


def test_an_authority_that_is_whole_is_taken(signer):
    taken = read_authority(pem(signer.authority.certificate), key_pem(signer.key), None, NOW)

    assert taken.certificate == signer.authority.certificate


def test_the_password_of_a_key_opens_it(signer):
    locked = signer.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame")
    )
    certificate = pem(signer.authority.certificate)

    assert read_authority(certificate, locked, b"open sesame", NOW)
    for password, why in ((None, "under a password"), (b"wrong", "no private key")):
        with pytest.raises(BadAuthority, match=why):
            read_authority(certificate, locked, password, NOW)


def test_another_key_is_refused(signer):
    with pytest.raises(BadAuthority, match="not that of the certificate"):
        read_authority(pem(signer.authority.certificate), key_pem(a_key()), None, NOW)


@pytest.mark.parametrize(
    ("now", "why"), [(NOW + 3651 * DAY_S, "has expired"), (NOW - 2 * DAY_S, "begins only")]
)
def test_an_authority_whose_time_it_is_not_is_refused(signer, now, why):
    with pytest.raises(BadAuthority, match=why):
        read_authority(pem(signer.authority.certificate), key_pem(signer.key), None, now)


def test_a_certificate_that_is_no_authority_is_refused(signer):
    key = a_key()
    leaf = making.issue(signer, wanted(key=key.public_key()), 1)

    with pytest.raises(BadAuthority, match="CA:TRUE is missing"):
        read_authority(pem(leaf), key_pem(key), None, NOW)


def test_a_request_gives_the_key_that_signed_it():
    key = a_key()

    assert read_request(request_of(key).public_bytes(Encoding.PEM)) == key.public_key()


def test_a_request_that_somebody_else_signed_is_refused():
    # One bit of the signature: whoever made it does not have the key.
    octets = request_of(a_key()).public_bytes(Encoding.DER)
    forged = octets[:-1] + bytes([octets[-1] ^ 1])
    text = x509.load_der_x509_csr(forged).public_bytes(Encoding.PEM)

    with pytest.raises(BadRequest, match="not signed with its own key"):
        read_request(text)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(lambda: rsa.generate_private_key(65537, 1024), id="RSA 1024"),
        pytest.param(lambda: ec.generate_private_key(ec.SECP192R1()), id="P-192"),
    ],
)
def test_a_weak_key_is_refused(key):
    with pytest.raises(BadRequest, match="weak"):
        read_request(request_of(key()).public_bytes(Encoding.PEM))


def test_a_kind_of_key_that_few_peers_know_is_refused():
    request = request_of(ed25519.Ed25519PrivateKey.generate(), False)

    with pytest.raises(BadRequest, match="unusual"):
        read_request(request.public_bytes(Encoding.PEM))


@pytest.mark.parametrize("text", [b"", b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n", b"\xff"])
def test_what_is_no_request_is_refused(text):
    with pytest.raises(BadRequest, match="no certificate request"):
        read_request(text)
