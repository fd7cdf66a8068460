"""A supplicant in memory: OpenSSL's client end, cut into fragments, in EAP, in RADIUS."""

from OpenSSL import SSL

from radius.attributes import Attribute, AttributeType, split_octets
from radius.eap.avp import Avp, encode_avp
from radius.hidden import MICROSOFT, reveal_salted
from radius.packet import Code
from tests.radius.eap.peer import response
from tests.radius.office import MAC, ask, station, user


class Supplicant:
    """Speaks EAP-TTLS. What it sends inside the tunnel is given as octets."""

    type = 21
    identifier = 0
    label = b"ttls keying material"

    def __init__(self, inside, authority=None, version=SSL.TLS1_3_VERSION, fragment=3000):
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)
        if authority is not None:
            context.load_verify_locations(str(authority))
        context.set_verify(SSL.VERIFY_PEER if authority else SSL.VERIFY_NONE, lambda *seen: bool(seen[4]))
        self.connection = SSL.Connection(context, None)
        self.connection.set_connect_state()
        self.inside = inside
        self.fragment = fragment
        self.alerts = []
        self.finished = False
        self.said = False
        self.incoming = b""
        self.outgoing = b""

    def respond(self, data):
        """Return the type-data that answers a Request's."""
        flags, piece = data[0], data[1:]
        if flags & 0x80:
            piece = piece[4:]
        self.incoming += piece
        if flags & 0x40:
            return b"\0"
        if not self.outgoing:
            self.outgoing = self.advance()
        piece, self.outgoing = self.outgoing[: self.fragment], self.outgoing[self.fragment :]
        return bytes((0x40 if self.outgoing else 0,)) + piece

    def advance(self):
        records, self.incoming = self.incoming, b""
        if records:
            self.connection.bio_write(records)
        try:
            if not self.finished:
                self.connection.do_handshake()
                self.finished = True
        except SSL.WantReadError:
            pass
        except SSL.Error as error:
            self.alerts.append(error.args[0][0][2])
            return self.drain()
        if self.finished:
            self.speak()
        return self.drain()

    def speak(self):
        """Say inside what there is to say."""
        self.hear()
        if not self.said:
            self.said = True
            self.connection.send(self.inside)

    def resume(self, earlier):
        """Begin with the session of an earlier login."""
        # Without this OpenSSL gives up the session together with the connection.
        earlier.connection.set_shutdown(SSL.SENT_SHUTDOWN | SSL.RECEIVED_SHUTDOWN)
        self.connection = SSL.Connection(earlier.connection.get_context(), None)
        self.connection.set_connect_state()
        self.connection.set_session(earlier.connection.get_session())
        return self

    def hear(self):
        """Return what was said inside, b"" for nothing; tickets are taken in passing."""
        try:
            return self.connection.recv(65536)
        except SSL.WantReadError:
            return b""
        except SSL.Error as error:
            self.alerts.append(error.args[0][0][2])
            return b""

    def drain(self):
        try:
            return self.connection.bio_read(65536)
        except SSL.WantReadError:
            return b""

    def msk(self):
        if self.connection.get_protocol_version_name() == "TLSv1.3":
            kind = bytes((self.type,))
            return self.connection.export_keying_material(b"EXPORTER_EAP_TLS_Key_Material", 128, kind)[:64]
        return self.connection.export_keying_material(self.label, 128, None)[:64]

    def session_id(self):
        kind = bytes((self.type,))
        if self.connection.get_protocol_version_name() == "TLSv1.3":
            return kind + self.connection.export_keying_material(b"EXPORTER_EAP_TLS_Method-Id", 64, kind)
        return kind + self.connection.client_random() + self.connection.server_random()


def pap(name, password):
    """Return the AVPs of a PAP login, the password padded to sixteen octets as RFC 5281 asks."""
    padded = password.encode() + bytes(-len(password.encode()) % 16)
    return encode_avp(Avp(1, 0, True, name.encode())) + encode_avp(Avp(2, 0, True, padded))


class Wireless:
    """An access point with one supplicant behind it."""

    def __init__(self, office, asker, supplicant, outer="anonymous"):
        self.office = office
        self.asker = asker
        self.supplicant = supplicant
        self.outer = outer
        self.replies = []
        self.last_request = b""

    def log_in(self, steps=60, begin=None):
        """Return the last reply: an Accept, a Reject, or the Challenge the steps ended with."""
        eap, state = begin or (response(1, 1, self.outer.encode()), None)
        for _ in range(steps):
            reply = self.send(eap, state)
            if reply.code is not Code.ACCESS_CHALLENGE:
                return reply
            state = reply.first(AttributeType.STATE)
            eap = self.answer(b"".join(reply.all(AttributeType.EAP_MESSAGE)))
        self.waiting = eap, state
        return reply

    def go_on(self):
        """Return the last reply of a login that was left in the midst of it."""
        return self.log_in(begin=self.waiting)

    def answer(self, request):
        self.supplicant.identifier = request[1]
        return response(request[1], self.supplicant.type, self.supplicant.respond(request[5:]))

    def send(self, eap, state, *more):
        attributes = [user(self.outer), station(MAC), *split_octets(AttributeType.EAP_MESSAGE, eap), *more]
        if state is not None:
            attributes.append(Attribute(AttributeType.STATE, state))
        self.last_request = self.asker.access(*attributes)
        reply = ask(self.office, self.asker, self.last_request)
        self.replies.append(reply)
        return reply

    def msk(self):
        """Return the MSK the NAS was given."""
        authenticator = self.last_request[4:20]
        recv, send = (self.replies[-1].first(kind, MICROSOFT) for kind in (17, 16))
        secret = self.asker.secret
        return reveal_salted(recv, secret, authenticator) + reveal_salted(send, secret, authenticator)
