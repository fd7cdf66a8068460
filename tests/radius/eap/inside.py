"""Supplicants in memory that show a certificate, or say inside EAP-TTLS what RFC 5281 lets them."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL

from radius.eap.avp import Avp, decode_avps, encode_avp
from radius.mschap import authenticator_response, key_of, nt_hash, nt_response
from radius.questions import MschapExchange
from tests.radius.eap.peer import IDENTITY, NAK, PEER_CHALLENGE, response
from tests.radius.eap.supplicant import Supplicant
from tests.radius.office import PASSWORD, chap

USER_NAME, CHAP_PASSWORD, CHAP_CHALLENGE, EAP_MESSAGE = 1, 3, 60, 79
MICROSOFT, MS_CHAP_CHALLENGE, MS_CHAP2_RESPONSE, MS_CHAP2_SUCCESS = 311, 11, 25, 26


class CertificateSupplicant(Supplicant):
    """Speaks EAP-TLS. heard is what the server said inside."""

    type = 13
    label = b"client EAP encryption"

    def __init__(self, files, authority=None, version=SSL.TLS1_3_VERSION, fragment=3000):
        super().__init__(b"", authority, version, fragment)
        self.files = files
        self.heard = b""
        self.show()

    def show(self):
        if self.files is not None:
            [own, *_] = x509.load_pem_x509_certificates(self.files.certificate.read_bytes())
            self.connection.use_certificate(own)
            self.connection.use_privatekey(load_pem_private_key(self.files.key.read_bytes(), None))

    def speak(self):
        self.heard += self.hear()


class CertificatePeer:
    """A peer inside of somebody's tunnel that speaks EAP-TLS there, in a tunnel of its own."""

    def __init__(self, files, identity="kim", **tls):
        self.supplicant = CertificateSupplicant(files, **tls)
        self.identity = identity

    @property
    def keys(self):
        return self.supplicant.msk()

    def answer(self, request):
        identifier, kind = request[1], request[4]
        if kind == IDENTITY:
            return response(identifier, IDENTITY, self.identity.encode())
        if kind != self.supplicant.type:
            return response(identifier, NAK, bytes((self.supplicant.type,)))
        return response(identifier, kind, self.supplicant.respond(request[5:]))


class Talker(Supplicant):
    """Speaks EAP-TTLS. talk is a generator of what it says inside, which is told what it hears."""

    def __init__(self, talk, authority=None, version=SSL.TLS1_3_VERSION, fragment=3000):
        super().__init__(b"", authority, version, fragment)
        self.talk = talk(self)

    def speak(self):
        said = self.hear()
        if not self.said:
            self.said = True
            self.connection.send(next(self.talk))
        elif said and (answer := next_of(self.talk, said)):
            self.connection.send(answer)

    def challenge(self):
        """Return the challenge of this tunnel, and its identifier."""
        made = self.connection.export_keying_material(b"ttls challenge", 17, None)
        return made[:16], made[16]


def next_of(talk, said):
    try:
        return talk.send(said)
    except StopIteration:
        return b""


def avp(code, value, vendor=0):
    return encode_avp(Avp(code, vendor, True, value))


def by_chap(password=PASSWORD, name=b"kim", challenge=None):
    """Say what CHAP asks for, made of another challenge than the tunnel's if there is one."""

    def talk(supplicant):
        asked, identifier = challenge or supplicant.challenge()
        made = chap(asked, password, identifier)
        yield avp(USER_NAME, name) + avp(CHAP_CHALLENGE, asked) + avp(CHAP_PASSWORD, made)

    return talk


def by_mschapv2(password=PASSWORD, name=b"kim", challenge=None):
    """Say what MSCHAPv2 asks for, and believe the proof or go silent."""

    def talk(supplicant):
        asked, identifier = challenge or supplicant.challenge()
        hashed = nt_hash(password)
        unmade = MschapExchange(name.rpartition(b"\\")[2], asked, PEER_CHALLENGE, b"")
        made = MschapExchange(unmade.name, asked, PEER_CHALLENGE, nt_response(unmade, hashed))
        value = bytes((identifier, 0)) + PEER_CHALLENGE + bytes(8) + made.response
        challenged = avp(MS_CHAP_CHALLENGE, asked, MICROSOFT)
        said = yield avp(USER_NAME, name) + challenged + avp(MS_CHAP2_RESPONSE, value, MICROSOFT)
        [proof] = decode_avps(said)
        assert (proof.vendor, proof.code) == (MICROSOFT, MS_CHAP2_SUCCESS)
        assert proof.value == bytes((identifier,)) + authenticator_response(made, key_of(hashed)).encode()

    return talk


def by_eap(peer):
    """Speak EAP inside, beginning with the Identity unasked."""

    def talk(_supplicant):
        said = yield avp(EAP_MESSAGE, response(0, 1, peer.identity.encode()))
        while True:
            [request] = decode_avps(said)
            said = yield avp(EAP_MESSAGE, peer.answer(request.value))

    return talk
