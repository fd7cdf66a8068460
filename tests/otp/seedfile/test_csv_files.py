"""OATH CSV of vendors, privacyIDEA and LinOTP, and the log of Yubico's personalization tool."""

import pytest

from otp.kinds import Algorithm, Kind
from otp.seedfile import oath_csv, yubikey_csv
from otp.seedfile.record import SeedFileError, SeedRecord
from tests.otp.seedfile.sameness import comparable

HEX = "3132333435363738393031323334353637383930"
SECRET = b"12345678901234567890"


def one(read, text: str) -> SeedRecord:
    found = read(text.encode())
    assert not found.refused
    (record,) = found.records
    return record


def refusal(read, text: str) -> str:
    found = read(text.encode())
    assert not found.records
    return str(found.refused[0])


@pytest.mark.parametrize(
    ("line", "kind", "digits", "period_s", "counter"),
    [
        (f"F1,{HEX}", Kind.HOTP, 6, 30, 0),
        (f"F1, {HEX}, HOTP, 8", Kind.HOTP, 8, 30, 0),
        (f"F1,{HEX},hotp,6,57", Kind.HOTP, 6, 30, 57),
        (f'"F1","{HEX}","TOTP","6","60"', Kind.TOTP, 6, 60, 0),
        (f"F1,{HEX},totp", Kind.TOTP, 6, 30, 0),
    ],
)
def test_a_line_of_oath_csv_is_a_token(line, kind, digits, period_s, counter):
    record = one(oath_csv.read, line)

    assert (record.serial, record.secret, record.kind) == ("F1", SECRET, kind)
    assert (record.digits, record.period_s, record.counter) == (digits, period_s, counter)


def test_linotp_means_a_period_where_others_mean_a_counter():
    assert one(oath_csv.read_linotp, f"F1,{HEX},hotp,6,30").counter == 0
    assert one(oath_csv.read, f"F1,{HEX},hotp,6,30").counter == 30


@pytest.mark.parametrize(
    ("octets", "named", "algorithm"),
    [
        (20, "", Algorithm.SHA1),
        (32, "", Algorithm.SHA256),
        (64, "", Algorithm.SHA512),
        (32, "sha1", Algorithm.SHA1),
        (20, "SHA-512", Algorithm.SHA512),
    ],
)
def test_the_algorithm_is_the_one_named_or_that_of_the_length(octets, named, algorithm):
    assert one(oath_csv.read, f"F1,{'ab' * octets},totp,6,30,{named}").algorithm is algorithm


def test_remarks_headings_empty_lines_and_any_line_end_are_passed_over():
    text = f"\ufeffserial,secret,type\r\n# from the vendor\r\n\r\nF1,{HEX},totp\rF2,{HEX},totp\n"

    assert [(each.serial, each.place) for each in oath_csv.read(text.encode()).records] == [
        ("F1", "line 4"),
        ("F2", "line 5"),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("F1", "line 1: it has 1 columns"),
        (f",{HEX}", "serial number is missing"),
        ("F1,xyz", "not hexadecimal"),
        ("F1,abc", "two digits an octet"),
        ("F1,", "not hexadecimal"),
        ("F1,00112233445566778899", "at least 16 octets"),
        (f"F1,{HEX},ocra,OCRA-1:HOTP-SHA1-6:QN08", "neither TOTP nor HOTP"),
        (f"F1,{HEX},totp,six", "digits is not a whole number"),
        (f"F1,{HEX},totp,10", "6, 7 or 8 digits"),
        (f"F1,{HEX},totp,6,15", "30 or 60"),
        (f"F1,{HEX},hotp,6,-3", "counter is out of range"),
        (f"F1,{HEX},hotp,6,99999999999999999999999", "not a whole number"),
        (f"F1,{HEX},totp,6,30,md5", "none of SHA1"),
        (f'F1,"{HEX}" x "y,totp', "quotation marks"),
        (f"F1,{HEX},totp,6,30,sha1,owner,x,y", "9 columns"),
    ],
)
def test_a_line_that_is_wrong_is_refused_with_its_number(line, why):
    assert why in refusal(oath_csv.read, line)


def test_a_wrong_line_keeps_no_right_one_from_being_read():
    found = oath_csv.read(f"F1,{HEX}\nF2,nonsense\nF3,{HEX}".encode())

    assert [record.serial for record in found.records] == ["F1", "F3"]
    assert [error.place for error in found.refused] == ["line 2"]


def test_a_refusal_never_repeats_the_secret():
    assert HEX[:-1] not in refusal(oath_csv.read, f"F1,{HEX[:-1]}")


def test_what_is_written_is_read_back_as_it_was():
    records = [
        SeedRecord("a", "H 1", Kind.HOTP, SECRET, digits=8, last_step=6, owner="kim@hangang"),
        SeedRecord("b", "T2", Kind.TOTP, SECRET, period_s=60, algorithm=Algorithm.SHA256),
    ]

    found = oath_csv.read(oath_csv.write(records))

    assert [comparable(each) for each in found.records] == [comparable(each) for each in records]


@pytest.mark.parametrize("serial", ["", "a,b", 'a"b', "#1"])
def test_a_serial_number_that_csv_cannot_hold_is_not_written(serial):
    with pytest.raises(SeedFileError, match="export PSKC"):
        oath_csv.write([SeedRecord("a", serial, Kind.HOTP, SECRET)])


def test_text_in_another_encoding_is_refused_with_its_line():
    with pytest.raises(SeedFileError, match="line 2: it is not UTF-8"):
        oath_csv.read(b"F1,00\n\xff\xfe")


def test_a_hotp_key_of_the_traditional_log_is_read():
    line = f"OATH-HOTP,11.12.13 18:55,1,ubhe00001234,,{HEX},,,0,0,0,8,7,0,0,0,0,0"

    record = one(yubikey_csv.read, line)

    assert (record.serial, record.secret, record.digits, record.counter) == (
        "ubhe00001234-1",
        SECRET,
        8,
        7,
    )
    assert "switch that off" in record.remark


def test_a_hotp_key_of_the_log_in_yubicos_own_form_is_read():
    record = one(yubikey_csv.read, f"508326,,0,{HEX},,2013-12-12T08:41:07,")

    assert (record.serial, record.secret, record.digits, record.counter) == ("508326", SECRET, 6, 0)
    assert record.remark == ""


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"Yubico OTP,12/11/2013 11:10,1,vvgutbiedkvi,ab86c04de6a3,{HEX},,,0", "Yubico OTP key"),
        (f"Static Password,11.12.13,1,,d5a3d50327dc,{HEX},,,0", "static password"),
        (f"Challenge-Response,11.12.13,2,,,{HEX},,,0", "answers challenges"),
        (f"508326,cccccccccccc,83cebdfb7b93,{HEX},,2013-12-12", "Yubico OTP key"),
        (f"508326,,,{HEX},,2013-12-12,", "static password"),
        ("Something else,1,2,3,4,5,6", "neither with a kind of key nor"),
        ("508326,,0", "3 columns"),
        ("OATH-HOTP,11.12.13 18:55,1,,,nonsense,,,0", "not hexadecimal"),
    ],
)
def test_keys_that_make_no_oath_codes_are_refused_with_the_reason(line, why):
    assert why in refusal(yubikey_csv.read, line)
