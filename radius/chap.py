"""CHAP and MSCHAPv2 without EAP: how they stand in an Access-Request and in what answers it.

attribute                           value
CHAP-Password, RFC 2865 5.3         identifier (1), response (16); the challenge is CHAP-Challenge, or the
                                    authenticator of the request where there is none
MS-CHAP-Challenge, RFC 2548 2.1.2   challenge (16)
MS-CHAP2-Response, 2.3.2            identifier (1), flags (1), the peer's challenge (16), zeros (8),
                                    NT-Response (24)
MS-CHAP2-Success, 2.3.3             identifier (1), "S=" and our proof
MS-CHAP-Error, 2.1.5                identifier (1), "E=691 R=0 C=... V=3"
"""

from enum import IntEnum

from radius.attributes import Attribute, AttributeType, integer
from radius.hidden import MICROSOFT, mppe_keys
from radius.mschap import CHALLENGE_OCTETS, authenticator_response, session_keys, without_domain
from radius.packet import Packet
from radius.questions import ChapExchange, MschapExchange
from radius.secret import SharedSecret

_CHAP_OCTETS = 17
_RESPONSE_OCTETS = 50
# Encryption is allowed and not required; with keys of 128 bits, since shorter ones are none any more.
_ENCRYPTION_ALLOWED = 1
_128_BITS = 4


class MicrosoftType(IntEnum):
    """The attributes of RFC 2548 that MSCHAPv2 needs."""

    MS_CHAP_RESPONSE = 1
    MS_CHAP_ERROR = 2
    MS_MPPE_ENCRYPTION_POLICY = 7
    MS_MPPE_ENCRYPTION_TYPES = 8
    MS_CHAP_CHALLENGE = 11
    MS_CHAP2_RESPONSE = 25
    MS_CHAP2_SUCCESS = 26


def read_chap(packet: Packet) -> ChapExchange | None:
    """Return the exchange in a request with a CHAP-Password; None where it is malformed."""
    value = packet.values[AttributeType.CHAP_PASSWORD]
    challenge = packet.values.get(AttributeType.CHAP_CHALLENGE, packet.authenticator)
    if len(value) != _CHAP_OCTETS or not challenge:
        return None
    return ChapExchange(value[0], challenge, value[1:])


def read_mschap(packet: Packet, name: bytes) -> MschapExchange | None:
    """Return the exchange in a request with an MS-CHAP2-Response; None where it is malformed."""
    value = packet.first(MicrosoftType.MS_CHAP2_RESPONSE, MICROSOFT) or b""
    challenge = packet.first(MicrosoftType.MS_CHAP_CHALLENGE, MICROSOFT) or b""
    if len(value) != _RESPONSE_OCTETS or len(challenge) != CHALLENGE_OCTETS:
        return None
    return MschapExchange(without_domain(name), challenge, value[2:18], value[26:50], value[0])


def mschap_success(exchange: MschapExchange, key: bytes) -> tuple[Attribute, ...]:
    """Return our proof, and that the keys beside it may be used."""
    proof = bytes((exchange.identifier,)) + authenticator_response(exchange, key).encode()
    return (
        Attribute(MicrosoftType.MS_CHAP2_SUCCESS, proof, MICROSOFT),
        _number(MicrosoftType.MS_MPPE_ENCRYPTION_POLICY, _ENCRYPTION_ALLOWED),
        _number(MicrosoftType.MS_MPPE_ENCRYPTION_TYPES, _128_BITS),
    )


def mschap_keys(
    exchange: MschapExchange, key: bytes, secret: SharedSecret, authenticator: bytes, salts: bytes
) -> tuple[Attribute, ...]:
    """Return MS-MPPE-Recv-Key and MS-MPPE-Send-Key, 16 octets each."""
    return mppe_keys(session_keys(exchange, key), secret, authenticator, salts)


def mschap_error(exchange: MschapExchange, challenge: bytes) -> Attribute:
    """Return that the peer was refused and has no second try; challenge is 16 octets, and of no use to it."""
    told = f"E=691 R=0 C={challenge.hex().upper()} V=3".encode()
    return Attribute(MicrosoftType.MS_CHAP_ERROR, bytes((exchange.identifier,)) + told, MICROSOFT)


def _number(kind: MicrosoftType, value: int) -> Attribute:
    return integer(kind, value)._replace(vendor=MICROSOFT)
