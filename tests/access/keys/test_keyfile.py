import base64
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.errors import Misconfigured
from access.keys.keyfile import KeyFileRefused, load_or_create

ONE, OTHER = base64.b64encode(bytes(32)).decode(), base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "officegate.key"


def write(path, text, mode=0o600):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def test_the_first_start_makes_one_key_that_only_its_owner_can_read(path):
    keyring = load_or_create(path)

    assert len(keyring.keys) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_careless_umask_does_not_open_the_file(path):
    before = os.umask(0)
    try:
        load_or_create(path)
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_second_start_finds_the_same_key_and_changes_nothing(path):
    first = load_or_create(path)
    written = path.read_bytes()

    assert load_or_create(path) == first
    assert path.read_bytes() == written


def test_two_installations_have_different_keys(tmp_path):
    one, other = load_or_create(tmp_path / "a.key"), load_or_create(tmp_path / "b.key")

    assert set(one.keys.values()).isdisjoint(other.keys.values())


def test_starts_that_happen_at_once_agree_on_one_key(path):
    with ThreadPoolExecutor(8) as pool:
        keyrings = list(pool.map(load_or_create, [path] * 32))

    assert all(keyring == keyrings[0] for keyring in keyrings)
    assert list(path.parent.iterdir()) == [path]


def test_the_last_line_is_the_current_key_and_remarks_are_skipped(path):
    write(path, f"# a remark\n2025 {ONE}\n\n2026 {OTHER}\n# another\n")

    keyring = load_or_create(path)

    assert keyring.current == "2026"
    assert keyring.keys == {"2025": bytes(32), "2026": bytes(range(32))}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666, 0o440])
def test_a_file_open_to_others_is_refused(path, mode):
    write(path, f"2025 {ONE}\n", mode)

    with pytest.raises(KeyFileRefused, match=f"chmod 600 {re.escape(str(path))}"):
        load_or_create(path)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_for_its_owner_alone_is_accepted(path, mode):
    write(path, f"2025 {ONE}\n", mode)

    assert load_or_create(path).current == "2025"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(path):
    write(path, f"2025 {ONE}\n")
    os.chown(path, 12345, 12345)

    with pytest.raises(KeyFileRefused, match="belongs to user id 12345"):
        load_or_create(path)


@pytest.mark.parametrize("inside", ["officegate.key", "deeper/officegate.key", "../var/officegate.key"])
def test_a_file_inside_the_databases_directory_is_neither_read_nor_made(tmp_path, inside):
    database = tmp_path / "var"
    database.mkdir()

    with pytest.raises(KeyFileRefused, match="move it elsewhere"):
        load_or_create(database / inside, database)

    assert list(database.iterdir()) == []


def test_a_link_into_the_databases_directory_is_seen_through(tmp_path):
    database = tmp_path / "var"
    database.mkdir()
    (tmp_path / "etc").symlink_to(database)

    with pytest.raises(KeyFileRefused, match="move it elsewhere"):
        load_or_create(tmp_path / "etc" / "officegate.key", database)


def test_a_file_beside_the_databases_directory_is_fine(tmp_path):
    database = tmp_path / "var"
    database.mkdir()

    assert load_or_create(tmp_path / "variant" / "officegate.key", database).keys


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no key"),
        ("# only a remark\n", "holds no key"),
        (f"{ONE}\n", "line 1: expected a key id and a key"),
        (f"2025 {ONE}\n2026 {OTHER} more\n", "line 2: expected a key id and a key"),
        (f"2025 {ONE[:-3]}\n", "line 1: the key is not base64"),
        ("2025 ?\n", "line 1: the key is not base64"),
        (f"2025 {ONE}\n2025 {OTHER}\n", "line 2: this key id is there twice"),
        ("2025 c2hvcnQ=\n", "key '2025' has 5 octets instead of 32"),
        (f"{OTHER} abcdefgh\n", "a key id has 1 to 32"),
        (f"20/25 {OTHER}\n", "a key id has 1 to 32"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place_and_without_its_keys(path, text, told):
    write(path, text)

    with pytest.raises(KeyFileRefused, match=told) as refused:
        load_or_create(path)

    assert str(path) in str(refused.value)
    assert ONE[:10] not in str(refused.value)
    assert OTHER[:10] not in str(refused.value)
    assert path.read_text() == text


def test_whatever_is_no_ordinary_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    write(tmp_path / "huge", "#" * 70000)

    for name in ("pipe", "huge", "."):
        with pytest.raises(KeyFileRefused, match="no key file"):
            load_or_create(tmp_path / name)


def test_a_place_that_cannot_be_written_is_told_as_a_mistake_of_configuration(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(Misconfigured, match="set the key file to another path"):
        load_or_create(tmp_path / "file" / "officegate.key")


def test_no_key_is_made_where_secrets_wait_for_the_lost_one(path):
    with pytest.raises(KeyFileRefused, match=r"is gone.*key 2024 and 2025.*restore the file"):
        load_or_create(path, needed={"2025", "2024"})

    assert not path.exists()


def test_a_key_file_of_another_installation_is_refused(path):
    write(path, f"2025 {ONE}\n")

    assert load_or_create(path, needed={"2025"}).current == "2025"
    with pytest.raises(KeyFileRefused, match="does not have key 2024"):
        load_or_create(path, needed={"2025", "2024"})
