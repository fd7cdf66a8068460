"""Attributes whose value is hidden under the shared secret (RFC 2865 5.2, RFC 2868 3.5, RFC 2548 2.4.2)."""

from radius.attributes import Attribute
from radius.errors import RadiusError, TooLong
from radius.secret import SharedSecret

MICROSOFT = 311
MS_MPPE_SEND_KEY = 16
MS_MPPE_RECV_KEY = 17
MAX_PASSWORD_OCTETS = 128
MAX_SALTED_OCTETS = 239
_BLOCK_OCTETS = 16


class BadHiddenValue(RadiusError):
    """The sender hid a value against the rules, or under another secret."""


def hide_password(password: bytes, secret: SharedSecret, authenticator: bytes) -> bytes:
    """Return the User-Password value (RFC 2865 section 5.2).

    password is at most 128 octets, authenticator exactly 16.
    The result is 16-128 octets, a multiple of 16. Raises TooLong.
    """
    if len(password) > MAX_PASSWORD_OCTETS:
        raise TooLong(f"a User-Password of {len(password)} octets")
    return _hide(_padded(password or b"\0"), secret, authenticator)


def reveal_password(hidden: bytes, secret: SharedSecret, authenticator: bytes) -> bytes:
    """Return the password in a User-Password value, without its padding of zeros."""
    return _reveal(hidden, secret, authenticator).rstrip(b"\0")


def hide_salted(value: bytes, secret: SharedSecret, authenticator: bytes, salt: bytes) -> bytes:
    """Return salt and the hidden value (RFC 2868 section 3.5).

    value is at most 239 octets; salt is two, its first bit is set here, unique within the packet.
    Raises TooLong.
    """
    if len(value) > MAX_SALTED_OCTETS:
        raise TooLong(f"a salted value of {len(value)} octets")
    salt = bytes((salt[0] | 0x80, salt[1]))
    return salt + _hide(_padded(bytes((len(value),)) + value), secret, authenticator + salt)


def reveal_salted(hidden: bytes, secret: SharedSecret, authenticator: bytes) -> bytes:
    """Return the value in a salted attribute. Raises BadHiddenValue."""
    salt, blocks = hidden[:2], hidden[2:]
    if not blocks or len(blocks) % _BLOCK_OCTETS:
        raise BadHiddenValue(f"a salted value of {len(hidden)} octets")
    plain = _reveal(blocks, secret, authenticator + salt)
    if plain[0] >= len(plain):
        raise BadHiddenValue("a salted value longer than its blocks")
    return plain[1 : 1 + plain[0]]


def mppe_keys(
    msk: bytes, secret: SharedSecret, authenticator: bytes, salts: bytes
) -> tuple[Attribute, Attribute]:
    """Return MS-MPPE-Recv-Key and MS-MPPE-Send-Key, the halves of the MSK (RFC 2548 2.4, RFC 5216 2.3).

    msk is 64 octets, or 32 from MSCHAPv2; salts four octets of which the two pairs are made to differ.
    """
    recv_salt, send_salt = salts[:2], salts[2:3] + bytes((salts[1] ^ 1,))
    half = len(msk) // 2
    recv = hide_salted(msk[:half], secret, authenticator, recv_salt)
    send = hide_salted(msk[half:], secret, authenticator, send_salt)
    return Attribute(MS_MPPE_RECV_KEY, recv, MICROSOFT), Attribute(MS_MPPE_SEND_KEY, send, MICROSOFT)


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % _BLOCK_OCTETS)


def _hide(plain: bytes, secret: SharedSecret, chain: bytes) -> bytes:
    """Return plain, block by block, xored with MD5(secret + the hidden block before it)."""
    hidden = b""
    for at in range(0, len(plain), _BLOCK_OCTETS):
        chain = _xor(plain[at : at + _BLOCK_OCTETS], secret.md5_after(chain))
        hidden += chain
    return hidden


def _reveal(hidden: bytes, secret: SharedSecret, chain: bytes) -> bytes:
    plain = b""
    for at in range(0, len(hidden), _BLOCK_OCTETS):
        block = hidden[at : at + _BLOCK_OCTETS]
        plain += _xor(block, secret.md5_after(chain))
        chain = block
    return plain


def _xor(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(_BLOCK_OCTETS, "big")
