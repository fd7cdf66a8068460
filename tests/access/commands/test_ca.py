"""Authorities and certificates from the command line, over a real database."""

import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID
from sqlalchemy import select, update

from access.certificates.naming import names_of
from access.store.tables import authorities, certificates, users
from tests.access.certificates.workshop import a_key, an_authority, key_pem, pem
from tests.access.residents import changes, settle_in

LAPTOP = "00-00-5e-00-53-01"
TEMPLATE = ("--organization", "hangang", "--name", "laptop", "--owner", "minjun.kim@hangang")
FOR_MINJUN = ("--user", "minjun.kim@hangang")


@pytest.fixture(autouse=True)
def minjun(officegate, database):
    user_id = settle_in(database)
    officegate("endpoint", "add", LAPTOP, *TEMPLATE)
    return user_id


@pytest.fixture
def made(officegate):
    assert officegate("ca", "create", "hangang")[0] == 0


@pytest.fixture
def request_file(tmp_path):
    """A request that claims to be the boss's."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "boss@hangang.example")])
    claimed = x509.SubjectAlternativeName([x509.RFC822Name("boss@hangang.example")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name).add_extension(claimed, False)
    path = tmp_path / "request.pem"
    path.write_bytes(builder.sign(a_key(), hashes.SHA256()).public_bytes(Encoding.PEM))
    return path


def password_in(out: str) -> str:
    return out.rpartition(": ")[2].strip()


def test_a_certificate_with_its_key_comes_in_a_file_that_openssl_opens(made, officegate, tmp_path):
    file = tmp_path / "minjun.p12"
    status, out, _ = officegate("ca", "issue", *FOR_MINJUN, "--endpoint", LAPTOP, "--out", file)
    assert (status, file.stat().st_mode & 0o777) == (0, 0o600)
    password = password_in(out)

    command = ["openssl", "pkcs12", "-in", str(file), "-passin", f"pass:{password}", "-noout", "-info"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    key, leaf, rest = pkcs12.load_key_and_certificates(file.read_bytes(), password.encode())

    assert "AES-256-CBC" in said
    assert key is not None and leaf is not None and len(rest) == 1
    assert names_of(leaf).upns == ("minjun.kim@hangang.example",)
    assert names_of(leaf).uris == ("urn:officegate:endpoint:1",)
    leaf.verify_directly_issued_by(rest[0])


def test_of_a_request_nothing_but_the_key_is_taken(made, officegate, request_file, tmp_path):
    out = tmp_path / "leaf.pem"

    assert officegate("ca", "issue", *FOR_MINJUN, "--request", request_file, "--out", out)[0] == 0

    leaf = x509.load_pem_x509_certificate(out.read_bytes())
    request = x509.load_pem_x509_csr(request_file.read_bytes())
    assert leaf.public_key() == request.public_key()
    assert {name for name in names_of(leaf).all if "boss" in name} == set()


def test_what_was_renewed_counts_on_for_some_days_and_no_longer(made, officegate, database, tmp_path):
    officegate("ca", "issue", *FOR_MINJUN, "--out", tmp_path / "1.p12")

    status, out, _ = officegate("ca", "renew", 1, "--out", tmp_path / "2.p12")

    assert (status, "Certificate 1 counts until" in out) == (0, True)
    with database.read() as conn:
        rows = {row.id: row for row in conn.execute(select(certificates))}
    assert rows[2].renews == 1
    assert rows[1].valid_until == pytest.approx(rows[2].issued_at + 14 * 86400)
    assert rows[2].valid_until == rows[2].not_after


def test_a_revoked_certificate_is_on_the_list_and_cannot_be_renewed(made, officegate, database, tmp_path):
    officegate("ca", "issue", *FOR_MINJUN, "--out", tmp_path / "1.p12")
    officegate("ca", "crl", "--out", tmp_path / "before.crl")

    assert officegate("ca", "revoke", 1, "--reason", "keyCompromise")[0] == 0
    officegate("ca", "crl", "--out", tmp_path / "after.crl")

    before, after = (
        x509.load_der_x509_crl((tmp_path / f"{name}.crl").read_bytes()) for name in ("before", "after")
    )
    assert (len(list(before)), len(list(after))) == (0, 1)
    reason = next(iter(after)).extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise
    assert ("certificate", "1") in changes(database)
    assert officegate("ca", "renew", 1, "--out", tmp_path / "2.p12")[0] == 1
    assert "revoked already" in officegate("ca", "revoke", 1)[2]
    assert "keyCompromise" in officegate("ca", "list", "--all")[1]
    assert "keyCompromise" not in officegate("ca", "list")[1]


def test_a_list_is_kept_until_something_is_revoked(made, officegate, tmp_path):
    for name in ("1.crl", "2.crl"):
        officegate("ca", "crl", "hangang", "--out", tmp_path / name)

    assert (tmp_path / "1.crl").read_bytes() == (tmp_path / "2.crl").read_bytes()


def test_the_key_of_an_authority_is_sealed(made, database, officegate):
    with database.read() as conn:
        sealed = conn.execute(select(authorities.c.sealed_key)).scalar_one()

    assert b"\x06\x08*\x86H\xce=\x03\x01\x07" not in sealed, "the curve P-256, as a plain key names it"
    assert "PRIVATE" not in officegate("ca", "show", "hangang")[1]


def test_an_authority_made_elsewhere_issues_and_the_one_before_does_not(made, officegate, tmp_path):
    signer = an_authority("elsewhere", now=time.time())
    (tmp_path / "ca.pem").write_bytes(pem(signer.authority.certificate))
    (tmp_path / "ca.key").write_bytes(key_pem(signer.key))
    files = ("--certificate", tmp_path / "ca.pem", "--key", tmp_path / "ca.key")

    assert officegate("ca", "import", "hangang", *files)[0] == 0
    assert officegate("ca", "import", "hangang", *files)[0] == 1, "twice"
    officegate("ca", "issue", *FOR_MINJUN, "--out", tmp_path / "1.p12")

    listed = officegate("ca", "list")[1]
    assert "authority hangang  is trusted, issues no more" in listed
    assert "authority hangang-2  issues" in listed
    assert "key hangang-2:" in officegate("ca", "show", 1)[1]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--user", "nobody@hangang"), "Nobody"),
        ((), "Say whom it is for"),
        (("--endpoint", "00-00-5e-00-53-77"), "is registered"),
        ((*FOR_MINJUN, "--days", "4000"), "ca.longest_days"),
    ],
)
def test_what_cannot_be_issued_is_refused_and_writes_no_file(made, officegate, tmp_path, arguments, why):
    out = tmp_path / "leaf.p12"

    status, _, complaint = officegate("ca", "issue", *arguments, "--out", out)

    assert (status, why in complaint, out.exists()) == (1, True, False)


def test_nobody_who_is_disabled_gets_a_certificate(made, officegate, database, tmp_path):
    with database.write() as conn:
        conn.execute(update(users).values(enabled=False))

    assert "is disabled" in officegate("ca", "issue", *FOR_MINJUN, "--out", tmp_path / "x.p12")[2]


def test_a_file_that_is_there_is_not_written_over(made, officegate, tmp_path):
    (tmp_path / "key.p12").write_bytes(b"the only copy")

    assert officegate("ca", "issue", *FOR_MINJUN, "--out", tmp_path / "key.p12")[0] == 1
    assert (tmp_path / "key.p12").read_bytes() == b"the only copy"


def test_without_an_authority_it_says_how_to_make_one(officegate, tmp_path):
    for arguments in (("issue", *FOR_MINJUN, "--out", tmp_path / "x"), ("crl", "--out", tmp_path / "y")):
        status, _, complaint = officegate("ca", *arguments)
        assert (status, "officegate ca create" in complaint) == (1, True)
    assert "officegate ca create" in officegate("ca", "list")[1]


def test_the_servers_authority_is_replaced_in_steps(officegate):
    first = officegate("ca", "server", "show")[1].splitlines()
    assert [line.split()[0] for line in first] == ["server", "authority"]
    assert "ca server next" in officegate("ca", "server", "use")[2]

    assert officegate("ca", "server", "next")[0] == 0
    waiting = officegate("ca", "server", "show")[1].splitlines()
    assert waiting[:2] == first
    assert officegate("ca", "server", "use")[0] == 0

    after = officegate("ca", "server", "show")[1].splitlines()
    assert len(after) == 2
    assert after[1].rpartition(" ")[2] == waiting[2].rpartition(" ")[2]
    assert after[0] != first[0]
