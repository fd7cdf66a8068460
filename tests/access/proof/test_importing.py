"""What is taken from a seed file, and what is told about the rest."""

from dataclasses import dataclass, field, replace

import pytest

from access.model import Organization
from access.proof.factors import Origin
from access.proof.importing import Known, Order, Verdict, import_tokens
from otp.kinds import Kind
from otp.seedfile.record import SeedFile, SeedFileError, SeedRecord
from otp.token import NEVER, State

HANGANG = Organization(1, "hangang", "한강전자", "hangang.example", "ko")
NAMSAN = Organization(2, "namsan", "남산", "namsan.example", "ko")
NOW = 1_800_000_000.0
SECRET = b"12345678901234567890"
F1 = SeedRecord("line 1", "F1", Kind.HOTP, SECRET, last_step=41)
ORDER = Order(HANGANG, "an operator", {})


@dataclass
class World:
    """What there is already, and what was stored."""

    people: dict[str, int] = field(default_factory=lambda: {"minjun.kim": 7})
    serials: frozenset[str] = frozenset()
    stored: list = field(default_factory=list)

    def organizations(self):
        return [HANGANG, NAMSAN]

    def known(self, organization):
        return Known(self.people, self.serials)

    def store(self, tokens, order, now):
        self.stored += tokens


def imported(*entries, order=ORDER, world=None):
    world = world or World()
    return import_tokens(world, SeedFile(entries), order, NOW), world


def test_a_token_without_an_owner_is_put_in_stock_with_its_counter():
    report, world = imported(F1)

    (token,) = world.stored
    assert (token.user_id, token.serial, token.origin) == (None, "F1", Origin.IMPORTED)
    assert (token.token.state, token.token.last_step, token.token.kind) == (State.SPARE, 41, Kind.HOTP)
    assert [line.verdict for line in report.lines] == [Verdict.IN_STOCK]


@pytest.mark.parametrize(
    "owner", ["minjun.kim", "minjun.kim@hangang", "MINJUN.KIM@hangang.example", "HANGANG\\minjun.kim"]
)
def test_a_token_with_an_owner_works_at_once(owner):
    report, world = imported(replace(F1, owner=owner))

    assert (world.stored[0].user_id, world.stored[0].token.state) == (7, State.ACTIVE)
    assert report.lines[0].verdict is Verdict.IMPORTED


def test_a_list_of_owners_goes_over_what_the_file_says():
    order = replace(ORDER, owners={"F1": "minjun.kim"})

    _, world = imported(replace(F1, owner="somebody.else"), order=order)

    assert world.stored[0].user_id == 7


@pytest.mark.parametrize("owner", ["nobody", "minjun.kim@namsan", "minjun.kim@elsewhere", "a b"])
def test_an_owner_nobody_is_keeps_everything_from_being_written(owner):
    report, world = imported(F1, replace(F1, serial="F2", owner=owner))

    assert world.stored == []
    assert not report.written
    assert [line.verdict for line in report.lines] == [Verdict.IN_STOCK, Verdict.UNKNOWN_OWNER]
    assert "--owners" in report.lines[1].advice


def test_a_serial_number_that_is_there_already_is_told():
    report, world = imported(F1, world=World(serials=frozenset({"F1"})))

    assert world.stored == []
    assert report.lines[0].verdict is Verdict.DUPLICATE
    assert "imported before" in report.lines[0].advice


def test_a_serial_number_twice_in_the_file_is_told_at_its_second_place():
    report, _ = imported(F1, replace(F1, place="line 2"))

    assert [line.verdict for line in report.lines] == [Verdict.IN_STOCK, Verdict.DUPLICATE]
    assert report.lines[1].place == "line 2"


def test_lines_that_could_not_be_read_stand_in_their_place():
    error = SeedFileError("line 2", "the secret is not hexadecimal")

    report, world = imported(F1, error, replace(F1, serial="F3", place="line 3"))

    assert [line.place for line in report.lines] == ["line 1", "line 2", "line 3"]
    assert (report.lines[1].verdict, report.faults, world.stored) == (Verdict.BAD, 1, [])


def test_what_is_wrong_is_left_out_only_where_that_was_asked_for():
    error = SeedFileError("line 2", "the secret is not hexadecimal")

    report, world = imported(F1, error, order=replace(ORDER, skips=True))

    assert report.written
    assert [token.serial for token in world.stored] == ["F1"]


def test_a_dry_run_writes_nothing():
    report, world = imported(F1, order=replace(ORDER, dry_run=True))

    assert (world.stored, report.written, report.count(Verdict.IN_STOCK)) == ([], False, 1)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"expires_at": NOW - 1}, "has expired"),
        ({"kind": Kind.TOTP, "last_step": int(NOW // 30) + 100}, "in the future"),
        ({"serial": ""}, "neither a serial number nor an owner"),
    ],
)
def test_a_token_that_could_never_be_used_is_refused(changed, why):
    report, world = imported(replace(F1, **changed))

    assert world.stored == []
    assert why in report.lines[0].advice


def test_two_phones_without_serial_numbers_are_both_taken():
    phone = replace(F1, serial="", kind=Kind.TOTP, last_step=NEVER, owner="minjun.kim", issuer="Hangang")

    _, world = imported(phone, replace(phone, place="line 2"))

    assert [(token.serial, token.nickname) for token in world.stored] == [(None, "Hangang")] * 2


def test_a_remark_about_a_token_is_told_though_it_was_taken():
    report, _ = imported(replace(F1, remark="switch that off"))

    assert report.lines[0].advice == "switch that off"
