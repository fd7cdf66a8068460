"""Processes of winbind's ntlm_auth, kept open and few: each answers one question at a time. ◆

A process costs 50 ms to start, a question two. What is asked goes through a pipe, never onto a command line,
where everybody could read it. One that does not answer in time is killed: its next answer would be taken
for the one to another question.
"""

import selectors
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from access.directory.breaker import Breaker
from access.directory.mschap import MschapAnswer
from access.directory.ntlm import END, answer, request
from access.directory.settings import DirectorySettings
from access.directory.verdict import PasswordOutcome
from radius.questions import MschapExchange

LOG = structlog.get_logger()
MOST_HELPERS = 4
LONGEST_ANSWER = 16384
OPTIONS = ("--helper-protocol=ntlm-server-1", "--allow-mschapv2")
UNAVAILABLE = MschapAnswer(PasswordOutcome.UNAVAILABLE)


class Silent(Exception):
    """A helper did not answer in time, ended, or talks nonsense."""


class NtlmHelpers:
    """The helpers for one domain. Safe to share between threads. clock is monotonic seconds."""

    def __init__(self, settings: DirectorySettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(MOST_HELPERS)
        self._idle: list[subprocess.Popen[bytes]] = []
        self._breaker = Breaker()

    def check(self, name: str, exchange: MschapExchange) -> MschapAnswer:
        """Return whether the account's response is right. Returns within twice receive_timeout_s."""
        asked = request(name, self._settings.ntlm_domain, exchange)
        if asked is None:
            return MschapAnswer(PasswordOutcome.WRONG)
        if not self._may_ask() or not self._free.acquire(timeout=self._settings.receive_timeout_s):
            return UNAVAILABLE
        try:
            said = self._ask(asked)
        finally:
            self._free.release()
        with self._lock:
            silent = said.outcome is PasswordOutcome.UNAVAILABLE
            self._breaker = self._breaker.failed(self._clock()) if silent else self._breaker.answered()
        return said

    def close(self) -> None:
        """End every helper that is idle. Nobody may be checking."""
        with self._lock:
            idle, self._idle = self._idle, []
        for helper in idle:
            _end(helper)

    def _may_ask(self) -> bool:
        with self._lock:
            may, self._breaker = self._breaker.may_ask(self._clock())
        return may

    def _ask(self, asked: bytes) -> MschapAnswer:
        with self._lock:
            helper = self._idle.pop() if self._idle else None
        try:
            if helper is not None and helper.poll() is not None:
                _end(helper)
                helper = None
            if helper is None:
                helper = self._start()
            lines = _exchange(helper, asked, self._settings.receive_timeout_s)
        except (Silent, OSError) as error:
            LOG.warning("ntlm_auth does not answer", program=self._settings.ntlm_auth, why=str(error))
            if helper is not None:
                _end(helper)
            return UNAVAILABLE
        with self._lock:
            self._idle.append(helper)
        return answer(lines)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - the operator's own program
            (self._settings.ntlm_auth, *OPTIONS),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )


def _exchange(helper: subprocess.Popen[bytes], asked: bytes, patience_s: float) -> list[str]:
    """Return the lines of the answer. Raises Silent and OSError."""
    assert helper.stdin is not None and helper.stdout is not None, "both are pipes"
    helper.stdin.write(asked)
    deadline, said = time.monotonic() + patience_s, b""
    with selectors.DefaultSelector() as selector:
        selector.register(helper.stdout, selectors.EVENT_READ)
        while True:
            whole, end, _ = said.lstrip(b".\n").partition(f"\n{END}\n".encode())
            if end:
                return whole.decode("utf-8", "replace").split("\n")
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise Silent(f"nothing within {patience_s:g} s")
            more = helper.stdout.read(LONGEST_ANSWER)
            if not more or len(said) > LONGEST_ANSWER:
                raise Silent("it ended")
            said += more


def _end(helper: subprocess.Popen[bytes]) -> None:
    helper.kill()
    for pipe in (helper.stdin, helper.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    helper.wait()
