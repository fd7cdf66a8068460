import pytest

from vpn.drivers.nft_rule import spell
from vpn.drivers.nft_table import read_door, rules


def match(left: object, right: object, op: str = "==") -> dict[str, object]:
    return {"match": {"op": op, "left": left, "right": right}}


@pytest.mark.parametrize(
    ("expressions", "text"),
    [
        (
            [match({"payload": {"protocol": "ip", "field": "saddr"}}, "@pool4", "!="), {"accept": None}],
            "ip saddr != @pool4 accept",
        ),
        ([match({"ct": {"key": "state"}}, ["new", "established"], "in")], "ct state established,new"),
        ([match({"meta": {"key": "iifname"}}, "tun*", "!=")], 'iifname != "tun*"'),
        ([match({"meta": {"key": "l4proto"}}, 58)], "meta l4proto ipv6-icmp"),
        ([match({"meta": {"key": "mark"}}, 5, ">")], "meta mark > 5"),
        (
            [match({"fib": {"result": "oif", "flags": ["saddr", "iif"]}}, False)],
            "fib saddr . iif oif missing",
        ),
        ([{"jump": {"target": "open"}}], "jump open"),
        ([{"counter": {"packets": 1, "bytes": 2}}], '{"counter": {"packets": 1, "bytes": 2}}'),
        ([{"match": {"op": "=="}}], '{"op": "=="}'),
    ],
)
def test_a_rule_is_spelt_as_nft_does_or_else_shown_as_it_is(expressions: list[object], text: str) -> None:
    assert text in spell(expressions)


@pytest.mark.parametrize(
    "rule",
    [
        'ip saddr 10.8.0.1/24 iifname != "tun0" drop',
        'ip6 saddr 10.8.0.0/24 iifname != "tun0" drop',
        'ip saddr 10.8.0.0/24 iifname != "tun0" accept',
        'ip saddr here iifname != "tun0" drop',
        *rules([]),
    ],
)
def test_only_a_door_is_read_as_one(rule: str) -> None:
    assert read_door(rule) is None
