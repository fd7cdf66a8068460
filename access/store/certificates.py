"""Our own authorities and the certificates they issued; every change is in the feed and in the audit. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from sqlalchemy import Connection, RowMapping, and_, func, insert, or_, select, update

from access.certificates.authority import Authority, PrivateKey, Revocation, RevokedSerial, Signer
from access.certificates.errors import BadAuthority, NoAuthority
from access.certificates.intake import Imported
from access.certificates.issuing import SignedList
from access.certificates.known import Standing
from access.certificates.values import Bundle, Certificate, KeyKind, Order, key_of
from access.keys.sealing import Keyring
from access.model import Organization
from access.records.audit import AuditEntry
from access.store import audit, feed, pickups
from access.store.database import Database
from access.store.tables import authorities, certificates


@dataclass(frozen=True)
class StoredCertificates:
    """The ports of access.certificates.issuing. writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    new_key: Callable[[KeyKind], PrivateKey]
    pack: Callable[[Bundle, str], bytes]

    def signer(self, organization_id: int) -> Signer:
        """Return the authority that issues for an organization. Raises NoAuthority, SealBroken."""
        with self.database.read() as conn:
            issuing = authorities.c.issues, authorities.c.organization_id == organization_id
            row = conn.execute(select(authorities).where(*issuing)).mappings().first()
        if row is None:
            raise NoAuthority("This organization has no authority yet. Make one: officegate ca create")
        return self._signer(row)

    def add_authority(self, organization: Organization, made: Imported, by: str, now: float) -> Authority:
        """Keep an authority, its key sealed; from now on it issues. Raises BadAuthority."""
        der = made.certificate.public_bytes(Encoding.DER)
        binding = str(UUID(bytes=self.random(16), version=4))
        key = made.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        with self.database.write() as conn:
            if conn.execute(select(authorities.c.id).where(authorities.c.certificate == der)).first():
                raise BadAuthority("This authority is here already. See: officegate ca list")
            same = authorities.c.organization_id == organization.id
            count = conn.execute(select(func.count()).select_from(authorities).where(same)).scalar_one()
            conn.execute(update(authorities).where(same).values(issues=False))
            name = organization.key if not count else f"{organization.key}-{count + 1}"
            row = {
                "organization_id": organization.id,
                "name": name,
                "binding": binding,
                "certificate": der,
                "sealed_key": self.keyring.seal(key, bound_to(binding), self.random),
                "created_at": now,
            }
            new_id = conn.execute(insert(authorities).values(row).returning(authorities.c.id)).scalar_one()
            feed.append(conn, feed.Topic.AUTHORITY, str(new_id), organization.id, now)
            detail = {"what": "authority.added", "authority": name, "by": by}
            self._record(conn, AuditEntry("authority", now, "", organization.id, detail=detail))
        return Authority(new_id, organization.id, name, made.certificate)

    def keep(self, order: Order, issued: x509.Certificate, signer: Signer, now: float) -> Certificate:
        """Keep a certificate that was issued, and tell the feed."""
        key = key_of(signer.authority.name, issued.serial_number)
        row = {
            "key": key,
            "authority_id": signer.authority.id,
            "organization_id": order.organization_id,
            "user_id": order.user_id,
            "endpoint_id": order.endpoint_id,
            "holder": order.holder.common_name,
            "device": order.device,
            "serial": f"{issued.serial_number:x}",
            "der": issued.public_bytes(Encoding.DER),
            "not_after": issued.not_valid_after_utc.timestamp(),
            "valid_until": issued.not_valid_after_utc.timestamp(),
            "issued_at": now,
            "renews": order.renews,
        }
        with self.database.write() as conn:
            new_id = conn.execute(insert(certificates).values(row).returning(certificates.c.id)).scalar_one()
            feed.append(conn, feed.Topic.CERTIFICATE, str(new_id), order.organization_id, now)
            kept = certificate_by_id(conn, new_id)
            assert kept is not None
            what = "certificate.renewed" if order.renews else "certificate.issued"
            self._record(conn, _entry(what, kept, order.by, now))
        return kept

    def shorten(self, certificate_id: int, until: float, now: float) -> None:
        """Have a certificate count no longer than until, if it would."""
        with self.database.write() as conn:
            organization_id = conn.execute(
                update(certificates)
                .where(certificates.c.id == certificate_id, certificates.c.valid_until > until)
                .values(valid_until=until)
                .returning(certificates.c.organization_id)
            ).scalar()
            if organization_id is not None:
                feed.append(conn, feed.Topic.CERTIFICATE, str(certificate_id), organization_id, now)

    def revoke(self, certificate: Certificate, reason: Revocation, by: str, now: float) -> bool:
        """Write down that a certificate counts no longer; False where it did not before."""
        with self.database.write() as conn:
            changed = conn.execute(
                update(certificates)
                .where(certificates.c.id == certificate.id, certificates.c.revoked_at.is_(None))
                .values(revoked_at=now, revocation=reason.value)
            ).rowcount
            if not changed:
                return False
            same = authorities.c.id == certificate.authority_id
            conn.execute(update(authorities).where(same).values(crl=None))
            organization_id = certificate.organization_id
            feed.append(conn, feed.Topic.CERTIFICATE, str(certificate.id), organization_id, now)
            self._record(conn, _entry("certificate.revoked", certificate, by, now, reason.value))
        return True

    def last_list(self, authority: str) -> SignedList | None:
        """Return the list that an authority signed last; None where there is no such authority."""
        columns = authorities.c.crl, authorities.c.crl_at
        with self.database.read() as conn:
            row = conn.execute(select(*columns).where(authorities.c.name == authority)).first()
        return SignedList(row.crl or b"", row.crl_at or 0.0) if row else None

    def sign_list(
        self, authority: str, make: Callable[[Signer, Sequence[RevokedSerial], int], bytes], now: float
    ) -> bytes:
        """Keep and return a new list of an authority, made of its revocations and the next number."""
        with self.database.write() as conn:
            named = select(authorities).where(authorities.c.name == authority)
            row = conn.execute(named.with_for_update()).mappings().one()
            number = row["crl_number"] + 1
            octets = make(self._signer(row), _revoked(conn, row["id"], now), number)
            signed = {"crl": octets, "crl_at": now, "crl_number": number}
            conn.execute(update(authorities).where(authorities.c.id == row["id"]).values(signed))
        return octets

    def of_user(self, user_id: int) -> list[Certificate]:
        """Return the certificates of a person, the newest first."""
        with self.database.read() as conn:
            return _found(conn, certificates.c.user_id == user_id)

    def issues_for(self, organization_id: int) -> bool:
        """Return whether an organization has an authority that issues."""
        issuing = authorities.c.issues, authorities.c.organization_id == organization_id
        with self.database.read() as conn:
            return conn.execute(select(authorities.c.id).where(*issuing)).first() is not None

    def keep_file(self, certificate_id: int, file: bytes, until: float) -> None:
        """Keep the file of a certificate for its owner to fetch until a moment."""
        with self.database.write() as conn:
            pickups.put(conn, self.keyring, pickups.Waiting(certificate_id, file, until), self.random)

    def kept_file(self, certificate_id: int, user_id: int, now: float) -> bytes | None:
        """Return the file of a certificate of a person; None where it is over, or another's."""
        with self.database.read() as conn:
            return pickups.get(conn, self.keyring, certificate_id, user_id, now)

    def one(self, certificate_id: int) -> Certificate | None:
        """Return one certificate."""
        with self.database.read() as conn:
            return certificate_by_id(conn, certificate_id)

    def _signer(self, row: RowMapping) -> Signer:
        octets = self.keyring.open_sealed(row["sealed_key"], bound_to(row["binding"]))
        key: Any = load_der_private_key(octets, None)
        return Signer(_authority(row), key)

    def _record(self, conn: Connection, entry: AuditEntry) -> None:
        audit.record(conn, self.writer, entry, self.keyring, self.random)


