import hmac
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.records.audit import (
    GENESIS,
    DetailBroken,
    Row,
    canonical,
    chain_hash,
    encode_detail,
    open_detail,
    seal_detail,
)
from access.records.audit_proof import (
    Fault,
    Head,
    Link,
    Span,
    Stamp,
    bridge_octets,
    is_signed,
    sign_head,
    span_octets,
    verify_chain,
    verify_numbers,
)

KEY = bytes(range(32))
ROW = Row(1, "web", 1, 7, 1000.5, "login", "PERMITTED", "7K2MX4QD", 3, 9, b'{"nas":"vpn-1"}', False)


def chain(count: int) -> list[Link]:
    links: list[Link] = []
    previous = GENESIS
    for position in range(1, count + 1):
        row = replace(ROW, id=position, number=position)
        previous = chain_hash(previous, row)
        links.append(Link(7, position, position, previous, row))
    return links


def head_of(link: Link) -> Head:
    signature = sign_head(7, link.position, link.hash, 5.0, KEY)
    return Head(7, link.position, link.hash, 5.0, "k1", signature)


def is_ours(stamp: Stamp, octets: bytes) -> bool:
    return stamp == stamped(octets)


def stamped(octets: bytes) -> Stamp:
    return Stamp("k1", hmac.digest(KEY, octets, "sha256"))


def bridged(links: list[Link], first: int, last: int) -> list[Link]:
    """What is left after the positions from first to last were pruned."""
    end = links[last - 1]
    stamp = stamped(bridge_octets(7, first, last, end.hash))
    bridge = replace(end, row=None, pruned_from=first, stamp=stamp)
    return [*links[: first - 1], bridge, *links[last:]]


def faults(links: list[Link], heads: list[Head]) -> list[Fault]:
    return [finding.fault for finding in verify_chain("hangang", links, heads, is_ours)]


def rebuilt(links: list[Link]) -> list[Link]:
    """What somebody makes who can write to the database and knows how the chain is computed."""
    made: list[Link] = []
    previous = GENESIS
    for position, link in enumerate(links, start=1):
        assert link.row is not None
        previous = chain_hash(previous, link.row)
        made.append(replace(link, position=position, hash=previous))
    return made


def test_a_chain_as_it_was_written_has_no_fault():
    links = chain(5)

    assert faults(links, [head_of(links[2]), head_of(links[4])]) == []


def test_rows_after_the_newest_head_are_no_fault():
    links = chain(5)

    assert faults(links, [head_of(links[2])]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"at": 1000.25},
        {"kind": "session"},
        {"reason": ""},
        {"case_code": None},
        {"user_id": 4},
        {"session_id": None},
        {"detail": b'{"nas":"vpn-2"}'},
        {"sealed_detail": True},
        {"writer": "webx"},
        {"number": 99},
        {"id": 99},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_edit_is_found_where_it_is(change: dict[str, object]):
    links = chain(5)
    assert links[2].row is not None
    links[2] = replace(links[2], row=replace(links[2].row, **change))  # type: ignore[arg-type]

    (finding,) = verify_chain("hangang", links, [head_of(links[4])], is_ours)

    assert finding.fault is Fault.EDITED
    assert finding.place == "hangang position 3"


def test_a_row_moved_to_another_company_is_found():
    links = chain(3)
    assert links[1].row is not None
    links[1] = replace(links[1], row=replace(links[1].row, organization_id=8))

    assert faults(links, [head_of(links[2])]) == [Fault.EDITED]


def test_an_edited_hash_is_found():
    links = chain(3)
    links[1] = replace(links[1], hash=bytes(32))

    assert set(faults(links, [head_of(links[2])])) == {Fault.EDITED}


def test_a_removed_row_is_found():
    links = chain(3)
    links[1] = replace(links[1], row=None)

    assert faults(links, [head_of(links[2])]) == [Fault.MISSING]


def test_a_removed_position_is_found():
    links = chain(4)
    head = head_of(links[3])
    del links[1]

    assert faults(links, [head]) == [Fault.CHAIN_GAP]


def test_a_cut_tail_is_found_by_the_head_it_leaves_behind():
    links = chain(5)

    (finding,) = verify_chain("hangang", links[:3], [head_of(links[2]), head_of(links[4])], is_ours)

    assert finding.fault is Fault.CUT_TAIL
    assert finding.seen == "the heads file knows position 5, the database ends at 3"


def test_a_chain_removed_whole_is_found():
    assert faults([], [head_of(chain(5)[4])]) == [Fault.CUT_TAIL]


def test_a_chain_computed_anew_over_an_edit_is_found_by_its_heads():
    links = chain(5)
    head = head_of(links[4])
    assert links[2].row is not None
    links[2] = replace(links[2], row=replace(links[2].row, reason="WRONG_CODE"))

    assert faults(rebuilt(links), [head]) == [Fault.REWRITTEN]


def test_a_tail_that_was_cut_and_grown_again_is_found():
    links = chain(5)
    head = head_of(links[4])
    assert links[4].row is not None
    other = replace(links[4], row=replace(links[4].row, id=6, number=6))

    assert faults(rebuilt([*links[:4], other]), [head]) == [Fault.REWRITTEN]


def test_what_was_pruned_is_no_fault():
    links = chain(6)
    heads = [head_of(links[1]), head_of(links[2]), head_of(links[5])]

    assert faults(bridged(links, 2, 4), heads) == []
    assert faults(bridged(links, 1, 6), heads) == []


