"""What a hardware security module, or a key service, has to do for Officegate: wrap a key, and unwrap it.

The keys that seal secrets are few and are needed hundreds of times a second, so they are kept in memory; what
the module holds is the key they are wrapped under in the key file. Whoever copies file and database has
nothing without the module. access.keys.pkcs11_store is one such module; another is ten lines with these two
functions.
"""

from typing import Protocol

from access.errors import Misconfigured


class KeyStoreRefused(Misconfigured):
    """The module does not wrap or unwrap: it is away, the PIN is wrong, or it holds another key."""


class KeyStore(Protocol):
    """A module that keeps a key to itself. Both raise KeyStoreRefused."""

    def wrap(self, key_id: str, key: bytes) -> bytes:
        """Return the key wrapped; unwrap takes it under the same key_id only."""

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Return the key that was wrapped under this key_id."""
