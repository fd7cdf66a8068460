"""officegate nas certificate: by what a NAS may connect with RadSec."""

from pathlib import Path

import pytest

from access.store import audit, feed, nas, nas_certificates
from access.store.audit import Selection
from access.store.database import Database
from access.store.feed import START, Topic
from tests.access.commands.conftest import Run
from tests.access.commands.test_nas import added, keyring_of
from tests.peers.certificates import create_authority
from tests.radius.test_radsec import fingerprint

HEX = "ab" * 32


def certificates_of(database: Database, config: Path, name: str = "vpn-1"):
    with database.read() as conn:
        client = nas.client_by_name(conn, keyring_of(config), name)
        return [(each.pin.value, each.value) for each in nas_certificates.of_nas(conn, client.id)]


def test_a_certificate_is_added_shown_and_removed_and_the_workers_hear_of_it(
    officegate: Run, config: Path, database: Database, tmp_path: Path
):
    files = create_authority(tmp_path).issue("vpn-1.hangang.example", client=True)
    added(officegate)

    assert officegate("nas", "certificate", "add", "vpn-1", "--file", str(files.certificate))[0] == 0
    assert officegate("nas", "certificate", "add", "vpn-1", "--dns-name", "VPN-1.hangang.example")[0] == 0

    held = [("fingerprint", fingerprint(files)), ("name", "vpn-1.hangang.example")]
    assert certificates_of(database, config) == held
    _, shown, _ = officegate("nas", "certificate", "list", "vpn-1")
    assert shown.splitlines() == [f"{pin} {value}" for pin, value in held]
    assert f"  RadSec: name {held[1][1]}\n" in officegate("nas", "show", "vpn-1")[1]
    assert officegate("nas", "certificate", "remove", "vpn-1", "--dns-name", "vpn-1.hangang.example")[0] == 0
    assert certificates_of(database, config) == held[:1]
    with database.read() as conn:
        told = [change.topic for change in feed.since(conn, START, 100)]
        records = audit.records(conn, Selection(), keyring_of(config))
        reasons = [record.reason for record in records]
    assert told.count(Topic.NAS) == 4
    assert reasons[:3] == ["NAS_CERTIFICATE_REMOVED", "NAS_CERTIFICATE_ADDED", "NAS_CERTIFICATE_ADDED"]
    assert (records[0].detail["name"], records[0].detail["certificate"]) == ("vpn-1", held[1][1])


def test_a_certificate_is_one_nas_s_alone_until_that_is_removed(
    officegate: Run, config: Path, database: Database
):
    added(officegate)
    added(officegate, "vpn-2", "192.0.2.2")
    assert officegate("nas", "certificate", "add", "vpn-1", "--fingerprint", HEX)[0] == 0

    status, _, said = officegate("nas", "certificate", "add", "vpn-2", "--fingerprint", HEX.upper())
    assert status == 1
    assert "is vpn-1's already" in said

    assert officegate("nas", "remove", "vpn-1")[0] == 0
    assert officegate("nas", "certificate", "add", "vpn-2", "--fingerprint", HEX)[0] == 0
    assert certificates_of(database, config, "vpn-2") == [("fingerprint", HEX)]


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "one of --file, --fingerprint and --dns-name"),
        (("--fingerprint", HEX, "--dns-name", "a.example"), "one of"),
        (("--fingerprint", HEX[1:]), "no SHA-256 fingerprint"),
        (("--dns-name", "not a name"), "no DNS name"),
        (("--dns-name", "*.example"), "no DNS name"),
    ],
)
def test_what_is_no_certificate_is_refused(officegate: Run, words: tuple[str, ...], said: str):
    added(officegate)

    status, _, told = officegate("nas", "certificate", "add", "vpn-1", *words)

    assert status == 1
    assert said in told


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_a_fingerprint_may_be_spelt_as_openssl_prints_it(officegate: Run, config: Path, database: Database):
    added(officegate)
    printed = "sha256 Fingerprint=" + ":".join(["AB"] * 32)

    assert officegate("nas", "certificate", "add", "vpn-1", "--fingerprint", printed)[0] == 0

    assert certificates_of(database, config) == [("fingerprint", HEX)]
