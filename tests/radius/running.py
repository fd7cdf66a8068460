"""A listener on loopback in a thread of its own, for real NASes."""

import os
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address

from radius.effects import Role
from radius.limits import Limits
from radius.listener import Listener
from radius.nas import Nas
from radius.questions import Authorize
from radius.server import Server
from radius.surroundings import Endpoint
from radius.worker import Worker
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.radclient import Server as Address
from tests.radius.office import Application

SECRET = "a secret of sixteen"
ALONE = Worker()
DEFAULTS = Limits()


class LoopbackApplication(Application):
    """The office's application behind a listener: keeps the order of what it is told."""

    def __init__(self):
        super().__init__()
        self.log = []
        self.world = 0
        self.instead = lambda _question, granted: granted
        self.recorded = threading.Event()

    def ask(self, query, question):
        self.log.append("decide" if isinstance(question, Authorize) else "ask")
        return super().ask(question)

    def catch_up(self):
        pass

    def find_peer(self, key):
        return None

    def before_decisions(self):
        self.log.append("before")

    def before_accepts(self):
        self.log.append("look")
        return self.world

    def decide_again(self, question, granted):
        self.log.append("again")
        return self.instead(question, granted)

    def record(self, records):
        self.log.append(("record", len(records)))
        self.records = [*getattr(self, "records", ()), *records]
        self.recorded.set()


class Running:
    """A listener that serves: where, with what, and what it wrote down."""

    def __init__(self, listener, server, application, auth, acct):
        self.listener = listener
        self.server = server
        self.application = application
        self.auth = Address(auth, SECRET)
        self.acct = Address(acct, SECRET)


@dataclass(frozen=True)
class Place:
    """Where the listener is bound, and from where its NAS speaks."""

    bind: str = LOOPBACK
    nas: str = LOOPBACK


HERE = Place()


@contextmanager
def running(
    application=None, methods=None, forwarding=None, worker=ALONE, limits=DEFAULTS, place=HERE, **nas
):
    """Serve with one NAS until the block ends."""
    application = application or LoopbackApplication()
    known = Nas(**{"key": "lo", "name": "loopback", "secrets": (SECRET.encode(),)} | nas)
    server = Server({ip_address(place.nas): known}.get, os.urandom, methods or {}, worker, limits)
    with bound(place.bind) as auth, bound(place.bind) as acct:
        endpoints = [Endpoint(auth, Role.AUTHENTICATION), Endpoint(acct, Role.ACCOUNTING)]
        listener = Listener(endpoints, server, application, forwarding)
        thread = threading.Thread(target=listener.serve)
        thread.start()
        try:
            yield Running(listener, server, application, auth.getsockname()[1], acct.getsockname()[1])
        finally:
            listener.stop()
            thread.join(30)
            assert not thread.is_alive()


def bound(host):
    udp = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    if udp.family == socket.AF_INET6:
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    udp.bind((host, free_port()))
    return udp
