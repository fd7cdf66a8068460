import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.radius import journal_format
from access.radius.journal_format import LONGEST_RECORD, decode, encode, written_by_json

RECORDS = [{"kind": "login", "t": 1.5}, {"kind": "refusal", "name": "김민준"}, {"steps": [{"ms": 0.1}]}]
OCTETS = encode(RECORDS)
ENDS = [read.end for read in decode(OCTETS)]

JSON = st.dictionaries(
    st.text(max_size=5),
    st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    max_size=3,
)


def test_records_come_back_in_their_order():
    assert [read.record for read in decode(OCTETS)] == RECORDS
    assert ENDS[-1] == len(OCTETS)


def test_reading_begins_wherever_a_record_begins():
    assert [read.record for read in decode(OCTETS, ENDS[0])] == RECORDS[1:]


@given(st.lists(JSON, max_size=4))
def test_any_records_come_back(records):
    assert [read.record for read in decode(encode(records))] == records


@given(JSON)
def test_the_quickest_writer_and_the_one_of_python_say_the_same(record):
    assert json.loads(journal_format.write(record)) == json.loads(written_by_json(record)) == record


def test_without_orjson_records_are_written_all_the_same(monkeypatch):
    monkeypatch.setattr(journal_format, "write", written_by_json)

    assert [read.record for read in decode(encode(RECORDS))] == RECORDS


@pytest.mark.parametrize("write", [journal_format.write, written_by_json])
@pytest.mark.parametrize("value", [b"octets", object(), {1, 2}])
def test_what_json_cannot_say_is_not_written(write, value):
    with pytest.raises(TypeError):
        write({"value": value})


@pytest.mark.parametrize("end", range(ENDS[1], ENDS[2]))
def test_a_tail_cut_short_is_not_read(end):
    assert [read.end for read in decode(OCTETS[:end])] == ENDS[:2]


@pytest.mark.parametrize("at", range(ENDS[1], ENDS[2]))
def test_a_record_with_a_changed_octet_is_not_read(at):
    changed = bytearray(OCTETS)
    changed[at] ^= 0x01

    assert [read.end for read in decode(bytes(changed))] == ENDS[:2]


def test_a_tail_of_zeros_is_no_record():
    assert [read.end for read in decode(OCTETS + bytes(4096))] == ENDS


def test_a_length_that_no_record_has_ends_the_reading():
    garbage = (LONGEST_RECORD + 1).to_bytes(4, "big") + bytes(4) + bytes(LONGEST_RECORD + 1)

    assert [read.end for read in decode(OCTETS + garbage)] == ENDS
