"""Secrets at rest: sealed under a key from the key file and bound to the one place they belong to.

A sealed secret is version (1 octet) | length of the key id (1) | key id | nonce (12) | AES-256-GCM ciphertext
and tag. Everything before the nonce is authenticated together with `bound_to`, such as b"token:17:hangang": a
row copied over another row, or into another company, does not open. Nonces are random; one key seals safely
2**32 times (NIST SP 800-38D section 8.3).

The keys themselves seal nothing. Each use has its own key derived from them (HKDF, RFC 5869), so that what
signs cookies could never open a seed.

Keys change while processes run. A process that meets a key id it does not know, and one that is about to
seal, asks whether there is news of the keys; so a new key is used everywhere from the moment it is in its
place. What a process knew once it never forgets. Of a key that is gone the subkeys are left that something
must still be checked with: they are kept sealed under the keys that followed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from access.errors import AccessError, Misconfigured

KEY_OCTETS = 32
LONGEST_KEY_ID = 32
_VERSION = 1
_NONCE_OCTETS = 12
_TAG_OCTETS = 16
_KEY_ID_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


class SealBroken(AccessError):
    """A sealed secret does not open: a key is missing, or it was altered or moved. The message says which."""


class BadKeyring(Misconfigured):
    """Keys that cannot be used: too short, without a proper name, or none of them current."""


@dataclass(frozen=True)
class Keyring:
    """The keys this installation knows by their ids; new secrets are sealed under the newest one.

    Older keys stay as long as anything is sealed under them. Each is 32 octets. current is the newest at the
    time of loading: what a process derives for itself stays the same for its life. kept holds subkeys of keys
    that are gone, by purpose and key id. news returns other keys if there are any since. Raises BadKeyring.
    """

    keys: Mapping[str, bytes] = field(repr=False)
    current: str
    kept: Mapping[tuple[str, str], bytes] = field(default_factory=dict, repr=False, compare=False)
    news: Callable[[], "Keyring | None"] = field(default=lambda: None, repr=False, compare=False)
    _known: "_Known" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for key_id, key in self.keys.items():
            _check_key(key_id, key)
        if self.current not in self.keys:
            raise BadKeyring(f"key {self.current!r} is named as the current one but is not among the keys")
        object.__setattr__(self, "keys", MappingProxyType(dict(self.keys)))
        object.__setattr__(self, "_known", _Known(self.keys, self.current))

    def seal(self, plaintext: bytes, bound_to: bytes, random: Callable[[int], bytes]) -> bytes:
        """Return the plaintext sealed for one place under the newest key; random(n) gives n octets."""
        self._hear_news()
        known = self._known
        header = header_of(known.newest)
        nonce = random(_NONCE_OCTETS)
        return header + nonce + known.ciphers[known.newest].encrypt(nonce, plaintext, header + bound_to)

    def open_sealed(self, blob: bytes, bound_to: bytes) -> bytes:
        """Return what was sealed for this place. Raises SealBroken."""
        key_id, nonce, ciphertext = _split(blob)
        if key_id not in self._known.ciphers:
            self._hear_news()
        cipher = self._known.ciphers.get(key_id)
        if cipher is None:
            raise SealBroken(
                f"a secret is sealed under key {key_id!r}, which the key file does not have: "
                "put that line back into the key file from its backup"
            )
        try:
            return cipher.decrypt(nonce, ciphertext, header_of(key_id) + bound_to)
        except InvalidTag:
            place = bound_to.decode(errors="backslashreplace")
            raise SealBroken(
                f"the secret of {place} does not open with key {key_id!r}: it was altered, or sealed for "
                "another place, or that key is not the one it was; restore the row or issue a new secret"
            ) from None

    def needs_rekey(self, blob: bytes) -> bool:
        """Return whether a sealed secret is under an older key than the newest. Raises SealBroken."""
        return key_id_of(blob) != self._known.newest

    def subkey(self, purpose: str, key_id: str | None = None) -> bytes:
        """Return the 32 octets for one purpose, of the current key or of the one named. Raises SealBroken.

        What must be checked again after the current key has changed (a stored hash, a signed head) keeps the
        key id it was made with; what may end with the key (a cookie) need not.
        """
        wanted = self.current if key_id is None else key_id
        if wanted not in self._known.keys and (purpose, wanted) not in self.kept:
            self._hear_news()
        key = self._known.keys.get(wanted)
        if key is not None:
            return _derive(key, "purpose " + purpose)
        try:
            return self.kept[purpose, wanted]
        except KeyError:
            raise SealBroken(
                f"{purpose!r} was made with key {key_id!r}, which the key file does not have: "
                "put that line back into the key file from its backup"
            ) from None

    def subkeys(self, purpose: str) -> tuple[bytes, ...]:
        """Return those of every key, of keys that are gone as well, the current one's first."""
        gone = {key_id for kept_for, key_id in self.kept if kept_for == purpose}
        others = sorted((gone | self.keys.keys()) - {self.current})
        return tuple(self.subkey(purpose, key_id) for key_id in (self.current, *others))

    def keeping(self, kept: Mapping[tuple[str, str], bytes]) -> "Keyring":
        """Return the same keys with subkeys of keys that are gone."""
        return replace(self, kept=MappingProxyType(dict(kept)))

    def _hear_news(self) -> None:
        fresh = self.news()
        if fresh is not None:
            keys = {**self._known.keys, **fresh.keys}
            object.__setattr__(self, "_known", _Known(keys, fresh.current))


class _Known:
    """What a process knows by now; replaced as a whole, so that threads see all of it or none."""

    def __init__(self, keys: Mapping[str, bytes], newest: str) -> None:
        self.keys = keys
        self.newest = newest
        self.ciphers = {key_id: AESGCM(_derive(key, "sealing")) for key_id, key in keys.items()}


def key_id_of(blob: bytes) -> str:
    """Return the id of the key that a secret is sealed under. Raises SealBroken."""
    return _split(blob)[0]


def _check_key(key_id: str, key: bytes) -> None:
    if not 0 < len(key_id) <= LONGEST_KEY_ID or not _KEY_ID_CHARACTERS.issuperset(key_id):
        # The message does not repeat it: with the words of a line swapped it would be the key itself.
        raise BadKeyring(f"a key id has 1 to {LONGEST_KEY_ID} letters, digits, dots, hyphens or underscores")
    if len(key) != KEY_OCTETS:
        raise BadKeyring(f"key {key_id!r} has {len(key)} octets instead of {KEY_OCTETS}")


def _derive(key: bytes, use: str) -> bytes:
    return HKDF(SHA256(), KEY_OCTETS, salt=None, info=b"officegate " + use.encode()).derive(key)


def header_of(key_id: str) -> bytes:
    """Return what every secret sealed under a key begins with."""
    return bytes((_VERSION, len(key_id))) + key_id.encode()


def _split(blob: bytes) -> tuple[str, bytes, bytes]:
    """Return key id, nonce and ciphertext with its tag."""
    if len(blob) < 2 or blob[0] != _VERSION:
        raise SealBroken("a sealed secret is not in the form this version writes: restore it from a backup")
    nonce_at = 2 + blob[1]
    ciphertext_at = nonce_at + _NONCE_OCTETS
    key_id = blob[2:nonce_at].decode("ascii", errors="backslashreplace")
    if len(blob) < ciphertext_at + _TAG_OCTETS:
        raise SealBroken("a sealed secret is cut short: restore it from a backup")
    return key_id, blob[nonce_at:ciphertext_at], blob[ciphertext_at:]
