from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest

from vpn.device import Device, DeviceError
from vpn.diff import Plan, delta
from vpn.driver import DeviceKind
from vpn.drivers import DRIVERS
from vpn.grant import Pair
from vpn.state import GatewayState

ONE, TWO = ip_address("10.8.0.2"), ip_address("10.8.0.3")
NOW = 1000.0


@dataclass
class Recorder:
    """A channel that notes what it is sent, and answers from a table of questions."""

    answers: dict[str, str] = field(default_factory=dict)
    refuses: str = "nothing"
    sent: list[str] = field(default_factory=list)

    def run(self, batch: str) -> None:
        if self.refuses in batch:
            raise DeviceError("gw", "refused", "read it")
        self.sent.append(batch)

    def ask(self, question: str) -> str | None:
        return self.answers.get(question)

    def generation(self) -> int:
        return len(self.sent)


def device(channel: Recorder) -> Device:
    return Device(DRIVERS[DeviceKind.LINUX_NFTABLES], channel)


def element(pair: Pair, comment: str = "") -> tuple[str, str]:
    question = f"get element inet officegate may4 {{ {pair.address} . {pair.atom} }}"
    return question, f"elements = {{ {pair.address} . 0x{pair.atom:08x}{comment} }}"


def test_a_device_without_our_table_runs_nothing() -> None:
    assert device(Recorder()).running(NOW) == GatewayState()


def test_revocations_reach_the_device_before_what_fails() -> None:
    channel = Recorder(refuses=".3")

    with pytest.raises(DeviceError, match="gw: refused; read it"):
        device(channel).apply(delta([Pair(ONE, 1)], [Pair(TWO, 1)]), NOW)

    assert len(channel.sent) == 1
    assert "delete element inet officegate may4 { 10.8.0.2 . 1 }" in channel.sent[0]


def test_only_the_pairs_asked_for_are_read_back() -> None:
    channel = Recorder(dict([element(Pair(ONE, 1)), element(Pair(TWO, 2))]))

    assert device(channel).read_back([Pair(ONE, 1), Pair(ONE, 2)], NOW) == {Pair(ONE, 1)}


def test_a_plan_that_took_effect_verifies() -> None:
    channel = Recorder(dict([element(Pair(ONE, 1))]))

    assert device(channel).verify(delta([Pair(TWO, 1)], [Pair(ONE, 1)]), NOW) == frozenset()


def test_what_lingers_what_is_missing_and_what_ends_otherwise_is_told() -> None:
    held = dict([element(Pair(ONE, 1)), element(Pair(ONE, 3), ' timeout 9s expires 5s comment "1005.0"')])
    plan = Plan(
        removals=frozenset({Pair(ONE, 1)}),
        additions=frozenset({Pair(ONE, 2), Pair(ONE, 3, 2000.0)}),
    )

    assert device(Recorder(held)).verify(plan, NOW) == {Pair(ONE, 1), Pair(ONE, 2), Pair(ONE, 3, 2000.0)}


def test_a_pair_that_ended_meanwhile_is_not_missed() -> None:
    assert device(Recorder()).verify(delta([], [Pair(ONE, 1, NOW)]), NOW) == frozenset()
