"""Issuing, renewing and revoking certificates of our own authorities, and their lists of revocations. ▸

What stands in a certificate is decided here and never by whoever asks: of a request only its key is taken.
Renewing leaves the old certificate good for some days, so that a device is never without one. Revoking takes
effect with the next login, and ends the sessions that the certificate opened.
"""

from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cryptography import x509

from access.certificates import authority as making
from access.certificates.authority import (
    SERIAL_OCTETS,
    Authority,
    PrivateKey,
    PublicKey,
    Revocation,
    RevokedSerial,
    Signer,
    Wanted,
)
from access.certificates.errors import BadAuthority, BadRequest, UnknownCertificate
from access.certificates.intake import Imported
from access.certificates.values import DAY_S, Bundle, Certificate, KeyKind, Order, Packed, Rules
from access.model import Organization

PASSWORD_OCTETS = 10
# A list is signed anew this long after the one before, even if nothing happened.
LIST_AGE_S = 3600.0
AUTHORITY_DAYS = 3650


@dataclass(frozen=True, slots=True)
class NewAuthority:
    """An authority that is to be made."""

    organization: Organization
    kind: KeyKind = KeyKind.ECDSA
    days: int = AUTHORITY_DAYS


@dataclass(frozen=True, slots=True)
class SignedList:
    """A list of revocations as it was last signed; octets are empty where something happened since."""

    octets: bytes
    signed_at: float


class IssuingPorts(Protocol):
    """What issuing needs of the world. Any of it may raise Unavailable or SealBroken."""

    @property
    def random(self) -> Callable[[int], bytes]: ...
    @property
    def new_key(self) -> Callable[[KeyKind], PrivateKey]: ...
    @property
    def pack(self) -> Callable[[Bundle, str], bytes]: ...

    def signer(self, organization_id: int) -> Signer:
        """Return the authority that issues for an organization. Raises NoAuthority."""

    def add_authority(self, organization: Organization, made: Imported, by: str, now: float) -> Authority:
        """Keep an authority, its key sealed; from now on it issues for the organization."""

    def keep(self, order: Order, issued: x509.Certificate, signer: Signer, now: float) -> Certificate:
        """Keep a certificate that was issued, and tell the feed."""

    def shorten(self, certificate_id: int, until: float, now: float) -> None:
        """Have a certificate count no longer than until, if it would."""

    def revoke(self, certificate: Certificate, reason: Revocation, by: str, now: float) -> bool:
        """Write down that a certificate counts no longer; False where it did not before."""

    def last_list(self, authority: str) -> SignedList | None:
        """Return the list that an authority signed last; None where there is no such authority."""

    def sign_list(
        self, authority: str, make: Callable[[Signer, Sequence[RevokedSerial], int], bytes], now: float
    ) -> bytes:
        """Keep and return a new list of an authority, made of its revocations and the next number."""


def create_authority(ports: IssuingPorts, wanted: NewAuthority, by: str, now: float) -> Authority:
    """Return a new authority of an organization. Earlier ones are trusted on and issue no more."""
    organization = wanted.organization
    key = ports.new_key(wanted.kind)
    serial = making.new_serial(ports.random(SERIAL_OCTETS))
    span = (now - making.EARLIER_S, now + wanted.days * DAY_S)
    # Two authorities of one organization must not have one name: a list would be held to be the other's.
    title = f"{organization.key} endpoints {serial >> 96:08x}"
    der = making.self_signed(key, title, organization.realm, serial, span)
    return ports.add_authority(organization, Imported(x509.load_der_x509_certificate(der), key), by, now)


def issue_on_request(
    ports: IssuingPorts, rules: Rules, order: Order, key: PublicKey, now: float
) -> Certificate:
    """Return a certificate for a key that its owner has proven to have. Raises NoAuthority, BadRequest."""
    return _issue(ports, rules, order, key, now)[0]


def issue_with_key(ports: IssuingPorts, rules: Rules, order: Order, kind: KeyKind, now: float) -> Packed:
    """Return a certificate with a new key, which is kept nowhere. Raises NoAuthority, BadRequest."""
    key = ports.new_key(kind)
    certificate, signer = _issue(ports, rules, order, key.public_key(), now)
    password = new_password(ports.random)
    title = f"{order.holder.common_name} {order.device}".strip()
    leaf = x509.load_der_x509_certificate(certificate.der)
    file = ports.pack(Bundle(title, key, leaf, signer.authority.certificate), password)
    return Packed(certificate, file, password)


def renewed(certificate: Certificate, order: Order, now: float) -> Order:
    """Return the order that renews a certificate. Raises UnknownCertificate where it counts no longer."""
    if not certificate.good(now):
        raise UnknownCertificate(
            f"Certificate {certificate.id} counts no longer: issue a new one instead of renewing it."
        )
    return replace(order, renews=certificate.id)


def revocation_list(ports: IssuingPorts, rules: Rules, authority: str, now: float) -> bytes | None:
    """Return an authority's list in DER, signed anew where it is old; None where there is none."""
    last = ports.last_list(authority)
    if last is None:
        return None
    life_s = rules.crl_hours * 3600
    if last.octets and 0 <= now - last.signed_at < min(LIST_AGE_S, life_s / 2):
        return last.octets

    def make(signer: Signer, revoked: Sequence[RevokedSerial], number: int) -> bytes:
        return making.revocation_list(signer, revoked, number, (now, now + life_s))

    return ports.sign_list(authority, make, now)


def new_password(random: Callable[[int], bytes]) -> str:
    """Return a password of 80 bits, 16 small letters and digits, that can be typed from a screen."""
    return b32encode(random(PASSWORD_OCTETS)).decode().lower()


def _issue(
    ports: IssuingPorts, rules: Rules, order: Order, key: PublicKey, now: float
) -> tuple[Certificate, Signer]:
    if order.days is not None and not 0 < order.days <= rules.longest_days:
        raise BadRequest(f"{order.days} days are not from 1 to {rules.longest_days} (ca.longest_days).")
    signer = ports.signer(order.organization_id)
    if signer.authority.ends_at <= now:
        raise BadAuthority(
            f"The authority {signer.authority.name} has expired. Make the next one: officegate ca create"
        )
    wanted = Wanted(
        holder=order.holder,
        realm=order.realm,
        key=key,
        now=now,
        until=rules.until(order.days, now),
        crl_url=rules.list_of(signer.authority.name),
    )
    issued = making.issue(signer, wanted, making.new_serial(ports.random(SERIAL_OCTETS)))
    certificate = ports.keep(order, issued, signer, now)
    if order.renews is not None:
        ports.shorten(order.renews, now + rules.overlap_days * DAY_S, now)
    return certificate, signer
