import os
import subprocess
import sys

from access.gateways.owners import is_gone, own_name
from tests.peers.waiting import wait_until

SAY_NAME = (
    "from access.gateways.owners import own_name; import sys; print(own_name(), flush=True); sys.stdin.read()"
)


def other_process() -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-c", SAY_NAME]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, process.stdout.readline().strip()


def test_a_process_that_lives_is_not_gone_and_one_that_was_killed_is():
    process, name = other_process()
    with process:
        assert not is_gone(name)

        process.kill()
        # Nobody has waited for it yet: it is a zombie, and as good as gone.
        wait_until(lambda: is_gone(name), "the kernel to end it")
    assert is_gone(name)


def test_another_process_with_the_same_pid_is_not_the_one_that_was():
    place, pid, _, rest = own_name().split("/")

    assert not is_gone(own_name())
    assert is_gone(f"{place}/{pid}/1/{rest}")


def test_of_a_process_elsewhere_nobody_can_tell():
    _, _, started, rest = own_name().split("/")

    assert not is_gone(f"0123-4567/{os.getpid()}/{started}/{rest}")
    assert not is_gone(f"0123-4567/999999999/1/{rest}")
    for odd in ("", "somebody", "a/b/c", own_name().split("/")[0]):
        assert not is_gone(odd)


def test_no_two_names_are_the_same():
    assert own_name() != own_name()
