"""What the audit's chain proves, and what verifying can find.

Every organization has a chain of its own: position 1, 2, 3 ... Each hash covers the one before it and the
whole row, so that an edited row breaks the chain there, and a removed one leaves a hole. Whoever can write to
the database can also compute a new chain over what they changed: therefore each head (the newest position and
its hash) is also signed and kept outside the database. A head that the database cannot meet any more means
that the chain was rewritten or that its end was cut off.

Before a row gets its position it is guarded by its number: each writer counts its rows from 1 without gaps.

Rows whose time of keeping is over are pruned. In their place stands

    in the chain         a bridge: the last link of the stretch that went, which says where it began
    in the numbers       a span: the first and the last number of a writer that went

and both are signed with a key that is not in the database. A bridge keeps the hash at its end, which the
row after it, or a head, proves as before: nothing that was kept can be changed, and nobody without the key
can make a hole look like a pruning.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from access.records.audit import GENESIS, NO_ORGANIZATION, Row, chain_hash, measured


@dataclass(frozen=True, slots=True)
class Stamp:
    """A signature (HMAC-SHA256) and the id of the key it was made with."""

    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """One position of a chain. row is None where the table no longer has the row.

    pruned_from: where the stretch began whose end this is, if it was pruned; stamp says that it was us.
    """

    organization_id: int
    position: int
    audit_id: int
    hash: bytes
    row: Row | None
    pruned_from: int | None = None
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers of a writer, first and last included, whose rows were pruned."""

    writer: str
    first: int
    last: int
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain at some moment, signed with the key named."""

    organization_id: int
    position: int
    hash: bytes
    at: float
    key_id: str
    signature: bytes


class Fault(StrEnum):
    """What verifying can find."""

    EDITED = "edited"
    MISSING = "missing"
    CHAIN_GAP = "chain gap"
    NUMBER_GAP = "number gap"
    CUT_TAIL = "cut tail"
    REWRITTEN = "rewritten"
    HEAD_UNSIGNED = "head not signed by us"
    HEADS_UNREADABLE = "heads unreadable"
    PRUNING_UNSIGNED = "pruning not signed by us"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written: where, and what was seen."""

    fault: Fault
    place: str
    seen: str


# Whether a signature over octets is ours.
Known = Callable[[Stamp, bytes], bool]


def sign_head(organization_id: int, position: int, hash_: bytes, at: float, key: bytes) -> bytes:
    """The signature of a head (HMAC-SHA256)."""
    fields = (organization_id, position, hash_, float(at).hex())
    return hmac.digest(key, b"".join(map(measured, fields)), "sha256")


def is_signed(head: Head, key: bytes) -> bool:
    """Whether a head was signed with this key, and not changed since."""
    wanted = sign_head(head.organization_id, head.position, head.hash, head.at, key)
    return hmac.compare_digest(wanted, head.signature)


def bridge_octets(organization_id: int, pruned_from: int, position: int, hash_: bytes) -> bytes:
    """What the stamp of a bridge signs."""
    return b"".join(map(measured, ("bridge", organization_id, pruned_from, position, hash_)))


def span_octets(writer: str, first: int, last: int) -> bytes:
    """What the stamp of a span signs."""
    return b"".join(map(measured, ("span", writer, first, last)))


def verify_chain(name: str, links: Iterable[Link], heads: Sequence[Head], known: Known) -> Iterator[Finding]:
    """What is wrong with one organization's chain, whose links come by position, and with its heads."""
    wanted: dict[int, set[bytes]] = {}
    for head in heads:
        wanted.setdefault(head.position, set()).add(head.hash)
    previous, position = GENESIS, 0
    for link in links:
        begins = link.position if link.pruned_from is None else link.pruned_from
        if begins != position + 1:
            yield Finding(Fault.CHAIN_GAP, name, f"positions {position + 1} to {begins - 1} are gone")
        yield from _verify_link(name, link, previous if begins == position + 1 else None, known)
        # An auditor wants to know of the first edit, not of everything that follows it.
        previous, position = link.hash, link.position
        if wanted.pop(position, {link.hash}) != {link.hash}:
            yield Finding(Fault.REWRITTEN, name, f"position {position} is not what the heads file says")
    yield from _verify_end(name, position, wanted)


def _verify_link(name: str, link: Link, previous: bytes | None, known: Known) -> Iterator[Finding]:
    place = f"{name} position {link.position}"
    if link.pruned_from is not None:
        yield from _verify_bridge(name, link, link.pruned_from, known)
    elif link.row is None:
        yield Finding(Fault.MISSING, place, f"audit row {link.audit_id} is gone")
    elif (link.row.organization_id or NO_ORGANIZATION) != link.organization_id:
        yield Finding(Fault.EDITED, place, f"audit row {link.audit_id} belongs to another organization")
    elif previous is not None and chain_hash(previous, link.row) != link.hash:
        yield Finding(Fault.EDITED, place, f"audit row {link.audit_id} or its hash was changed")


def _verify_bridge(name: str, link: Link, begins: int, known: Known) -> Iterator[Finding]:
    octets = bridge_octets(link.organization_id, begins, link.position, link.hash)
    if link.stamp is None or not known(link.stamp, octets):
        seen = "these rows are gone, and not by a pruning of ours"
        yield Finding(Fault.PRUNING_UNSIGNED, f"{name} positions {begins} to {link.position}", seen)


def _verify_end(name: str, position: int, unmet: Mapping[int, object]) -> Iterator[Finding]:
    beyond = max(unmet, default=0)
    if beyond > position:
        seen = f"the heads file knows position {beyond}, the database ends at {position}"
        yield Finding(Fault.CUT_TAIL, name, seen)


def _nobodys(_stamp: Stamp, _octets: bytes) -> bool:
    return False


def verify_numbers(
    numbers: Iterable[tuple[str, int]],
    last_numbers: Mapping[str, int],
    spans: Iterable[Span] = (),
    known: Known = _nobodys,
) -> Iterator[Finding]:
    """What is missing between the rows of each writer, given as (writer, number) in that order.

    last_numbers says how far each writer has counted; spans, in the same order, what was pruned.
    """
    trusted: dict[str, list[Span]] = {}
    for span in spans:
        if known(span.stamp, span_octets(span.writer, span.first, span.last)):
            trusted.setdefault(span.writer, []).append(span)
        else:
            seen = f"numbers {span.first} to {span.last} are gone, and not by a pruning of ours"
            yield Finding(Fault.PRUNING_UNSIGNED, f"writer {span.writer}", seen)
    for writer_spans in trusted.values():
        writer_spans.reverse()
    seen_to: dict[str, int] = dict.fromkeys(last_numbers, 0)
    for writer, number in numbers:
        reached = _over(trusted.get(writer, []), seen_to.get(writer, 0))
        if number != reached + 1:
            yield _number_gap(writer, reached + 1, number - 1)
        seen_to[writer] = number
    for writer, number in seen_to.items():
        reached = _over(trusted.get(writer, []), number)
        if reached < last_numbers.get(writer, 0):
            yield _number_gap(writer, reached + 1, last_numbers[writer])


def _over(spans: list[Span], number: int) -> int:
    """The last number that is accounted for after this one; spans are taken off their end as they are met."""
    while spans and spans[-1].first <= number + 1:
        number = max(number, spans.pop().last)
    return number


def _number_gap(writer: str, first: int, last: int) -> Finding:
    return Finding(Fault.NUMBER_GAP, f"writer {writer}", f"numbers {first} to {last} are gone")
