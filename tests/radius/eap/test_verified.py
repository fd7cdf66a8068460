from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from radius.eap.verified import VerifiedChains
from tests.peers.certificates import create_authority

NOW = datetime.now(UTC).timestamp()
DAY_S = 86400.0


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A certificate of two days, and its authority."""
    authority = create_authority(tmp_path_factory.mktemp("pki"))
    return (_der(authority, timedelta(days=2)), authority.certificate.public_bytes(Encoding.DER))


def _der(authority, lifetime):
    files = authority.issue(f"kim-{lifetime}", client=True, lifetime=lifetime)
    return x509.load_pem_x509_certificate(files.certificate.read_bytes()).public_bytes(Encoding.DER)


def test_a_chain_counts_from_its_last_beginning_to_its_first_end(chain):
    kept = VerifiedChains()
    kept.keep(chain)

    assert kept.find(chain[0], NOW) == chain
    assert kept.find(chain[0], NOW + DAY_S) == chain
    assert kept.find(chain[0], NOW + 3 * DAY_S) == ()
    assert kept.find(chain[0], NOW - 30 * DAY_S) == ()


def test_a_chain_ends_with_the_first_of_its_certificates_that_ends(chain):
    kept = VerifiedChains()
    leaf, authority = (x509.load_der_x509_certificate(each) for each in chain)
    first_end = min(each.not_valid_after_utc for each in (leaf, authority)).timestamp()
    kept.keep(chain)

    assert kept.find(chain[0], first_end - 1) == chain
    assert kept.find(chain[0], first_end) == ()


def test_a_certificate_that_was_never_verified_has_no_chain(chain):
    kept = VerifiedChains()
    kept.keep(chain[1:])

    assert kept.find(chain[0], NOW) == ()


@pytest.mark.parametrize("unread", [(), (b"no certificate",)])
def test_what_cannot_be_read_is_not_kept(unread):
    kept = VerifiedChains()

    kept.keep(unread)

    assert len(kept) == 0


def test_the_memory_is_bounded(chain, tmp_path):
    authority = create_authority(tmp_path)
    others = [_der(authority, timedelta(days=days)) for days in (1, 2, 3)]
    kept = VerifiedChains(most=2)

    for each in others:
        kept.keep((each,))

    assert len(kept) == 2
    assert [bool(kept.find(each, NOW)) for each in others] == [False, True, True]
