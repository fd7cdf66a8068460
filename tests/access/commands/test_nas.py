"""officegate nas: who may ask RADIUS, and with what secret."""

import json
import re
from ipaddress import ip_address
from pathlib import Path

import pytest

from access.keys.keyfile import load_or_create
from access.logins.memory import Memory
from access.model import Organization
from access.records.alarms import Alarm, AlarmKind
from access.store import audit, feed, nas
from access.store.alarms import StoredAlarms
from access.store.audit import Selection
from access.store.database import Database
from access.store.feed import START, Topic
from radius.nas import CodeMode
from tests.access.commands.conftest import Run
from tests.access.residents import Dice

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


def test_a_code_behind_the_password_has_as_many_digits_as_is_said(
    officegate: Run, config: Path, database: Database
):
    added(officegate, "vpn-1", "192.0.2.1", "--code-digits", "8")

    assert "code appended (8 digits)" in officegate("nas", "list")[1]
    with database.read() as conn:
        client = nas.client_by_name(conn, keyring_of(config), "vpn-1")
    memory = Memory()
    memory.put_organizations([Organization(1, "hangang", "한강전자", "hangang.example", "ko")])
    memory.put_clients([client])
    known = memory.find_nas(ip_address("192.0.2.1"))
    assert (known.code, known.code_digits) == (CodeMode.APPENDED, 8)
    assert officegate("nas", "set", "vpn-1", "--code-digits", "9")[0] == 2


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


def client_of(config: Path, database: Database, name: str = "vpn-1"):
    with database.read() as conn:
        return nas.client_by_name(conn, keyring_of(config), name)


def test_what_is_given_about_a_device_is_changed_and_the_rest_stays(
    officegate: Run, config: Path, database: Database
):
    added(officegate, "vpn-1", "192.0.2.1", "--site", "seoul", "--mab")
    before = client_of(config, database)

    words = ("--address", "2001:db8::/64", "--via", "wired", "--code", "none", "--no-mab", "--name", "sw-1")
    assert officegate("nas", "set", "vpn-1", *words, "--eap-methods", "ttls,tls")[0] == 0

    after = client_of(config, database, "sw-1")
    assert (str(after.network), after.via, after.code, after.mab) == ("2001:db8::/64", "wired", "none", False)
    assert after.eap_methods == ("ttls", "tls")
    assert (after.id, after.secrets, after.site) == (before.id, before.secrets, "seoul")
    with database.read() as conn:
        (changed, _) = audit.records(conn, Selection(kind="nas"), keyring_of(config))
        heard = [change.topic for change in feed.since(conn, START)]
    assert changed.reason == "NAS_CHANGED"
    assert "network: 192.0.2.1/32 -> 2001:db8::/64" in changed.detail["changes"]
    assert not any("secret" in each for each in changed.detail["changes"])
    assert heard.count(Topic.NAS) == 2


@on_one
def test_nothing_is_changed_without_a_word_about_it(officegate: Run):
    added(officegate)

    assert officegate("nas", "set", "vpn-1")[0] == 1
    assert officegate("nas", "set", "vpn-2", "--mab")[0] == 1


@on_one
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--eap-methods", "mschapv2"), "sends a hash of the password"),
        (("--eap-methods", "peap,md5"), "sends a hash of the password"),
        (("--code", "challenge", "--eap-methods", "ttls"), "no room to ask for a code"),
        (("--code", "challenge", "--eap-methods", "peap,mschapv2"), "no room to ask for a code"),
        (("--eap-methods", "peap", "--no-eap"), "may not use EAP"),
        (("--eap-methods", "leap"), "no EAP method that can be offered"),
        (("--eap-methods", "tls,tls"), "a method twice"),
        (("--via", "wireless", "--eap-methods", "gtc"), "makes no keys"),
        (("--via", "wireless", "--code", "none", "--eap-methods", "md5"), "makes no keys"),
        (("--code", "none", "--eap-methods", "mschapv2"), "no company has anything there to compare"),
        (("--code", "none", "--eap-methods", "tls,md5"), "counts on wires and access points alone"),
        (("--message-authenticator", "auto", "--address", "192.0.2.0/24"), "is many devices"),
        (("--address", "0.0.0.0/0"), "the whole world"),
        (("--address", "::/0"), "the whole world"),
    ],
)
def test_what_cannot_work_is_refused_with_its_reason_when_it_is_added_and_when_it_is_changed(
    officegate: Run, words: tuple[str, ...], why: str
):
    status, _, said = added(officegate, "vpn-1", "192.0.2.1", *words)
    assert (status, why in said) == (1, True), said

    assert added(officegate)[0] == 0
    status, _, said = officegate("nas", "set", "vpn-1", *words)
    assert (status, why in said) == (1, True), said
    assert "192.0.2.1/32  vpn, code appended, Message-Authenticator require" in officegate("nas", "list")[1]


