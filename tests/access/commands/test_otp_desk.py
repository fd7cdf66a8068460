"""What an operator does for somebody with a hardware token, or for somebody without a phone."""

import re

import pytest

from access.cli import main
from access.keys.keyfile import load_or_create
from access.model import Reason, User, Via
from access.proof.authentication import Refusal, Spent, Where, spend_code
from access.proof.factors import NewToken, Origin
from access.store import audit, tokens
from access.store.spending import StoredCodes
from otp import hotp
from otp.kinds import Kind
from otp.token import State, Token
from tests.access.installation import write_config
from tests.access.residents import SECRET, Dice, settle_in

VPN, PORTAL = Where(Via.VPN, "vpn-1"), Where(Via.PORTAL, "10.1.2.3")
OTHER_SECRET = b"another secret of 20"


class Desk:
    """An installation with one person, and hardware tokens in stock."""

    def __init__(self, directory, address, database):
        self.config = write_config(directory, address.url)
        self.database = database
        self.user_id = settle_in(database)
        self.keyring = load_or_create(self.config.parent / "keys" / "keys")

    def run(self, *arguments):
        return main(["--config", str(self.config), "otp", *arguments])

    def stock(self, serial, secret=SECRET, state=State.SPARE):
        spare = Token(secret, kind=Kind.HOTP, state=state)
        new = NewToken(None, spare, serial=serial, origin=Origin.IMPORTED)
        with self.database.write() as conn:
            tokens.add(conn, self.keyring, new, 1, Dice(int(serial[-4:]) + 50))

    def spend(self, code, now, where=VPN):
        codes = StoredCodes(self.database, self.keyring, Dice())
        return spend_code(codes, User(self.user_id, "hangang", "minjun.kim", ""), code, now, where)

    def written_down(self):
        with self.database.read() as conn:
            return audit.records(conn, audit.Selection(user_id=self.user_id), self.keyring)


@pytest.fixture
def desk(tmp_path_factory, address, database):
    return Desk(tmp_path_factory.mktemp("desk"), address, database)


def presses(*counters, secret=SECRET):
    token = Token(secret, kind=Kind.HOTP)
    return [hotp.code_at(token, counter) for counter in counters]


def began(desk):
    """When the command ran, by what it wrote down."""
    return desk.written_down()[0].at


def test_a_bypass_code_counts_at_its_doors_for_its_uses_and_is_written_down(desk, capsys):
    status = desk.run("bypass", "minjun.kim@hangang", "--hours", "2", "--uses", "2", "--via", "vpn")

    said = capsys.readouterr().out
    code = re.search(r"minjun.kim@hangang: (\d{3}-\d{3})$", said, re.MULTILINE).group(1)
    now = began(desk)
    assert status == 0
    assert "Good 2 times at vpn, until " in said
    assert desk.spend(code, now, PORTAL) == Refusal(Reason.CODE_ELSEWHERE)
    assert desk.spend(code, now + 1) == Spent(now + 1, "bypass", Origin.HELPDESK)
    assert desk.spend(code.replace("-", ""), now + 2) == Spent(now + 2, "bypass", Origin.HELPDESK)
    assert desk.spend(code, now + 3) == Refusal(Reason.CODE_REPLAYED)
    (row,) = desk.written_down()
    assert (row.detail["what"], row.detail["uses"], row.detail["via"]) == (
        "enrolment.bypass-issued",
        "2",
        "vpn",
    )
    assert code not in str(row.detail) and code.replace("-", "") not in str(row.detail)


def test_a_bypass_code_that_ends_tomorrow_ends_tomorrow(desk, capsys):
    desk.run("bypass", "minjun.kim@hangang", "--hours", "24")
    code = re.search(r"\d{3}-\d{3}", capsys.readouterr().out).group()

    assert desk.spend(code, began(desk) + 24 * 3600) == Refusal(Reason.CODE_EXPIRED)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--hours", "73"], "up to 72 hours"),
        (["--hours", "0"], "up to 72 hours"),
        (["--uses", "21"], "1 to 20 uses"),
    ],
)
def test_a_bypass_code_without_an_end_is_not_made(desk, capsys, options, said):
    assert desk.run("bypass", "minjun.kim@hangang", *options) != 0

    assert said in capsys.readouterr().err
    assert desk.written_down() == []


def test_a_bypass_code_stands_in_the_list_until_it_ends(desk, capsys):
    desk.run("bypass", "minjun.kim@hangang", "--uses", "2")
    capsys.readouterr()

    desk.run("list", "minjun.kim@hangang")

    assert re.search(
        r"bypass code by .* at the command line: 2 uses left at every door", capsys.readouterr().out
    )


