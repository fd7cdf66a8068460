"""PSKC, the XML of RFC 6030 in which vendors and other servers hand over tokens.

Read are TOTP and HOTP keys in clear, under a pre-shared AES key and under a password; what else the standard
allows (asymmetric keys, key wrapping, OCRA, PINs, keys for signatures) is refused by name.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from xml.etree.ElementTree import Element

from otp.kinds import Algorithm, Kind
from otp.seedfile.fields import algorithm_named, base64_value, whole_number
from otp.seedfile.pskc_cipher import CIPHERS, MACS, PRFS, BadCipher, Derivation, MacKey, decrypt
from otp.seedfile.pskc_xml import attribute, child, children, name_of, parse, text_of
from otp.seedfile.record import (
    LOCKED,
    Entry,
    SeedFile,
    SeedFileError,
    SeedRecord,
    Unlock,
    check_size,
    collect,
)

PROFILE = "urn:ietf:params:xml:ns:keyprov:pskc:"
_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **{f"{PROFILE}{kind.value}": kind for kind in (Kind.TOTP, Kind.HOTP)},
        # As files from before the RFC spell it; many a vendor still does.
        **{f"{PROFILE}{kind.value}#": kind for kind in (Kind.TOTP, Kind.HOTP)},
    }
)
# privacyIDEA gives the drift in seconds, where the RFC has intervals, and the last step spent as the counter.
_DRIFT_IN_SECONDS = "privacyIDEA"
_MOST_ITERATIONS = 10_000_000
_LONGEST_SALT = 1024
_LARGEST_INTEGER_OCTETS = 8
_WRONG_KEY = (
    "the value does not fit to its MAC: the password or key is another one, or the file was altered; "
    "nothing of the file is taken"
)


class _WholeFile(Exception):
    """What is wrong with one key puts the whole file in doubt."""

    def __init__(self, error: SeedFileError) -> None:
        super().__init__()
        self.error = error


@dataclass(frozen=True)
class _Opened:
    """What opens the values of a file; no key for a file in clear."""

    key: bytes = field(default=b"", repr=False)
    mac: MacKey | None = None


def read(content: bytes, unlock: Unlock = LOCKED) -> SeedFile:
    """Return the tokens of the file. Raises SeedFileError, for a wrong key or MAC too."""
    root = parse(check_size(content))
    if name_of(root) != "KeyContainer":
        raise SeedFileError("the file", "its root is not KeyContainer: it is no PSKC file")
    if attribute(root, "Version") not in ("1.0", "1"):
        raise SeedFileError("KeyContainer", "its Version is not 1.0: it was written before RFC 6030")
    opened = _open(root, unlock)
    try:
        return collect(_entries(root, opened))
    except _WholeFile as doubt:
        raise doubt.error from None


def _entries(root: Element, opened: _Opened) -> list[Entry]:
    entries: list[Entry] = []
    for number, package in enumerate(children(root, "KeyPackage"), start=1):
        place = f"KeyPackage {number}"
        serial = text_of(package, "DeviceInfo", "SerialNo") or attribute(child(package, "Key"), "Id")
        if serial and serial.isprintable() and len(serial) <= 40:
            place += f" ({serial})"
        entries.append(partial(_record, place, package, opened))
    return entries


def _record(place: str, package: Element, opened: _Opened) -> SeedRecord:
    key = child(package, "Key")
    if key is None:
        raise SeedFileError(place, "it has no Key")
    kind = _kind(place, attribute(key, "Algorithm"))
    _check_policy(place, child(key, "Policy"))
    data, parameters = child(key, "Data"), child(key, "AlgorithmParameters")
    values = _Values(place, data, opened)
    issuer = text_of(key, "Issuer")
    period_s = values.integer("TimeInterval", 30) if kind is Kind.TOTP else 30
    if kind is Kind.TOTP and values.integer("Time", 0) != 0:
        raise SeedFileError(
            place, "its time does not begin with 1970 (Time is not 0): such a token cannot be used"
        )
    return SeedRecord(
        place=place,
        serial=text_of(package, "DeviceInfo", "SerialNo") or attribute(key, "Id"),
        kind=kind,
        secret=values.secret(),
        digits=_digits(place, child(parameters, "ResponseFormat")),
        period_s=period_s,
        algorithm=_algorithm(place, child(parameters, "Suite")),
        last_step=_last_step(kind, values, issuer),
        drift_steps=_drift_steps(kind, values, issuer, period_s),
        owner=_person(text_of(key, "UserId") or text_of(package, "DeviceInfo", "UserId")),
        issuer=issuer or text_of(package, "DeviceInfo", "Manufacturer"),
        key_name=text_of(key, "FriendlyName"),
        expires_at=_expiry(place, text_of(key, "Policy", "ExpiryDate")),
    )


def _kind(place: str, algorithm: str) -> Kind:
    kind = _KINDS.get(algorithm.lower())
    if kind is not None:
        return kind
    name = algorithm.rpartition(":")[2].rpartition("#")[2]
    named = name[:30] if name.isprintable() and name else "no name"
    if named == "pin":
        raise SeedFileError(place, "it is a PIN, not a token: nothing of Officegate asks for it")
    raise SeedFileError(place, f"its algorithm ({named}) is neither TOTP nor HOTP")


def _check_policy(place: str, policy: Element | None) -> None:
    """Raise for what a server would have to enforce and Officegate does not (RFC 6030 section 5)."""
    for element in policy if policy is not None else ():
        name = name_of(element)
        if name == "PINPolicy" and attribute(element, "PINUsageMode") not in ("", "Local"):
            raise SeedFileError(
                place, "its PIN belongs into the code (PINUsageMode): no login here knows that"
            )
        if name == "NumberOfTransactions":
            raise SeedFileError(place, "it may be used a number of times only: nothing here counts that")
        if name not in ("", "StartDate", "ExpiryDate", "PINPolicy", "KeyUsage"):
            raise SeedFileError(place, "its Policy says what nobody here knows: RFC 6030 forbids to use it")
    usages = (
        {(each.text or "").strip() for each in children(policy, "KeyUsage")} if policy is not None else set()
    )
    if usages and "OTP" not in usages:
        raise SeedFileError(place, "its policy allows other uses only (KeyUsage without OTP)")


def _digits(place: str, response: Element | None) -> int:
    if response is None:
        return 6
    if attribute(response, "Encoding") not in ("", "DECIMAL"):
        raise SeedFileError(place, "its codes are not digits (ResponseFormat Encoding)")
    if attribute(response, "CheckDigits") in ("true", "1"):
        raise SeedFileError(place, "its codes end in a check digit: no such code is known here")
    return whole_number(place, "the length of its codes", attribute(response, "Length") or "6")


def _algorithm(place: str, suite: Element | None) -> Algorithm:
    named = text_of(suite) or attribute(suite, "hashalgo")
    return algorithm_named(place, named) if named else Algorithm.SHA1


def _last_step(kind: Kind, values: "_Values", issuer: str) -> int:
    counter = values.integer("Counter", 0)
    if kind is Kind.HOTP:
        return counter - 1
    return counter if issuer == _DRIFT_IN_SECONDS and counter > 0 else -1


def _drift_steps(kind: Kind, values: "_Values", issuer: str, period_s: int) -> int:
    drift = values.integer("TimeDrift", 0) if kind is Kind.TOTP else 0
    return round(drift / max(period_s, 1)) if issuer == _DRIFT_IN_SECONDS else drift


def _person(text: str) -> str:
    """Return the name in a UserId, which the RFC wants to be a distinguished name and vendors do not."""
    parts = [part.strip().partition("=") for part in text.split(",")]
    named = {key.strip().upper(): value.strip() for key, sign, value in parts if sign}
    return named.get("UID") or named.get("CN") or ("" if named else text)


def _expiry(place: str, text: str) -> float | None:
    if not text:
        return None
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise SeedFileError(place, "its ExpiryDate is no date") from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    try:
        return aware.timestamp()
    except (OverflowError, ValueError):
        raise SeedFileError(place, "its ExpiryDate is no date") from None


@dataclass(frozen=True)
class _Values:
    """The values in the Data of one key, decrypted where they are encrypted."""

    place: str
    data: Element | None
    opened: _Opened

    def secret(self) -> bytes:
        """Return the secret. Raises SeedFileError."""
        plain = child(self.data, "Secret", "PlainValue")
        if plain is not None:
            return base64_value(self.place, "the secret", plain.text or "")
        found = self._decrypted("Secret")
        if found is None:
            raise SeedFileError(self.place, "it has no secret")
        return found

    def integer(self, name: str, default: int) -> int:
        """Return a number, which encrypted is one in network byte order. Raises SeedFileError."""
        plain = text_of(self.data, name, "PlainValue")
        if plain:
            return _integer(self.place, name, plain)
        found = self._decrypted(name)
        if found is None:
            return default
        if not 0 < len(found) <= _LARGEST_INTEGER_OCTETS:
            raise SeedFileError(self.place, f"{name} is not a number of up to 8 octets")
        return int.from_bytes(found, "big", signed=name == "TimeDrift")

    def _decrypted(self, name: str) -> bytes | None:
        element = child(self.data, name)
        encrypted = child(element, "EncryptedValue")
        if encrypted is None:
            return None
        if not self.opened.key:
            raise _WholeFile(
                SeedFileError(self.place, f"{name} is encrypted, and the file names no EncryptionKey")
            )
        ciphertext = _ciphertext(self.place, encrypted, self.opened.key)
        try:
            self._check_mac(name, text_of(element, "ValueMAC"), ciphertext)
            return decrypt(self.opened.key, ciphertext)
        except BadCipher:
            raise _WholeFile(SeedFileError(self.place, _WRONG_KEY)) from None

    def _check_mac(self, name: str, text: str, ciphertext: bytes) -> None:
        if self.opened.mac is None or not text:
            why = (
                f"{name} is encrypted without a MAC: nobody would see a change. Ask for a file with ValueMAC"
            )
            raise _WholeFile(SeedFileError(self.place, why))
        try:
            mac = base64_value(self.place, "ValueMAC", text)
        except SeedFileError as error:
            raise _WholeFile(error) from None
        self.opened.mac.check(ciphertext, mac)


def _integer(place: str, name: str, text: str) -> int:
    # privacyIDEA writes the drift of a token as a float, and None where there is none.
    if text == "None":
        return 0
    whole, point, rest = text.partition(".")
    if point and not (rest.isascii() and rest.isdigit()):
        raise SeedFileError(place, f"{name} is not a number")
    return whole_number(place, name, whole)


def _open(root: Element, unlock: Unlock) -> _Opened:
    encryption = child(root, "EncryptionKey")
    if encryption is None:
        return _Opened()
    key = _key(encryption, unlock)
    method = child(root, "MACMethod")
    if method is None:
        return _Opened(key)
    digest = MACS.get(attribute(method, "Algorithm"))
    if digest is None:
        raise SeedFileError("MACMethod", "its algorithm is none of HMAC-SHA1, -SHA256, -SHA384 and -SHA512")
    wrapped = child(method, "MACKey")
    # Without a key of its own the MAC is made with the key of the encryption (RFC 6030 section 6.1.1).
    if wrapped is None:
        return _Opened(key, MacKey(digest, key))
    try:
        return _Opened(key, MacKey(digest, decrypt(key, _ciphertext("MACKey", wrapped, key))))
    except BadCipher:
        why = "it does not decrypt: the password or key is another one, or the file was altered"
        raise SeedFileError("MACKey", why) from None


def _key(encryption: Element, unlock: Unlock) -> bytes:
    derived = child(encryption, "DerivedKey")
    if derived is not None:
        if not unlock.password:
            raise SeedFileError(
                "EncryptionKey", "the file is encrypted with a password: give it (--password-file)"
            )
        return _derivation(derived).key(unlock.password)
    if child(encryption, "X509Data") is not None:
        raise SeedFileError(
            "EncryptionKey", "the file is encrypted for a certificate: ask for a password instead"
        )
    if not unlock.key:
        raise SeedFileError(
            "EncryptionKey", "the file is encrypted with a pre-shared key: give it (--key-file)"
        )
    return unlock.key


def _derivation(derived: Element) -> Derivation:
    place = "KeyDerivationMethod"
    method = child(derived, "KeyDerivationMethod")
    if not attribute(method, "Algorithm").lower().endswith("#pbkdf2"):
        raise SeedFileError(place, "its algorithm is not PBKDF2")
    parameters = child(method, "PBKDF2-params")
    salt_text = text_of(parameters, "Salt", "Specified") or text_of(parameters, "Salt")
    salt = base64_value(place, "the salt", salt_text)
    iterations = whole_number(place, "IterationCount", text_of(parameters, "IterationCount"))
    octets = whole_number(place, "KeyLength", text_of(parameters, "KeyLength") or "16")
    digest = PRFS.get(attribute(child(parameters, "PRF"), "Algorithm"))
    if digest is None:
        raise SeedFileError(place, "its PRF is none of HMAC-SHA1, -SHA256, -SHA384 and -SHA512")
    if not 0 < len(salt) <= _LONGEST_SALT or octets not in CIPHERS.values():
        raise SeedFileError(place, "its salt is missing or too long, or its key length is not 16, 24 or 32")
    if not 0 < iterations <= _MOST_ITERATIONS:
        raise SeedFileError(place, f"its IterationCount is not between 1 and {_MOST_ITERATIONS}")
    return Derivation(salt, iterations, octets, digest)


def _ciphertext(place: str, element: Element, key: bytes) -> bytes:
    algorithm = attribute(child(element, "EncryptionMethod"), "Algorithm")
    octets = CIPHERS.get(algorithm)
    if octets is None:
        why = "its encryption is none of AES-128-CBC, AES-192-CBC and AES-256-CBC"
        raise SeedFileError(place, why)
    if octets != len(key):
        why = f"it is encrypted with AES-{octets * 8}, and the key has {len(key) * 8} bits: it is another key"
        raise SeedFileError(place, why)
    return base64_value(place, "CipherValue", text_of(element, "CipherData", "CipherValue"))
