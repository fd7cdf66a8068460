"""A person's own certificates, in the portal: getting one for a device, renewing and revoking it. ▸

Getting and renewing take a code proven in the last ten minutes. Revoking takes none: whoever lost a device
must not be held up, and it only lessens what anyone can do. The file with the key waits a few minutes to be
fetched, under a password that is shown once and kept nowhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from access.certificates import issuing
from access.certificates.authority import Revocation
from access.certificates.errors import NoAuthority, UnknownCertificate
from access.certificates.issuing import IssuingPorts
from access.certificates.naming import Holder
from access.certificates.values import Certificate, KeyKind, Order, Packed, Rules
from access.model import Organization, Reason, User
from access.proof.authentication import Refusal
from access.proof.signin import Visitor, by_own_password
from access.proof.web_session import SessionState

# How long the file can be fetched.
PICKUP_S = 10 * 60.0
MOST_OWN = 10
LONGEST_DEVICE = 40


class OwnCertificatePorts(IssuingPorts, Protocol):
    """What the portal needs of certificates. Any of it may raise Unavailable or SealBroken."""

    def of_user(self, user_id: int) -> Sequence[Certificate]: ...
    def issues_for(self, organization_id: int) -> bool: ...
    def keep_file(self, certificate_id: int, file: bytes, until: float) -> None: ...
    def kept_file(self, certificate_id: int, user_id: int, now: float) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a person's certificates are: the ports, what is set, and whose company it is."""

    ports: OwnCertificatePorts
    rules: Rules
    organization: Organization


def standing(ports: OwnCertificatePorts, user_id: int, now: float) -> list[Certificate]:
    """Return the certificates of a person that count, the newest first."""
    return [each for each in ports.of_user(user_id) if each.good(now)]


def get(desk: Desk, visitor: Visitor, device: str, now: float) -> Packed | Refusal | None:
    """Return a new certificate for a device of the visitor's; None where none can be had."""
    if len(standing(desk.ports, visitor.user.id, now)) >= MOST_OWN:
        return None
    return _packed(desk, visitor, now, lambda order: order.on(device.strip()[:LONGEST_DEVICE], None))


def renew(desk: Desk, visitor: Visitor, certificate_id: int, now: float) -> Packed | Refusal | None:
    """Return the certificate that follows one of the visitor's own; None where there is no such one."""
    found = _own(desk.ports, visitor, certificate_id, now)
    if found is None or found.endpoint_id is not None:
        # What is bound to a registered endpoint is renewed by whoever registers endpoints.
        return None

    def follow(order: Order) -> Order:
        return issuing.renewed(found, order.on(found.device, None), now)

    return _packed(desk, visitor, now, follow)


def revoke(ports: OwnCertificatePorts, visitor: Visitor, certificate_id: int, now: float) -> bool:
    """Return whether there was such a certificate of the visitor's own to revoke."""
    found = _own(ports, visitor, certificate_id, now)
    if found is None or visitor.session.state is not SessionState.SIGNED_IN:
        return False
    return ports.revoke(found, Revocation.UNSPECIFIED, visitor.user.name, now)


def revoke_for(ports: OwnCertificatePorts, user: User, certificate_id: int, by: str, now: float) -> bool:
    """Return whether there was such a certificate of somebody's to revoke. by: who has recognised them."""
    found = next((each for each in standing(ports, user.id, now) if each.id == certificate_id), None)
    return found is not None and ports.revoke(found, Revocation.UNSPECIFIED, by, now)


def _own(ports: OwnCertificatePorts, visitor: Visitor, certificate_id: int, now: float) -> Certificate | None:
    own = standing(ports, visitor.user.id, now)
    return next((each for each in own if each.id == certificate_id), None)


def _packed(
    desk: Desk, visitor: Visitor, now: float, finish: Callable[[Order], Order]
) -> Packed | Refusal | None:
    session, user = visitor.session, visitor.user
    if session.state is not SessionState.SIGNED_IN or not session.fresh(now):
        return Refusal(Reason.CODE_MISSING)
    by_own_password(visitor)
    organization = desk.organization
    order = Order(
        organization_id=organization.id,
        realm=organization.realm,
        holder=Holder(f"{user.name}@{organization.realm}", user.mail),
        user_id=user.id,
        endpoint_id=None,
        device="",
        by=user.name,
    )
    try:
        made = issuing.issue_with_key(desk.ports, desk.rules, finish(order), KeyKind.ECDSA, now)
    except (NoAuthority, UnknownCertificate):
        return None
    desk.ports.keep_file(made.certificate.id, made.file, now + PICKUP_S)
    return made