@on_one
def test_the_same_secret_on_two_is_said_and_not_shown(officegate: Run, tmp_path: Path):
    file = tmp_path / "secret"
    file.write_text(GOOD_SECRET)
    added(officegate, "vpn-1", "192.0.2.1", "--secret-file", str(file))

    status, _, said = added(officegate, "vpn-2", "192.0.2.2", "--secret-file", str(file))

    assert status == 0
    assert "vpn-1 has the same secret" in said
    assert GOOD_SECRET not in said
    assert "same secret" not in added(officegate, "vpn-3", "192.0.2.3")[2]


def test_a_secret_is_changed_in_two_steps(officegate: Run, config: Path, database: Database):
    added(officegate)
    (old,) = client_of(config, database).secrets

    status, shown, _ = officegate("nas", "rotate", "vpn-1")
    new = re.search(r"shown this once: (\S+)", shown)[1]

    assert (status, client_of(config, database).secrets) == (0, (old, new))
    assert "has two secrets already" in officegate("nas", "rotate", "vpn-1")[2]
    assert "the old one last used never, the new one never" in officegate("nas", "show", "vpn-1")[1]
    assert "would be cut off" in officegate("nas", "rotate", "vpn-1", "--finish")[2]
    with database.write() as conn:
        nas.learn_secret(conn, client_of(config, database).id, True, 1795669200.0)
    client = client_of(config, database)
    assert client.secrets[client.preferred] == new
    assert "the new one 2026-11-26" in officegate("nas", "show", "vpn-1")[1]

    assert officegate("nas", "rotate", "vpn-1", "--finish")[0] == 0

    assert client_of(config, database).secrets == (new,)
    assert officegate("nas", "rotate", "vpn-1", "--finish")[0] == 1
    with database.read() as conn:
        records = audit.records(conn, Selection(kind="nas"), keyring_of(config))
    assert [each.reason for each in records] == ["NAS_SECRET_ENDED", "NAS_SECRET_ADDED", "NAS_ADDED"]
    assert not any(secret in str(each.detail) for each in records for secret in (old, new))


@on_one
def test_a_change_of_secret_can_be_abandoned_or_finished_all_the_same(
    officegate: Run, config: Path, database: Database
):
    added(officegate)
    (old,) = client_of(config, database).secrets
    officegate("nas", "rotate", "vpn-1")

    assert officegate("nas", "rotate", "vpn-1", "--abandon")[0] == 0
    assert client_of(config, database).secrets == (old,)
    assert officegate("nas", "rotate", "vpn-1", "--abandon")[0] == 1
    officegate("nas", "rotate", "vpn-1")
    assert officegate("nas", "rotate", "vpn-1", "--finish-unseen")[0] == 0

    assert client_of(config, database).secrets != (old,)


@on_one
def test_setting_message_authenticator_forgets_what_was_learnt_and_clears_the_alarm(
    officegate: Run, config: Path, database: Database
):
    added(officegate, "vpn-1", "192.0.2.1", "--message-authenticator", "auto")
    keyring = keyring_of(config)
    with database.write() as conn:
        nas.learn_signing(conn, client_of(config, database).id, 1000.0)
        StoredAlarms(conn, keyring, Dice(1), "test").raise_alarm(
            Alarm(AlarmKind.NAS_STOPPED_SIGNING, "vpn-1"), 1001.0
        )
    officegate("nas", "set", "vpn-1", "--site", "busan")
    assert client_of(config, database).signs_since == 1000.0

    officegate("nas", "set", "vpn-1", "--message-authenticator", "auto")

    assert client_of(config, database).signs_since is None
    assert officegate("alarm", "list")[1] == "No alarm is open.\n"


@on_one
def test_what_a_nas_did_is_shown_summed_over_the_workers(officegate: Run, config: Path):
    added(officegate)
    assert "no worker of this machine has heard of it" in officegate("nas", "show", "vpn-1")[1]
    run = config.parent / "state" / "run"
    run.mkdir(parents=True, exist_ok=True)
    for worker in range(2):
        counted = {"requests": 4, "accepts": 3, "bad_authenticators": 1, "malformed": 0}
        counted |= {"bad_began": 1795669200.0 - worker, "bad_last": 1795669210.0 + worker}
        told = {"began": 1795660000.0 + worker, "nas": {"vpn-1": counted}}
        (run / f"radius-{worker}.json").write_text(json.dumps(told))
    (run / "radius-2.json").write_text('{"half": ')

    shown = officegate("nas", "show", "vpn-1")[1]

    assert "2026-11-26 11:26:40+09:00: 8 requests, 6 accepts, 2 bad_authenticators" in shown
    assert "malformed" not in shown
    assert "another secret: since 2026-11-26 13:59:59+09:00, the last 2026-11-26 14:00:11+09:00" in shown
