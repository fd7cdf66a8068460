"""Certificates as the application keeps them, and what is asked of an authority."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from cryptography import x509

from access.certificates.authority import PrivateKey, Revocation
from access.certificates.naming import Holder
from access.model import Absent, Certified

DAY_S = 86400.0
LONGEST_DEVICE = 100


class KeyKind(StrEnum):
    """Kinds of keys. RSA is for peers that know nothing else."""

    ECDSA = "ecdsa"
    RSA = "rsa"


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes into one file: key, certificate, and the authority. title is what the device shows."""

    title: str
    key: PrivateKey = field(repr=False)
    certificate: x509.Certificate
    authority: x509.Certificate


@dataclass(frozen=True, slots=True)
class Rules:
    """What an installation has set for its authorities. crl_url is where lists are found, as a folder."""

    days: int = 365
    longest_days: int = 825
    overlap_days: int = 14
    crl_hours: float = 24.0
    crl_url: str = ""

    def until(self, days: int | None, now: float) -> float:
        """Return when a certificate ends that is wanted for so many days; None for the usual time."""
        return now + min(days or self.days, self.longest_days) * DAY_S

    def list_of(self, authority: str) -> str:
        """Return where an authority's list is found; empty where nowhere."""
        return f"{self.crl_url}/{authority}.crl" if self.crl_url else ""


@dataclass(frozen=True, slots=True)
class Order:
    """A certificate somebody wants: for whom, on which device, for how long, and who asked for it.

    organization_id is that of the authority; user_id and endpoint_id say whose it is, at least one of them.
    """

    organization_id: int
    realm: str
    holder: Holder
    user_id: int | None
    endpoint_id: int | None
    device: str
    by: str
    days: int | None = None
    renews: int | None = None

    def on(self, device: str, days: int | None) -> "Order":
        """Return the order for a device that is called so, and for so long."""
        return replace(self, device=device[:LONGEST_DEVICE] or self.device, days=days)


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that we issued. key names it in sessions and records; valid_until may come before its own end."""

    id: int
    key: str
    authority_id: int
    organization_id: int
    user_id: int | None
    endpoint_id: int | None
    holder: str
    device: str
    serial: int
    not_after: float
    valid_until: float
    issued_at: float
    der: bytes = field(repr=False)
    revoked_at: float | None = None
    revocation: Revocation | None = None
    renews: int | None = None

    def good(self, now: float) -> bool:
        """Whether somebody could log in with it."""
        return self.revoked_at is None and now < self.valid_until


@dataclass(frozen=True, slots=True)
class Packed:
    """A certificate with its key in one file, and the password to it: both are shown this once."""

    certificate: Certificate
    file: bytes = field(repr=False)
    password: str = field(repr=False)


def certified_by(certificate: str, endpoint_id: int | None) -> Certified | Absent:
    """Return the fact about a login that a certificate of this key opened, or none did."""
    if not certificate:
        return Absent.DOES_NOT_APPLY
    return Certified.PERSONAL if endpoint_id is None else Certified.MANAGED


def key_of(authority: str, serial: int) -> str:
    """Return what names a certificate: its authority, and its serial number in hexadecimal."""
    return f"{authority}:{serial:x}"
