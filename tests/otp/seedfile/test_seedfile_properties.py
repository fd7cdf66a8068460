"""Whatever the octets, a reader reads them or raises SeedFileError; whatever is written comes back."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otp.kinds import Algorithm, Kind
from otp.seedfile import FORMATS, oath_csv, pskc, pskc_writer
from otp.seedfile.pskc_writer import Protection
from otp.seedfile.record import MOST_RECORDS, SeedFileError, SeedRecord, Unlock, check_size, collect
from tests.otp.seedfile import pskc_files
from tests.otp.seedfile.migration_codes import account, migration
from tests.otp.seedfile.sameness import comparable
from tests.otp.seedfile.test_privacyidea import YAML

UNLOCK = Unlock(b"a password of the recipient", pskc_files.RFC_KEY)
SEEDS = [
    pskc_files.figure_6(),
    pskc_files.container(pskc_files.package(pskc_files.secret_in_clear())),
    b"F1,3132333435363738393031323334353637383930,totp,6,30\n",
    b"OATH-HOTP,11.12.13 18:55,1,ub,,3132333435363738393031323334353637383930,,,0,0,0,8,7,0\n",
    b"otpauth://hotp/kim?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=1&digits=8\n",
    migration([account(b"12345678901234567890")]).encode(),
    YAML.encode(),
]
texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20).map(
    str.strip
)
owners = texts.map(lambda text: "".join(each for each in text if each not in ',=":'))
serials = st.text("ABCdef0123456789-_. ", min_size=1, max_size=30).map(str.strip).filter(bool)
kinds = st.sampled_from([Kind.TOTP, Kind.HOTP])


@st.composite
def mutations(draw):
    """A good file with some octets of it changed, taken out or put in twice."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content) - 1))
        piece = draw(
            st.one_of(st.binary(max_size=4), st.sampled_from([b"<", b"&#0;", b'"', b"\n", b"-", b"="]))
        )
        content[at : at + draw(st.integers(0, 6))] = piece
        content = content or bytearray(b" ")
    return bytes(content)


@st.composite
def records(draw):
    kind = draw(kinds)
    return SeedRecord(
        place="",
        serial=draw(serials),
        kind=kind,
        secret=draw(st.binary(min_size=16, max_size=64)),
        digits=draw(st.sampled_from([6, 7, 8])),
        period_s=draw(st.sampled_from([30, 60])) if kind is Kind.TOTP else 30,
        algorithm=draw(st.sampled_from(Algorithm)),
        last_step=draw(st.integers(-1, 2**40)) if kind is Kind.HOTP else -1,
        owner=draw(owners),
    )


@pytest.mark.parametrize("name", FORMATS)
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode), mutations()))
def test_any_octets_are_read_or_refused_by_the_one_error(name, content):
    try:
        found = FORMATS[name].read(content, UNLOCK)
    except SeedFileError as error:
        assert error.place and error.why
        return
    assert all(isinstance(each, SeedRecord) for each in found.records)
    assert all(isinstance(each, SeedFileError) for each in found.refused)


@given(st.lists(records(), max_size=4))
def test_every_list_of_tokens_comes_back_from_pskc(listed):
    protection = Protection(UNLOCK.password, os.urandom, iterations=1)

    found = pskc.read(pskc_writer.write(listed, protection), UNLOCK)

    assert [comparable(each) for each in found.records] == listed


@given(st.lists(records(), max_size=4))
def test_every_list_of_tokens_comes_back_from_csv(listed):
    listed = [each for each in listed if not each.serial.lower().startswith("serial")]

    found = oath_csv.read(oath_csv.write(listed))

    assert [comparable(each) for each in found.records] == listed


def test_a_file_too_large_is_refused():
    with pytest.raises(SeedFileError, match="larger than 64 MB"):
        check_size(bytes(64 * 2**20 + 1))


def test_more_tokens_than_any_company_has_are_refused():
    with pytest.raises(SeedFileError, match="split it"):
        collect([None] * (MOST_RECORDS + 1))  # type: ignore[list-item]
