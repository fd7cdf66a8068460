"""Packets that nobody should send, from a seed: so that what fails once fails again."""

import random

from radius.attributes import Attribute, AttributeType, integer
from radius.cursor import Cursor, Overrun
from radius.eap.packet import EapType
from radius.nas import MessageAuthenticatorPolicy
from radius.packet import Code, decode
from tests.radius.eap.peer import SPEAKS, Peer
from tests.radius.office import Asker, Office

# A NAS that need not sign, so that what is wrong with a packet is looked at.
CARELESS = {"message_authenticator": MessageAuthenticatorPolicy.OFF}
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


def bombard(rng, office, asker, count):
    """Send noise, and logins with something wrong about them, from one NAS; let time pass."""
    for number in range(count):
        office.receive(datagram(rng) if rng.random() < 0.3 else mutated(rng, asker))
        if number % 50 == 0:
            office.now += 1.0
            office.expire()
            for kept in (office.sent, office.records, office.application.asked):
                kept.clear()


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


def attributes_of(data):
    """Return types and values as they stand in a packet that is not malformed."""
    try:
        return Cursor(data[: int.from_bytes(data[2:4], "big")], 20).items(1, 1)
    except Overrun:
        return []


def mutated(rng, asker):
    """Return a login in which something is not as it should be, signed or not."""
    login = rng.choice(("correct horse", "correct horse", "wrong horse"))
    # Authenticators of their own, so that none is taken for another one's repetition.
    asker.count = rng.getrandbits(120)
    data = asker.pap(
        login, integer(5, rng.randrange(99)), Attribute(32, b"switch"), signed=rng.random() < 0.2
    )
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        data = rng.choice(MUTATORS)(rng, data)
    return data


def one_octet(rng, data):
    at = rng.randrange(len(data))
    return data[:at] + bytes((rng.randrange(256),)) + data[at + 1 :]


def one_length(rng, data):
    """Change the length of an attribute."""
    places, at = [], 20
    while at + 1 < len(data) and data[at + 1] > 1:
        places.append(at + 1)
        at += data[at + 1]
    if not places:
        return data
    at = rng.choice(places)
    return data[:at] + bytes((rng.choice((0, 1, 2, data[at] ^ 1, 255)),)) + data[at + 1 :]


def whole_length(rng, data):
    """Change the Length of the packet."""
    length = max(0, len(data) + rng.choice((-21, -1, 1, 20, 4096)))
    return data[:2] + length.to_bytes(2, "big") + data[4:]


def cut(rng, data):
    return data[: rng.randrange(1, len(data) + 1)]


def padded(rng, data):
    return data + rng.randbytes(rng.randrange(1, 9))


def one_more(rng, data):
    """Add an attribute of any type, and tell the Length of it."""
    kind = rng.choice((1, 4, 26, 33, 79, 80, 200, 241, 245, rng.randrange(256)))
    longer = data + attribute(kind, rng.randbytes(rng.choice((0, 1, 4, 6, 16, 40))))
    return longer[:2] + len(longer).to_bytes(2, "big") + longer[4:]


def turned(rng, data):
    """Move the last attribute to the front."""
    pairs = attributes_of(data)
    if not pairs:
        return data
    body = b"".join(attribute(kind, value) for kind, value in pairs[-1:] + pairs[:-1])
    return data[:20] + body + data[20 + len(body) :]


MUTATORS = (one_octet, one_octet, one_length, whole_length, cut, padded, one_more, one_more, turned)
