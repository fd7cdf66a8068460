"""A small authenticator in software: what a security key or a phone does for a browser, and wrongly if asked.

Answers are the JSON that our script sends. Every field that could be wrong can be given another value.
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40
BOTH = USER_PRESENT | USER_VERIFIED
AAGUID = bytes(range(16))


class Algorithm(IntEnum):
    """COSE algorithm identifiers (RFC 9053, RFC 8812)."""

    ES256 = -7
    EDDSA = -8
    RS256 = -257
    ES384 = -35


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def octets_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One key pair. origin is where its browser thinks it is; count goes up with each signature."""

    origin: str = "https://gate.hangang.example"
    rp_id: str = "gate.hangang.example"
    algorithm: Algorithm = Algorithm.ES256
    credential_id: bytes = b"a credential of sixteen"
    count: int = 0
    counts: bool = True
    handle: bytes | None = None
    bits: int = 2048
    _key: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self._key is None:
            self._key = self._new_key()

    def make(self, options: str, **wrong: Any) -> str:
        """What navigator.credentials.create() brings."""
        asked = json.loads(options)
        self.handle = octets_of(asked["user"]["id"])
        client = self._client("webauthn.create", asked["challenge"], wrong)
        credential = len(self.credential_id).to_bytes(2) + self.credential_id + wrong.get("key", self.cose())
        data = self._data(wrong, ATTESTED) + AAGUID + credential
        attestation = {"fmt": "none", "attStmt": {}, "authData": data} | wrong.get("attestation", {})
        if "packed_by" in wrong:
            signed = self._signature(data + hashlib.sha256(client).digest())
            statement = {"alg": int(self.algorithm), "sig": signed} | wrong["packed_by"]
            attestation |= {"fmt": "packed", "attStmt": statement}
        response = {
            "clientDataJSON": base64url(client),
            "attestationObject": base64url(cbor2.dumps(attestation)),
            "transports": wrong.get("transports", ["internal", "carrier-pigeon"]),
        }
        return self._answer(response, wrong)

    def sign(self, options: str, **wrong: Any) -> str:
        """What navigator.credentials.get() brings."""
        asked = json.loads(options)
        self.count += 1 if self.counts else 0
        client = self._client("webauthn.get", asked["challenge"], wrong)
        data = self._data(wrong, 0)
        signature = self._signature(data + hashlib.sha256(client).digest())
        response = {
            "clientDataJSON": base64url(client),
            "authenticatorData": base64url(data),
            "signature": base64url(wrong.get("signature", signature)),
            "userHandle": base64url(wrong["handle"]) if "handle" in wrong else None,
        }
        return self._answer(response, wrong)

    def certificate(self) -> bytes:
        """A certificate of the same key, as a maker would sign one, in DER."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authenticator Attestation")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(name, name, self._key.public_key(), 7)
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.DER)

    def cose(self) -> bytes:
        """The public key, as authenticators write it."""
        key = self._key.public_key()
        if self.algorithm is Algorithm.EDDSA:
            return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: key.public_bytes_raw()})
        numbers = key.public_numbers()
        if self.algorithm is Algorithm.RS256:
            return cbor2.dumps({1: 3, 3: -257, -1: numbers.n.to_bytes(self.bits // 8), -2: b"\1\0\1"})
        size, curve = (48, 2) if self.algorithm is Algorithm.ES384 else (32, 1)
        point = {-2: numbers.x.to_bytes(size), -3: numbers.y.to_bytes(size)}
        return cbor2.dumps({1: 2, 3: int(self.algorithm), -1: curve} | point)

    def _new_key(self) -> Any:
        if self.algorithm is Algorithm.EDDSA:
            return ed25519.Ed25519PrivateKey.generate()
        if self.algorithm is Algorithm.RS256:
            return rsa.generate_private_key(65537, self.bits)
        return ec.generate_private_key(
            ec.SECP384R1() if self.algorithm is Algorithm.ES384 else ec.SECP256R1()
        )

    def _client(self, kind: str, challenge: str, wrong: dict[str, Any]) -> bytes:
        said = {
            "type": wrong.get("type", kind),
            "challenge": base64url(wrong["challenge"]) if "challenge" in wrong else challenge,
            "origin": wrong.get("origin", self.origin),
            "crossOrigin": wrong.get("cross_origin", False),
        }
        return json.dumps(said).encode()

    def _data(self, wrong: dict[str, Any], more: int) -> bytes:
        rp_hash = hashlib.sha256(wrong.get("rp_id", self.rp_id).encode()).digest()
        flags = wrong.get("flags", BOTH) | more
        return rp_hash + bytes([flags]) + wrong.get("count", self.count).to_bytes(4)

    def _signature(self, data: bytes) -> bytes:
        if self.algorithm is Algorithm.EDDSA:
            return bytes(self._key.sign(data))
        if self.algorithm is Algorithm.RS256:
            return bytes(self._key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
        return bytes(self._key.sign(data, ec.ECDSA(hashes.SHA256())))

    def _answer(self, response: dict[str, Any], wrong: dict[str, Any]) -> str:
        name = base64url(wrong.get("credential_id", self.credential_id))
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
