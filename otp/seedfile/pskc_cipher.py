"""How PSKC protects keys (RFC 6030 section 6): AES in CBC mode, and a MAC over what it makes.

AES-CBC alone is no protection against changes, so section 6.1 demands a ValueMAC beside each value. Nothing
is decrypted whose MAC is missing or wrong, and then nothing of the file is taken: either it was altered,
or the key or password is another one, and which of the two nobody can tell.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

XMLENC = "http://www.w3.org/2001/04/xmlenc#"
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_DSIG_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
BLOCK_OCTETS = 16

# The length of the key says which AES it is.
CIPHERS: Mapping[str, int] = MappingProxyType(
    {f"{XMLENC}aes{octets * 8}-cbc": octets for octets in (16, 24, 32)}
)
MACS: Mapping[str, str] = MappingProxyType(
    {
        f"{_DSIG}hmac-sha1": "sha1",
        f"{_DSIG_MORE}hmac-sha256": "sha256",
        f"{_DSIG_MORE}hmac-sha384": "sha384",
        f"{_DSIG_MORE}hmac-sha512": "sha512",
    }
)
# PKCS #5 has names of its own for what the pseudorandom function of PBKDF2 is.
PRFS: Mapping[str, str] = MappingProxyType({"": "sha1", **MACS})


class BadCipher(Exception):
    """A value does not decrypt under this key, or its MAC is not this one."""


@dataclass(frozen=True)
class MacKey:
    """What checks values: the hash under the HMAC, and the key."""

    digest: str
    key: bytes = field(repr=False)

    def of(self, ciphertext: bytes) -> bytes:
        """Return the ValueMAC of a value: over the initialisation vector and the ciphertext."""
        return hmac.digest(self.key, ciphertext, self.digest)

    def check(self, ciphertext: bytes, mac: bytes) -> None:
        """Raise BadCipher unless this is the value's MAC."""
        if not hmac.compare_digest(self.of(ciphertext), mac):
            raise BadCipher


def encrypt(key: bytes, plaintext: bytes, random: Callable[[int], bytes]) -> bytes:
    """Return the initialisation vector and the ciphertext; random(n) gives n unguessable octets."""
    vector = random(BLOCK_OCTETS)
    padder = PKCS7(AES.block_size).padder()
    padded = padder.update(plaintext) + padder.finalize()
    encryptor = Cipher(AES(key), CBC(vector)).encryptor()
    return vector + encryptor.update(padded) + encryptor.finalize()


def decrypt(key: bytes, ciphertext: bytes) -> bytes:
    """Return what was encrypted. key has the length of its AES. Raises BadCipher."""
    vector, body = ciphertext[:BLOCK_OCTETS], ciphertext[BLOCK_OCTETS:]
    if len(vector) < BLOCK_OCTETS or not body or len(body) % BLOCK_OCTETS:
        raise BadCipher
    decryptor = Cipher(AES(key), CBC(vector)).decryptor()
    padded = decryptor.update(body) + decryptor.finalize()
    # XML encryption pads with anything and tells only the length (XMLENC 5.2); PKCS #7 is one way of it.
    length = padded[-1]
    if not 1 <= length <= BLOCK_OCTETS:
        raise BadCipher
    return padded[:-length]


@dataclass(frozen=True)
class Derivation:
    """How a key comes from a password (PBKDF2, RFC 8018 section 5.2)."""

    salt: bytes
    iterations: int
    octets: int
    digest: str = "sha1"

    def key(self, password: bytes) -> bytes:
        """Return the key."""
        return hashlib.pbkdf2_hmac(self.digest, password, self.salt, self.iterations, self.octets)
