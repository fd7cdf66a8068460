"""What is written comes back as it was; strangers read nothing of it."""

import os
from dataclasses import replace

import pytest

from otp.kinds import Algorithm, Kind
from otp.seedfile import pskc, pskc_writer
from otp.seedfile.pskc_writer import Protection
from otp.seedfile.record import SeedFileError, SeedRecord, Unlock
from tests.otp.seedfile.sameness import comparable

SECRET = b"12345678901234567890"
HARD = SeedRecord("a", "H-1", Kind.HOTP, SECRET, digits=8, last_step=41, owner="jisoo.lee@hangang")
SOFT = SeedRecord(
    "b",
    'S "<&> 2',
    Kind.TOTP,
    SECRET * 2,
    period_s=60,
    algorithm=Algorithm.SHA512,
    drift_steps=-3,
    key_name="책상",
    issuer="Hangang",
    expires_at=1893456000.0,
)
PASSWORD = b"correct horse battery"
QUICK = Protection(PASSWORD, os.urandom, iterations=2)


def test_an_encrypted_file_is_read_back_as_it_was():
    found = pskc.read(pskc_writer.write([HARD, SOFT], QUICK), Unlock(password=PASSWORD))

    assert [comparable(each) for each in found.records] == [comparable(HARD), comparable(SOFT)]


def test_a_file_in_clear_is_read_back_as_it_was():
    found = pskc.read(pskc_writer.write_plain([HARD, SOFT]))

    assert [comparable(each) for each in found.records] == [comparable(HARD), comparable(SOFT)]


def test_an_encrypted_file_holds_no_secret_in_any_spelling():
    content = pskc_writer.write([HARD], QUICK)

    for spelt in (SECRET, SECRET.hex().encode(), b"MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", b"GEZDGNBVGY3TQOJQ"):
        assert spelt not in content


def test_the_same_tokens_are_never_written_twice_alike():
    assert pskc_writer.write([HARD], QUICK) != pskc_writer.write([HARD], QUICK)


def test_a_short_password_is_refused():
    with pytest.raises(SeedFileError, match="fewer than 12"):
        pskc_writer.write([HARD], replace(QUICK, password=b"hangang2026"))


def test_another_password_opens_nothing():
    with pytest.raises(SeedFileError):
        pskc.read(pskc_writer.write([HARD], QUICK), Unlock(password=b"correct horse batterz"))
