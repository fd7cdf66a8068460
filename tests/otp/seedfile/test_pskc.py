"""PSKC: the examples of RFC 6030, what other servers write, and everything that must not be taken."""

import pytest

from otp.kinds import Algorithm, Kind
from otp.seedfile import pskc
from otp.seedfile.record import SeedFileError, Unlock
from tests.otp.seedfile.pskc_files import (
    FIGURE_6,
    PROFILE,
    RFC_KEY,
    RFC_SECRET,
    container,
    derived,
    encrypted,
    figure_6,
    figure_7,
    mac_method,
    package,
    plain,
    pre_shared,
    secret_in_clear,
)

KEY = Unlock(key=RFC_KEY)
TOTP = PROFILE + "totp"


def one(content: bytes, unlock: Unlock = KEY):
    found = pskc.read(content, unlock)
    assert not found.refused
    (record,) = found.records
    return record


def refusal(content: bytes, unlock: Unlock = KEY) -> str:
    found = pskc.read(content, unlock)
    assert not found.records
    (error,) = found.refused
    return str(error)


def test_figure_5_a_key_in_clear_is_read_with_its_counter_and_length():
    record = one(container(package(secret_in_clear())))

    assert (record.secret, record.kind, record.digits, record.counter) == (RFC_SECRET, Kind.HOTP, 8, 0)
    assert (record.serial, record.issuer) == ("987654321", "Maker")


def test_figure_6_a_key_under_a_pre_shared_key_is_read():
    assert one(figure_6()).secret == RFC_SECRET


def test_figure_7_a_key_under_a_password_is_read():
    record = one(figure_7(), Unlock(password=b"qwerty"))

    assert record.secret == bytes.fromhex("3132333435363738393031323334353637383930")


def test_figure_2_a_secret_of_four_octets_is_refused():
    assert "at least 16 octets" in refusal(container(package(plain("MTIzNA=="))))


def test_figure_10_many_keys_come_in_their_order():
    found = pskc.read(container(*(package(secret_in_clear(), serial=str(n)) for n in range(1, 5))))

    assert [record.serial for record in found.records] == ["1", "2", "3", "4"]
    assert found.records[3].place == "KeyPackage 4 (4)"


@pytest.mark.parametrize("part", ["secret", "mac_key", "mac"])
def test_one_changed_bit_anywhere_refuses_the_whole_file(part):
    value = FIGURE_6[part]
    changed = value[:8] + ("A" if value[8] != "A" else "B") + value[9:]

    with pytest.raises(SeedFileError, match=r"nothing of the file is taken|does not decrypt"):
        pskc.read(figure_6(**{part: changed}), KEY)


def test_a_value_without_a_mac_refuses_the_whole_file():
    content = container(
        pre_shared(),
        mac_method(FIGURE_6["mac_key"]),
        package(secret_in_clear(), serial="good"),
        package(encrypted(FIGURE_6["secret"], None)),
    )

    with pytest.raises(SeedFileError, match="without a MAC"):
        pskc.read(content, KEY)


def test_a_file_without_a_method_for_macs_is_refused():
    with pytest.raises(SeedFileError, match="without a MAC"):
        pskc.read(container(pre_shared(), package(encrypted(FIGURE_6["secret"], FIGURE_6["mac"]))), KEY)


def test_the_placeholder_that_old_versions_of_privacyidea_write_for_a_mac_is_refused():
    with pytest.raises(SeedFileError, match=r"ValueMAC is not base64|does not fit to its MAC"):
        pskc.read(figure_6(mac="TODOmissing"), KEY)


@pytest.mark.parametrize("unlock", [Unlock(key=bytes(16)), Unlock(key=RFC_KEY[::-1])])
def test_another_key_is_refused(unlock):
    with pytest.raises(SeedFileError):
        pskc.read(figure_6(), unlock)


def test_another_password_is_refused():
    with pytest.raises(SeedFileError):
        pskc.read(figure_7(), Unlock(password=b"qwertz"))


def test_a_key_of_another_length_is_named():
    with pytest.raises(SeedFileError, match="AES-128, and the key has 256 bits"):
        pskc.read(figure_6(), Unlock(key=bytes(32)))


