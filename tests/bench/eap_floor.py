"""What a handshake alone costs a server in Python: pyOpenSSL over memory BIOs, without RADIUS and EAP.

No server that takes its TLS from pyOpenSSL can go below it, whatever else it does.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from OpenSSL import SSL

from tests.bench.supplicant import READ_OCTETS, Method, context
from tests.peers.certificates import Files

SESSION_ID = b"floor"

T = TypeVar("T")


class Floor:
    """A server's end with a certificate, and laptops that speak one version of TLS to it."""

    def __init__(self, method: Method, version: int, server: Files, laptop: SSL.Context) -> None:
        self._laptop = laptop
        self._context = context(server.authority, version)
        self._context.use_certificate_chain_file(str(server.certificate))
        self._context.use_privatekey_file(str(server.key))
        # As our server has it: sessions are kept, and the peer gets no more than their number.
        self._context.set_options(SSL.OP_NO_TICKET)
        self._context.set_session_cache_mode(SSL.SESS_CACHE_SERVER)
        self._context.set_session_id(SESSION_ID)
        asks = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
        self._context.set_verify(asks if method is Method.TLS else SSL.VERIFY_NONE)

    def cost_s(self, handshakes: int, resumed: bool) -> float:
        """CPU seconds of a handshake at the server's end. Raises AssertionError where it was not resumed."""
        _, session = self._shake(None)
        spent = [self._shake(session if resumed else None)[0] for _ in range(handshakes)]
        return sum(spent) / handshakes

    def _shake(self, session: SSL.Session | None) -> tuple[float, SSL.Session | None]:
        """One handshake: CPU seconds of the server's end, and what the laptop can resume."""
        laptop, clock = SSL.Connection(self._laptop, None), Stopwatch()
        laptop.set_connect_state()
        if session is not None:
            laptop.set_session(session)
        server = clock.time(self._accept)
        finished = False
        while not finished:
            _step(laptop)
            clock.time(partial(server.bio_write, drained(laptop)))
            finished = clock.time(partial(_step, server))
            if records := clock.time(partial(drained, server)):
                laptop.bio_write(records)
        _step(laptop)
        was_resumed = bool(SSL._lib.SSL_session_reused(server._ssl))  # type: ignore[attr-defined]
        assert was_resumed is (session is not None), "the session was not resumed"
        for end in (laptop, server):
            end.set_shutdown(SSL.SENT_SHUTDOWN | SSL.RECEIVED_SHUTDOWN)
        return clock.spent_s, laptop.get_session()

    def _accept(self) -> SSL.Connection:
        server = SSL.Connection(self._context, None)
        server.set_accept_state()
        return server


class Stopwatch:
    """Adds up what is done under it, in CPU time of this thread."""

    def __init__(self) -> None:
        self.spent_s = 0.0

    def time(self, act: Callable[[], T]) -> T:
        before = time.thread_time()
        try:
            return act()
        finally:
            self.spent_s += time.thread_time() - before


def _step(end: SSL.Connection) -> bool:
    """Whether this end has finished. What has come behind the handshake is taken in."""
    try:
        end.do_handshake()
    except SSL.WantReadError:
        return False
    try:
        end.recv(READ_OCTETS)
    except SSL.WantReadError:
        return True
    return True


def drained(end: SSL.Connection) -> bytes:
    """Everything that has to leave."""
    octets = b""
    while True:
        try:
            octets += end.bio_read(READ_OCTETS)
        except SSL.WantReadError:
            return octets
