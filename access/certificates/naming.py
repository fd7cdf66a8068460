"""The names in certificates: what we write into our own, and what we read in those of others.

A person is named by the user principal name that Windows puts there (otherName 1.3.6.1.4.1.311.20.2.3) and by
mail; an endpoint by a URI of ours.
"""

from dataclasses import dataclass
from functools import cached_property

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

UPN = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
ENDPOINT_URN = "urn:officegate:endpoint:"
_UTF8_STRING = 0x0C
_LONGEST_SHORT_FORM = 0x7F


@dataclass(frozen=True)
class Names:
    """Every name in one certificate."""

    common_name: str = ""
    upns: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()

    @cached_property
    def all(self) -> frozenset[str]:
        """All of them, folded to compare."""
        own = (self.common_name,) if self.common_name else ()
        return frozenset(name.casefold() for name in (*own, *self.upns, *self.mails, *self.hosts, *self.uris))


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a certificate of ours is for: user_name is user@realm, empty for an endpoint's own.

    endpoint is the number it is registered under, None where it is not; mac its address.
    """

    user_name: str = ""
    mail: str = ""
    endpoint: int | None = None
    mac: str = ""

    @property
    def common_name(self) -> str:
        """What tools show of the certificate. Never like a host name: OpenSSL would hold it to be one."""
        return self.user_name or self.mac


def names_of(certificate: x509.Certificate) -> Names:
    """Return the names in a certificate. Raises ValueError where its extensions cannot be read."""
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    common_name = str(common[-1].value) if common else ""
    try:
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Names(common_name)
    others = named.get_values_for_type(x509.OtherName)
    return Names(
        common_name,
        upns=tuple(read_text(other.value) for other in others if other.type_id == UPN),
        mails=tuple(named.get_values_for_type(x509.RFC822Name)),
        hosts=tuple(named.get_values_for_type(x509.DNSName)),
        uris=tuple(named.get_values_for_type(x509.UniformResourceIdentifier)),
    )


def alternative_names(holder: Holder, realm: str) -> x509.SubjectAlternativeName:
    """Return what our certificates say of their holder. Mail of another domain is left out."""
    names: list[x509.GeneralName] = []
    if holder.user_name:
        names.append(x509.OtherName(UPN, _der_text(holder.user_name)))
    if holder.mail.isascii() and holder.mail.casefold().endswith(f"@{realm}"):
        names.append(x509.RFC822Name(holder.mail))
    if holder.endpoint is not None:
        names.append(x509.UniformResourceIdentifier(f"{ENDPOINT_URN}{holder.endpoint}"))
    return x509.SubjectAlternativeName(names)


def _der_text(text: str) -> bytes:
    octets = text.encode()
    size = len(octets)
    if size <= _LONGEST_SHORT_FORM:
        return bytes((_UTF8_STRING, size)) + octets
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((_UTF8_STRING, 0x80 | len(length))) + length + octets


def read_text(der: bytes) -> str:
    """Return the text of a DER UTF8String. Raises ValueError."""
    if len(der) < 2 or der[0] != _UTF8_STRING:
        raise ValueError("a user principal name is no UTF8String")
    size, at = der[1], 2
    if size > _LONGEST_SHORT_FORM:
        at += size & _LONGEST_SHORT_FORM
        size = int.from_bytes(der[2:at])
    if len(der) != at + size:
        raise ValueError("a user principal name is cut short")
    return der[at:].decode()