@pytest.mark.parametrize(("content", "asked"), [(figure_6(), "--key-file"), (figure_7(), "--password-file")])
def test_an_encrypted_file_asks_for_what_opens_it(content, asked):
    with pytest.raises(SeedFileError, match=asked):
        pskc.read(content)


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ((derived(iterations="0"),), "IterationCount"),
        ((derived(iterations="999999999999"),), "IterationCount"),
        ((derived(length="5"),), "key length"),
        ((derived(salt=""),), "salt"),
        ((derived(prf='<PRF Algorithm="urn:md5"/>'),), "PRF"),
        ((pre_shared(), mac_method(FIGURE_6["mac_key"], "urn:hmac-md5")), "MACMethod"),
        (("<EncryptionKey><ds:X509Data/></EncryptionKey>",), "certificate"),
    ],
)
def test_what_protects_the_file_in_a_way_unknown_here_is_named(parts, named):
    with pytest.raises(SeedFileError, match=named):
        pskc.read(container(*parts, package(secret_in_clear())), Unlock(b"qwerty", RFC_KEY))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"algorithm": PROFILE + "ocra"}, "ocra"),
        ({"algorithm": PROFILE + "pin"}, "PIN, not a token"),
        ({"algorithm": "http://www.yubico.com/#yubikey-aes"}, "yubikey-aes"),
        ({"algorithm": ""}, "neither TOTP nor HOTP"),
        ({"parameters": '<ResponseFormat Length="8" Encoding="HEXADECIMAL"/>'}, "not digits"),
        ({"parameters": '<ResponseFormat Length="8" CheckDigits="true"/>'}, "check digit"),
        ({"parameters": '<ResponseFormat Length="4"/>'}, "6, 7 or 8 digits"),
        ({"parameters": "<Suite>HMAC-MD5</Suite>"}, "none of SHA1"),
        ({"rest": '<Policy><PINPolicy PINUsageMode="Append"/></Policy>'}, "PIN belongs into the code"),
        ({"rest": "<Policy><NumberOfTransactions>9</NumberOfTransactions></Policy>"}, "number of times"),
        ({"rest": "<Policy><KeyUsage>Encrypt</KeyUsage></Policy>"}, "KeyUsage without OTP"),
        ({"rest": "<Policy><Unheard/></Policy>"}, "RFC 6030 forbids"),
        ({"rest": "<Policy><ExpiryDate>soon</ExpiryDate></Policy>"}, "no date"),
        ({"algorithm": TOTP, "data": f"<Time>{plain('7')}</Time>"}, "Time is not 0"),
        ({"algorithm": TOTP, "data": f"<TimeInterval>{plain('45')}</TimeInterval>"}, "30 or 60"),
        ({"data": f"<Counter>{plain('-5')}</Counter>"}, "counter is out of range"),
        ({"algorithm": TOTP, "data": f"<TimeDrift>{plain('2881')}</TimeDrift>"}, "more than 2880 steps"),
        ({"data": f"<Counter>{plain('x')}</Counter>"}, "Counter is not a whole number"),
        ({"serial": "s" * 101}, "serial number has at most"),
    ],
)
def test_a_key_that_cannot_be_used_here_is_refused_by_name(changed, named):
    assert named in refusal(container(package(secret_in_clear(), **changed)))


def test_a_pin_that_the_device_itself_asks_for_is_no_matter():
    policy = '<Policy><PINPolicy MinLength="4" PINUsageMode="Local"/><KeyUsage>OTP</KeyUsage></Policy>'

    assert one(container(package(secret_in_clear(), rest=policy))).secret == RFC_SECRET


def test_a_time_based_key_is_read_with_period_drift_algorithm_person_and_end():
    data = f"<TimeInterval>{plain('60')}</TimeInterval><TimeDrift>{plain('-2')}</TimeDrift>"
    rest = "<UserId>CN=Kim, UID=minjun.kim@hangang</UserId><FriendlyName>blue</FriendlyName>"
    rest += "<Policy><ExpiryDate>2030-01-01T00:00:00Z</ExpiryDate></Policy>"
    suite = '<Suite>HMAC-SHA256</Suite><ResponseFormat Length="6"/>'

    record = one(
        container(package(secret_in_clear(), algorithm=TOTP, data=data, parameters=suite, rest=rest))
    )

    assert (record.kind, record.period_s, record.drift_steps, record.digits) == (Kind.TOTP, 60, -2, 6)
    assert (record.algorithm, record.owner, record.key_name) == (
        Algorithm.SHA256,
        "minjun.kim@hangang",
        "blue",
    )
    assert record.expires_at == 1893456000.0


def test_what_privacyidea_writes_in_seconds_and_spent_steps_is_understood():
    data = f"<TimeInterval>{plain('30')}</TimeInterval><TimeDrift>{plain('60.0')}</TimeDrift>"
    data += f"<Counter>{plain('57000000')}</Counter>"
    suite = '<ResponseFormat Length="6" Encoding="DECIMAL"/><Suite hashalgo="sha512"/>'
    written = package(secret_in_clear(), algorithm=TOTP, data=data, parameters=suite)

    record = one(container(written.replace("<AlgorithmP", "<Issuer>privacyIDEA</Issuer><AlgorithmP", 1)))

    assert (record.drift_steps, record.last_step, record.algorithm) == (2, 57000000, Algorithm.SHA512)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01",
        b"<KeyContainer",
        b"<Other/>",
        container(version="0.9"),
        b'<?xml version="1.0" encoding="utf-99"?><a/>',
        b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY c "&b;&b;">]><KeyContainer>&c;</KeyContainer>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x"><KeyContainer/>',
        b"<KeyContainer Version='1.0'>" + b"<a>" * 500 + b"</a>" * 500 + b"</KeyContainer>",
    ],
)
def test_what_is_no_such_file_is_refused(content):
    with pytest.raises(SeedFileError):
        pskc.read(content)


@pytest.mark.parametrize(
    "type_",
    [b"<!DOCTYPE KeyContainer>", b'<!DOCTYPE a SYSTEM "file:///a">', b'<!DOCTYPE a [<!ENTITY b "c">]>'],
)
def test_a_good_file_with_a_document_type_is_refused(type_):
    content = container(package(secret_in_clear()))
    assert pskc.read(content).records

    with pytest.raises(SeedFileError, match="document type"):
        pskc.read(type_ + content)


def test_a_good_file_with_something_nested_deeply_in_it_is_refused():
    deep = "<a>" * 40 + "</a>" * 40

    with pytest.raises(SeedFileError, match="nested too deeply"):
        pskc.read(container(package(secret_in_clear()), deep))


def test_a_secret_is_in_no_representation_of_what_was_read():
    record = one(figure_6())

    assert "1234567890" not in repr(record)
    assert "1234567890" not in repr(KEY)
