"""MSCHAPv2 (RFC 2759) and the keys made with it (RFC 3079): what a server computes.

Two values are made of a password, and they are not worth the same:

    NT hash   MD4 of the password in UTF-16     as good as the password wherever MSCHAPv2 or NTLM is spoken;
                                                whoever checks a response needs it
    key       MD4 of the NT hash                proves us to the peer and makes the keys of a session; nobody
                                                can log in with it. What winbind's ntlm_auth calls NT_KEY
"""

import hmac
from hashlib import sha1

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from radius.md4 import md4
from radius.questions import MschapExchange

NT_HASH_OCTETS = 16
CHALLENGE_OCTETS = 16
RESPONSE_OCTETS = 24
KEY_OCTETS = 16

_SERVER_SIGNS = b"Magic server to client signing constant"
_ONE_MORE_ITERATION = b"Pad to make it do more than one iteration"
_MASTER = b"This is the MPPE Master Key"
_PEER_SENDS = b"On the client side, this is the send key; on the server side, it is the receive key."
_PEER_RECEIVES = b"On the client side, this is the receive key; on the server side, it is the send key."
_PAD_BEFORE = bytes(40)
_PAD_AFTER = b"\xf2" * 40


def nt_hash(password: str) -> bytes:
    """Return the NT hash of a password (RFC 2759 section 8.3), 16 octets."""
    return md4(password.encode("utf-16-le", "surrogatepass"))


def key_of(hashed: bytes) -> bytes:
    """Return the key that belongs to an NT hash."""
    return md4(hashed)


def without_domain(name: bytes) -> bytes:
    r"""Return the name that a peer hashes: that of DOMAIN\kim is kim (RFC 2759 section 4)."""
    _, domain_ends, bare = name.partition(b"\\")
    return bare if domain_ends else name


def challenge_hash(exchange: MschapExchange) -> bytes:
    """Return the eight octets that both challenges and the name come to (RFC 2759 section 8.2)."""
    return sha1(exchange.peer_challenge + exchange.challenge + exchange.name).digest()[:8]  # noqa: S324


def nt_response(exchange: MschapExchange, hashed: bytes) -> bytes:
    """Return the NT-Response that somebody with this NT hash makes (RFC 2759 section 8.1), 24 octets."""
    challenge, keys = challenge_hash(exchange), hashed + bytes(5)
    return b"".join(_des(keys[at : at + 7], challenge) for at in (0, 7, 14))


def response_holds(exchange: MschapExchange, hashed: bytes) -> bool:
    """Return whether the response was made with this NT hash."""
    return hmac.compare_digest(nt_response(exchange, hashed), exchange.response)


def authenticator_response(exchange: MschapExchange, key: bytes) -> str:
    """Return 'S=' and forty digits: how we prove to the peer that we know the key (RFC 2759 section 8.7)."""
    signed = sha1(key + exchange.response + _SERVER_SIGNS).digest()  # noqa: S324
    proof = sha1(signed + challenge_hash(exchange) + _ONE_MORE_ITERATION).hexdigest()  # noqa: S324
    return f"S={proof.upper()}"


def session_keys(exchange: MschapExchange, key: bytes) -> bytes:
    """Return the keys of 16 octets by which our side receives and sends, in this order (RFC 3079 3.4)."""
    master = sha1(key + exchange.response + _MASTER).digest()[:KEY_OCTETS]  # noqa: S324
    return _start_key(master, _PEER_SENDS) + _start_key(master, _PEER_RECEIVES)


def _start_key(master: bytes, direction: bytes) -> bytes:
    return sha1(master + _PAD_BEFORE + direction + _PAD_AFTER).digest()[:KEY_OCTETS]  # noqa: S324


def _des(key: bytes, block: bytes) -> bytes:
    """Return a block under DES; key is seven octets, to be spread over eight with room for parity."""
    bits = int.from_bytes(key, "big")
    spread = bytes((bits >> shift & 0x7F) << 1 for shift in range(49, -1, -7))
    # Three times the same key makes DES of Triple-DES: only that is left in the library.
    return Cipher(TripleDES(spread * 3), modes.ECB()).encryptor().update(block)  # noqa: S305
