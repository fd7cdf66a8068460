"""A supplicant in memory that speaks PEAP: OpenSSL's client end, with a peer inside."""

from OpenSSL import SSL
from OpenSSL.SSL import _lib

from radius.eap.result import Status, compound_keys, read_result, result, resumed_keys
from tests.radius.eap.peer import response
from tests.radius.eap.supplicant import Supplicant

TLV = 33


class PeapSupplicant(Supplicant):
    """What it answers inside comes from a peer. headers: it leaves them in; binds: it answers a binding.

    told is what the server said at the end, agrees what the supplicant answers to that.
    """

    type = 25
    label = b"client EAP encryption"

    def __init__(
        self, peer, authority=None, version=SSL.TLS1_3_VERSION, fragment=3000, *, headers=False, binds=True
    ):
        super().__init__(b"", authority, version, fragment)
        self.peer = peer
        self.headers = headers
        self.binds = binds
        self.told = None
        self.agrees = Status.SUCCESS
        self.keys = None

    def speak(self):
        said = self.hear()
        # Only an EAP-TLV has its header; a fragment of something else may have any octet at that place.
        end = said[:1] == b"\1" and int.from_bytes(said[2:4]) == len(said) and said[4:5] == bytes((TLV,))
        answer = said and (self.end(said) if end else self.converse(said))
        if answer:
            self.connection.send(answer)

    def converse(self, said):
        request = bytes((1, self.identifier)) + (4 + len(said)).to_bytes(2, "big") + said
        answer = self.peer.answer(request)
        return answer if self.headers else answer[4:]

    def end(self, said):
        """Return the Result that answers the server's."""
        told = read_result(said[5:])
        self.told = Status(told.status)
        tlvs = result(self.agrees if told.status == Status.SUCCESS else self.told)
        if told.binding and self.binds:
            self.keys = self.compound()
            tlvs += self.bind(told.binding)
        return response(said[1], TLV, tlvs)

    def compound(self):
        if _lib.SSL_session_reused(self.connection._ssl):
            return resumed_keys(self.tunnel_key())
        return compound_keys(self.tunnel_key(), self.peer.keys)

    def bind(self, asked):
        """Return the binding that answers the server's, as long as it was made with the same keys."""
        assert asked[-20:] == self.keys.mac(asked)
        answer = asked[:7] + b"\1" + asked[8:]
        return answer[:-20] + self.keys.mac(answer)

    def tunnel_key(self):
        if self.connection.get_protocol_version_name() == "TLSv1.3":
            return self.connection.export_keying_material(b"EXPORTER_EAP_TLS_Key_Material", 128, b"\x19")
        return self.connection.export_keying_material(self.label, 128, None)

    def msk(self):
        return self.keys.msk() if self.keys else super().msk()
