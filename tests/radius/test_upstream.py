"""Sockets and connections to home servers: one gate, and one of our own servers behind it, over loopback."""

import os
import threading
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address

import pytest

from radius.effects import Role
from radius.home import Destination, HomeServer, Pool, Timing, Transport
from radius.limits import Limits
from radius.listener import Listener
from radius.nas import Nas
from radius.relays import Relays
from radius.server import Server
from radius.surroundings import Endpoint
from radius.tls_peers import TlsEnds, TlsFiles
from radius.turns import Turns
from radius.upstream import Upstream
from tests.peers.ports import LOOPBACK
from tests.peers.radclient import Kind, ask
from tests.peers.radclient import Server as Address
from tests.peers.waiting import wait_until
from tests.radius.running import SECRET, LoopbackApplication, bound, running
from tests.radius.tls_office import tls_office

pytestmark = pytest.mark.peer("radclient")

AT_ONCE = Limits(reject_delay_s=0)
KIM = {"User-Name": "kim", "User-Password": "correct horse", "Calling-Station-Id": "02-00-5E-10-00-01"}
START = {"User-Name": "kim", "Acct-Status-Type": 1, "Acct-Session-Id": "s1", "NAS-IP-Address": "127.0.0.1"}
PATIENT = Timing(response_s=10)


class Outside:
    """What a listener has beside its own sockets: here home servers alone."""

    worker = 0

    def __init__(self, upstream):
        self.relay = upstream.relay

    def send(self, to, data):
        raise AssertionError("nobody connects here")

    close = send

    def admit(self, admits):
        """There is nothing to take connections from."""


@contextmanager
def gate(*servers, timing=PATIENT, ends=None):
    """A listener whose every login belongs to these servers."""
    pool = Pool(servers, timing=timing)
    turns = Turns("homes")
    upstream = Upstream(turns, lambda: ends)
    server = Server(lambda _: Nas("lo", "loopback", (SECRET.encode(),)), os.urandom, {}, limits=AT_ONCE)
    relays = Relays(lambda _nas, _name: Destination("away", pool), b"gate one", 0, os.urandom, AT_ONCE)
    server.relay_through(relays)
    application = LoopbackApplication()
    with ExitStack() as ending:
        auth, acct = ending.enter_context(bound(LOOPBACK)), ending.enter_context(bound(LOOPBACK))
        endpoints = [Endpoint(auth, Role.AUTHENTICATION), Endpoint(acct, Role.ACCOUNTING)]
        listener = Listener(endpoints, server, application, connections=Outside(upstream))
        upstream.serve(listener.deliver_reply)
        thread = threading.Thread(target=listener.serve)
        thread.start()
        turns.start()
        ending.callback(thread.join)
        ending.callback(listener.stop)
        ending.callback(turns.stop)
        yield Address(auth.getsockname()[1], SECRET), Address(acct.getsockname()[1], SECRET), relays


def by_udp(home):
    return HomeServer(
        "udp", ip_address(LOOPBACK), home.auth.port, SECRET.encode(), accounting_port=home.acct.port
    )


def test_logins_and_accounting_reach_a_server_by_udp():
    with running(limits=AT_ONCE) as home, gate(by_udp(home)) as (auth, acct, relays):
        accepted, refused = ask(auth, KIM), ask(auth, KIM | {"User-Password": "wrong"})
        accounted = ask(acct, START, Kind.ACCT)
        wait_until(lambda: "Account" in home.application.kinds, "the copy of the accounting")
        wait_until(lambda: relays.counters.answered == 3, "the answer to it")

    assert (accepted.code, refused.code, accounted.code) == (
        "Access-Accept",
        "Access-Reject",
        "Accounting-Response",
    )
    assert home.server.counters["lo"].accounting_responses == 1


def test_both_share_one_connection_over_tls_and_a_lost_one_is_made_again(tmp_path):
    with tls_office(tmp_path) as home:
        files = home.authority.issue("gate.example", client=True)
        home.guests.names["gate.example"] = "1"
        ends = TlsEnds(TlsFiles(files.certificate, files.key, home.authority.path))
        server = HomeServer(
            "tls",
            ip_address(LOOPBACK),
            home.port,
            b"",
            Transport.RADSEC,
            accounting_port=1,
            certificate="radius-0.example",
        )
        with gate(server, ends=ends) as (auth, acct, _relays):
            assert ask(auth, KIM).code == "Access-Accept"
            assert ask(acct, START, Kind.ACCT).code == "Accounting-Response"
            wait_until(lambda: "Account" in home.application.kinds, "the copy of the accounting")
            assert home.counters.opened == 1

            home.guests.names.clear()
            wait_until(lambda: home.counters.open == 0, "the end of the connection")
            home.guests.names["gate.example"] = "1"
            wait_until(lambda: ask(auth, KIM, timeout_s=1) is not None, "a new connection")
        assert home.server.counters["1"].requests >= 2


def test_where_nobody_listens_the_next_one_is_asked():
    timing = Timing(response_s=0.2)
    with running(limits=AT_ONCE) as home:
        gone = HomeServer("gone", ip_address(LOOPBACK), 9, SECRET.encode())
        away = HomeServer("away", ip_address(LOOPBACK), 9, b"", Transport.RADSEC, certificate="a.example")
        with gate(gone, away, by_udp(home), timing=timing, ends=_no_ends()) as (auth, _acct, relays):
            wait_until(lambda: accepted(auth), "the third server")
            assert set(relays.homes.told()) >= {"gone", "away"}


def accepted(auth):
    reply = ask(auth, KIM)
    return reply is not None and reply.code == "Access-Accept"


def _no_ends():
    class Ends:
        def client(self, _examination):
            raise OSError("no certificate")

    return Ends()
