"""A rule as nft lists it in JSON, spelt as text, to be compared with ours and shown to an administrator.

Covers what our own rules consist of. Anything else is shown as the JSON it is: it is not ours anyway.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}


def spell(expressions: object) -> str:
    """The rule as one line of text."""
    parts = expressions if isinstance(expressions, list) else [expressions]
    return " ".join(_spell(part) for part in parts)


def _spell(value: object) -> str:
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, dict) and len(value) == 1:
        [(kind, inner)] = value.items()
        if kind in SPELLINGS:
            try:
                return SPELLINGS[kind](inner)
            except (KeyError, TypeError):
                return json.dumps(value)
    return json.dumps(value)


def _match(match: Mapping[str, object]) -> str:
    left = _spell(match["left"])
    operator = "!= " if match["op"] == "!=" else "" if match["op"] in ("==", "in") else f"{match['op']} "
    return f"{left} {operator}{_right(left, match['right'])}"


def _right(left: str, right: object) -> str:
    if isinstance(right, bool):
        return "exists" if right else "missing"
    if isinstance(right, list):
        return ",".join(sorted(_spell(part) for part in right))
    if left == "meta l4proto" and isinstance(right, int):
        return PROTOCOLS.get(right, str(right))
    return f'"{right}"' if left.endswith("ifname") else _spell(right)


def _prefix(prefix: Mapping[str, object]) -> str:
    return f"{prefix['addr']}/{prefix['len']}"


def _fib(fib: Mapping[str, object]) -> str:
    flags = fib["flags"]
    return f"fib {' . '.join(flags if isinstance(flags, list) else [str(flags)])} {fib['result']}"


def _payload(payload: Mapping[str, object]) -> str:
    return f"{payload['protocol']} {payload['field']}"


def _concat(parts: object) -> str:
    if not isinstance(parts, list):
        raise TypeError("a concatenation is a list")
    return " . ".join(_spell(part) for part in parts)


def _connection(ct: Mapping[str, object]) -> str:
    return "ct " + " ".join(str(ct[word]) for word in ("dir", "key") if word in ct)


SPELLINGS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        "match": _match,
        "payload": _payload,
        "meta": lambda meta: f"meta {meta['key']}" if meta["key"] != "iifname" else "iifname",
        "ct": _connection,
        "fib": _fib,
        "concat": _concat,
        "prefix": _prefix,
        "map": lambda lookup: f"{_spell(lookup['key'])} map {lookup['data']}",
        "mangle": lambda mangle: f"{_spell(mangle['key'])} set {_spell(mangle['value'])}",
        "accept": lambda _: "accept",
        "drop": lambda _: "drop",
        "jump": lambda jump: f"jump {jump['target']}",
        "goto": lambda jump: f"goto {jump['target']}",
    }
)
