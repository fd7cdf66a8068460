"""Packets that nobody should send, from a seed: so that what fails once fails again."""

import random

from radius.attributes import AttributeType
from radius.eap.packet import EapType
from radius.packet import Code, decode
from tests.radius.eap.peer import SPEAKS, Peer
from tests.radius.office import Asker, Office

TYPES = [*AttributeType, 0, 255]
SIZES = (0, 1, 4, 6, 12, 16, 17, 18, 32)


def datagram(rng):
    """Return noise, or a packet of random attributes with a few octets changed."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.randrange(120))
    data = bytearray(packet(rng.choice(list(Code)), rng, soup(rng)))
    for _ in range(rng.randrange(4)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.randrange(len(data))]) if rng.random() < 0.1 else bytes(data)


def packet(code, rng, body):
    head = bytes((code, rng.randrange(256))) + (20 + len(body)).to_bytes(2, "big")
    return head + rng.randbytes(16) + body


def soup(rng):
    """Return the octets of a few attributes, most of them of a type that means something."""
    body = b""
    for _ in range(rng.randrange(8)):
        kind = rng.choice(TYPES) if rng.random() < 0.8 else rng.randrange(256)
        value = rng.randbytes(rng.choice(SIZES))
        body += attribute(kind, value)
    return body


def attribute(kind, value):
    return bytes((kind, len(value) + 2)) + value


def mangled(rng, octets):
    """Return octets, now and then with some changed, cut off, or all others."""
    if not octets or rng.random() < 0.6:
        return octets
    data = bytearray(octets)
    data[rng.randrange(len(data))] = rng.randrange(256)
    if rng.random() < 0.3:
        del data[rng.randrange(len(data)) :]
    return rng.randbytes(rng.randrange(80)) if rng.random() < 0.2 else bytes(data)


class MadPeer(Peer):
    """A peer without a tunnel of its own that now and then says something else than it should."""

    def __init__(self, rng):
        super().__init__(rng.choice(list(SPEAKS)))
        self.rng = rng
        self.typed = ["correct horse", "123456"] * 9

    def answer(self, request):
        said = super().answer(request)
        body = mangled(self.rng, said[4:])
        return said[:2] + (4 + len(body)).to_bytes(2, "big") + body


class MadNas:
    """A NAS that knows the secret and has lost its mind: nothing it sends may crash the server."""

    def __init__(self, seed, methods, **nas):
        self.rng = random.Random(seed)
        self.office = Office(methods, {"eap_methods": (EapType.TTLS,), "mab": True} | nas)
        self.secret = Asker().secret
        self.states = [bytes(16)]
        self.identifiers = [0]

    def step(self):
        """Send one signed request, remember the State that comes back, let some time pass."""
        rng = self.rng
        body = attribute(1, b"kim") + (soup(rng) if rng.random() < 0.5 else self.eap())
        for reply in self.office.receive(self.signed(body)):
            answer = decode(reply.data)
            if answer.code is Code.ACCESS_CHALLENGE:
                self.states = [*self.states[-10:], answer.first(AttributeType.STATE)]
                self.identifiers = [*self.identifiers[-10:], (answer.first(79) or b"\0\0")[1]]
        self.office.now += rng.random()
        self.office.expire()

    def eap(self):
        """Return an EAP-Message and a State of an earlier challenge, now and then with its identifier."""
        rng = self.rng
        if rng.random() < 0.3:
            return attribute(79, b"\x02\x01\x00\x08\x01kim")
        at = rng.randrange(len(self.states))
        kind = rng.choice((1, 3, *self.office.nas.eap_methods * 3))
        data = bytes((kind, rng.choice((0, 0x40, 0x80)))) + rng.randbytes(rng.randrange(60))
        eap = bytes((2, self.identifiers[at])) + (4 + len(data)).to_bytes(2, "big") + data
        return attribute(79, eap) + attribute(24, self.states[at])

    def signed(self, body):
        empty = attribute(80, bytes(16))
        unsigned = packet(Code.ACCESS_REQUEST, self.rng, empty + body)
        return unsigned[:22] + self.secret.hmac_md5(unsigned) + unsigned[38:]
