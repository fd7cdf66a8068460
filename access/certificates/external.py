"""Authorities of others whose certificates we take: what an operator has said of each."""

from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509

from access.certificates.naming import Names

DAY_S = 86400.0


class RevocationBy(StrEnum):
    """How it is known whether a certificate was revoked."""

    CRL = "crl"
    OCSP = "ocsp"
    NONE = "none"


class WhenUnknown(StrEnum):
    """What becomes of a login while nobody can say whether its certificate was revoked."""

    REFUSE = "refuse"
    ALLOW = "allow"


class Mapping(StrEnum):
    """Which name in a certificate says whose it is. endpoint: a registered endpoint, by its MAC address."""

    UPN = "upn"
    MAIL = "mail"
    CN = "cn"
    ENDPOINT = "endpoint"


class Status(StrEnum):
    """Whether a certificate was revoked."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class External:
    """One authority of others, as far as it may speak: for one organization, and by these names.

    certificates are those that may have signed a peer's. crl is a path or an http address, ocsp an address.
    longest_age_s is how long after it was made a list counts, however long it says itself.
    """

    name: str
    organization: str
    certificates: tuple[x509.Certificate, ...]
    mapping: Mapping = Mapping.UPN
    revocation: RevocationBy = RevocationBy.CRL
    when_unknown: WhenUnknown = WhenUnknown.REFUSE
    crl: str = ""
    ocsp: str = ""
    longest_age_s: float = 7 * DAY_S


def names_by(mapping: Mapping, names: Names) -> tuple[str, ...]:
    """Return the names that say whose a certificate is."""
    if mapping is Mapping.UPN:
        return names.upns
    if mapping is Mapping.MAIL:
        return names.mails
    return (names.common_name,) if names.common_name else ()
