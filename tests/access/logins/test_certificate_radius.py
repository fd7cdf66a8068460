"""A laptop logs in by EAP-TLS at a real worker, with a certificate that the command line has issued."""

import tempfile
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from access.app import open_certificates
from access.certificates import authority as making
from access.certificates.authority import Authority, Revocation, Signer
from access.certificates.intake import read_authority
from access.cli import main
from access.store import alarms
from tests.access.certificates.answers import a_list
from tests.access.certificates.workshop import DAY_S, a_key, an_authority, key_pem, pem, wanted
from tests.access.radius_office import PERSON, PRINTER, opened_office, serving
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.waiting import wait_until

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("eapol_test")]

# As wpa_supplicant logs what it was told.
ALERT = "SSL3 alert: read (remote end reported an error):fatal:{}"
PERSONAL = f"{PERSON}@hangang.example"


def corporate(directory):
    """A corporate authority that is trusted, its files, and variables that say so."""
    signer = an_authority("corporate", now=time.time())
    (directory / "corporate.pem").write_bytes(pem(signer.authority.certificate))
    (directory / "corporate.key").write_bytes(key_pem(signer.key))
    said = {"ORGANIZATION": "hangang", "CERTIFICATE": f"{directory}/corporate.pem"}
    said |= {"CRL": f"{directory}/corporate.crl"}
    return {f"OFFICEGATE_RADIUS__AUTHORITIES__CORPORATE__{name}": value for name, value in said.items()}


class CertificateOffice:
    """An office with an authority, and a laptop that has one of its certificates."""

    def __init__(self, office, directory, capsys):
        self.office, self.directory, self.capsys = office, directory, capsys
        self.run("ca", "create", "hangang")

    def run(self, *arguments):
        assert main(["--config", str(self.directory / "officegate.toml"), *map(str, arguments)]) == 0
        return self.capsys.readouterr().out

    def issue(self, *whose):
        """The PEM files of a new certificate and its key, as wpa_supplicant takes them."""
        number = len(list(self.directory.glob("*.p12"))) + 1
        file = self.directory / f"{number}.p12"
        said = self.run("ca", "issue", *whose, "--out", file)
        password = said.rpartition(": ")[2].strip().encode()
        key, leaf, _ = pkcs12.load_key_and_certificates(file.read_bytes(), password)
        assert key is not None and leaf is not None
        pem, plain = file.with_suffix(".pem"), file.with_suffix(".key")
        pem.write_bytes(leaf.public_bytes(Encoding.PEM))
        plain.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return pem, plain

    def laptop(self, files, identity=PERSONAL):
        certificate, key = files
        shown = {"client_cert": f'"{certificate}"', "private_key": f'"{key}"'}
        authority = self.office.state_dir / "tls" / "authority.pem"
        return Laptop(identity, "", authority, eap="TLS", anonymous=identity, more=shown)

    def log_in_inside(self, files, again=0):
        """Log in by PEAP, with the certificate inside."""
        certificate, key = files
        authority = self.office.state_dir / "tls" / "authority.pem"
        shown = {"client_cert2": certificate, "private_key2": key, "ca_cert2": authority}
        more = {name: f'"{path}"' for name, path in shown.items()} | {"phase1": '"crypto_binding=2"'}
        anonymous = "anonymous@hangang.example"
        laptop = Laptop(PERSONAL, "", authority, "PEAP", "auth=TLS", anonymous, more=more)
        return log_in(self.office.server("switch"), laptop, again=again)

    def log_in(self, files, again=0, **more):
        return log_in(self.office.server("switch"), self.laptop(files, **more), again=again)

    def written(self, leaf, key):
        """The PEM files of a certificate that somebody else has made."""
        files = self.directory / "other.pem", self.directory / "other.key"
        files[0].write_bytes(pem(leaf))
        files[1].write_bytes(key_pem(key))
        return files

    def corporate(self):
        """The corporate authority, to sign with."""
        certificate, key = (self.directory / f"corporate.{end}" for end in ("pem", "key"))
        read = read_authority(certificate.read_bytes(), key.read_bytes(), None, time.time())
        return Signer(Authority(0, 1, "corporate", read.certificate), read.key)

    def revoke_and_wait(self):
        """Revoke, and wait until the worker knows."""
        self.revoke()
        known = self.office.worker._application._logins.memory.certificates
        wait_until(lambda: all(each.revoked for each in known._standings.values()), "the worker to know it")

    def revoke(self, number=1):
        shelf = open_certificates(self.office.app, "test")
        certificate = shelf.one(number)
        assert certificate is not None
        assert shelf.revoke(certificate, Revocation.KEY_COMPROMISE, "test", self.office.app.clock())

    def alarms(self):
        with self.office.app.database.read() as conn:
            return [(each.kind, each.subject, each.note) for each in alarms.listed(conn)]

    def reasons(self):
        """Why each login ended as it did, oldest first."""
        self.office.load()
        return [each.reason for each in self.office.audited() if each.kind == "login"]


