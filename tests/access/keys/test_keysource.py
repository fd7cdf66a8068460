"""Keys from a variable, from a credential of systemd, and wrapped by a module that keeps a key to itself."""

import base64
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from access.app import open_key_store
from access.config import KeySettings
from access.errors import Misconfigured
from access.keys import keyfile
from access.keys.keylines import KeyFileRefused
from access.keys.keystore import KeyStoreRefused
from access.keys.pkcs11_store import Pkcs11Store, pkcs11
from access.keys.sealing import key_id_of
from tests.peers.waiting import wait_until

ONE, OTHER = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
PLACE = b"token:1"


class Module:
    """A key store of ten lines."""

    def __init__(self, kek: bytes = bytes(32)) -> None:
        self._cipher = AESGCM(kek)

    def wrap(self, key_id: str, key: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, key, key_id.encode())

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:12], wrapped[12:], key_id.encode())
        except Exception:
            raise KeyStoreRefused("the module holds another key") from None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keys"


def test_a_variable_has_the_lines_of_a_key_file():
    settings = KeySettings(variable="GATE_KEYS")

    keyring = keyfile.open_keys(settings, environ={"GATE_KEYS": f"2025 {ONE}; 2026 {OTHER}"})

    assert (set(keyring.keys), keyring.current) == ({"2025", "2026"}, "2026")


@pytest.mark.parametrize("environ", [{}, {"GATE_KEYS": ""}])
def test_a_variable_that_is_not_set_makes_no_key(environ):
    with pytest.raises(KeyFileRefused, match="GATE_KEYS"):
        keyfile.open_keys(KeySettings(variable="GATE_KEYS"), environ=environ)


def test_a_variable_without_a_key_that_is_needed_is_refused():
    with pytest.raises(KeyFileRefused, match="does not have key 2024"):
        keyfile.open_keys(
            KeySettings(variable="GATE_KEYS"), needed={"2024"}, environ={"GATE_KEYS": f"2025 {ONE}"}
        )


def test_no_message_repeats_the_key_of_a_variable():
    with pytest.raises(KeyFileRefused) as refused:
        keyfile.open_keys(KeySettings(variable="GATE_KEYS"), environ={"GATE_KEYS": f"{ONE} 2025"})

    assert ONE[:8] not in str(refused.value)


def test_a_credential_of_systemd_is_read(tmp_path):
    (tmp_path / "gate-keys").write_text(f"2026 {ONE}\n")
    (tmp_path / "gate-keys").chmod(0o400)

    keyring = keyfile.open_keys(
        KeySettings(credential="gate-keys"), environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}
    )

    assert keyring.current == "2026"


@pytest.mark.parametrize("given", [False, True])
def test_a_credential_that_was_not_handed_over_is_refused(tmp_path, given):
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)} if given else {}

    with pytest.raises(KeyFileRefused, match="credential"):
        keyfile.open_keys(KeySettings(credential="gate-keys"), environ=environ)


def test_with_a_module_the_key_file_holds_no_key_in_clear(path):
    keyring = keyfile.load_or_create(path, store=Module())

    (line,) = (each for each in path.read_text().splitlines() if not each.startswith("#"))
    key_id, wrapped = line.split()
    assert wrapped.startswith("wrapped:")
    assert keyring.keys[key_id] not in base64.b64decode(wrapped.removeprefix("wrapped:"))
    assert keyfile.load_or_create(path, store=Module()).keys == keyring.keys


def test_without_the_module_a_wrapped_key_opens_nothing(path):
    keyfile.load_or_create(path, store=Module())

    with pytest.raises(KeyFileRefused, match="pkcs11_module"):
        keyfile.load_or_create(path)
    with pytest.raises(KeyStoreRefused):
        keyfile.load_or_create(path, store=Module(bytes(range(32))))


def test_a_wrapped_key_under_another_key_id_is_refused(path):
    keyfile.load_or_create(path, store=Module())
    path.write_text(path.read_text().replace("\n", "\n# ", 2).rpartition("# ")[2].replace(" ", "x ", 1))
    path.chmod(0o600)

    with pytest.raises(KeyStoreRefused):
        keyfile.load_or_create(path, store=Module())


