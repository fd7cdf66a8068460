import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from access.config import RadiusSettings
from access.radius.tls_files import NoNextAuthority, Vault, make_next, renew_if_due, tls_files, use_next
from radius.eap.tunnel import Contexts, ServerIdentity
from tests.access.residents import KEYRING, Dice

VAULT = Vault(KEYRING, Dice())
NOW = datetime.now(UTC)


@pytest.fixture
def files(tmp_path):
    return tls_files(RadiusSettings(), tmp_path / "tls", VAULT)


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


def test_the_key_of_the_authority_is_kept_sealed(files):
    public = read(files.authority).public_key()

    keys = [path for path in files.certificate.parent.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert keys == [files.private_key]
    assert load_pem_private_key(files.private_key.read_bytes(), None).public_key() != public
    assert (files.private_key.parent / "authority.key").stat().st_mode & 0o777 == 0o600


def test_no_phone_is_shown_more_than_825_days(files):
    server = read(files.certificate)

    assert server.not_valid_after_utc - server.not_valid_before_utc <= timedelta(days=826)


def test_the_certificate_is_renewed_in_time_by_the_same_authority(files, tmp_path):
    directory, before = tmp_path / "tls", read(files.certificate)
    soon = before.not_valid_after_utc - timedelta(days=59)

    assert renew_if_due(directory, VAULT, soon - timedelta(days=2)) is False
    assert renew_if_due(directory, VAULT, soon) is True

    after = read(files.certificate)
    after.verify_directly_issued_by(read(files.authority))
    assert after.not_valid_after_utc > before.not_valid_after_utc
    Contexts(ServerIdentity(str(files.certificate), str(files.private_key)))


def test_an_authority_whose_key_was_thrown_away_goes_on_until_the_next_one(files, tmp_path):
    directory = tmp_path / "tls"
    (directory / "authority.key").unlink()
    before = files.certificate.read_bytes()
    ends = read(files.certificate).not_valid_after_utc

    assert renew_if_due(directory, VAULT, ends) is False
    assert files.certificate.read_bytes() == before

    path = make_next(directory, VAULT, NOW)
    assert files.certificate.read_bytes() == before
    use_next(directory, VAULT, NOW)
    read(files.certificate).verify_directly_issued_by(read(files.authority))
    assert not path.exists()
    assert renew_if_due(directory, VAULT, NOW + timedelta(days=800)) is True


def test_the_next_authority_is_handed_out_before_it_is_used(files, tmp_path):
    first = files.authority.read_bytes()

    path = make_next(tmp_path / "tls", VAULT, NOW)
    again = make_next(tmp_path / "tls", VAULT, NOW)

    assert (path, files.authority.read_bytes()) == (again, first)
    assert read(path).subject != read(files.authority).subject
    waiting = path.read_bytes()
    use_next(tmp_path / "tls", VAULT, NOW)
    assert files.authority.read_bytes() == waiting


def test_a_change_that_was_cut_short_is_finished_by_doing_it_again(files, tmp_path):
    directory = tmp_path / "tls"
    make_next(directory, VAULT, NOW)
    # As if it had been killed before the certificate of the authority got its name.
    (directory / "next-authority.key.copy").write_bytes((directory / "next-authority.key").read_bytes())
    pem = (directory / "next-authority.pem").read_bytes()
    use_next(directory, VAULT, NOW)
    (directory / "next-authority.pem").write_bytes(pem)
    (directory / "next-authority.key.copy").rename(directory / "next-authority.key")

    use_next(directory, VAULT, NOW)

    read(files.certificate).verify_directly_issued_by(read(files.authority))


def test_without_a_next_authority_or_one_of_ours_it_says_so(files, tmp_path):
    with pytest.raises(NoNextAuthority, match="ca server next"):
        use_next(tmp_path / "tls", VAULT, NOW)
    (tmp_path / "other").mkdir()
    with pytest.raises(NoNextAuthority, match=r"radius\.certificate"):
        make_next(tmp_path / "other", VAULT, NOW)


def test_a_restart_finds_the_same_certificate(files):
    before = files.certificate.read_bytes()

    assert tls_files(RadiusSettings(), files.certificate.parent, VAULT) == files
    assert files.certificate.read_bytes() == before


def test_workers_that_start_at_once_share_one(tmp_path):
    seen = []

    def start():
        seen.append(tls_files(RadiusSettings(), tmp_path / "tls", VAULT).certificate.read_bytes())

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(seen)) == 1


def test_what_is_configured_is_taken_and_nothing_made(tmp_path):
    own = replace(RadiusSettings(), certificate=Path("/c.pem"), private_key=Path("/k.pem"))

    files = tls_files(own, tmp_path / "tls", VAULT)

    assert (files.certificate, files.private_key, files.authority) == (Path("/c.pem"), Path("/k.pem"), None)
    assert not (tmp_path / "tls").exists()
