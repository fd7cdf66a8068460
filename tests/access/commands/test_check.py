import os
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from access.commands.checks import secrets, storage
from access.commands.checks.verdict import Level
from access.config import Settings, load
from access.store import feed, watch
from access.store.database import Database
from access.store.feed import Topic
from tests.access.certificates.answers import a_list
from tests.access.certificates.workshop import an_authority, pem
from tests.access.commands.conftest import Run
from tests.access.conftest import Address
from tests.access.installation import write_config
from tests.peers.certificates import Authority, create_authority
from tests.peers.people import hangang
from tests.peers.slapd import Slapd

# What has nothing to do with the database need not be asked of both.
on_one = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


@pytest.fixture
def lines(officegate: Run):
    """Runs the check; what it says about each subject."""

    def run() -> dict[str, str]:
        _, printed, _ = officegate("check")
        return {line[6:].partition(": ")[0]: line for line in printed.splitlines()}

    return run


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "ca").mkdir()
    return create_authority(tmp_path / "ca")


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """A UDP port that this process holds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        yield held


@pytest.mark.peer("slapd")
def test_an_installation_in_order_fails_nowhere(
    officegate: Run, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # A busy machine is not a slow disk.
    monkeypatch.setattr(storage, "_SLOW_COMMIT_S", 60.0)
    company = hangang()
    with Slapd((company,)) as directory:
        write_config(
            tmp_path,
            address.url,
            ldap_url=directory.uri,
            bind_dn=directory.admin_dn(company),
            bind_password=directory.admin_password,
        )
        status, printed, complaint = officegate("check")

    assert complaint == ""
    assert "FAIL" not in printed
    assert status == 0
    assert f"ok    directory hangang: {directory.uri} with tls none lets us in as cn=" in printed
    assert "ok    database: " in printed


@on_one
@pytest.mark.peer("slapd")
def test_a_wrong_account_is_said_to_be(lines, address: Address, tmp_path: Path):
    company = hangang()
    with Slapd((company,)) as directory:
        account = {"bind_dn": directory.admin_dn(company), "bind_password": "wrong"}
        write_config(tmp_path, address.url, ldap_url=directory.uri, **account)

        line = lines()["directory hangang"]

    assert line.startswith("FAIL")
    assert "refuses bind_dn and bind_password" in line
    assert "wrong" not in line


def test_a_directory_that_is_away_fails_and_the_rest_is_still_looked_at(officegate: Run):
    status, printed, _ = officegate("check")

    assert status == 1
    subjects = [line[6:].partition(": ")[0] for line in printed.splitlines()]
    assert subjects == [
        "configuration",
        "key file",
        "database",
        "disk",
        "audit heads",
        "directory hangang",
        "roles",
        "policy",
        "NAS",
        "endpoints",
        "port RADIUS authentication",
        "port RADIUS accounting",
        "port web",
        "certificate EAP",
        "clock",
    ]
    failed = [line for line in printed.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 1
    assert "ldap://127.0.0.1:9" in failed[0]


@on_one
def test_a_wrong_configuration_is_status_2_and_nothing_else_is_looked_at(officegate: Run, config: Path):
    config.write_text(config.read_text("utf-8").replace('realm = "', 'raelm = "'), "utf-8")

    status, printed, complaint = officegate("check")

    assert (status, printed) == (2, "")
    assert "did you mean realm?" in complaint


def test_an_unmigrated_database_says_what_to_run(lines, database: Database):
    with database.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert lines()["database"].startswith("FAIL")
    assert lines()["database"].endswith("Run: officegate migrate")


@on_one
def test_a_database_file_that_is_not_there_is_not_made(officegate: Run, tmp_path: Path):
    write_config(tmp_path, f"sqlite:///{tmp_path}/absent/gate.sqlite")

    _, printed, _ = officegate("check")

    assert f"FAIL  database: {tmp_path}/absent/gate.sqlite is not there; run: officegate migrate" in printed
    assert not (tmp_path / "absent").exists()


@on_one
def test_a_key_file_open_to_others_fails(lines, tmp_path: Path):
    (tmp_path / "keys" / "keys").chmod(0o644)

    assert lines()["key file"].startswith("FAIL")
    assert "chmod 600" in lines()["key file"]


@on_one
def test_a_key_file_that_is_not_there_is_not_made(lines, tmp_path: Path):
    (tmp_path / "keys" / "keys").unlink()

    assert lines()["key file"].endswith("will be made on the first start")
    assert not (tmp_path / "keys" / "keys").exists()


@on_one
def test_a_port_that_a_stranger_holds_fails(lines, address: Address, tmp_path: Path, taken: socket.socket):
    port = taken.getsockname()[1]
    write_config(tmp_path, address.url, auth_port=port)

    line = lines()["port RADIUS authentication"]
    assert line.startswith(f"FAIL  port RADIUS authentication: udp 127.0.0.1:{port} cannot be used")


@on_one
def test_a_port_that_the_running_officegate_holds_is_in_order(
    lines, address: Address, tmp_path: Path, taken: socket.socket
):
    port = taken.getsockname()[1]
    write_config(tmp_path, address.url, acct_port=port)
    pids = tmp_path / "state" / "run" / "pids"
    pids.parent.mkdir(parents=True)
    pids.write_text(f"radius-0 {os.getpid()}\n")

    line = lines()["port RADIUS accounting"]
    assert line.startswith(f"ok    port RADIUS accounting: udp 127.0.0.1:{port} is held by the running")
    assert line.endswith(f"(pid {os.getpid()})")


@on_one
def test_pids_of_an_officegate_that_is_gone_excuse_nobody(
    lines, address: Address, tmp_path: Path, taken: socket.socket
):
    write_config(tmp_path, address.url, acct_port=taken.getsockname()[1])
    pids = tmp_path / "state" / "run" / "pids"
    pids.parent.mkdir(parents=True)
    pids.write_text(f"radius-0 {2**22 + 1}\n")

    assert lines()["port RADIUS accounting"].startswith("FAIL")


@on_one
@pytest.mark.parametrize(
    ("days", "level", "seen"),
    [(400, "ok", "is valid for"), (5, "warn", "renew it soon"), (-2, "FAIL", "renew it")],
)
def test_a_certificate_says_for_how_long_it_is_valid(
    lines, config: Path, authority: Authority, days: int, level: str, seen: str
):
    files = authority.issue("gate.hangang.example", lifetime=timedelta(days=days))
    use_certificate(config, files.certificate, files.key)

    line = lines()["certificate EAP"]
    assert line.startswith(f"{level} ")
    assert seen in line


@on_one
def test_a_certificate_with_the_key_of_another_fails(lines, config: Path, authority: Authority):
    certificate = authority.issue("gate.hangang.example").certificate
    use_certificate(config, certificate, authority.issue("other.example").key)

    assert "is not the private key of" in lines()["certificate EAP"]


@on_one
def test_a_certificate_that_is_none_fails(lines, config: Path, authority: Authority):
    use_certificate(config, config, authority.issue("gate.hangang.example").key)

    assert lines()["certificate EAP"].startswith("FAIL")


@on_one
def test_certificates_that_were_made_for_eap_are_looked_at(lines, config: Path, authority: Authority):
    made = load(config, {}).state_dir / "tls"
    made.mkdir(parents=True)
    files = authority.issue("gate", lifetime=timedelta(days=-2))
    (made / "key.pem").write_bytes(files.key.read_bytes())
    (made / "server.pem").write_bytes(files.certificate.read_bytes())

    assert lines()["certificate EAP"].startswith("FAIL")


def use_certificate(config: Path, certificate: Path, key: Path) -> None:
    setting = f'[radius]\ncertificate = "{certificate}"\nprivate_key = "{key}"\n'
    config.write_text(config.read_text("utf-8").replace("[radius]\n", setting), "utf-8")


@on_one
def test_a_disk_of_their_own_for_the_journals_is_looked_at_too(config: Path, monkeypatch: pytest.MonkeyPatch):
    settings = load(config)
    journal = settings.state_dir / "journal"
    journal.mkdir(parents=True)
    free = {journal: 4096}
    monkeypatch.setattr(
        shutil, "disk_usage", lambda place: SimpleNamespace(free=free.get(place, 500_000_000_000))
    )
    assert [each.level for each in storage.disk(settings)] == [Level.OK]

    monkeypatch.setattr(os.path, "ismount", lambda place: place == journal)

    state, full = storage.disk(settings)
    assert (state.level, full.level) == (Level.OK, Level.FAIL)
    assert f"0.0 GB free for {journal}" in full.seen


def test_a_record_from_the_future_says_that_a_clock_is_wrong(lines, database: Database):
    with database.write() as conn:
        feed.append(conn, Topic.USER, "1", 1, time.time() + 3600)

    assert lines()["clock"].startswith("FAIL")
    assert "in the future" in lines()["clock"]


def test_a_long_transaction_that_holds_back_the_feed_is_noticed(database: Database):
    if database.is_sqlite:
        assert watch_age(database) == 0.0
        return
    with database.write() as conn:
        conn.execute(text("SELECT pg_current_xact_id(), pg_sleep(0.2)"))
        assert watch_age(database) > 0.1


def watch_age(database: Database) -> float:
    with database.read() as conn:
        return watch.oldest_transaction_s(conn)


CORPORATE = """
[radius.authorities.corporate]
organization = "hangang"
certificate = "{certificate}"
crl = "{crl}"
"""


@on_one
def test_an_authority_of_others_and_its_list_are_looked_at(lines, config: Path, tmp_path: Path):
    signer, file, crl = an_authority("corporate", now=time.time()), tmp_path / "c.pem", tmp_path / "c.crl"
    file.write_bytes(pem(signer.authority.certificate))
    with config.open("a") as configuration:
        configuration.write(CORPORATE.format(certificate=file, crl=crl))
    assert lines()["authority corporate"].startswith("FAIL"), "there is no list yet"

    crl.write_bytes(a_list(signer, at=time.time(), until=time.time() + 3600))
    assert "names 0 certificates" in lines()["authority corporate"]

    crl.write_bytes(a_list(an_authority("corporate"), at=time.time(), until=time.time() + 3600))
    assert "somebody else" in lines()["authority corporate"]

    file.write_text("no certificate")
    assert "cannot be used" in lines()["authority corporate"]


@on_one
@pytest.mark.parametrize(
    ("mode", "level"), [(0o640, "ok"), (0o600, "ok"), (0o644, "warn"), (0o604, "warn"), (0o642, "warn")]
)
@pytest.mark.parametrize("by_variable", [True, False])
def test_a_secret_that_others_can_read_is_named_and_never_shown(
    lines, config, monkeypatch, tmp_path, mode, level, by_variable
):
    secret = tmp_path / "token"
    secret.write_text("the-secret-itself")
    secret.chmod(mode)
    if by_variable:
        monkeypatch.setenv("OFFICEGATE_METRICS__TOKEN_FILE", str(secret))
    else:
        config.write_text(f'{config.read_text()}\n[metrics]\ntoken_file = "{secret}"\n')

    line = lines()["secret file"]

    assert line.startswith(level)
    assert (str(secret) in line) == (level == "warn")
    assert "the-secret-itself" not in line


def test_a_private_key_that_others_can_read_is_named(tmp_path):
    key = tmp_path / "web.key"
    key.write_text("-----BEGIN PRIVATE KEY-----")
    key.chmod(0o644)
    settings = replace(Settings(), web=replace(Settings().web, private_key=key))

    (verdict,) = secrets.files(settings, [])
    key.unlink()

    assert verdict.level is Level.WARN and str(key) in verdict.seen
    assert [each.level for each in secrets.files(settings, [])] == [Level.OK]
