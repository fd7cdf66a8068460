"""Which requests were made by the NAS they seem to come from (RFC 3579 section 3.2, RFC 5997, RFC 2866).

What is learnt about a NAS on the way, and should outlive this worker, is noticed:

    notice     when
    SIGNS      a NAS on AUTO signs a request that need not be signed, and was not known to
    UNSIGNED   a NAS on AUTO sends one without, though it is known to sign: it is dropped
    SECRET     while a NAS has two secrets, which of them it used

Each at most once a minute for a NAS, since anybody can send the packets that lead to the second.
"""

from collections.abc import Sequence

from radius.attributes import AttributeType
from radius.authenticator import message_authenticator_holds, request_is_hashed_with
from radius.counters import Counters
from radius.effects import Role, Source
from radius.nas import MessageAuthenticatorPolicy, Nas
from radius.packet import Code, Packet
from radius.questions import Notice, Noticed
from radius.secret import SharedSecret, shared_secret

# A reply repeats every Proxy-State, so there must be room for the rest.
MAX_PROXY_STATE_OCTETS = 1024
# The Blast-RADIUS forger needs seven blocks of his own making repeated, 448 octets; an honest proxy a few.
MAX_UNSIGNED_PROXY_STATE_OCTETS = 128
NOTICE_AGAIN_S = 60.0
_AUTHORIZE_ONLY = (17).to_bytes(4)
# Noticed and not yet told again; beyond this many are forgotten, and told once more.
MAX_REMEMBERED = 8192


class Gate:
    """Lets requests in; remembers which NASes on AUTO have shown that they can sign."""

    __slots__ = ("_noticed", "_signing", "_told_at")

    def __init__(self) -> None:
        self._signing: set[str] = set()
        self._noticed: list[Noticed] = []
        self._told_at: dict[tuple[str, Notice, int], float] = {}

    def admit(
        self, packet: Packet, nas: Nas, source: Source, now: float, counters: Counters
    ) -> SharedSecret | None:
        """Return the secret the request was made with; None and a count where it is to be dropped."""
        if not _proxy_states_fit(packet, source):
            counters.malformed += 1
            return None
        if packet.code is Code.ACCOUNTING_REQUEST:
            place = _accounting_secret(packet, nas)
        elif packet.message_authenticator_at:
            place = _signing_secret(packet, nas)
        else:
            return self._unsigned(packet, nas, source, now, counters)
        if place is None:
            counters.bad_authenticator(now)
            return None
        self._learn(packet, nas, source, now, place)
        return shared_secret(nas.secrets[place])

    def take_notices(self) -> Sequence[Noticed]:
        """Return what has been noticed since the last time."""
        if not self._noticed:
            return ()
        noticed, self._noticed = self._noticed, []
        return noticed

    def _unsigned(
        self, packet: Packet, nas: Nas, source: Source, now: float, counters: Counters
    ) -> SharedSecret | None:
        if not self._must_be_signed(packet, nas):
            return shared_secret(nas.secrets[nas.preferred])
        counters.missing_message_authenticators += 1
        if self._used_to_sign(nas) and not _always_signed(packet):
            self._notice(Noticed(nas.key, Notice.UNSIGNED, str(source.address)), now)
        return None

    def _learn(self, packet: Packet, nas: Nas, source: Source, now: float, place: int) -> None:
        if len(nas.secrets) > 1:
            self._notice(Noticed(nas.key, Notice.SECRET, str(source.address), place), now)
        if nas.message_authenticator is not MessageAuthenticatorPolicy.AUTO or nas.signs:
            return
        if packet.code is Code.ACCESS_REQUEST and not _always_signed(packet):
            # Told until it comes back as nas.signs: a notice whose record was lost is made again.
            self._signing.add(nas.key)
            self._notice(Noticed(nas.key, Notice.SIGNS, str(source.address)), now)

    def _used_to_sign(self, nas: Nas) -> bool:
        is_auto = nas.message_authenticator is MessageAuthenticatorPolicy.AUTO
        return is_auto and (nas.signs or nas.key in self._signing)

    def _notice(self, noticed: Noticed, now: float) -> None:
        key = (noticed.nas, noticed.notice, noticed.secret)
        told_at = self._told_at.get(key)
        if told_at is not None and now - told_at < NOTICE_AGAIN_S:
            return
        if len(self._told_at) >= MAX_REMEMBERED:
            self._told_at.clear()
        self._told_at[key] = now
        self._noticed.append(noticed)

    def _must_be_signed(self, packet: Packet, nas: Nas) -> bool:
        """Return whether this request is worth nothing without a Message-Authenticator.

        A Proxy-State is where the Blast-RADIUS forger puts what he needs repeated, so on AUTO a request with
        one counts as coming from somebody who could sign.
        """
        if _always_signed(packet):
            return True
        if nas.message_authenticator is MessageAuthenticatorPolicy.AUTO:
            return self._used_to_sign(nas) or packet.first(AttributeType.PROXY_STATE) is not None
        return nas.message_authenticator is MessageAuthenticatorPolicy.REQUIRE


def _always_signed(packet: Packet) -> bool:
    """Return whether any NAS must sign this request (RFC 3579 section 3.2, RFC 5997 3, RFC 5176 3.2)."""
    if packet.code is Code.STATUS_SERVER or AttributeType.EAP_MESSAGE in packet.values:
        return True
    return packet.values.get(AttributeType.SERVICE_TYPE) == _AUTHORIZE_ONLY


def _proxy_states_fit(packet: Packet, source: Source) -> bool:
    """Return whether what we have to repeat leaves room, and unsigned is too little for a forger."""
    if AttributeType.PROXY_STATE not in packet.values:
        return True
    octets = sum(map(len, packet.all(AttributeType.PROXY_STATE)))
    proven = packet.message_authenticator_at or packet.code is Code.ACCOUNTING_REQUEST
    proven = proven or source.role is Role.RADSEC
    return octets <= (MAX_PROXY_STATE_OCTETS if proven else MAX_UNSIGNED_PROXY_STATE_OCTETS)


def _signing_secret(packet: Packet, nas: Nas) -> int | None:
    """Return the place of the secret that the Message-Authenticator was made with."""
    for place, octets in enumerate(nas.secrets):
        if message_authenticator_holds(packet, shared_secret(octets)):
            return place
    return None


def _accounting_secret(packet: Packet, nas: Nas) -> int | None:
    """Return the place of the secret that an Accounting-Request was made with, its signature too if any."""
    for place, octets in enumerate(nas.secrets):
        secret = shared_secret(octets)
        if request_is_hashed_with(packet, secret):
            signed = packet.message_authenticator_at
            if not signed or message_authenticator_holds(packet, secret):
                return place
    return None
