import threading
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from access.config import RadiusSettings
from access.tls_files import tls_files
from radius.eap.tunnel import Contexts, ServerIdentity


@pytest.fixture
def files(tmp_path):
    return tls_files(RadiusSettings(), tmp_path / "tls")


def read(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_certificate_is_made_that_openssl_takes(files):
    Contexts(ServerIdentity(str(files.certificate), str(files.private_key)))


def test_the_authority_has_signed_it_for_a_server(files):
    server, authority = read(files.certificate), read(files.authority)

    server.verify_directly_issued_by(authority)
    purposes = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_key_is_readable_for_its_owner_only(files):
    assert files.private_key.stat().st_mode & 0o777 == 0o600
    assert files.private_key.parent.stat().st_mode & 0o777 == 0o700


def test_the_key_of_the_authority_is_kept_nowhere(files):
    public = read(files.authority).public_key()

    keys = [path for path in files.certificate.parent.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert keys == [files.private_key]
    assert load_pem_private_key(files.private_key.read_bytes(), None).public_key() != public


def test_a_restart_finds_the_same_certificate(files):
    before = files.certificate.read_bytes()

    assert tls_files(RadiusSettings(), files.certificate.parent) == files
    assert files.certificate.read_bytes() == before


def test_workers_that_start_at_once_share_one(tmp_path):
    seen = []

    def start():
        seen.append(tls_files(RadiusSettings(), tmp_path / "tls").certificate.read_bytes())

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(seen)) == 1


def test_what_is_configured_is_taken_and_nothing_made(tmp_path):
    own = replace(RadiusSettings(), certificate=Path("/c.pem"), private_key=Path("/k.pem"))

    files = tls_files(own, tmp_path / "tls")

    assert (files.certificate, files.private_key, files.authority) == (Path("/c.pem"), Path("/k.pem"), None)
    assert not (tmp_path / "tls").exists()
