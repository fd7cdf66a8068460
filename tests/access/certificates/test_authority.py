"""Our own authorities, looked at with the eyes of others: cryptography's verifier and openssl."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from access.certificates import authority as making
from access.certificates.authority import Revocation, RevokedSerial
from access.certificates.naming import Holder
from tests.access.certificates.workshop import DAY_S, MINJUN, NOW, an_authority, pem, wanted

SPAN = (NOW, NOW + DAY_S)


@pytest.fixture(scope="module")
def signer():
    return an_authority()


def openssl_verify(directory, signer, leaf, crl=b"", at=NOW):
    """What openssl says of a certificate as a client's, with the list of its authority."""
    (directory / "ca.pem").write_bytes(pem(signer.authority.certificate))
    (directory / "leaf.pem").write_bytes(pem(leaf))
    command = ["openssl", "verify", "-CAfile", "ca.pem", "-purpose", "sslclient", "-attime", str(int(at))]
    if crl:
        listed = x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM)
        (directory / "crl.pem").write_bytes(listed)
        command += ["-crl_check", "-CRLfile", "crl.pem"]
    done = subprocess.run([*command, "leaf.pem"], cwd=directory, check=False, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def test_openssl_takes_a_certificate_of_ours_until_it_is_on_the_list(signer, tmp_path):
    leaf = making.issue(signer, wanted(), 4711)
    empty = making.revocation_list(signer, [], 1, SPAN)
    listed = RevokedSerial(4711, NOW, Revocation.KEY_COMPROMISE)
    full = making.revocation_list(signer, [listed], 2, SPAN)

    assert openssl_verify(tmp_path, signer, leaf, empty) == (True, "leaf.pem: OK\n")

    good, said = openssl_verify(tmp_path, signer, leaf, full)
    assert (good, "certificate revoked" in said) == (False, True)


def test_openssl_refuses_names_of_another_realm_from_our_authority(signer, tmp_path):
    stranger = Holder("minjun.kim@namsan.example", "minjun.kim@namsan.example")
    leaf = making.issue(signer, wanted(stranger, realm="namsan.example"), 4712)

    good, said = openssl_verify(tmp_path, signer, leaf)

    assert (good, "permitted subtree violation" in said) == (False, True)


def test_the_verifier_of_cryptography_takes_it_and_finds_the_person(signer):
    leaf = making.issue(signer, wanted(), 4713)
    roots = x509.verification.Store([signer.authority.certificate])
    policy = x509.verification.ExtensionPolicy
    verifier = (
        x509.verification.PolicyBuilder()
        .store(roots)
        .time(datetime.fromtimestamp(NOW, UTC))
        .extension_policies(ca_policy=policy.webpki_defaults_ca(), ee_policy=policy.permit_all())
        .build_client_verifier()
    )

    verified = verifier.verify(leaf, [])

    assert x509.RFC822Name(MINJUN.mail) in (verified.subjects or [])
    assert verified.chain[-1] == signer.authority.certificate


def test_a_certificate_has_the_extensions_that_others_look_for(signer):
    url = "http://gate.hangang.example/crl/hangang.crl"
    leaf = making.issue(signer, wanted(crl_url=url), 4714)
    of = leaf.extensions.get_extension_for_class

    assert list(of(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert of(x509.BasicConstraints).value.ca is False
    assert of(x509.CRLDistributionPoints).value[0].full_name[0].value == url
    ours = signer.authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert of(x509.AuthorityKeyIdentifier).value.key_identifier == ours.key_identifier
    assert of(x509.SubjectKeyIdentifier)


def test_a_certificate_ends_no_later_than_its_authority():
    short = an_authority(days=10)

    leaf = making.issue(short, wanted(), 1)

    assert leaf.not_valid_after_utc.timestamp() == short.authority.ends_at


def test_the_list_says_when_the_next_one_comes_and_its_number(signer):
    crl = x509.load_der_x509_crl(making.revocation_list(signer, [], 41, SPAN))

    assert crl.next_update_utc.timestamp() == NOW + DAY_S
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 41
    assert crl.is_signature_valid(signer.authority.certificate.public_key())


def test_a_serial_number_is_128_random_bits_and_never_none():
    assert making.new_serial(b"\xff" * 16) == 2**128 - 1
    assert making.new_serial(bytes(16)) == 1


def test_the_same_order_is_signed_alike(signer):
    order = wanted()

    assert making.issue(signer, order, 5) == making.issue(signer, order, 5)
    assert making.issue(signer, replace(order, until=NOW + DAY_S), 5) != making.issue(signer, order, 5)
