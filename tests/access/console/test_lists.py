"""The lists of revoked certificates, as anybody can fetch them."""

from cryptography import x509

from access.certificates import issuing
from access.certificates.issuing import NewAuthority
from access.model import Organization
from tests.access.certificates.workshop import DAY_S


def test_a_list_is_there_for_strangers_and_signed(town, pages):
    shelf = town.certificates
    organization = Organization(town.organization_id("hangang"), "hangang", "한강전자", "hangang.example")
    made = issuing.create_authority(shelf, NewAuthority(organization), "test", town.now)

    answer = pages.test_client().get("/crl/hangang.crl", base_url="http://127.0.0.1:8080")

    crl = x509.load_der_x509_crl(answer.data)
    assert (answer.status_code, answer.mimetype) == (200, "application/pkix-crl")
    assert crl.is_signature_valid(made.certificate.public_key())
    assert crl.next_update_utc.timestamp() == int(town.now + DAY_S)


def test_a_list_is_signed_anew_after_an_hour(town):
    shelf = town.certificates
    organization = Organization(town.organization_id("hangang"), "hangang", "한강전자", "hangang.example")
    issuing.create_authority(shelf, NewAuthority(organization), "test", town.now)
    rules = town.gate().certificate_rules
    first = issuing.revocation_list(shelf, rules, "hangang", town.now)

    assert issuing.revocation_list(shelf, rules, "hangang", town.now + 3599) == first
    assert issuing.revocation_list(shelf, rules, "hangang", town.now + 3600) != first


def test_of_an_authority_that_is_not_there_is_no_list(pages):
    for name in ("namsan", "..%2fkeys", "x" * 300):
        answer = pages.test_client().get(f"/crl/{name}.crl", base_url="http://127.0.0.1:8080")
        assert answer.status_code == 404
