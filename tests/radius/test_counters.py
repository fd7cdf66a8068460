from ipaddress import IPv4Address

from radius.counters import MAX_STRANGERS, Strangers


def test_strangers_are_counted_and_only_so_many_remembered():
    strangers = Strangers()
    for number in range(MAX_STRANGERS + 10):
        strangers.count(IPv4Address(number))
    strangers.count(IPv4Address(0))

    assert strangers.total == MAX_STRANGERS + 11
    assert len(strangers.by_address) == MAX_STRANGERS
    assert strangers.by_address[IPv4Address(0)] == 2
