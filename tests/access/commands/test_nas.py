"""officegate nas: who may ask RADIUS, and with what secret."""

import re
from pathlib import Path

import pytest

from access.keyfile import load_or_create
from access.store import audit, feed, nas
from access.store.audit import Selection
from access.store.database import Database
from access.store.feed import START, Topic
from tests.access.commands.conftest import Run

GOOD_SECRET = "correct-horse-battery-staple"
# What has nothing to do with the database need not be asked of both.
on_one = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


def added(
    officegate: Run, name: str = "vpn-1", address: str = "192.0.2.1", *more: str
) -> tuple[int, str, str]:
    words = ("--address", address, "--organization", "hangang", "--via", "vpn", *more)
    return officegate("nas", "add", name, *words)


def keyring_of(config: Path):
    return load_or_create(config.parent / "keys" / "keys")


def test_a_made_secret_is_shown_once_and_is_the_one_that_counts(
    officegate: Run, config: Path, database: Database
):
    status, shown, _ = added(officegate)

    assert status == 0
    secret = re.search(r"shown this once: (\S+)", shown)[1]
    with database.read() as conn:
        client = nas.client_by_name(conn, keyring_of(config), "vpn-1")
    assert client.secrets == (secret,)
    for command in (("list",), ("show", "vpn-1"), ("remove", "vpn-1")):
        assert secret not in "".join(map(str, officegate("nas", *command)))


def test_a_secret_from_a_file_is_never_shown(
    officegate: Run, config: Path, tmp_path: Path, database: Database
):
    file = tmp_path / "secret"
    file.write_text(f"{GOOD_SECRET}\n")

    status, shown, _ = added(officegate, "vpn-1", "192.0.2.1", "--secret-file", str(file))

    assert status == 0
    assert GOOD_SECRET not in shown
    with database.read() as conn:
        assert nas.client_by_name(conn, keyring_of(config), "vpn-1").secrets == (GOOD_SECRET,)


@on_one
@pytest.mark.parametrize(
    ("secret", "complaint"),
    [
        ("fifteen-letters", "15 characters"),
        ("", "0 characters"),
        ("ababababababababab", "repeats a few characters"),
        ("비밀번호는여기에있습니다열여섯자리넘게", "printable ASCII"),
    ],
)
def test_a_weak_secret_is_refused(officegate: Run, tmp_path: Path, secret: str, complaint: str):
    file = tmp_path / "secret"
    file.write_text(secret, encoding="utf-8")

    status, _, said = added(officegate, "vpn-1", "192.0.2.1", "--secret-file", str(file))

    assert status == 1
    assert complaint in said
    assert not secret or secret not in said
    assert "No device may ask yet" in officegate("nas", "list")[1]


@on_one
def test_a_secret_file_in_another_encoding_is_refused_in_words(officegate: Run, tmp_path: Path):
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe correct horse battery")

    status, _, said = added(officegate, "vpn-1", "192.0.2.1", "--secret-file", str(file))

    assert status == 1
    assert "UTF-8" in said


def test_no_two_have_the_same_network_but_one_may_lie_inside_the_other(officegate: Run):
    assert added(officegate, "campus", "192.0.2.0/24")[0] == 0

    status, _, said = added(officegate, "again", "192.0.2.0/24")

    assert status == 1
    assert "192.0.2.0/24 is the address of campus already" in said
    assert added(officegate, "one-of-them", "192.0.2.7")[0] == 0


@on_one
@pytest.mark.parametrize("network", ["192.0.2.300", "vpn.example", "192.0.2.1/24", ""])
def test_what_is_no_network_is_refused(officegate: Run, network: str):
    status, _, said = added(officegate, "vpn-1", network)

    assert status == 1
    assert "Write 10.1.2.3 or 10.1.2.0/24" in said


def test_a_name_is_used_once(officegate: Run):
    assert added(officegate)[0] == 0

    status, _, said = added(officegate, "vpn-1", "192.0.2.2")

    assert status == 1
    assert "There is a NAS named vpn-1 already" in said


@on_one
def test_an_organization_or_a_gateway_that_is_none_is_named(officegate: Run):
    words = ("nas", "add", "vpn-1", "--address", "192.0.2.1", "--via", "vpn", "--organization")

    assert "There is no organization elsewhere. Known: hangang." in officegate(*words, "elsewhere")[2]
    assert "There is no device named gw-9" in officegate(*words, "hangang", "--gateway", "gw-9")[2]


@on_one
def test_an_organization_may_be_named_by_its_realm(officegate: Run):
    words = ("nas", "add", "vpn-1", "--address", "192.0.2.1", "--via", "vpn")

    assert officegate(*words, "--organization", "Hangang.Example")[0] == 0


def test_one_that_was_removed_is_gone_and_its_name_and_address_are_free(officegate: Run):
    added(officegate)

    assert officegate("nas", "remove", "vpn-1")[0] == 0

    assert "No device may ask yet" in officegate("nas", "list")[1]
    assert officegate("nas", "remove", "vpn-1")[0] == 1
    assert added(officegate)[0] == 0


def test_adding_and_removing_stand_in_the_feed_and_in_the_audit(
    officegate: Run, config: Path, database: Database
):
    added(officegate)
    officegate("nas", "remove", "vpn-1")

    with database.read() as conn:
        heard = [change.topic for change in feed.since(conn, START)]
        records = audit.records(conn, Selection(kind="nas"), keyring_of(config))
    assert heard.count(Topic.NAS) == 2
    assert [record.reason for record in records] == ["NAS_REMOVED", "NAS_ADDED"]
    assert all(record.detail["network"] == "192.0.2.1/32" for record in records)
    assert not any("secret" in record.detail for record in records)


@on_one
def test_a_lost_key_file_is_never_replaced_once_secrets_are_stored(officegate: Run, config: Path):
    added(officegate)
    keys = config.parent / "keys" / "keys"
    keys.rename(keys.with_suffix(".lost"))

    for command in (("nas", "list"), ("migrate",), ("run",)):
        status, _, said = officegate(*command)
        assert status == 2
        assert "is gone" in said
        assert "restore the file from its backup" in said
    assert "FAIL  key file" in officegate("check")[1]
    assert not keys.exists()


@pytest.mark.parametrize("name", ["", " vpn", "v" * 101, "vpn\n1"])
def test_a_name_that_nobody_could_type_again_is_refused(officegate: Run, name: str):
    assert added(officegate, name)[0] == 1
    assert added(officegate, "vpn-1", "192.0.2.1", "--site", name or " ")[0] == 1


@on_one
@pytest.mark.parametrize(("more", "port"), [((), 1700), (("--coa-port", "3799"), 3799)])
def test_the_port_of_its_family_counts_where_none_is_given(
    officegate: Run, config: Path, database: Database, more: tuple[str, ...], port: int
):
    added(officegate, "switch-1", "192.0.2.2", "--vendor", "cisco", *more)

    with database.read() as conn:
        assert nas.client_by_name(conn, keyring_of(config), "switch-1").coa_port == port
