"""Attributes of which Active Directory shows a part at a time (MS-ADTS section 3.1.1.3.1.3.3).

Of a group with more members than MaxValRange (1,500) the answer has `member;range=0-1499` instead of
`member`; the rest is asked for as `member;range=1500-*`, until a part ends with `*`.
"""

import re
from collections.abc import Mapping

RANGE = re.compile(r"(?P<name>[^;]+);range=[0-9]+-(?P<last>[0-9]+|\*)", re.IGNORECASE)
TO_THE_END = "*"
Attributes = Mapping[str, tuple[bytes, ...]]


def merged(known: Attributes, part: Attributes) -> tuple[dict[str, tuple[bytes, ...]], tuple[str, ...]]:
    """Return both together, names without options, and what to ask for next; nothing if all is there."""
    found, wanted = dict(known), []
    for key, values in part.items():
        option = RANGE.fullmatch(key)
        name = option["name"] if option else key
        found[name] = found.get(name, ()) + values
        if option and option["last"] != TO_THE_END:
            wanted.append(f"{name};range={int(option['last']) + 1}-{TO_THE_END}")
    return found, tuple(wanted)