def all_authorities(conn: Connection) -> list[Authority]:
    """Every authority of ours, by id."""
    return [
        _authority(row) for row in conn.execute(select(authorities).order_by(authorities.c.id)).mappings()
    ]


def certificate_by_id(conn: Connection, certificate_id: int) -> Certificate | None:
    """One certificate."""
    found = _found(conn, certificates.c.id == certificate_id)
    return found[0] if found else None


def certificates_of(conn: Connection, organization_id: int | None) -> list[Certificate]:
    """Those of an organization, or all, the newest first."""
    if organization_id is None:
        return _found(conn, certificates.c.id > 0)
    return _found(conn, certificates.c.organization_id == organization_id)


def standings(conn: Connection, certificate_id: int | None = None) -> dict[int, tuple[str, Standing]]:
    """The key of every certificate, or of one, and how it stands, by number: what a RADIUS worker knows."""
    columns = certificates.c
    wanted = select(
        columns.id, columns.key, columns.user_id, columns.endpoint_id, columns.valid_until, columns.revoked_at
    )
    if certificate_id is not None:
        wanted = wanted.where(columns.id == certificate_id)
    return {
        row.id: (row.key, Standing(row.user_id, row.endpoint_id, row.valid_until, row.revoked_at is not None))
        for row in conn.execute(wanted)
    }


def _found(conn: Connection, where: Any) -> list[Certificate]:
    rows = conn.execute(select(certificates).where(where).order_by(certificates.c.id.desc())).mappings()
    return [_certificate(row) for row in rows]


def _revoked(conn: Connection, authority_id: int, now: float) -> list[RevokedSerial]:
    """What an authority's list has to name: whatever has not ended by itself."""
    superseded = and_(
        certificates.c.valid_until <= now, certificates.c.valid_until < certificates.c.not_after
    )
    wanted = (
        certificates.c.authority_id == authority_id,
        certificates.c.not_after > now,
        or_(certificates.c.revoked_at.is_not(None), superseded),
    )
    rows = conn.execute(select(certificates).where(*wanted).order_by(certificates.c.id)).mappings()
    return [_revoked_serial(_certificate(row)) for row in rows]


def _revoked_serial(certificate: Certificate) -> RevokedSerial:
    if certificate.revoked_at is None:
        return RevokedSerial(certificate.serial, certificate.valid_until, Revocation.SUPERSEDED)
    reason = certificate.revocation or Revocation.UNSPECIFIED
    return RevokedSerial(certificate.serial, certificate.revoked_at, reason)


def _authority(row: RowMapping) -> Authority:
    certificate = x509.load_der_x509_certificate(row["certificate"])
    return Authority(row["id"], row["organization_id"], row["name"], certificate, row["issues"])


def _certificate(row: RowMapping) -> Certificate:
    values = {name: row[name] for name in Certificate.__slots__}
    values["serial"] = int(row["serial"], 16)
    values["revocation"] = Revocation(row["revocation"]) if row["revocation"] else None
    return Certificate(**values)


def _entry(what: str, certificate: Certificate, by: str, now: float, why: str = "") -> AuditEntry:
    detail = {"what": what, "certificate": certificate.id, "device": certificate.device, "by": by, "why": why}
    return AuditEntry(
        "certificate",
        now,
        organization_id=certificate.organization_id,
        user_id=certificate.user_id,
        detail={key: value for key, value in detail.items() if value},
    )


def bound_to(binding: str) -> bytes:
    """Return what the sealed key of an authority is bound to."""
    return f"authority:{binding}".encode()