@pytest.fixture
def place(directory, migrated_sqlite, capsys):
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        url = f"sqlite:///{kept}/db/gate.sqlite"
        trusted = corporate(Path(kept))
        office = opened_office(Path(kept), url, directory.slapd, directory.hangang, trusted)
        yield CertificateOffice(office, Path(kept), capsys)
        office.app.close()


@pytest.fixture
def served(place):
    with serving(place.office):
        yield place


def test_a_certificate_opens_the_port_until_it_is_revoked(served):
    files = served.issue("--user", f"{PERSON}@hangang")

    entered = served.log_in(files)
    served.revoke_and_wait()
    refused = served.log_in(files)

    assert (entered.success, entered.keys_match, entered.vlan) == (True, True, "staff")
    assert ALERT.format("certificate revoked") in refused.log
    assert (refused.success, refused.code) == (False, "Access-Reject")
    assert served.reasons() == ["PERMITTED", "CERTIFICATE_REVOKED"]
    (session,) = served.office.sessions()
    assert (session.method, session.user_name) == ("eap-tls", PERSONAL)
    assert session.certificate.startswith("hangang:")


def test_a_certificate_inside_peap_opens_the_port_until_it_is_revoked(served):
    files = served.issue("--user", f"{PERSON}@hangang")

    entered = served.log_in_inside(files, again=1)
    served.revoke()
    refused = served.log_in_inside(files)

    assert (entered.success, entered.keys_matched, entered.vlan) == (True, 2, "staff"), entered.log[-2000:]
    # A laptop that insists on a binding goes away where it is told of a refusal: it is recorded by then.
    assert not refused.success
    assert served.reasons() == ["PERMITTED", "PERMITTED", "CERTIFICATE_REVOKED"]
    assert {session.method for session in served.office.sessions()} == {"peap-eap-tls"}


def test_a_session_is_not_resumed_once_its_certificate_is_revoked_and_an_alert_says_so(served):
    files = served.issue("--user", f"{PERSON}@hangang")
    assert served.log_in(files, again=1).success

    server = served.office.worker._listener._server
    settle = server.settle

    def settle_then_revoke(now):
        settle(now)
        server.settle = settle
        served.revoke()
        # In the thread that decides: the next packet finds it known.
        served.office.worker._following.take_fresh()

    server.settle = settle_then_revoke
    refused = served.log_in(files, again=1)

    assert not refused.success
    assert served.reasons() == ["PERMITTED"] * 3 + ["CERTIFICATE_REVOKED"]
    # No try is lost by it: the session was not resumed, and TLS itself has told why.
    assert ALERT.format("certificate revoked") in refused.log
    steps = served.office.audited()[-1].detail["steps"]
    assert not any("resumed" in step["outcome"] for step in steps), steps


