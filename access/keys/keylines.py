"""The lines of keys, wherever they come from: a file, a variable, a credential.

Each line is a key id and 32 octets in base64, or wrapped: and what a key store has wrapped, in base64. The
last line is the current key, and lines that begin with # are remarks.
"""

import base64
import binascii

from access.errors import Misconfigured
from access.keys.keystore import KeyStore
from access.keys.sealing import BadKeyring, Keyring

WRAPPED = "wrapped:"


class KeyFileRefused(Misconfigured):
    """The keys are incomplete, or others could read or change them: the message says what to do."""


def parse(content: bytes, place: str, store: KeyStore | None = None) -> Keyring:
    """Return the keys of the lines; place is what a message calls them. Raises KeyFileRefused."""
    keys: dict[str, bytes] = {}
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        key_id, key = _parse_words(words, f"{place}, line {number}", store)
        if key_id in keys:
            raise KeyFileRefused(f"{place}, line {number}: this key id is there twice; give one another id")
        keys[key_id] = key
    if not keys:
        raise KeyFileRefused(
            f"the key file {place} holds no key: restore it from its backup; only if nothing was ever "
            "stored, remove it and start again"
        )
    try:
        return Keyring(keys, current=list(keys)[-1])
    except BadKeyring as error:
        raise KeyFileRefused(f"{place}: {error}; restore the file from its backup") from None


def line(key_id: str, key: bytes, store: KeyStore | None = None) -> str:
    """Return the line of a key, wrapped where there is a key store."""
    if store is None:
        return f"{key_id} {base64.b64encode(key).decode()}\n"
    return f"{key_id} {WRAPPED}{base64.b64encode(store.wrap(key_id, key)).decode()}\n"


def _parse_words(words: list[str], place: str, store: KeyStore | None) -> tuple[str, bytes]:
    """Return the id and the key of one line; a message never repeats what may be part of a key."""
    if len(words) != 2:
        raise KeyFileRefused(f"{place}: expected a key id and a key in base64, found {len(words)} words")
    wrapped = words[1].startswith(WRAPPED)
    try:
        octets = base64.b64decode(words[1].removeprefix(WRAPPED), validate=True)
    except (binascii.Error, ValueError):
        raise KeyFileRefused(f"{place}: the key is not base64; restore the file from its backup") from None
    if not wrapped:
        return words[0], octets
    if store is None:
        raise KeyFileRefused(f"{place}: the key is wrapped; set keys.pkcs11_module, which unwraps it")
    return words[0], store.unwrap(words[0], octets)
