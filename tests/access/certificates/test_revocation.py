"""Lists and answers count only if they were signed by whom they should, for the certificate, for now."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from access.certificates import authority as making
from access.certificates.errors import BadAnswer
from access.certificates.external import Status
from access.certificates.revocation import ocsp_request, read_list, read_ocsp
from tests.access.certificates.answers import REVOKED, a_list, a_responder, an_answer, moment
from tests.access.certificates.workshop import DAY_S, NOW, an_authority, wanted

NONCE = b"sixteen octets.."


@pytest.fixture(scope="module")
def signer():
    return an_authority("corporate")


@pytest.fixture(scope="module")
def issuer(signer):
    return signer.authority.certificate


@pytest.fixture(scope="module")
def leaf(signer):
    return making.issue(signer, wanted(), 17)


def test_a_list_says_what_is_revoked_and_what_is_not(signer, issuer):
    known = read_list(a_list(signer, 17), (issuer,), NOW)

    assert known.status(issuer, 17, NOW, DAY_S) is Status.REVOKED
    assert known.status(issuer, 18, NOW, DAY_S) is Status.GOOD


def test_a_list_in_pem_is_read_as_well(signer, issuer):
    pem = x509.load_der_x509_crl(a_list(signer, 17)).public_bytes(Encoding.PEM)

    assert read_list(pem, (issuer,), NOW).serials == {17}


@pytest.mark.parametrize(("age_s", "longest_age_s"), [(DAY_S, 9 * DAY_S), (3600, 3600)])
def test_a_list_that_is_too_old_says_nothing(signer, issuer, age_s, longest_age_s):
    known = read_list(a_list(signer, 17), (issuer,), NOW)

    assert known.status(issuer, 18, NOW + age_s - 1, longest_age_s) is Status.GOOD
    assert known.status(issuer, 18, NOW + age_s, longest_age_s) is Status.UNKNOWN
    assert known.status(issuer, 17, NOW + age_s, longest_age_s) is Status.UNKNOWN


def test_a_list_says_nothing_of_another_issuers_certificates(signer, issuer):
    other = an_authority("corporate")

    known = read_list(a_list(signer, 17), (other.authority.certificate, issuer), NOW)

    assert known.status(other.authority.certificate, 18, NOW, DAY_S) is Status.UNKNOWN


def with_extension(signer, extension) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(signer.authority.certificate.subject)
        .last_update(moment(NOW))
        .next_update(moment(NOW + DAY_S))
        .add_extension(extension, critical=True)
    )
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def delta(signer) -> bytes:
    return with_extension(signer, x509.DeltaCRLIndicator(1))


def scope(**said) -> x509.IssuingDistributionPoint:
    usual = {"full_name": None, "relative_name": None, "only_some_reasons": None}
    flags = ("only_contains_user_certs", "only_contains_ca_certs", "only_contains_attribute_certs")
    return x509.IssuingDistributionPoint(**usual | dict.fromkeys((*flags, "indirect_crl"), False) | said)


def test_a_list_of_users_certificates_alone_is_whole_for_us(signer, issuer):
    octets = with_extension(signer, scope(only_contains_user_certs=True))

    assert read_list(octets, (issuer,), NOW).serials == frozenset()


def bent(octets: bytes) -> bytes:
    return octets[:-1] + bytes([octets[-1] ^ 1])


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda signer: a_list(an_authority("corporate"), 17), "somebody else"),
        (lambda signer: a_list(an_authority("another"), 17), "somebody else"),
        (lambda signer: bent(a_list(signer, 17)), "somebody else"),
        (lambda signer: a_list(signer, at=NOW - 2 * DAY_S, until=NOW), "ended"),
        (lambda signer: a_list(signer, at=NOW + 301, until=NOW + DAY_S), "future"),
        (delta, "part"),
        (lambda signer: with_extension(signer, scope(only_contains_ca_certs=True)), "part"),
        (lambda signer: with_extension(signer, scope(indirect_crl=True)), "part"),
        (lambda signer: b"", "no list"),
        (lambda signer: b"<html>sign in first</html>", "no list"),
        (lambda signer: b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "no list"),
    ],
)
def test_a_list_that_proves_nothing_is_not_taken(signer, issuer, make, why):
    with pytest.raises(BadAnswer, match=why):
        read_list(make(signer), (issuer,), NOW)


def test_the_question_names_the_certificate_and_has_a_nonce(leaf, issuer):
    asked = ocsp.load_der_ocsp_request(ocsp_request(leaf, issuer, NONCE))

    assert asked.serial_number == 17
    assert asked.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == NONCE


@pytest.mark.parametrize("delegated", [False, True])
@pytest.mark.parametrize("nonce", [None, NONCE])
def test_an_answer_of_the_authority_or_of_whom_it_named_counts(signer, issuer, leaf, delegated, nonce):
    by = a_responder(signer) if delegated else (issuer, signer.key)

    good = read_ocsp(an_answer(leaf, issuer, by, nonce=nonce), leaf, issuer, NONCE, NOW)
    bad = read_ocsp(an_answer(leaf, issuer, by, REVOKED, nonce=nonce), leaf, issuer, NONCE, NOW)

    assert (good.status, good.until) == (Status.GOOD, NOW + 3600)
    assert bad.status is Status.REVOKED


def test_an_answer_that_does_not_say_when_the_next_one_comes_counts_for_a_minute(signer, issuer, leaf):
    answer = an_answer(leaf, issuer, (issuer, signer.key), until=None)

    assert read_ocsp(answer, leaf, issuer, NONCE, NOW).until == NOW + 60


def about_another(signer, issuer, leaf) -> bytes:
    return an_answer(making.issue(signer, wanted(), 18), issuer, (issuer, signer.key))


def by_the_same_name(signer, issuer, leaf) -> bytes:
    forger = an_authority("corporate")
    return an_answer(leaf, issuer, (forger.authority.certificate, forger.key))


def by_a_client(signer, issuer, leaf) -> bytes:
    return an_answer(leaf, issuer, a_responder(signer, named=False))


def by_one_who_is_over(signer, issuer, leaf) -> bytes:
    return an_answer(leaf, issuer, a_responder(signer, until=NOW - 1))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (about_another, "another certificate"),
        (by_the_same_name, "nobody who may"),
        (by_a_client, "nobody who may"),
        (by_one_who_is_over, "nobody who may"),
        (lambda s, i, leaf: bent(an_answer(leaf, i, (i, s.key))), "nobody who may"),
        (lambda s, i, leaf: an_answer(leaf, i, (i, s.key), nonce=b"another question"), "another question"),
        (lambda s, i, leaf: an_answer(leaf, i, (i, s.key), at=NOW - 7200, until=NOW), "too old"),
        (lambda s, i, leaf: an_answer(leaf, i, (i, s.key), at=NOW - 7200, until=None), "too old"),
        (lambda s, i, leaf: an_answer(leaf, i, (i, s.key), at=NOW + 301), "time to come"),
        (lambda s, i, leaf: ocsp.OCSPResponseBuilder.build_unsuccessful(TRY_LATER).public_bytes(DER), "try"),
        (lambda s, i, leaf: b"", "no answer"),
        (lambda s, i, leaf: b"<html>", "no answer"),
    ],
)
def test_an_answer_that_proves_nothing_is_not_taken(signer, issuer, leaf, make, why):
    with pytest.raises(BadAnswer, match=why):
        read_ocsp(make(signer, issuer, leaf), leaf, issuer, NONCE, NOW)


TRY_LATER = ocsp.OCSPResponseStatus.TRY_LATER
DER = Encoding.DER