def test_an_endpoint_logs_in_as_itself_where_a_rule_names_it(served):
    served.office.publish_more(PRINTER_BY_CERTIFICATE)
    files = served.issue("--endpoint", PRINTER)

    assert served.log_in(files, identity=f"host/{PRINTER}").vlan == "machines"


def test_another_name_than_the_certificates_is_refused(served):
    files = served.issue("--user", f"{PERSON}@hangang")

    refused = served.log_in(files, identity="seoyeon.lee@hangang.example")

    assert not refused.success
    assert ALERT.format("certificate unknown") in refused.log
    assert served.reasons() == ["CERTIFICATE_NAME_MISMATCH"]


def test_an_expired_certificate_is_refused_by_its_own_reason(served):
    key = a_key()
    now = time.time() - 10 * DAY_S
    shelf = open_certificates(served.office.app, "test")
    order = wanted(key=key.public_key(), now=now, until=now + 5 * DAY_S)
    leaf = making.issue(shelf.signer(1), order, 4711)

    assert not served.log_in(served.written(leaf, key)).success
    assert served.reasons() == ["CERTIFICATE_EXPIRED"]


def test_a_certificate_of_an_authority_that_nobody_trusts_is_refused(served):
    key, now = a_key(), time.time()
    order = wanted(key=key.public_key(), now=now, until=now + DAY_S)
    leaf = making.issue(an_authority("namsan", now=now), order, 4711)

    assert not served.log_in(served.written(leaf, key)).success
    assert served.reasons() == ["CERTIFICATE_UNKNOWN"]


def test_a_corporate_certificate_opens_the_port_as_long_as_a_list_says_that_it_is_good(served):
    key, now = a_key(), time.time()
    signer = served.corporate()
    order = wanted(key=key.public_key(), now=now, until=now + DAY_S)
    files = served.written(making.issue(signer, order, 4711), key)
    list_file, others = served.directory / "corporate.crl", served.office.worker._tls.others

    unknown = served.log_in(files)
    list_file.write_bytes(a_list(signer, at=now, until=now + DAY_S))
    others.look()
    entered = served.log_in(files)
    list_file.write_bytes(a_list(signer, 4711, at=now, until=now + DAY_S))
    others.look()
    refused = served.log_in(files)

    assert (unknown.success, entered.success, refused.success) == (False, True, False)
    assert served.reasons() == ["REVOCATION_UNKNOWN", "PERMITTED", "CERTIFICATE_REVOKED"]
    (session,) = served.office.sessions()
    assert session.certificate == "corporate:1267"
    served.office.worker._tls._sweep_at = 0.0
    wait_until(lambda: served.office.sessions()[0].disconnect == "wanted", "the session's end to be wanted")


def test_new_authorities_on_both_sides_are_taken_without_a_restart(served):
    served.run("ca", "create", "hangang")
    files = served.issue("--user", f"{PERSON}@hangang")
    served.run("ca", "server", "next")
    served.run("ca", "server", "use")

    # The laptop trusts the server's new authority alone, and shows a certificate of ours.
    wait_until(lambda: served.log_in(files).success, "the worker to take both", deadline_s=60.0)

    assert served.office.load() > 0
    assert served.office.sessions()[-1].certificate.startswith("hangang-2:")


def test_a_worker_raises_an_alarm_before_an_authority_ends(place):
    place.run("ca", "create", "hangang", "--days", 5)

    with serving(place.office):
        wait_until(lambda: place.alarms() != [], "an alarm")

    assert place.alarms() == [("certificate-ends", "authority hangang-2, 7 days", "it ends in 4 days")]


PRINTER_BY_CERTIFICATE = f"""
  - id: machines
    permit: [login:wired]
    who: ["endpoint:{PRINTER}"]
    when: {{certificate: managed, method: [eap-tls]}}
    gives: {{vlan: machines}}
"""
