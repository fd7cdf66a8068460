"""How a peer logs in inside EAP-TTLS without EAP: PAP, CHAP and MSCHAPv2 in pairs (RFC 5281 section 11.2).

CHAP and MSCHAPv2 answer a challenge, which both ends take from the tunnel (section 11.1). One that is not the
tunnel's was asked for by somebody else, who now carries the answer to us.
"""

import hmac
from collections.abc import Callable

from radius.attributes import AttributeType
from radius.eap.avp import Avp
from radius.eap.method import NeedsChap, NeedsMschap, NeedsPassword
from radius.errors import RadiusError
from radius.facts import MAX_NAME_OCTETS, exact_name, exact_text
from radius.frozen import value
from radius.hidden import MAX_PASSWORD_OCTETS, MICROSOFT
from radius.mschap import without_domain
from radius.questions import ChapExchange, Failure, Method, MschapExchange

CHALLENGE_LABEL = b"ttls challenge"
# Sixteen octets, then the identifier.
CHALLENGE_OCTETS = 17

_Key = tuple[int, int]
_NAME: _Key = (AttributeType.USER_NAME, 0)
_PASSWORD: _Key = (AttributeType.USER_PASSWORD, 0)
_CHAP: _Key = (AttributeType.CHAP_PASSWORD, 0)
_CHAP_CHALLENGE: _Key = (AttributeType.CHAP_CHALLENGE, 0)
_EAP: _Key = (AttributeType.EAP_MESSAGE, 0)
_MS_CHAP: _Key = (1, MICROSOFT)
_MS_CHAP_CHALLENGE: _Key = (11, MICROSOFT)
_MS_CHAP2: _Key = (25, MICROSOFT)
_KNOWN = frozenset((_NAME, _PASSWORD, _CHAP, _CHAP_CHALLENGE, _EAP, _MS_CHAP, _MS_CHAP_CHALLENGE, _MS_CHAP2))

_CHAP_OCTETS = 1 + 16
# Identifier, flags, the peer's challenge, zeros, NT-Response (RFC 2548 section 2.3.2).
_MS_CHAP2_OCTETS = 1 + 1 + 16 + 8 + 24


@value
class Read:
    """What the pairs claim, and by which method."""

    method: Method
    claim: NeedsPassword | NeedsChap | NeedsMschap


class BadClaim(RadiusError):
    """The pairs claim nothing that can be checked; reason tells in which way."""

    def __init__(self, reason: Failure, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@value
class _Pairs:
    """The pairs by their kind, and the tunnel's challenge."""

    values: dict[_Key, bytes]
    challenge: bytes

    def name(self) -> str:
        value = self.one(_NAME, "name")
        if len(value) > MAX_NAME_OCTETS:
            raise BadClaim(Failure.TOO_LONG, f"a name of {len(value)} octets")
        name = exact_name(value)
        if not name:
            raise BadClaim(Failure.NOT_TEXT, "the name inside TTLS")
        return name

    def one(self, key: _Key, what: str) -> bytes:
        if key not in self.values:
            raise BadClaim(Failure.NO_CREDENTIALS, f"no {what} inside TTLS")
        return self.values[key]

    def check_challenge(self, key: _Key, identifier: int) -> None:
        given = self.one(key, "challenge")
        if not hmac.compare_digest(given + bytes((identifier,)), self.challenge):
            raise BadClaim(Failure.BAD_EAP, "a challenge that is not this tunnel's")


def read_claim(avps: tuple[Avp, ...], challenge: bytes) -> Read | bytes:
    """Return what the pairs claim, or the EAP packet in them. Raises BadClaim.

    challenge is the tunnel's, CHALLENGE_OCTETS long.
    """
    pairs = _Pairs(_by_kind(avps), challenge)
    ways = [way for way in _WAYS if way in pairs.values]
    if len(ways) != 1:
        raise BadClaim(Failure.NO_CREDENTIALS, f"{len(ways)} ways to log in at once inside TTLS")
    return _WAYS[ways[0]](pairs)


def _by_kind(avps: tuple[Avp, ...]) -> dict[_Key, bytes]:
    values: dict[_Key, bytes] = {}
    for avp in avps:
        key = (avp.code, avp.vendor)
        if key in values:
            raise BadClaim(Failure.NO_CREDENTIALS, f"pair {avp.vendor}/{avp.code} twice inside TTLS")
        if key in _KNOWN:
            values[key] = avp.value
        elif avp.mandatory:
            raise BadClaim(Failure.BAD_EAP, f"mandatory AVP {avp.vendor}/{avp.code}")
    return values


def _pap(pairs: _Pairs) -> Read:
    given = pairs.values[_PASSWORD].rstrip(b"\0")
    if len(given) > MAX_PASSWORD_OCTETS:
        raise BadClaim(Failure.TOO_LONG, f"a password of {len(given)} octets")
    password = exact_text(given)
    if password is None:
        raise BadClaim(Failure.NOT_TEXT, "the password inside TTLS")
    return Read(Method.EAP_TTLS_PAP, NeedsPassword(pairs.name(), password))


def _chap(pairs: _Pairs) -> Read:
    given = pairs.values[_CHAP]
    if len(given) != _CHAP_OCTETS:
        raise BadClaim(Failure.BAD_EAP, f"CHAP of {len(given)} octets")
    pairs.check_challenge(_CHAP_CHALLENGE, given[0])
    exchange = ChapExchange(given[0], pairs.values[_CHAP_CHALLENGE], given[1:])
    return Read(Method.EAP_TTLS_CHAP, NeedsChap(pairs.name(), exchange))


def _ms_chap2(pairs: _Pairs) -> Read:
    given = pairs.values[_MS_CHAP2]
    if len(given) != _MS_CHAP2_OCTETS:
        raise BadClaim(Failure.BAD_EAP, f"MSCHAPv2 of {len(given)} octets")
    pairs.check_challenge(_MS_CHAP_CHALLENGE, given[0])
    exchange = MschapExchange(
        name=without_domain(pairs.values.get(_NAME, b"")),
        challenge=pairs.values[_MS_CHAP_CHALLENGE],
        peer_challenge=given[2:18],
        response=given[26:],
    )
    return Read(Method.EAP_TTLS_MSCHAPV2, NeedsMschap(pairs.name(), exchange))


def _eap(pairs: _Pairs) -> bytes:
    return pairs.values[_EAP]


def _ms_chap(_pairs: _Pairs) -> Read:
    raise BadClaim(Failure.INNER_METHOD, "the device offers MS-CHAP inside TTLS; set it to PAP or MSCHAPv2")


_WAYS: dict[_Key, Callable[[_Pairs], Read | bytes]] = {
    _PASSWORD: _pap,
    _CHAP: _chap,
    _MS_CHAP: _ms_chap,
    _MS_CHAP2: _ms_chap2,
    _EAP: _eap,
}
