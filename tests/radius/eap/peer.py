"""A peer in memory that speaks EAP without a tunnel of its own: alone, or inside of somebody's tunnel."""

import hashlib

from radius.mschap import (
    authenticator_response,
    key_of,
    nt_hash,
    nt_response,
    session_keys,
    without_domain,
)
from radius.questions import MschapExchange

IDENTITY, NAK, MD5, GTC, MSCHAPV2 = 1, 3, 4, 6, 26
PEER_CHALLENGE = bytes(range(16))


class Peer:
    """Answers Requests, whole packets both. wants is the only method it takes; code is what it types next."""

    def __init__(self, wants=MSCHAPV2, name="kim", password="correct horse", identity=None, code=""):
        self.wants = wants
        self.name = name
        self.password = password
        self.identity = name if identity is None else identity
        self.typed = [password, code]
        self.heard = []
        self.keys = b""
        self.believes = True

    def answer(self, request):
        """Return the Response to a Request."""
        identifier, kind = request[1], request[4]
        self.heard.append(request[5:])
        if kind == IDENTITY:
            return response(identifier, IDENTITY, self.identity.encode())
        if kind != self.wants:
            return response(identifier, NAK, bytes((self.wants,)))
        return response(identifier, kind, SPEAKS[kind](self, identifier, request[5:]))

    def mschapv2(self, _identifier, data):
        opcode = data[0]
        if opcode == 3:
            self.believes = data[4:46].decode() == authenticator_response(self.exchange, self.key)
            self.keys = session_keys(self.exchange, self.key)
            return b"\x03" if self.believes else b"\x04"
        if opcode == 4:
            return b"\x04"
        hashed = nt_hash(self.password)
        name = self.name.encode()
        exchange = MschapExchange(without_domain(name), data[5:21], PEER_CHALLENGE, b"")
        made = nt_response(exchange, hashed)
        self.exchange = MschapExchange(exchange.name, exchange.challenge, PEER_CHALLENGE, made)
        self.key = key_of(hashed)
        return mschapv2_response(data[1], made, name)

    def gtc(self, _identifier, _data):
        return self.typed.pop(0).encode()

    def md5(self, identifier, data):
        secret = self.password.encode()
        return b"\x10" + hashlib.md5(bytes((identifier,)) + secret + data[1:17]).digest() + b"kim"


SPEAKS = {MSCHAPV2: Peer.mschapv2, GTC: Peer.gtc, MD5: Peer.md5}


def response(identifier, kind, data=b""):
    return bytes((2, identifier)) + (5 + len(data)).to_bytes(2, "big") + bytes((kind,)) + data


def mschapv2_response(identifier, made, name):
    length = (54 + len(name)).to_bytes(2, "big")
    return bytes((2, identifier)) + length + b"\x31" + PEER_CHALLENGE + bytes(8) + made + b"\0" + name