def test_an_edit_beside_what_was_pruned_is_found():
    links = bridged(chain(6), 2, 4)
    for index in (0, 2):
        spoilt = list(links)
        row = spoilt[index].row
        assert row is not None
        spoilt[index] = replace(spoilt[index], row=replace(row, reason="WRONG_CODE"))

        assert faults(spoilt, []) == [Fault.EDITED]


@pytest.mark.parametrize(
    "change",
    [{"stamp": None}, {"stamp": Stamp("k1", bytes(32))}, {"hash": bytes(32)}],
    ids=["no stamp", "another stamp", "another hash"],
)
def test_rows_that_somebody_else_took_away_are_found(change: dict[str, object]):
    links = bridged(chain(6), 2, 4)
    links[1] = replace(links[1], **change)  # type: ignore[arg-type]

    assert Fault.PRUNING_UNSIGNED in faults(links, [])


def test_a_bridge_that_was_made_longer_is_found():
    links = bridged(chain(6), 3, 4)
    del links[1]
    links[1] = replace(links[1], pruned_from=2)

    assert faults(links, []) == [Fault.PRUNING_UNSIGNED]


def test_rows_in_front_of_a_bridge_that_are_gone_are_found():
    links = bridged(chain(6), 3, 4)
    del links[1]

    assert faults(links, []) == [Fault.CHAIN_GAP]


values = st.one_of(st.none(), st.text(max_size=8))


@given(values, values, values, values)
def test_no_two_rows_have_the_same_octets(one: str, two: str, three: str, four: str):
    first = replace(ROW, reason=one, case_code=two)
    second = replace(ROW, reason=three, case_code=four)

    assert (canonical(first) == canonical(second)) == (first == second)


@pytest.mark.parametrize(
    "change", [{"position": 6}, {"hash": bytes(32)}, {"at": 6.0}, {"organization_id": 8}], ids=str
)
def test_a_head_somebody_changed_is_not_signed_any_more(change: dict[str, object]):
    head = head_of(chain(5)[4])

    assert is_signed(head, KEY)
    assert not is_signed(replace(head, **change), KEY)  # type: ignore[arg-type]
    assert not is_signed(head, bytes(32))


@pytest.mark.parametrize(
    ("numbers", "last", "gone"),
    [
        ([1, 2, 3], 3, []),
        ([1, 3], 3, ["numbers 2 to 2 are gone"]),
        ([3], 3, ["numbers 1 to 2 are gone"]),
        ([1, 2], 4, ["numbers 3 to 4 are gone"]),
        ([], 2, ["numbers 1 to 2 are gone"]),
    ],
)
def test_a_gap_in_the_numbers_of_a_writer_is_found(numbers: list[int], last: int, gone: list[str]):
    findings = list(verify_numbers([("web", number) for number in numbers], {"web": last}))

    assert [finding.seen for finding in findings] == gone


def span(first: int, last: int) -> Span:
    return Span("web", first, last, stamped(span_octets("web", first, last)))


@pytest.mark.parametrize(
    ("numbers", "spans", "gone"),
    [
        ([1, 4, 5], [(2, 3)], []),
        ([3, 5], [(1, 2), (4, 4)], []),
        ([], [(1, 5)], []),
        ([1, 2], [(3, 5)], []),
        ([1, 5], [(2, 3)], ["numbers 4 to 4 are gone"]),
        ([4, 5], [(2, 3)], ["numbers 1 to 3 are gone"]),
    ],
)
def test_numbers_that_were_pruned_are_no_gap(
    numbers: list[int], spans: list[tuple[int, int]], gone: list[str]
):
    kept = [("web", number) for number in numbers]

    findings = verify_numbers(kept, {"web": 5}, [span(*each) for each in spans], is_ours)

    assert [finding.seen for finding in findings] == gone


def test_a_span_that_somebody_else_made_counts_for_nothing():
    forged = Span("web", 2, 3, Stamp("k1", bytes(32)))

    findings = verify_numbers([("web", 1), ("web", 4)], {"web": 4}, [forged], is_ours)

    assert [finding.fault for finding in findings] == [Fault.PRUNING_UNSIGNED, Fault.NUMBER_GAP]


def test_writers_count_for_themselves():
    numbers = [("radius-1", 1), ("radius-1", 2), ("web", 1)]

    assert list(verify_numbers(numbers, {"radius-1": 2, "web": 1})) == []


def test_a_sealed_detail_opens_with_its_key_in_its_place_alone():
    detail = encode_detail({"이름": "홍길동"})
    sealed = seal_detail(detail, KEY, bytes(12), b"web:1")

    assert open_detail(sealed, KEY, b"web:1") == {"이름": "홍길동"}
    assert "홍길동".encode() not in sealed


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: (sealed, bytes(32), b"web:1"),
        lambda sealed: (sealed, KEY, b"web:2"),
        lambda sealed: (sealed[:-1] + bytes([sealed[-1] ^ 1]), KEY, b"web:1"),
        lambda sealed: (b"", KEY, b"web:1"),
    ],
    ids=["another key", "another row", "changed", "empty"],
)
def test_a_sealed_detail_opens_nowhere_else(spoil: Callable[[bytes], tuple[bytes, bytes, bytes]]):
    sealed = seal_detail(b"{}", KEY, bytes(12), b"web:1")

    with pytest.raises(DetailBroken):
        open_detail(*spoil(sealed))
