"""A key store over PKCS#11: a hardware security module, a smart card, SoftHSM. ◆

The key is an AES key of the token, found by its label; it never leaves the module. Wrapped is nonce (12
octets) and AES-GCM ciphertext with its tag, with the key id as what is authenticated beside it. Needs the
extra `pkcs11` (python-pkcs11).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from access.keys.keystore import KeyStoreRefused

try:
    import pkcs11
except ImportError:  # an extra: most installations have no such module
    HAS_PKCS11 = False
else:
    HAS_PKCS11 = True

_NONCE_OCTETS = 12
_TAG_BITS = 128


@dataclass(frozen=True)
class Pkcs11Store:
    """The AES key with a label in a token of a module (a shared library). random(n) gives n octets."""

    module: Path
    token: str
    key: str
    pin: str = field(repr=False)
    random: Callable[[int], bytes] = field(repr=False)

    def wrap(self, key_id: str, key: bytes) -> bytes:
        """Return the key wrapped. Raises KeyStoreRefused."""
        nonce = self.random(_NONCE_OCTETS)
        with self._opened() as held:
            return nonce + bytes(held.encrypt(key, **_mechanism(nonce, key_id)))

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Return the key that was wrapped under this key_id. Raises KeyStoreRefused."""
        nonce, ciphertext = wrapped[:_NONCE_OCTETS], wrapped[_NONCE_OCTETS:]
        with self._opened() as held:
            return bytes(held.decrypt(ciphertext, **_mechanism(nonce, key_id)))

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """The key, for as long as a session is open; keys are wrapped at a start and seldom else."""
        if not HAS_PKCS11:
            raise KeyStoreRefused(
                "keys.pkcs11_module needs python-pkcs11: install officegate[pkcs11] into this environment"
            )
        try:
            token = pkcs11.lib(str(self.module)).get_token(token_label=self.token)
            with token.open(user_pin=self.pin) as session:
                yield session.get_key(label=self.key, key_type=pkcs11.KeyType.AES)
        except (pkcs11.exceptions.PKCS11Error, RuntimeError) as error:
            why = str(error) or type(error).__name__
            raise KeyStoreRefused(
                f"key {self.key!r} in token {self.token!r} of {self.module} does not wrap or unwrap ({why}): "
                "see that the module is there, that keys.pkcs11_token, pkcs11_key and the PIN are right, "
                "and that it is the key the key file was wrapped under"
            ) from None


def _mechanism(nonce: bytes, key_id: str) -> dict[str, Any]:
    parameters = pkcs11.GCMParams(nonce, key_id.encode(), _TAG_BITS)
    return {"mechanism": pkcs11.Mechanism.AES_GCM, "mechanism_param": parameters}
