"""Which requests were made by the NAS they seem to come from (RFC 3579 section 3.2, RFC 5997, RFC 2866)."""

from radius.attributes import AttributeType
from radius.authenticator import message_authenticator_holds, request_is_hashed_with
from radius.counters import Counters
from radius.nas import MessageAuthenticatorPolicy, Nas
from radius.packet import Code, Packet
from radius.secret import SharedSecret, shared_secret

# A reply repeats every Proxy-State, so there must be room for the rest.
MAX_PROXY_STATE_OCTETS = 1024


class Gate:
    """Lets requests in; remembers which NASes on AUTO have shown that they can sign."""

    __slots__ = ("_signing",)

    def __init__(self) -> None:
        self._signing: set[str] = set()

    def admit(self, packet: Packet, nas: Nas, counters: Counters) -> SharedSecret | None:
        """Return the secret the request was made with; None and a count where it is to be dropped."""
        if _proxy_state_octets(packet) > MAX_PROXY_STATE_OCTETS:
            counters.malformed += 1
            return None
        if packet.code is Code.ACCOUNTING_REQUEST:
            return _accounting_secret(packet, nas, counters)
        if packet.message_authenticator_at:
            return self._signed(packet, nas, counters)
        if self._must_be_signed(packet, nas):
            counters.missing_message_authenticators += 1
            return None
        return shared_secret(nas.secrets[0])

    def _signed(self, packet: Packet, nas: Nas, counters: Counters) -> SharedSecret | None:
        for octets in nas.secrets:
            secret = shared_secret(octets)
            if message_authenticator_holds(packet, secret):
                if not _always_signed(packet):
                    self._signing.add(nas.key)
                return secret
        counters.bad_authenticators += 1
        return None

    def _must_be_signed(self, packet: Packet, nas: Nas) -> bool:
        """Return whether this request is worth nothing without a Message-Authenticator.

        A Proxy-State is where the Blast-RADIUS forger puts what he needs repeated, so on AUTO a request with
        one counts as coming from somebody who could sign.
        """
        if _always_signed(packet):
            return True
        if nas.message_authenticator is MessageAuthenticatorPolicy.AUTO:
            return nas.key in self._signing or packet.first(AttributeType.PROXY_STATE) is not None
        return nas.message_authenticator is MessageAuthenticatorPolicy.REQUIRE


def _always_signed(packet: Packet) -> bool:
    """Return whether any NAS must sign this request (RFC 3579 section 3.2, RFC 5997 section 3)."""
    return packet.code is Code.STATUS_SERVER or AttributeType.EAP_MESSAGE in packet.values


def _proxy_state_octets(packet: Packet) -> int:
    if AttributeType.PROXY_STATE not in packet.values:
        return 0
    return sum(map(len, packet.all(AttributeType.PROXY_STATE)))


def _accounting_secret(packet: Packet, nas: Nas, counters: Counters) -> SharedSecret | None:
    for octets in nas.secrets:
        secret = shared_secret(octets)
        if request_is_hashed_with(packet, secret):
            signed = packet.message_authenticator_at
            if not signed or message_authenticator_holds(packet, secret):
                return secret
    counters.bad_authenticators += 1
    return None
