"""officegate otp rekey as an operator runs it, killed in the middle, while people log in."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from access.cli import main
from access.config import load
from access.keys import keyfile
from access.keys.sealing import Keyring
from access.model import User
from access.proof.authentication import Spent, spend_code
from access.proof.factors import NewToken
from access.store import tokens
from access.store.database import Database
from access.store.sealed import SEALED, under
from access.store.spending import StoredCodes
from otp.token import State, Token
from tests.access.conftest import Address
from tests.access.installation import write_config
from tests.access.residents import NOW, SECRET, settle_in, shown

PHONES = 300
PAGE_OCTETS = 4096
(SEEDS,) = (each for each in SEALED if each.column.table.name == "tokens")


class Office:
    """An installation with phones under one key."""

    def __init__(self, directory: Path, address: Address, database: Database) -> None:
        self.config, self.database = write_config(directory, address.url), database
        self.key_file = directory / "keys" / "keys"
        self.first = keyfile.load_or_create(self.key_file)
        self.user_id = settle_in(database)
        with database.write() as conn:
            for _ in range(PHONES):
                new = NewToken(self.user_id, Token(SECRET, state=State.ACTIVE), created_at=NOW)
                tokens.add(conn, self.first, new, 1, os.urandom)

    def run(self, *arguments: str) -> int:
        return main(["--config", str(self.config), "otp", "rekey", *arguments])

    def process(self) -> "subprocess.Popen[bytes]":
        """One that tells of each row and goes on only while somebody reads that: a page holds a third."""
        command = [sys.executable, "-m", "access.cli", "--config", str(self.config), "otp", "rekey"]
        process = subprocess.Popen(
            [*command, "--rows", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0
        )
        assert process.stderr is not None
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, PAGE_OCTETS)
        return process

    def under_first(self) -> int:
        with self.database.read() as conn:
            return under(conn, SEEDS, self.first.current)

    def opened_with(self, keyring: Keyring) -> int:
        with self.database.read() as conn:
            return len(tokens.tokens_of(conn, keyring, self.user_id, State.ACTIVE))

    def remove_first(self) -> None:
        lines = self.key_file.read_text().splitlines()
        self.key_file.write_text("\n".join(each for each in lines if self.first.current not in each) + "\n")


@pytest.fixture
def office(tmp_path_factory, address, database) -> Office:
    return Office(tmp_path_factory.mktemp("office"), address, database)


def test_killed_in_the_middle_it_is_run_again_and_the_old_key_may_go(office, capsys):
    keyfile.add_key(office.key_file, os.urandom)
    with office.process() as killed:
        assert b"1 of 300" in killed.stderr.readline()
        killed.kill()
    assert 0 < office.under_first() < PHONES
    assert office.opened_with(keyfile.load_or_create(office.key_file)) == PHONES

    assert office.run() == 0

    assert f"0 rows under key {office.first.current}; it may be removed." in capsys.readouterr().out
    office.remove_first()
    after = keyfile.load_or_create(office.key_file)
    assert office.first.current not in after.keys
    assert office.opened_with(after) == PHONES
    assert main(["--config", str(office.config), "otp", "list", "minjun.kim@hangang"]) == 0


def test_logins_go_on_while_the_keys_change(office):
    user = User(office.user_id, "hangang", "minjun.kim", "")
    running = StoredCodes(office.database, office.first, os.urandom)
    keyfile.add_key(office.key_file, os.urandom)
    answers, now = [], NOW
    with office.process() as changing:
        for _ in range(10):
            for _ in range(15):
                assert b" of 300" in changing.stderr.readline()
            answers.append(spend_code(running, user, shown(now=now), now))
            now += 30
        assert 0 < office.under_first() < PHONES
        changing.kill()

    assert all(isinstance(answer, Spent) for answer in answers)


def test_the_command_adds_a_key_and_tells_what_is_under_which(office, capsys):
    assert office.run("--status") == 0
    assert "is the only one" in capsys.readouterr().out

    assert office.run("--add-key") == 0
    told = capsys.readouterr()
    assert "secrets were sealed under key" in told.out
    assert f"seeds of phones and tokens: {PHONES} of {PHONES}" in told.err
    assert office.under_first() == 0


def test_what_is_left_under_an_older_key_is_told_by_kind(office, capsys):
    keyfile.add_key(office.key_file, os.urandom)

    assert office.run("--status") == 0

    told = capsys.readouterr().out
    assert f"{PHONES} rows under key {office.first.current}: {PHONES} seeds of phones and tokens" in told
    assert office.under_first() == PHONES


def test_a_key_cannot_be_added_to_a_variable(office, capsys, monkeypatch):
    line = office.key_file.read_text().splitlines()[-1]
    monkeypatch.setenv("OFFICEGATE_KEYS__VARIABLE", "GATE_KEYS")
    monkeypatch.setenv("GATE_KEYS", line)

    assert office.run("--add-key") != 0
    assert "do not stand in a key file" in capsys.readouterr().err


def test_check_names_what_is_under_a_key_that_was_taken_away_too_soon(office, capsys):
    keyfile.add_key(office.key_file, os.urandom)
    with office.database.write() as conn:
        new = NewToken(office.user_id, Token(SECRET, state=State.ACTIVE), created_at=NOW)
        tokens.add(conn, keyfile.load_or_create(office.key_file), new, 1, os.urandom)
    office.remove_first()

    main(["--config", str(office.config), "check"])

    told = capsys.readouterr().out
    assert f"{PHONES} seeds of phones and tokens: encrypted under a key that is not there" in told


def test_check_sees_the_files_of_this_machine_too(office, capsys):
    assert office.run("--add-key") == 0
    folder = load(office.config).state_dir / "tls"
    folder.mkdir(parents=True)
    (folder / "authority.key").write_bytes(
        Keyring(office.first.keys, office.first.current).seal(b"key", b"any", os.urandom)
    )
    office.remove_first()

    main(["--config", str(office.config), "check"])

    told = capsys.readouterr().out
    assert "1 keys of the RADIUS server's authority: encrypted under a key that is not there" in told
