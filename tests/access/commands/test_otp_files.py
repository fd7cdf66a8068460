"""officegate otp import and export as an operator uses them."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from access.cli import main
from access.errors import Refused
from access.keys.keyfile import load_or_create
from access.model import Organization, User
from access.proof.authentication import Spent, spend_code
from access.proof.factors import NewToken, Origin
from access.proof.importing import Order
from access.store import audit
from access.store.database import Database
from access.store.spending import StoredCodes
from access.store.tables import tokens as table
from access.store.token_import import StoredImport
from otp import hotp
from otp.kinds import Kind
from otp.seedfile import oath_csv, pskc
from otp.seedfile.pskc_writer import Protection, write
from otp.seedfile.record import SeedRecord, Unlock
from otp.token import State, Token
from tests.access.conftest import Address
from tests.access.installation import write_config
from tests.access.residents import NOW, changes, settle_in
from tests.otp.seedfile.pskc_files import RFC_KEY, figure_6

SECRET = b"12345678901234567890"
HEX = SECRET.hex()
HARD = SeedRecord("", "H1", Kind.HOTP, SECRET, last_step=41, owner="minjun.kim@hangang")
SPARE = SeedRecord("", "T2", Kind.TOTP, SECRET[::-1], period_s=60)
PASSWORD = b"correct horse battery"


class Desk:
    """An operator, an installation with one person, and a folder for files."""

    def __init__(self, directory: Path, address: Address, database: Database) -> None:
        self.directory, self.database = directory, database
        self.config = write_config(directory, address.url)
        self.user = User(settle_in(database), "hangang", "minjun.kim", "")

    def file(self, name: str, content: bytes) -> str:
        path = self.directory / name
        path.write_bytes(content)
        path.chmod(0o600)
        return str(path)

    def take(self, content: bytes, *options: str, form: str = "oath-csv") -> int:
        file = self.file("tokens", content)
        words = ["otp", "import", file, "--format", form, "--organization", "hangang", *options]
        return main(["--config", str(self.config), *words])

    def hand_over(self, name: str, *options: str) -> int:
        words = ["otp", "export", str(self.directory / name), "--organization", "hangang", *options]
        return main(["--config", str(self.config), *words, "--reason", "moving to the affiliate"])

    @property
    def keyring(self):
        return load_or_create(self.directory / "keys" / "keys")

    def rows(self):
        with self.database.read() as conn:
            return conn.execute(select(table).order_by(table.c.id)).all()

    def written_down(self, **selection):
        with self.database.read() as conn:
            return audit.records(conn, audit.Selection(**selection), self.keyring)


@pytest.fixture
def desk(tmp_path_factory, address, database) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"), address, database)


def test_a_token_that_was_taken_over_goes_on_where_it_was(desk, capsys):
    assert desk.take(oath_csv.write([HARD])) == 0

    assert "line 2: H1 minjun.kim@hangang: imported" in capsys.readouterr().out
    codes = StoredCodes(desk.database, desk.keyring, os.urandom)
    held = Token(SECRET, kind=Kind.HOTP)
    assert not isinstance(spend_code(codes, desk.user, hotp.code_at(held, 41), NOW), Spent)
    assert isinstance(spend_code(codes, desk.user, hotp.code_at(held, 42), NOW), Spent)


def test_tokens_nobody_has_are_put_in_stock(desk, capsys):
    assert desk.take(oath_csv.write([SPARE])) == 0

    (row,) = desk.rows()
    assert (row.user_id, row.serial, row.origin, row.state) == (None, "T2", "imported", "spare")
    assert "1 tokens (0 of people, 1 in stock)" in capsys.readouterr().out


def test_an_encrypted_file_takes_its_password_from_a_file_nobody_else_reads(desk, capsys):
    content = write([HARD], Protection(PASSWORD, os.urandom, iterations=2))
    password = desk.file("password", PASSWORD + b"\n")

    Path(password).chmod(0o644)
    assert desk.take(content, "--password-file", password, form="pskc") != 0
    assert "chmod 600" in capsys.readouterr().err
    Path(password).chmod(0o600)
    assert desk.take(content, "--password-file", password, form="pskc") == 0
    assert len(desk.rows()) == 1


def test_a_file_that_does_not_open_is_refused_in_one_line(desk, capsys):
    content = write([HARD], Protection(PASSWORD, os.urandom, iterations=2))
    password = desk.file("password", b"another password")

    assert desk.take(content, "--password-file", password, form="pskc") != 0

    told = capsys.readouterr().err
    assert "does not decrypt" in told or "nothing of the file" in told
    assert desk.rows() == []


def test_a_pre_shared_key_comes_in_hex_or_raw(desk):
    for number, key in enumerate((RFC_KEY.hex().encode() + b"\n", RFC_KEY)):
        file = desk.file(f"key{number}", key)
        assert desk.take(figure_6(), "--key-file", file, "--dry-run", form="pskc") == 0
    assert desk.take(figure_6(), "--key-file", desk.file("key", b"short"), form="pskc") != 0


def test_one_wrong_line_keeps_all_from_being_written_unless_it_is_skipped(desk, capsys):
    content = f"F1,{HEX}\nF2,nonsense\nF3,{HEX},totp,6,30,sha1,nobody\n".encode()

    assert desk.take(content) != 0
    told = capsys.readouterr()
    assert "line 2: -: bad entry; the secret is not hexadecimal" in told.out
    assert "line 3: F3 nobody: unknown owner" in told.out
    assert "Nothing was imported: 2 of 3" in told.err
    assert desk.rows() == []

    assert desk.take(content, "--skip-faulty") == 0
    assert [row.serial for row in desk.rows()] == ["F1"]


def test_a_second_import_of_a_file_changes_nothing(desk, capsys):
    assert desk.take(oath_csv.write([HARD, SPARE])) == 0

    assert desk.take(oath_csv.write([HARD, SPARE])) != 0

    assert "H1: duplicate serial number; it was imported before" in capsys.readouterr().out
    assert len(desk.rows()) == 2


def test_of_two_imports_at_the_same_moment_one_is_refused_and_writes_nothing(desk):
    desk.take(oath_csv.write([HARD]))
    organization = Organization(1, "hangang", "Hangang", "hangang.example", "ko")
    again = NewToken(None, Token(SECRET, state=State.SPARE), serial="H1", origin=Origin.IMPORTED)

    with pytest.raises(Refused, match="at the same moment"), desk.database.write() as conn:
        ports = StoredImport(conn, desk.keyring, os.urandom, "test")
        ports.store([again], Order(organization, "another", {}), NOW)

    assert len(desk.rows()) == 1


def test_owners_may_stand_in_a_file_of_their_own(desk):
    owners = desk.file("owners", b"# serial, who\nT2, minjun.kim@hangang\n")

    assert desk.take(oath_csv.write([SPARE]), "--owners", owners) == 0

    assert desk.rows()[0].user_id == desk.user.id


def test_an_import_is_written_down_and_so_is_each_token_at_its_owner(desk):
    desk.take(oath_csv.write([HARD, SPARE]))

    (whole,) = desk.written_down(kind="tokens")
    assert (whole.detail["imported"], whole.detail["in stock"]) == ("2", "1")
    (own,) = desk.written_down(user_id=desk.user.id)
    assert (own.detail["what"], own.detail["serial"]) == ("enrolment.imported", "H1")


def test_the_feed_hears_of_everybody_who_has_a_token_now(desk):
    desk.take(oath_csv.write([HARD, SPARE]))

    assert ("token", str(desk.user.id)) in changes(desk.database)


def test_what_was_exported_comes_back_with_the_recipients_password(desk, capsys):
    desk.take(oath_csv.write([HARD, SPARE]))
    password = desk.file("password", PASSWORD)

    assert desk.hand_over("out.xml", "--password-file", password, "--confirm", "hangang") == 0

    out = desk.directory / "out.xml"
    assert out.stat().st_mode & 0o777 == 0o600
    assert HEX.encode() not in out.read_bytes()
    found = pskc.read(out.read_bytes(), Unlock(password=PASSWORD)).records
    assert [(each.serial, each.secret, each.counter, each.owner) for each in found] == [
        ("H1", SECRET, 42, "minjun.kim@hangang.example"),
        ("T2", SECRET[::-1], 0, ""),
    ]
    (written,) = [each for each in desk.written_down(kind="tokens") if "exported" in each.detail]
    assert written.detail["why"] == "moving to the affiliate"
    assert written.detail["form"] == "pskc, encrypted"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--confirm", "hangang"), "Give the recipient's password"),
        (("--confirm", "hangang", "--format", "oath-csv"), "cannot be encrypted"),
        (("--confirm", "namsan", "--plain"), "was not confirmed"),
    ],
)
def test_seeds_do_not_leave_without_a_password_and_a_confirmation(desk, capsys, options, why):
    desk.take(oath_csv.write([HARD]))

    assert desk.hand_over("out", *options) != 0

    assert why in capsys.readouterr().err
    assert not (desk.directory / "out").exists()
    assert not [each for each in desk.written_down(kind="tokens") if "exported" in each.detail]


def test_a_short_password_and_a_file_that_is_there_are_refused(desk, capsys):
    desk.take(oath_csv.write([HARD]))
    short, good = desk.file("short", b"hangang"), desk.file("good", PASSWORD)
    there = desk.file("there", b"something")

    assert desk.hand_over("out", "--password-file", short, "--confirm", "hangang") != 0
    assert desk.hand_over("there", "--password-file", good, "--confirm", "hangang") != 0

    assert "fewer than 12" in capsys.readouterr().err
    assert Path(there).read_bytes() == b"something"


def test_seeds_in_clear_take_an_explicit_word(desk):
    desk.take(oath_csv.write([HARD]))

    assert desk.hand_over("out", "--plain", "--format", "oath-csv", "--confirm", "hangang") == 0

    (record,) = oath_csv.read((desk.directory / "out").read_bytes()).records
    assert replace(record, place="") == replace(HARD, owner="minjun.kim@hangang.example")


def test_nobody_but_root_and_the_owner_of_the_keys_exports(desk, capsys, monkeypatch):
    desk.take(oath_csv.write([HARD]))
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    password = desk.file("password", PASSWORD)

    assert desk.hand_over("out", "--password-file", password, "--confirm", "hangang") != 0

    assert "root or the owner of the key file" in capsys.readouterr().err
    assert not (desk.directory / "out").exists()
