"""Writing PSKC (RFC 6030): encrypted under a password, or in clear where somebody insists.

The algorithms are the ones section 6 makes mandatory (AES-128-CBC, HMAC-SHA1, PBKDF2 with HMAC-SHA1), so
that whoever reads PSKC reads this; none of them is weak here. The number of iterations makes up for what a
password is worth.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from otp.kinds import Algorithm, Kind
from otp.seedfile.pskc import PROFILE
from otp.seedfile.pskc_cipher import XMLENC, Derivation, MacKey, encrypt
from otp.seedfile.record import SeedFileError, SeedRecord

# As many as make PBKDF2 with HMAC-SHA1 as slow as 600,000 make it with HMAC-SHA256 (OWASP, 2023).
ITERATIONS = 1_300_000
SHORTEST_PASSWORD = 12
_PSKC = "urn:ietf:params:xml:ns:keyprov:pskc"
_XMLENC11 = "http://www.w3.org/2009/xmlenc11#"
_PKCS5 = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"
_AES = f"{XMLENC}aes128-cbc"
_MAC = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
_KEY_OCTETS = 16
_MAC_KEY_OCTETS = 20
_SALT_OCTETS = 16

for _prefix, _namespace in (("pskc", _PSKC), ("xenc", XMLENC), ("xenc11", _XMLENC11), ("pkcs5", _PKCS5)):
    register_namespace(_prefix, _namespace)


@dataclass(frozen=True)
class Protection:
    """What encrypts the file. random(n) gives n unguessable octets."""

    password: bytes = field(repr=False)
    random: Callable[[int], bytes] = field(repr=False)
    iterations: int = ITERATIONS


@dataclass(frozen=True)
class _Sealer:
    key: bytes = field(repr=False)
    mac: MacKey
    random: Callable[[int], bytes] = field(repr=False)


def write(records: Iterable[SeedRecord], protection: Protection) -> bytes:
    """Return the records as a PSKC file under a password. Raises SeedFileError for a password too short."""
    if len(protection.password) < SHORTEST_PASSWORD:
        why = (
            f"it has fewer than {SHORTEST_PASSWORD} octets: whoever gets the file tries as many as they like"
        )
        raise SeedFileError("the password", why)
    root = _root()
    derivation = Derivation(protection.random(_SALT_OCTETS), protection.iterations, _KEY_OCTETS)
    mac = MacKey("sha1", protection.random(_MAC_KEY_OCTETS))
    sealer = _Sealer(derivation.key(protection.password), mac, protection.random)
    _add_derivation(root, derivation)
    method = _add(root, "MACMethod", Algorithm=_MAC)
    _add_ciphertext(_add(method, "MACKey"), encrypt(sealer.key, mac.key, sealer.random))
    return _finished(root, records, sealer)


def write_plain(records: Iterable[SeedRecord]) -> bytes:
    """Return the records as a PSKC file in clear: whoever reads it has all the tokens."""
    return _finished(_root(), records, None)


def _root() -> Element:
    return Element(f"{{{_PSKC}}}KeyContainer", Version="1.0")


def _finished(root: Element, records: Iterable[SeedRecord], sealer: _Sealer | None) -> bytes:
    for record in records:
        _add_package(root, record, sealer)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add_derivation(root: Element, derivation: Derivation) -> None:
    derived = SubElement(_add(root, "EncryptionKey"), f"{{{_XMLENC11}}}DerivedKey")
    method = SubElement(derived, f"{{{_XMLENC11}}}KeyDerivationMethod", Algorithm=f"{_PKCS5}pbkdf2")
    parameters = SubElement(method, f"{{{_PKCS5}}}PBKDF2-params")
    SubElement(SubElement(parameters, "Salt"), "Specified").text = b64encode(derivation.salt).decode()
    SubElement(parameters, "IterationCount").text = str(derivation.iterations)
    SubElement(parameters, "KeyLength").text = str(derivation.octets)
    SubElement(parameters, "PRF")
    SubElement(derived, f"{{{_XMLENC11}}}MasterKeyName").text = "Password"


def _add_package(root: Element, record: SeedRecord, sealer: _Sealer | None) -> None:
    package = _add(root, "KeyPackage")
    device = _add(package, "DeviceInfo")
    if record.serial:
        _add(device, "SerialNo").text = record.serial
    key = _add(package, "Key", Id=record.serial or record.place, Algorithm=PROFILE + record.kind.value)
    if record.issuer:
        _add(key, "Issuer").text = record.issuer
    parameters = _add(key, "AlgorithmParameters")
    if record.algorithm is not Algorithm.SHA1:
        _add(parameters, "Suite").text = f"HMAC-{record.algorithm.value}"
    _add(parameters, "ResponseFormat", Length=str(record.digits), Encoding="DECIMAL")
    if record.key_name:
        _add(key, "FriendlyName").text = record.key_name
    _add_data(_add(key, "Data"), record, sealer)
    if record.owner:
        _add(key, "UserId").text = f"UID={record.owner}"
    if record.expires_at is not None:
        until = datetime.fromtimestamp(record.expires_at, UTC).isoformat()
        _add(_add(key, "Policy"), "ExpiryDate").text = until


def _add_data(data: Element, record: SeedRecord, sealer: _Sealer | None) -> None:
    secret = _add(data, "Secret")
    if sealer is None:
        _add(secret, "PlainValue").text = b64encode(record.secret).decode()
    else:
        ciphertext = encrypt(sealer.key, record.secret, sealer.random)
        _add_ciphertext(_add(secret, "EncryptedValue"), ciphertext)
        _add(secret, "ValueMAC").text = b64encode(sealer.mac.of(ciphertext)).decode()
    if record.kind is Kind.HOTP:
        _add_plain(data, "Counter", record.counter)
        return
    _add_plain(data, "Time", 0)
    _add_plain(data, "TimeInterval", record.period_s)
    if record.drift_steps:
        _add_plain(data, "TimeDrift", record.drift_steps)


def _add_plain(data: Element, name: str, number: int) -> None:
    _add(_add(data, name), "PlainValue").text = str(number)


def _add_ciphertext(parent: Element, ciphertext: bytes) -> None:
    SubElement(parent, f"{{{XMLENC}}}EncryptionMethod", Algorithm=_AES)
    cipher = SubElement(parent, f"{{{XMLENC}}}CipherData")
    SubElement(cipher, f"{{{XMLENC}}}CipherValue").text = b64encode(ciphertext).decode()


def _add(parent: Element, name: str, **attributes: str) -> Element:
    return SubElement(parent, f"{{{_PSKC}}}{name}", attributes)
