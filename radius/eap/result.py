"""How PEAP ends inside its tunnel: EAP-TLV with a Result and a crypto-binding (MS-PEAP 2.2.8.1, 3.1.5.5).

The binding proves that both ends of the tunnel are the ends of what was proven inside. Without it somebody in
the middle could be the end of the tunnel, and carry in a login that a device makes elsewhere, outside of any.

    TK          the first 60 octets of the tunnel's keys
    IPMK, CMK   after a login inside: 40 and 20 octets of PRF+(TK[:40], label + the login's keys, 32 octets)
                after a resumption: TK cut in two
    the MAC     HMAC-SHA1 under CMK over the whole TLV with zeros for the MAC, and the number of PEAP
    MSK         where a binding was exchanged: 64 octets of PRF+(IPMK, another label)

A TLV is a type of two octets (0x8000: mandatory), a length of two, and its value.
"""

import hmac
from dataclasses import field
from enum import IntEnum

from radius.cursor import Cursor, Overrun
from radius.eap.packet import EapType
from radius.errors import RadiusError
from radius.frozen import value

_MANDATORY = 0x8000
_TYPE_BITS = 0x3FFF
_RESULT = 3
_BINDING = 12
_BINDING_OCTETS = 56
_MAC_OCTETS = 20
_MSK_OCTETS = 64
_REQUEST, _RESPONSE = 0, 1
_COMPOUND_KEYS = b"Inner Methods Compound Keys"
# The zero at its end belongs to it, other than to the label above.
_SESSION_KEYS = b"Session Key Generating Function\0"

NONCE_OCTETS = 32


class BadResult(RadiusError):
    """The peer sent no EAP-TLV, or a malformed one."""


class Status(IntEnum):
    """What a Result says."""

    SUCCESS = 1
    FAILURE = 2


@value
class CompoundKeys:
    """The keys of one login: ipmk has 40 octets, cmk 20."""

    ipmk: bytes = field(repr=False)
    cmk: bytes = field(repr=False)

    def msk(self) -> bytes:
        """Return the MSK of a login whose ends have shown each other that they have these keys."""
        return _prf_plus(self.ipmk, _SESSION_KEYS, _MSK_OCTETS)

    def mac(self, tlv: bytes) -> bytes:
        """Return the MAC of a whole TLV, whatever stands in the place of its MAC."""
        return hmac.digest(self.cmk, tlv[:-_MAC_OCTETS] + bytes(_MAC_OCTETS) + bytes((EapType.PEAP,)), "sha1")


@value
class Result:
    """What the peer answered; binding is its whole TLV, b"" where it sent none."""

    status: int
    binding: bytes


def compound_keys(tunnel_key: bytes, inner_keys: bytes) -> CompoundKeys:
    """Return the keys of a tunnel and of what was proven inside, where inner_keys may be empty."""
    inner = inner_keys[:32].ljust(32, b"\0")
    keys = _prf_plus(tunnel_key[:40], _COMPOUND_KEYS + inner, 60)
    return CompoundKeys(keys[:40], keys[40:])


def resumed_keys(tunnel_key: bytes) -> CompoundKeys:
    """Return the keys of a tunnel that was resumed, with nothing proven inside."""
    return CompoundKeys(tunnel_key[:40], tunnel_key[40:60])


def result(status: Status) -> bytes:
    """Return the TLV that says how it ended."""
    return _tlv(_MANDATORY | _RESULT, status.to_bytes(2, "big"))


def binding(keys: CompoundKeys, nonce: bytes) -> bytes:
    """Return our TLV, for the peer to answer with its own; nonce is NONCE_OCTETS that nobody can guess."""
    return _bound(keys, nonce, _REQUEST)


def read_result(data: bytes) -> Result:
    """Return what is in the data of an EAP-TLV. Raises BadResult."""
    status, bound, cursor = 0, b"", Cursor(data)
    while cursor.left:
        try:
            kind, length = cursor.number(2), cursor.number(2)
            value = cursor.take(length)
        except Overrun as error:
            raise BadResult(f"a TLV: {error}") from error
        if kind & _TYPE_BITS == _RESULT and length == 2:
            status = int.from_bytes(value, "big")
        elif kind & _TYPE_BITS == _BINDING and length == _BINDING_OCTETS:
            bound = _tlv(kind, value)
        elif kind & _MANDATORY:
            raise BadResult(f"mandatory TLV {kind & _TYPE_BITS} of length {length}")
    return Result(status, bound)


def binding_holds(keys: CompoundKeys, tlv: bytes) -> bool:
    """Return whether the peer's TLV is an answer made with the same keys."""
    answers = tlv[5:8] == bytes((0, 0, _RESPONSE))
    return hmac.compare_digest(keys.mac(tlv), tlv[-_MAC_OCTETS:]) and answers


def _bound(keys: CompoundKeys, nonce: bytes, subtype: int) -> bytes:
    """Return a TLV of zero, our version, the peer's version, what it is, nonce and MAC."""
    tlv = _tlv(_BINDING, bytes((0, 0, 0, subtype)) + nonce + bytes(_MAC_OCTETS))
    return tlv[:-_MAC_OCTETS] + keys.mac(tlv)


def _tlv(kind: int, value: bytes) -> bytes:
    return kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def _prf_plus(key: bytes, seed: bytes, octets: int) -> bytes:
    """Return octets of PRF+ with two octets of zero behind its counter (MS-PEAP 3.1.5.5.2.2)."""
    output = block = b""
    count = 1
    while len(output) < octets:
        block = hmac.digest(key, block + seed + bytes((count, 0, 0)), "sha1")
        output += block
        count += 1
    return output[:octets]
