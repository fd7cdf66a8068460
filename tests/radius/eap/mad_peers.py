"""Conversations that go wrong somewhere, from a seed: supplicants that mean well, until a hand slips."""

import random

from OpenSSL import SSL

from radius.attributes import Attribute, AttributeType, split_octets
from radius.errors import RadiusError
from radius.packet import Code, decode
from tests.radius.eap.peer import IDENTITY, NAK, response
from tests.radius.eap.supplicant import Wireless
from tests.radius.eap.ways import VERSIONS, WAYS
from tests.radius.office import MAC, Asker, station, user

LONGEST = 30
# What a supplicant of ours raises about answers to what it never meant to say.
ENOUGH = (
    SSL.Error,
    RadiusError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)


class SlippingConnection:
    """A connection that now and then says inside what nobody meant to."""

    def __init__(self, connection, rng):
        self.connection = connection
        self.rng = rng

    def send(self, plaintext):
        if self.rng.random() < 0.3:
            plaintext = slip(plaintext, self.rng)
        if plaintext:
            self.connection.send(plaintext)

    def __getattr__(self, name):
        return getattr(self.connection, name)


class MadPeers:
    """One conversation after the other with one server, which has to survive them all."""

    def __init__(self, seed, office, pki):
        self.rng = random.Random(seed)
        self.office = office
        self.pki = pki
        self.asker = Asker()
        self.earlier = {}
        self.ends = dict.fromkeys(["accept", "reject", "silence", "endless"], 0)

    def converse(self):
        """Hold one conversation, and let some time pass."""
        way, version = self.rng.choice(list(WAYS)), self.rng.choice(list(VERSIONS.values()))
        laptop = WAYS[way](self.pki, version=version, fragment=self.rng.choice((100, 300, 3000)))
        self.offer(way, version, laptop)
        clumsiness = self.rng.choice((0.0, 0.1, 0.3))
        laptop.connection = (
            SlippingConnection(laptop.connection, self.rng) if clumsiness else laptop.connection
        )
        self.ends[self.talk(laptop, clumsiness)] += 1
        self.office.now += self.rng.choice((0.01, 1.0, 30.0))
        self.office.expire()
        for kept in (self.office.sent, self.office.records, self.office.application.asked):
            kept.clear()

    def offer(self, way, version, laptop):
        """Now and then begin with the session of an earlier login, its own or another's."""
        earlier = self.rng.choice([*self.earlier.values(), None])
        if earlier is not None and self.rng.random() < 0.5 and earlier.connection.get_session() is not None:
            laptop.resume(earlier)
            if hasattr(laptop, "show"):
                laptop.show()
        self.earlier[way, version] = laptop

    def talk(self, laptop, clumsiness):
        """Return how it ended."""
        wireless = Wireless(self.office, self.asker, laptop)
        eap, state = b"\x02\x01\x00\x0e\x01anonymous", None
        for _ in range(LONGEST):
            if self.rng.random() < clumsiness:
                eap = slip(eap, self.rng)
            replies = self.office.receive(self.request(eap, state))
            if not replies:
                return "silence"
            reply = decode(replies[0].data)
            if reply.code is not Code.ACCESS_CHALLENGE:
                return "accept" if reply.code is Code.ACCESS_ACCEPT else "reject"
            state = reply.first(AttributeType.STATE)
            eap = answer_of(wireless, b"".join(reply.all(AttributeType.EAP_MESSAGE)))
            if eap is None:
                return "silence"
        return "endless"

    def request(self, eap, state):
        attributes = [user("anonymous"), station(MAC), *split_octets(AttributeType.EAP_MESSAGE, eap)]
        if state is not None:
            attributes.append(Attribute(AttributeType.STATE, state))
        return self.asker.access(*attributes)


def answer_of(wireless, request):
    """Return the supplicant's Response; None where it has had enough of what it did itself."""
    wanted = wireless.supplicant.type
    if request[4] not in (wanted, IDENTITY):
        return response(request[1], NAK, bytes((wanted,)))
    try:
        return wireless.answer(request)
    except ENOUGH:
        return None


def slip(octets, rng):
    """Return octets with one thing wrong."""
    return rng.choice(SLIPS)(octets, rng)


def _flip(octets, rng):
    changed = bytearray(octets or b"\0")
    for _ in range(rng.choice((1, 1, 4))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _early(octets, rng):
    """Change what steers: code, identifier, length, type, flags."""
    changed = bytearray(octets or b"\0")
    changed[rng.randrange(min(len(changed), 10))] = rng.choice((0, 1, 2, 3, 0x20, 0x40, 0x80, 0xC0, 0xFF))
    return bytes(changed)


def _cut(octets, rng):
    return octets[: rng.randrange(len(octets) + 1)]


def _grow(octets, rng):
    at = rng.randrange(len(octets) + 1)
    return octets[:at] + rng.randbytes(rng.choice((1, 4, 300))) + octets[at:]


def _repeat(octets, rng):
    at = rng.randrange(len(octets) + 1)
    return octets + octets[at:]


def _nothing(_octets, _rng):
    return b""


SLIPS = (_flip, _flip, _early, _early, _cut, _grow, _repeat, _nothing)