def test_a_hardware_token_in_stock_is_assigned_and_counts(desk, capsys):
    desk.stock("FT-0007")

    assert desk.run("assign", "FT-0007", "minjun.kim@hangang") == 0
    now = began(desk)

    assert desk.spend(presses(0)[0], now + 1) == Spent(now + 1, "hotp", Origin.IMPORTED)
    desk.run("list", "minjun.kim@hangang")
    assert re.search(
        r"hardware token FT-0007, number \d+: hotp, active, .* vpn-1, by imported", capsys.readouterr().out
    )


def test_a_hardware_token_is_nobody_elses_until_it_is_revoked(desk, capsys):
    settle_in(desk.database, "seoyeon.lee")
    desk.stock("FT-0007")
    desk.run("assign", "FT-0007", "minjun.kim@hangang")
    spent = presses(0)[0]
    desk.spend(spent, began(desk))

    assert desk.run("assign", "FT-0007", "seoyeon.lee@hangang") != 0
    assert "somebody's" in capsys.readouterr().err

    desk.run("revoke", "minjun.kim@hangang")
    assert desk.run("assign", "FT-0007", "minjun.kim@hangang") == 0
    assert desk.spend(spent, began(desk)) == Refusal(Reason.CODE_REPLAYED)


@pytest.mark.parametrize("serial", ["FT-9999", ""])
def test_an_unknown_serial_number_is_said(desk, capsys, serial):
    assert desk.run("assign", serial, "minjun.kim@hangang") != 0

    assert "There is no hardware token" in capsys.readouterr().err


def test_one_without_a_label_is_identified_by_two_codes_and_no_code_is_spent(desk, capsys):
    desk.stock("FT-0007")
    desk.stock("FT-0008", OTHER_SECRET)
    pair = presses(40, 41, secret=OTHER_SECRET)

    assert desk.run("identify", *pair) == 0
    assert capsys.readouterr().out == "FT-0008 of hangang: officegate otp assign FT-0008 NAME@hangang\n"
    assert desk.run("identify", *pair) == 0
    assert desk.run("identify", *reversed(pair)) != 0
    assert desk.run("identify", *pair, "--organization", "nakdong") != 0


def test_a_button_pressed_a_hundred_times_is_found_again_by_two_codes(desk, capsys):
    desk.stock("FT-0007")
    desk.run("assign", "FT-0007", "minjun.kim@hangang")
    now = began(desk)
    first, second, third = presses(100, 101, 102)
    assert desk.spend(third, now) == Refusal(Reason.WRONG_CODE)

    assert desk.run("resync", "minjun.kim@hangang", first, second) == 0

    assert "Found hardware token FT-0007" in capsys.readouterr().out
    assert desk.spend(second, now) == Refusal(Reason.CODE_REPLAYED)
    assert isinstance(desk.spend(third, now), Spent)


def test_two_codes_that_do_not_follow_each_other_find_nothing(desk, capsys):
    desk.stock("FT-0007")
    desk.run("assign", "FT-0007", "minjun.kim@hangang")

    assert desk.run("resync", "minjun.kim@hangang", *presses(100, 102)) != 0
    desk.run("list", "minjun.kim@hangang")

    assert "1 wrong codes in a row" in capsys.readouterr().out


def test_everything_about_a_token_is_shown_but_its_secret(desk, capsys):
    desk.stock("FT-0007")

    assert desk.run("show", "FT-0007") == 0

    said = dict(
        line.split(maxsplit=1)
        for line in capsys.readouterr().out.replace("last used", "last-used").splitlines()
    )
    assert said["whose"] == "nobody's, in stock"
    assert said["kind"] == "hotp, 6 digits, HMAC-SHA1, a counter, at 0"
    assert said["last-used"] == "never"
    assert SECRET.decode() not in str(said) and SECRET.hex() not in str(said)
    assert desk.run("show", "FT-0008") != 0


def test_what_is_in_stock_is_listed(desk, capsys):
    desk.stock("FT-0007")
    desk.stock("FT-0008", OTHER_SECRET)
    desk.run("assign", "FT-0008", "minjun.kim@hangang")
    capsys.readouterr()

    assert desk.run("list", "--stock") == 0

    assert (
        capsys.readouterr().out == "FT-0007 of hangang: hotp, 6 digits\n1 hardware tokens that nobody has.\n"
    )
    assert desk.run("list") != 0
    assert desk.run("list", "minjun.kim@hangang", "--stock") != 0
