"""Records found by what somebody typed, repeats folded into one line with a count; nothing is hidden."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from access.shown import Record

# What a record says about where and who, for a search.
_PLACES = ("name", "nas", "endpoint", "ssid", "port", "user_name", "subject", "mac", "desktop", "device")
# What makes two records the same for a reader, beside kind, reason and person.
_SAME = ("what", "name", "nas", "endpoint", "ssid", "method")
# Kinds that come by the dozen when something is wrong. Of the others each one matters.
_FOLDED = frozenset({"login", "sign-in"})
_SEPARATORS = str.maketrans("", "", "-:. ")
# Shorter ones are found in every word.
_SHORTEST_MAC_PART = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A record, and how often the same happened on this page. since: the first of them."""

    record: Record
    count: int = 1
    since: float = 0.0


def is_about(detail: Mapping[str, Any], text: str, *more: str) -> bool:
    """Whether a detail, or more that is known, speaks of a name, a MAC address however spelt, or a place."""
    said = [*more, *(str(detail.get(name, "")) for name in _PLACES)]
    wanted = text.casefold()
    if any(wanted in each.casefold() for each in said):
        return True
    bare = wanted.translate(_SEPARATORS)
    is_hex = len(bare) >= _SHORTEST_MAC_PART and set(bare) <= set("0123456789abcdef")
    return is_hex and any(bare in each.casefold().translate(_SEPARATORS) for each in said)


def fold(records: Iterable[Record]) -> list[Line]:
    """Records, the newest first, as lines: what is the same is one line at the place of its newest."""
    lines: dict[object, Line] = {}
    for record in records:
        told = tuple(record.detail.get(name) for name in _SAME)
        same = (record.kind, record.reason, record.user_id, told)
        key: object = same if record.kind in _FOLDED else record.id
        known = lines.get(key)
        if known is None:
            lines[key] = Line(record, since=record.at)
        else:
            lines[key] = replace(known, count=known.count + 1, since=record.at)
    return list(lines.values())
