"""otpauth:// links, and the QR codes in which Google Authenticator moves accounts."""

from base64 import b64encode
from urllib.parse import quote

import pytest

from otp.kinds import Algorithm, Kind
from otp.seedfile import google_migration, otpauth_list
from otp.seedfile.record import SeedFileError
from tests.otp.seedfile.migration_codes import account, migration, varint_field

SECRET = b"12345678901234567890"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def refusal(read, text: str) -> str:
    found = read(text.encode())
    assert not found.records
    return str(found.refused[0])


def test_a_time_based_link_is_read_with_all_it_says():
    link = (
        f"otpauth://totp/Hangang:minjun.kim%40hangang?secret={BASE32.lower()}"
        "&issuer=Hangang&algorithm=SHA256&digits=8&period=60"
    )

    (record,) = otpauth_list.read(link.encode()).records

    assert (record.secret, record.kind, record.digits, record.period_s) == (SECRET, Kind.TOTP, 8, 60)
    assert (record.algorithm, record.owner, record.issuer) == (
        Algorithm.SHA256,
        "minjun.kim@hangang",
        "Hangang",
    )


def test_a_counting_link_keeps_its_counter():
    (record,) = otpauth_list.read(f"otpauth://hotp/kim?secret={BASE32}&counter=12".encode()).records

    assert (record.kind, record.counter, record.owner) == (Kind.HOTP, 12, "kim")


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("https://totp/kim", "no otpauth://"),
        (f"otpauth://motp/kim?secret={BASE32}", "neither TOTP nor HOTP"),
        ("otpauth://totp/kim?secret=", "secret is missing"),
        ("otpauth://totp/kim?secret=018", "not base32"),
        ("otpauth://totp/kim?secret=GEZDGNBVGY3TQOJQ", "at least 16 octets"),
        (f"otpauth://hotp/kim?secret={BASE32}", "without a counter"),
        (f"otpauth://totp/kim?secret={BASE32}&digits=x", "digits is not"),
        (f"otpauth://totp/kim?secret={BASE32}&algorithm=MD5", "none of SHA1"),
        ("otpauth://totp/kim?" + "&".join(f"p{n}=1" for n in range(30)), "no link that can be read"),
        ("otpauth://[totp/kim", "no link that can be read"),
    ],
)
def test_a_link_that_is_wrong_is_refused(link, why):
    assert why in refusal(otpauth_list.read, link)


def test_accounts_of_a_qr_code_are_read():
    link = migration(
        [
            account(SECRET, name="Hangang:minjun.kim@hangang", kind=2, algorithm=2, digits=2),
            account(SECRET, name="jisoo", issuer="Hangang", kind=1, counter=9),
        ]
    )

    first, second = google_migration.read(link.encode()).records

    assert (first.kind, first.algorithm, first.digits, first.owner) == (
        Kind.TOTP,
        Algorithm.SHA256,
        8,
        "minjun.kim@hangang",
    )
    assert (second.kind, second.counter, second.issuer, second.place) == (
        Kind.HOTP,
        9,
        "Hangang",
        "line 1, account 2",
    )


def test_a_batch_of_several_codes_is_read_in_any_order_and_each_code_once():
    codes = [migration([account(SECRET, name=f"kim{n}")], size=3, index=n, batch=77) for n in (2, 0, 1, 0)]

    found = google_migration.read("\n".join(codes).encode())

    assert [record.owner for record in found.records] == ["kim2", "kim0", "kim1"]


def test_a_batch_with_a_code_missing_is_refused_so_that_nobody_is_forgotten():
    codes = [migration([account(SECRET)], size=3, index=n, batch=77) for n in (0, 2)]

    with pytest.raises(SeedFileError, match="one of 3 QR codes, and number 2 is missing"):
        google_migration.read("\n".join(codes).encode())


def test_two_codes_that_name_no_batch_are_both_read():
    codes = [migration([account(SECRET, name=name)], size=1, index=0, batch=0) for name in ("a", "b")]

    assert len(google_migration.read("\n".join(codes).encode()).records) == 2


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (account(SECRET, kind=3), "none that is known here"),
        (account(SECRET, algorithm=4), "none that is known here"),
        (account(b""), "secret or its counter is missing"),
        (account(b"0123456789"), "at least 16 octets"),
        (b"\x0a\xff", "no account"),
        (account(SECRET, name=b"\xff\xfe"), "not UTF-8"),
        (account(SECRET) + varint_field(7, 2**63), "counter is out of range"),
    ],
)
def test_an_account_that_cannot_be_used_is_refused(message, why):
    link = migration([message + varint_field(6, 1) if "range" in why else message])

    assert why in refusal(google_migration.read, link)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("otpauth-migration://offline?data=%%%", "not base64"),
        (
            "otpauth-migration://offline?data=" + quote(b64encode(b"\x0a\x05abc").decode()),
            "no list of accounts",
        ),
        (migration([account(SECRET)], size=2, index=5), "no part of the batch"),
        (f"otpauth://totp/kim?secret={BASE32}", "no otpauth-migration://"),
    ],
)
def test_a_code_that_cannot_be_read_is_refused(text, why):
    with pytest.raises(SeedFileError, match=why):
        google_migration.read(text.encode())
