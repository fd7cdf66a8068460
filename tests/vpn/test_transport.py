"""LocalNft against the real libnftables in real namespaces."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peers.leftovers import scope
from tests.peers.office_net import ip
from tests.peers.waiting import PATIENCE_S
from vpn.device import DeviceError, DeviceUnreachable
from vpn.transport import LocalNft

pytestmark = pytest.mark.peer("nft")

MAKE = "add table inet officegate\nadd set inet officegate s { type ipv4_addr; }\n"
LIST = "list table inet officegate"


@pytest.fixture
def names() -> Iterator[list[str]]:
    made = [f"{scope()}-nft{number}" for number in range(3)]
    for name in made:
        ip("netns", "add", name)
    yield made
    for name in made:
        if Path("/run/netns", name).exists():
            ip("netns", "delete", name)


@pytest.fixture
def nft(names: list[str]) -> Iterator[LocalNft]:
    with LocalNft(names[0]) as channel:
        yield channel


@contextmanager
def busy(nft: LocalNft) -> Iterator[None]:
    """Its thread has something else to do until the block ends."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(_nft: object) -> tuple[bool, str]:
        begun.set()
        return go_on.wait(PATIENCE_S), ""

    with ThreadPoolExecutor(1) as elsewhere:
        waiting = elsewhere.submit(nft._open().submit, wait, PATIENCE_S)
        try:
            assert begun.wait(PATIENCE_S)
            yield
        finally:
            go_on.set()
        assert waiting.result(PATIENCE_S) == (True, "")


def own_namespace() -> int:
    return Path("/proc/thread-self/ns/net").stat().st_ino


def test_a_batch_takes_effect_in_the_named_namespace_and_nowhere_else(
    names: list[str], nft: LocalNft
) -> None:
    before = own_namespace()

    nft.run(MAKE)

    with LocalNft(names[1]) as other, LocalNft() as machine:
        assert '"name": "s"' in (nft.ask(LIST) or "")
        assert other.ask(LIST) is None
        assert machine.ask("list table inet officegate-tests") is None
    assert own_namespace() == before


def test_a_batch_with_an_error_changes_nothing_and_says_what_was_wrong(
    names: list[str], nft: LocalNft
) -> None:
    with pytest.raises(
        DeviceError, match=f"namespace {names[0]}: nft refused: Error: .*No such file.*; read the"
    ):
        nft.run(MAKE + "delete element inet officegate s { 10.0.0.1 }")

    assert nft.ask(LIST) is None


def test_a_question_that_is_no_question_is_an_error_and_not_an_absence(nft: LocalNft) -> None:
    with pytest.raises(DeviceError, match="syntax error"):
        nft.ask("list tabel inet officegate")


def test_the_channel_works_on_after_an_error(nft: LocalNft) -> None:
    with pytest.raises(DeviceError):
        nft.run("nonsense")

    nft.run(MAKE)

    assert nft.ask(LIST) is not None


def test_the_generation_moves_with_changes_and_not_with_reading_or_refusals(nft: LocalNft) -> None:
    nft.run(MAKE)
    first = nft.generation()
    nft.ask(LIST)
    with pytest.raises(DeviceError):
        nft.run("delete element inet officegate s { 10.0.0.1 }")
    assert nft.generation() == first

    nft.run("add element inet officegate s { 10.0.0.1 }")

    assert nft.generation() == first + 1


def test_a_namespace_that_is_not_there_is_unreachable_until_it_is(names: list[str]) -> None:
    ip("netns", "delete", names[1])
    with LocalNft(names[1]) as channel:
        with pytest.raises(DeviceUnreachable, match="No such file or directory; is the gateway up"):
            channel.run(MAKE)

        ip("netns", "add", names[1])

        channel.run(MAKE)


def test_a_namespace_rebuilt_under_its_name_gets_the_commands_not_the_one_that_was(names: list[str]) -> None:
    with LocalNft(names[1]) as channel:
        channel.run(MAKE)
        ip("netns", "delete", names[1])
        with pytest.raises(DeviceUnreachable):
            channel.generation()
        ip("netns", "add", names[1])

        assert channel.ask(LIST) is None


def test_something_that_is_no_namespace_is_unreachable(names: list[str]) -> None:
    false = Path("/run/netns", f"{scope()}-false")
    false.touch()
    try:
        with LocalNft(false.name) as channel, pytest.raises(DeviceUnreachable):
            channel.run(MAKE)
    finally:
        false.unlink()


@pytest.mark.parametrize("name", ["", "..", "../../proc/self/ns/net", "a/b"])
def test_a_path_is_no_name_of_a_namespace(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a network namespace"):
        LocalNft(name)


def test_a_command_that_takes_too_long_is_an_error_and_one_not_begun_never_runs(nft: LocalNft) -> None:
    nft.run(MAKE)
    elements = ", ".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(60_000))
    nft.deadline_s = 0.02

    with pytest.raises(DeviceError, match=r"no answer within 0\.02 s; read the device"):
        nft.run(f"add element inet officegate s {{ {elements} }}")
    with busy(nft), pytest.raises(DeviceError, match="no answer"):
        nft.run("add element inet officegate s { 192.0.2.1 }")

    nft.deadline_s = 60.0
    assert "192.0.2.1" not in (nft.ask(LIST) or "")


def test_many_threads_share_one_channel_and_many_channels_one_process(names: list[str]) -> None:
    """libnftables has state of its own, so this is where two contexts at once would show."""
    channels = [LocalNft(name) for name in names]
    for channel in channels:
        channel.run(MAKE)

    def work(number: int) -> None:
        channel = channels[number % 3]
        for step in range(40):
            channel.run(f"add element inet officegate s {{ 10.0.{number}.{step} }}")
            if step % 10 == 0:
                assert channel.ask(LIST) is not None

    with ThreadPoolExecutor(12) as threads:
        for done in [threads.submit(work, number) for number in range(12)]:
            done.result()

    assert [(c.ask(LIST) or "").count('"10.0.') for c in channels] == [160, 160, 160]
    for channel in channels:
        channel.close()


def test_a_closed_channel_lets_go_of_thread_and_namespace_and_opens_again(
    names: list[str], nft: LocalNft
) -> None:
    before = set(threading.enumerate())
    nft.run(MAKE)
    (own,) = [thread for thread in threading.enumerate() if thread not in before]

    nft.close()

    assert not own.is_alive()
    assert nft.ask(LIST) is not None


def test_a_forked_worker_opens_a_channel_of_its_own(nft: LocalNft) -> None:
    nft.run(MAKE)
    child = os.fork()
    if child == 0:
        try:
            nft.run("add element inet officegate s { 10.0.0.9 }")
            os._exit(0)
        finally:
            os._exit(1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert "10.0.0.9" in (nft.ask(LIST) or "")
