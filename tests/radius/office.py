"""The other two ends in memory: a NAS that makes requests, and an application that answers questions."""

from collections import deque
from hashlib import md5
from ipaddress import ip_address

from radius.attributes import Attribute, AttributeType, integer
from radius.authenticator import (
    message_authenticator_holds,
    reply_is_hashed_with,
    sign_access_request,
    sign_hashed_request,
)
from radius.effects import Ask, Forward, Record, Role, Send, Source
from radius.hidden import hide_password
from radius.mschap import key_of, nt_hash, nt_response, response_holds
from radius.nas import Nas
from radius.packet import Code, Packet, decode, encode
from radius.questions import (
    Account,
    Authorize,
    CertificateRight,
    CheckCertificate,
    CheckChap,
    CheckMschap,
    CheckPassword,
    CheckResumption,
    CheckSession,
    CodeRight,
    Granted,
    MschapExchange,
    MschapRight,
    Noticed,
    PasswordRight,
    Recorded,
    Refused,
    SpendCode,
)
from radius.secret import SharedSecret
from radius.server import Server

SECRET = b"a secret of sixteen"
ADDRESS = ip_address("192.0.2.7")
MAC = "02:00:5e:10:00:01"
PASSWORD = "correct horse"
KEY = key_of(nt_hash(PASSWORD))
VLAN = (Attribute(81, b"120"),)


class Application:
    """Knows kim with a password, and one code that is good once. Keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.codes = {"123456"}
        self.session = Refused("case 4714", "session")

    def ask(self, question):
        self.asked.append(question)
        if isinstance(question, CheckPassword):
            right = question.user_name == "kim" and question.password == PASSWORD
            return PasswordRight("user-kim", "Code?") if right else Refused("case 4711", "password")
        if isinstance(question, CheckChap):
            made = question.exchange
            right = made.response == chap(made.challenge, PASSWORD, made.identifier)[1:] and is_kim(question)
            return PasswordRight("user-kim", "Code?", "ticket") if right else Refused("case 4711", "password")
        if isinstance(question, CheckMschap):
            right = response_holds(question.exchange, nt_hash(PASSWORD)) and is_kim(question)
            return (
                MschapRight("user-kim", KEY, "Code?", "ticket") if right else Refused("case 4711", "password")
            )
        if isinstance(question, CheckResumption):
            return PasswordRight("user-kim", "Code?", "ticket")
        if isinstance(question, CheckCertificate):
            return CertificateRight("user-kim", "kim@hangang", "certificate-7")
        if isinstance(question, SpendCode):
            if question.code in self.codes:
                self.codes.remove(question.code)
                return CodeRight(1000.0)
            return Refused("case 4712", "code")
        if isinstance(question, CheckSession):
            return self.session
        if isinstance(question, Authorize):
            return Granted(VLAN, b"class of kim", "kim", "accepted")
        if isinstance(question, Account):
            return Recorded(("account", question.kind))
        if isinstance(question, Noticed):
            return Recorded(("noticed", question.notice, question.secret))
        return Refused("case 4713", ("report", question.reason))

    @property
    def kinds(self):
        return [type(question).__name__ for question in self.asked]


class Office:
    """One server, one application, and a NAS at ADDRESS. Time is a number that a test moves."""

    def __init__(self, methods=None, nas=None, **server):
        nas = {"key": "gw", "name": "gateway", "secrets": (SECRET,)} | (nas or {})
        self.nas = Nas(**nas)
        self.random = 0
        self.application = Application()
        self.server = Server(self.find_nas, self.randomly, methods or {}, **server)
        self.now = 100.0
        self.sent = []
        self.records = []
        self.forwards = []

    def find_nas(self, address):
        return self.nas if address == ADDRESS else None

    def randomly(self, count):
        self.random += 1
        return self.random.to_bytes(count, "big")

    def receive(self, data, address=ADDRESS, port=1645, role=Role.AUTHENTICATION, handed=False):
        """Return the replies to one datagram, every question answered at once."""
        source = Source(address, port, 0 if role is Role.AUTHENTICATION else 1, role)
        return self.do(self.server.receive(data, source, self.now, handed))

    def expire(self):
        return self.do(self.server.expire(self.now))

    def do(self, effects):
        replies, todo = [], deque(effects)
        while todo:
            effect = todo.popleft()
            if isinstance(effect, Ask):
                outcome = self.application.ask(effect.question)
                todo.extend(self.server.answer(effect.query, outcome, self.now))
            elif isinstance(effect, Forward):
                self.forwards.append(effect)
            else:
                if effect.record is not None:
                    self.records.append(effect.record)
                if isinstance(effect, Send):
                    replies.append(effect)
                assert isinstance(effect, Send | Record)
        self.server.settle(self.now)
        self.sent += replies
        return replies

    @property
    def counters(self):
        return self.server.counters[self.nas.key]


class Asker:
    """What a NAS does to make a request: identifiers and authenticators that differ each time."""

    def __init__(self, secret=SECRET):
        self.secret = SharedSecret(secret)
        self.count = 0

    def next_authenticator(self):
        self.count += 1
        return self.count.to_bytes(16, "big")

    def access(self, *attributes, password=None, signed=True, code=Code.ACCESS_REQUEST):
        authenticator = self.next_authenticator()
        if password is not None:
            hidden = hide_password(password.encode(), self.secret, authenticator)
            attributes += (Attribute(AttributeType.USER_PASSWORD, hidden),)
        packet = Packet(code, self.count & 255, authenticator, attributes)
        return sign_access_request(packet, self.secret) if signed else encode(packet)

    def pap(self, password, *more, name="kim", signed=True):
        return self.access(user(name), station(MAC), *more, password=password, signed=signed)

    def account(self, kind, *more, signed=False):
        self.count += 1
        attributes = (integer(40, kind), Attribute(44, b"session-1"), user("kim"), *more)
        packet = Packet(Code.ACCOUNTING_REQUEST, self.count & 255, b"", attributes)
        return sign_hashed_request(packet, self.secret, signed)

    def read(self, send, request):
        """Return the reply as a packet, once its authenticators hold."""
        reply, request = decode(send.data), decode(request)
        assert reply.identifier == request.identifier
        assert reply_is_hashed_with(reply, request.authenticator, self.secret)
        if reply.code is not Code.ACCOUNTING_RESPONSE:
            assert reply.attributes[0].type == AttributeType.MESSAGE_AUTHENTICATOR
            assert message_authenticator_holds(reply, self.secret, request.authenticator)
        return reply


def user(name):
    return Attribute(AttributeType.USER_NAME, name.encode())


def station(mac):
    return Attribute(AttributeType.CALLING_STATION_ID, mac.encode())


def ask(office, asker, data, **where):
    """Return the one reply to a request, decoded and verified."""
    [send] = office.receive(data, **where)
    return asker.read(send, data)


def is_kim(question):
    return question.user_name.rpartition("\\")[2].partition("@")[0] == "kim"


def chap(challenge, password=PASSWORD, identifier=7):
    """Return the value of a CHAP-Password."""
    return bytes((identifier,)) + md5(bytes((identifier,)) + password.encode() + challenge).digest()


def mschap_exchange(challenge=bytes(16), name=b"kim", password=PASSWORD):
    """Return what a peer makes of a challenge."""
    peer_challenge = bytes(range(16))
    unanswered = MschapExchange(name, challenge, peer_challenge, b"")
    response = nt_response(unanswered, nt_hash(password))
    return MschapExchange(name, challenge, peer_challenge, response, 7)
