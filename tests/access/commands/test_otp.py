import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from access.cli import main
from access.keys.keyfile import load_or_create
from access.keys.sealing import Keyring
from access.model import Reason, User
from access.proof.authentication import Refusal, spend_code, spend_registration
from access.proof.factors import NewToken, Origin
from access.proof.passkey import NewPasskey, Registered
from access.store import audit, passkeys, tokens
from access.store.database import Database
from access.store.spending import StoredCodes
from access.store.tables import users
from otp.token import State, Token
from tests.access.conftest import Address
from tests.access.installation import write_config
from tests.access.residents import NOW, SECRET, Dice, settle_in, shown, wrong


class Desk:
    """An operator at the command line of an installation with one person."""

    def __init__(self, directory: Path, address: Address, database: Database) -> None:
        self.config = write_config(directory, address.url)
        self.database = database
        self.user_id = settle_in(database)
        self.user = User(self.user_id, "hangang", "minjun.kim", "")
        with database.write() as conn:
            conn.execute(update(users).values(display_name="김민준"))

    def run(self, *arguments: str) -> int:
        return main(["--config", str(self.config), "otp", *arguments])

    @property
    def keyring(self) -> Keyring:
        return load_or_create(self.config.parent / "keys" / "keys")

    @property
    def codes(self) -> StoredCodes:
        return StoredCodes(self.database, self.keyring, Dice())

    def give_phone(self) -> int:
        with self.database.write() as conn:
            phone = Token(SECRET, state=State.ACTIVE)
            new = NewToken(self.user_id, phone, nickname="Galaxy", created_at=NOW)
            return tokens.add(conn, self.keyring, new, 1, Dice())

    def written_down(self):
        with self.database.read() as conn:
            return audit.records(conn, audit.Selection(user_id=self.user_id), self.keyring)


@pytest.fixture
def desk(tmp_path_factory, address, database) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"), address, database)


def give_passkey(desk) -> int:
    made = Registered(b"credential", b"key", 0, "")
    new = NewPasskey(desk.user_id, made, "YubiKey", NOW, Origin.HANDOVER)
    with desk.database.write() as conn:
        return passkeys.add(conn, desk.keyring, new, 1, Dice())


def test_passkeys_are_listed_and_one_is_revoked(desk, capsys):
    passkey_id = give_passkey(desk)

    assert desk.run("list", "minjun.kim") == 0
    assert f"passkey {passkey_id} YubiKey, since 20" in capsys.readouterr().out
    assert desk.run("revoke", "minjun.kim", "--passkey", str(passkey_id)) == 0
    assert "Revoked passkey" in capsys.readouterr().out
    assert desk.run("list", "minjun.kim") == 0
    assert "passkey" not in capsys.readouterr().out
    assert desk.written_down()[-1].detail["what"] == "enrolment.passkey-revoked"


def test_a_passkey_nobody_has_is_not_revoked(desk, capsys):
    assert desk.run("revoke", "minjun.kim", "--passkey", "9") != 0
    assert "has no passkey 9" in capsys.readouterr().err


def test_everything_takes_passkeys_too(desk, capsys):
    give_passkey(desk)

    assert desk.run("revoke", "minjun.kim") == 0

    with desk.database.read() as conn:
        assert passkeys.summaries_of(conn, desk.user_id) == ()


def test_invite_prints_a_code_that_works_once_and_what_the_person_does(desk, capsys):
    assert desk.run("invite", "minjun.kim@hangang") == 0

    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("Registration code for minjun.kim@hangang (김민준): ")
    assert "until 20" in second
    assert "등록 코드" in third
    code = first.rpartition(" ")[2]
    with desk.database.read() as conn:
        began = conn.execute(select(audit.audit.c.at)).scalar_one()
    assert spend_registration(desk.codes, desk.user, code, began).at == began
    assert spend_registration(desk.codes, desk.user, code, began) == Refusal(Reason.CODE_REPLAYED)


def test_the_code_is_not_written_down_but_who_invited_whom_is(desk, capsys):
    desk.run("invite", "minjun.kim")

    code = capsys.readouterr().out.splitlines()[0].rpartition(" ")[2]
    (record,) = desk.written_down()
    assert record.kind == "enrolment"
    assert record.detail["what"] == "enrolment.invited"
    assert "at the command line" in record.detail["by"]
    assert code not in json.dumps(record.detail)


@pytest.mark.parametrize("command", ["invite", "list", "revoke", "unlock"])
def test_a_misspelt_name_is_one_line_with_who_may_be_meant(desk, capsys, command):
    assert desk.run(command, "minjum.kim@hangang") == 1

    error = capsys.readouterr().err
    assert error == (
        "officegate: Nobody in 한강전자 is named minjum.kim. Did you mean minjun.kim@hangang (김민준)?\n"
    )


@pytest.mark.parametrize("name", ["minjun.kim@namsan", "a b@hangang", "@", ""])
def test_a_name_of_no_company_says_which_there_are(desk, capsys, name):
    assert desk.run("invite", name) == 1

    assert "one of these organizations: hangang" in capsys.readouterr().err


def test_somebody_disabled_is_not_invited(desk, capsys):
    with desk.database.write() as conn:
        conn.execute(update(users).values(enabled=False))

    assert desk.run("invite", "minjun.kim@hangang") == 1

    assert "is not invited" in capsys.readouterr().err
    assert desk.written_down() == []


def test_list_shows_what_there_is_and_no_secret(desk, capsys):
    token_id = desk.give_phone()
    desk.run("invite", "minjun.kim")
    capsys.readouterr()

    assert desk.run("list", "minjun.kim") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "minjun.kim@hangang (김민준)"
    assert lines[1].startswith(
        f"  phone {token_id} Galaxy: totp, active, since 2027-01-15 17:00 KST, last used never"
    )
    assert lines[2] == "  recovery codes left: 0"
    assert lines[3].startswith("  registration code good until ")


def test_list_says_where_there_is_nothing(desk, capsys):
    desk.run("list", "minjun.kim")

    assert capsys.readouterr().out.splitlines()[1:] == ["  no phone", "  recovery codes left: 0"]


def test_revoke_ends_a_phone(desk, capsys):
    desk.give_phone()

    assert desk.run("revoke", "minjun.kim") == 0

    assert "1 phones" in capsys.readouterr().out
    assert spend_code(desk.codes, desk.user, shown(), NOW) == Refusal(Reason.NO_TOKEN)


def test_revoke_of_a_phone_the_person_does_not_have_is_an_error(desk, capsys):
    token_id = desk.give_phone()

    assert desk.run("revoke", "minjun.kim", "--token", str(token_id + 1)) == 1
    assert "has no phone" in capsys.readouterr().err

    assert desk.run("revoke", "minjun.kim", "--token", str(token_id)) == 0


def test_unlock_lets_a_locked_person_in_again(desk, capsys):
    desk.give_phone()
    for _ in range(5):
        spend_code(desk.codes, desk.user, wrong(), NOW)
    assert spend_code(desk.codes, desk.user, shown(), NOW) == Refusal(Reason.CODE_THROTTLED)

    assert desk.run("unlock", "minjun.kim") == 0

    assert capsys.readouterr().out == "Unlocked minjun.kim@hangang (김민준).\n"
    assert spend_code(desk.codes, desk.user, shown(), NOW).at == NOW
    desk.run("unlock", "minjun.kim")
    assert capsys.readouterr().out.startswith("Nothing of minjun.kim@hangang")