@pytest.mark.parametrize("store", [None, Module()])
def test_a_new_key_is_the_last_line_and_the_older_stay(path, store):
    before = keyfile.load_or_create(path, store=store)

    key_id = keyfile.add_key(path, os.urandom, store)

    after = keyfile.load_or_create(path, store=store)
    assert (after.current, set(after.keys)) == (key_id, {before.current, key_id})
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_keys_that_are_added_at_once_are_both_in_the_file(path):
    first = keyfile.load_or_create(path).current
    inode = f":{path.parent.stat().st_ino} "

    def waits_for_us():
        lines = Path("/proc/locks").read_text().splitlines()
        return any("->" in line and inode in line for line in lines)

    with ThreadPoolExecutor(1) as pool:
        others = []

        def while_the_file_is_read(count):
            if not others:
                others.append(pool.submit(keyfile.add_key, path, os.urandom))
                wait_until(lambda: others[0].done() or waits_for_us(), "the other one")
            return os.urandom(count)

        added = keyfile.add_key(path, while_the_file_is_read)
        other = others[0].result()

    assert set(keyfile.load(path).keys) == {first, added, other}


def test_a_running_process_seals_under_a_new_key_at_once(path):
    running = keyfile.load_or_create(path)

    key_id = keyfile.add_key(path, os.urandom)

    assert key_id_of(running.seal(b"secret", PLACE, os.urandom)) == key_id


def test_a_key_file_that_is_being_edited_changes_nothing(path):
    running = keyfile.load_or_create(path)
    before = path.read_text()

    path.write_text("half a li")
    assert key_id_of(running.seal(b"secret", PLACE, os.urandom)) == running.current

    path.write_text(before)
    key_id = keyfile.add_key(path, os.urandom)
    assert key_id_of(running.seal(b"secret", PLACE, os.urandom)) == key_id


def test_a_key_taken_out_of_the_file_stays_known_to_who_runs(path):
    running = keyfile.load_or_create(path)
    sealed = running.seal(b"secret", PLACE, os.urandom)
    keyfile.add_key(path, os.urandom)
    path.write_text(path.read_text().strip().rpartition("\n")[2] + "\n")

    running.seal(b"more", PLACE, os.urandom)

    assert running.open_sealed(sealed, PLACE) == b"secret"
    assert running.current not in keyfile.load_or_create(path).keys


def test_a_module_that_is_not_there_is_told_as_a_mistake_of_configuration(tmp_path):
    pin = tmp_path / "pin"
    pin.write_text("1234\n")
    settings = KeySettings(pkcs11_module=tmp_path / "none.so", pkcs11_token="gate", pkcs11_pin_file=pin)

    with pytest.raises(Misconfigured, match="pkcs11"):
        store = open_key_store(settings)
        assert store is not None
        store.wrap("2026", bytes(32))


@pytest.fixture
def soft_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeySettings:
    """A token of SoftHSM with an AES key in it."""
    (tmp_path / "tokens").mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tmp_path}/tokens\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(conf))
    tool = shutil.which("softhsm2-util")
    assert tool
    words = [tool, "--init-token", "--free", "--label", "gate", "--pin", "1234", "--so-pin", "5678"]
    subprocess.run(words, check=True, capture_output=True)
    module = Path("/usr/lib/softhsm/libsofthsm2.so")
    library = pkcs11.lib(str(module))
    library.reinitialize()
    with library.get_token(token_label="gate").open(rw=True, user_pin="1234") as session:
        session.generate_key(pkcs11.KeyType.AES, 256, label="officegate", store=True)
    (tmp_path / "pin").write_text("1234\n")
    return KeySettings(
        pkcs11_module=module, pkcs11_token="gate", pkcs11_pin_file=tmp_path / "pin", file=tmp_path / "k"
    )


@pytest.mark.peer("softhsm")
def test_a_token_wraps_the_keys_and_a_wrong_pin_opens_none(soft_token, path, tmp_path):
    store = open_key_store(soft_token)
    before = keyfile.load_or_create(path, store=store)

    after = keyfile.load_or_create(path, store=open_key_store(soft_token))
    assert after.keys == before.keys
    assert base64.b64encode(before.keys[before.current]).decode() not in path.read_text()

    (tmp_path / "pin").write_text("9999")
    with pytest.raises(KeyStoreRefused):
        keyfile.load_or_create(path, store=open_key_store(soft_token))


def test_the_pin_is_in_no_representation():
    assert "1234" not in repr(Pkcs11Store(Path("module.so"), "gate", "officegate", "1234", os.urandom))
