"""A worker that NASes reach by TLS, on loopback, and a NAS that speaks TLS by itself."""

import os
import socket
import ssl
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from radius.framing import Frames
from radius.limits import RADSEC_SECRET as SECRET
from radius.limits import Limits
from radius.listener import Listener
from radius.nas import MessageAuthenticatorPolicy, Nas
from radius.packet import decode
from radius.radsec import RadSec, RadSecLimits
from radius.radsec_door import Door
from radius.server import Server
from radius.tls_peers import TlsEnds, TlsFiles
from radius.turns import Turns
from radius.worker import Worker
from tests.peers.certificates import Authority, create_authority
from tests.peers.ports import LOOPBACK
from tests.radius.running import LoopbackApplication

ANSWER_S = 30
ALONE = Worker()
AT_ONCE = Limits(reject_delay_s=0)
USUAL = RadSecLimits()


class Guests:
    """Who may connect: fingerprints and names, each with the key of a NAS. Tests change both."""

    def __init__(self):
        self.fingerprints = {}
        self.names = {}

    def find(self, credential):
        key = self.fingerprints.get(credential.fingerprint)
        for name in credential.names:
            key = key or self.names.get(name)
        return self.nas(key) if key else None

    def nas(self, key):
        return Nas(key, f"nas {key}", (SECRET,), message_authenticator=MessageAuthenticatorPolicy.OFF)


@dataclass
class TlsOffice:
    """What serves, and the authority that it and its NASes trust."""

    authority: Authority
    guests: Guests
    application: LoopbackApplication
    server: Server
    listener: Listener
    radsec: RadSec
    port: int
    door: Path
    files: TlsFiles

    @property
    def counters(self):
        return self.radsec.counters

    def connect(self, name="nas.example", **how):
        """A NAS with a certificate of this name, known by it."""
        self.guests.names.setdefault(name, "1")
        return TlsNas(self.port, self.authority.path, self.authority.issue(name, client=True), **how)


@contextmanager
def tls_office(directory, limits=USUAL, application=None, worker=ALONE, forwarding=None, authority=None):
    authority = authority or create_authority(directory)
    ours = authority.issue(f"radius-{worker.index}.example")
    files = TlsFiles(ours.certificate, ours.key, authority.path)
    application = application or LoopbackApplication()
    guests = Guests()
    application.find_peer = guests.nas
    turns = Turns("radsec")
    radsec = RadSec(turns, TlsEnds(files), guests, worker.index, limits)
    server = Server({}.get, os.urandom, {}, worker, AT_ONCE)
    listener = Listener([], server, application, forwarding, radsec)
    door = Path(directory) / f"radsec-{worker.index}.sock"
    with ExitStack() as ending:
        listening = ending.enter_context(socket.create_server((LOOPBACK, 0)))
        Door(turns, radsec, door)
        radsec.serve((listening,), listener.deliver)
        thread = threading.Thread(target=listener.serve)
        thread.start()
        turns.start()
        ending.callback(thread.join)
        ending.callback(listener.stop)
        ending.callback(turns.stop)
        port = listening.getsockname()[1]
        yield TlsOffice(authority, guests, application, server, listener, radsec, port, door, files)


class TlsNas:
    """The standard library's TLS, so that both ends are not the same code. Raises ssl.SSLError, OSError."""

    def __init__(self, port, authority, files=None, highest=None, receive_octets=0):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(authority)
        if highest is not None:
            context.maximum_version = highest
        if files is not None:
            context.load_cert_chain(files.certificate, files.key)
        raw = socket.socket()
        if receive_octets:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_octets)
        raw.settimeout(ANSWER_S)
        try:
            raw.connect((LOOPBACK, port))
            self.tls = context.wrap_socket(raw)
        except BaseException:
            raw.close()
            raise
        self._frames = Frames()
        self._packets = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tls.close()

    def send(self, octets):
        self.tls.sendall(octets)

    def receive(self):
        """The next packet as octets; None where the other end has closed."""
        while not self._packets:
            try:
                octets = self.tls.recv(65536)
            except ConnectionResetError:
                octets = b""
            if not octets:
                return None
            self._packets += self._frames.feed(octets)
        return self._packets.pop(0)

    def ask(self, request):
        self.send(request)
        return decode(self.receive())
