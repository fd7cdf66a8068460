"""The three exports of privacyIDEA's tokenjanitor, with everything that they do not say."""

import json

import pytest
from cryptography.fernet import Fernet

from otp.kinds import Algorithm, Kind
from otp.seedfile import privacyidea
from otp.seedfile.record import SeedFileError, Unlock

HEX = "3132333435363738393031323334353637383930"
SECRET = b"12345678901234567890"
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
YAML = f"""- _hashed_pin: $argon2id$v=19$x
  active: true
  counter: 57000000
  description: ''
  failcount: 0
  info_list:
    hashlib: sha256
    timeShift: '-60.0'
    timeStep: '60'
    tokenkind: software
  locked: false
  otpkey: {HEX}
  otplen: 8
  owner: minjun.kim@hangang
  revoked: false
  serial: '0012'
  type: totp
- counter: 7
  info_list: {{}}
  otpkey: {BASE32}
  otplen: 6
  owner: n/a
  serial: OATH0001
  type: HOTP
"""
TOKEN = {"serial": "T1", "type": "totp", "otpkey": HEX, "otplen": 6, "counter": 0, "info_list": {}}


def refusal(read, content: bytes, unlock: Unlock = Unlock()) -> str:  # noqa: B008
    found = read(content, unlock)
    assert not found.records
    return str(found.refused[0])


def sealed(tokens: object, key: bytes) -> bytes:
    return Fernet(key).encrypt(json.dumps(tokens).encode())


def test_yaml_is_read_with_counter_drift_period_algorithm_and_owner():
    soft, hard = privacyidea.read_yaml(YAML.encode()).records

    assert (soft.serial, soft.secret, soft.kind, soft.digits) == ("0012", SECRET, Kind.TOTP, 8)
    assert (soft.period_s, soft.drift_steps, soft.last_step) == (60, -1, 57000000)
    assert (soft.algorithm, soft.owner) == (Algorithm.SHA256, "minjun.kim@hangang")
    assert (hard.serial, hard.secret, hard.kind, hard.counter, hard.owner) == (
        "OATH0001",
        SECRET,
        Kind.HOTP,
        7,
        "",
    )


def test_the_encrypted_export_is_read_with_the_key_it_printed():
    key = Fernet.generate_key()
    token = TOKEN | {"user": {"login": "minjun.kim", "realm": "hangang", "uid": "7"}, "issuer": "privacyIDEA"}

    (record,) = privacyidea.read_pi(sealed([token], key), Unlock(password=key + b"\n")).records

    assert (record.serial, record.secret, record.owner) == ("T1", SECRET, "minjun.kim@hangang")


@pytest.mark.parametrize(
    ("content", "password", "why"),
    [
        (b"x", b"", "give the key"),
        (b"x", b"short", "none as exports print it"),
        (b"x", Fernet.generate_key(), "does not open"),
        (b"\xff\xfe", Fernet.generate_key(), "does not open"),
    ],
    ids=["no key", "a short key", "no export", "no text"],
)
def test_an_encrypted_export_without_its_key_is_refused(content, password, why):
    with pytest.raises(SeedFileError, match=why):
        privacyidea.read_pi(content, Unlock(password=password))


@pytest.mark.parametrize("inside", [{"a": 1}, 7, "text"])
def test_an_encrypted_export_that_holds_no_list_is_refused(inside):
    key = Fernet.generate_key()

    with pytest.raises(SeedFileError, match="no list of tokens"):
        privacyidea.read_pi(sealed(inside, key), Unlock(password=key))


def test_csv_is_read_with_its_owner():
    (record,) = privacyidea.read_csv(f"kim@hangang, T1, {HEX}, totp, 6, 30".encode()).records

    assert (record.serial, record.owner, record.kind, record.period_s) == ("T1", "kim@hangang", Kind.TOTP, 30)
    assert "no algorithm" in record.remark


def test_csv_of_a_hotp_token_is_refused_because_its_counter_is_lost():
    assert "no counter for HOTP" in refusal(privacyidea.read_csv, f"n/a, T1, {HEX}, hotp, 6".encode())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"type": "spass"}, "neither TOTP nor HOTP"),
        ({"active": False}, "disabled or revoked"),
        ({"revoked": True}, "disabled or revoked"),
        ({"serial": ""}, "serial number is missing"),
        ({"otpkey": "zz"}, "not base32|at least 16"),
        ({"otpkey": ["a"]}, "not hexadecimal"),
        ({"otplen": "six"}, "otplen is not"),
        ({"counter": 10**30}, "counter is not"),
        ({"info_list": {"hashlib": "md5"}}, "none of SHA1"),
        ({"info_list": {"timeStep": "20"}}, "30 or 60"),
        ({"info_list": {"timeShift": "later"}}, "timeShift is not"),
    ],
)
def test_a_token_that_cannot_be_used_here_is_refused_by_name(changed, why):
    key = Fernet.generate_key()

    said = refusal(privacyidea.read_pi, sealed([TOKEN | changed], key), Unlock(password=key))

    assert any(each in said for each in why.split("|"))


@pytest.mark.parametrize(
    "content", [b"a: [", b"- &a [*a, *a]", b"{}", b"text", b"\xff", b"[" * 10_000, b"- " * 5_000, b"? ? ? x"]
)
def test_what_is_no_such_yaml_is_refused(content):
    try:
        found = privacyidea.read_yaml(content)
    except SeedFileError:
        return
    assert not found.records


@pytest.mark.parametrize("nested", ["[" * 10_000, "[\n" * 10_000, "- " + "{a: " * 10_000, "x" * 30_000])
def test_brackets_within_brackets_are_refused_before_they_cost_anything(nested):
    with pytest.raises(SeedFileError, match="nested too deeply"):
        privacyidea.read_yaml(nested.encode())


def test_an_open_bracket_in_each_description_is_no_nesting():
    token = YAML[: YAML.index("- counter: 7")].replace("description: ''", "description: '['")

    assert len(privacyidea.read_yaml(token.encode() * 40).records) == 40
