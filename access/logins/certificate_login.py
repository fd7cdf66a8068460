"""Whose certificate is this, and may it still be used? ▸

    found                                                   answered
    no authority that we trust has signed it                CERTIFICATE_UNKNOWN
    it, or its authority, has not begun or is over          CERTIFICATE_EXPIRED
    it is not for clients                                   CERTIFICATE_UNKNOWN
    ours, but we have no record of having issued it         CERTIFICATE_UNKNOWN
    revoked, by us or by the authority of others            CERTIFICATE_REVOKED
    whether an authority of others has revoked it, nobody
    can say, and the operator wants such logins refused     REVOCATION_UNKNOWN
    its name is that of nobody here                         UNKNOWN_USER, UNKNOWN_ENDPOINT
    whoever logs in calls themselves something else         CERTIFICATE_NAME_MISMATCH
    none of these                                           Whose

Of a certificate of ours the record counts and not what stands in it. An authority of others speaks for the
people of one organization, by the one kind of name that was configured. Everything is looked at in every
login, also in one that resumes an earlier one; only an answer of OCSP may be as old as it says itself.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from cryptography import x509

from access.certificates.external import External, Mapping, Status, WhenUnknown, names_by
from access.certificates.known import Issuer, for_clients, valid_at
from access.certificates.naming import Names, names_of
from access.certificates.values import key_of
from access.logins.memory import Memory
from access.model import Reason, User
from access.nas.registry import Endpoint
from radius.eap.method import Alert
from radius.questions import CheckCertificate

# What stands before the realm where a device does not tell its name outside of TLS (RFC 9190 section 2.1.7).
_NAMELESS = frozenset({"", "anonymous"})
_MACHINE = "host/"
# An endpoint comes back with the same certificate: what stands in so many is remembered.
MOST_READ = 2048
_ENDPOINT_MARK = "@"
# What an endpoint is told while TLS can still say it; for any other reason, that we do not know it.
_ALERTS = {Reason.CERTIFICATE_REVOKED: Alert.REVOKED, Reason.CERTIFICATE_EXPIRED: Alert.EXPIRED}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose certificate it is: a person's, an endpoint's own, or a person's on an endpoint.

    key comes back in Authorize: what names the certificate, and the endpoint.
    """

    key: str
    user: User | None = None
    endpoint: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why a certificate is not taken; said is for administrators."""

    reason: Reason
    said: str = ""


class Revocations(Protocol):
    """What is known of the certificates that others have revoked."""

    def known(self, issuer: Issuer, leaf: x509.Certificate, now: float) -> Status | None:
        """Return what is known without asking; None where somebody has to be asked."""

    def ask(self, issuer: Issuer, leaf: x509.Certificate, now: float) -> Status:
        """Ask, and return what is known then. It may take seconds."""


def whose(
    memory: Memory, revocations: Revocations, question: CheckCertificate, now: float, waits: bool
) -> Whose | NotTaken | None:
    """Return whose the certificate is; None where somebody has to be asked and the caller does not wait."""
    try:
        leaf, names, fits = _read(question.chain[0])
    except (IndexError, ValueError, x509.DuplicateExtension) as error:
        return NotTaken(Reason.CERTIFICATE_UNKNOWN, f"it cannot be read: {error}")
    issuer = memory.certificates.issuer_of(leaf)
    if issuer is None or not fits:
        said = "it is not for clients" if issuer else f"signed by {leaf.issuer.rfc4514_string()}"
        return NotTaken(Reason.CERTIFICATE_UNKNOWN, said)
    for each, what in ((issuer.certificate, "its authority"), (leaf, "it")):
        if not valid_at(each, now):
            return NotTaken(Reason.CERTIFICATE_EXPIRED, f"{what} ended {each.not_valid_after_utc:%Y-%m-%d}")
    key = key_of(issuer.name, leaf.serial_number)
    if issuer.external is None:
        found = ours(memory, key, now)
    else:
        found = _theirs(memory, issuer.external, names, key)
        if isinstance(found, Whose):
            status = revocations.known(issuer, leaf, now)
            if status is None and not waits:
                return None
            status = status or revocations.ask(issuer, leaf, now)
            found = _unless_revoked(issuer.external, status) or found
    if isinstance(found, Whose) and not _says_so(memory, question, names, found):
        said = f"{question.identity} with the certificate of {', '.join(sorted(names.all))}"
        return NotTaken(Reason.CERTIFICATE_NAME_MISMATCH, said)
    return found


def objection(
    memory: Memory, revocations: Revocations, question: CheckCertificate, now: float
) -> Alert | None:
    """Return what there is against a certificate, as far as memory knows it: whoever has to be asked is not.

    The policy is not asked: what it says is decided once, after TLS.
    """
    found = whose(memory, revocations, question, now, waits=False)
    if isinstance(found, NotTaken):
        return _ALERTS.get(found.reason, Alert.UNKNOWN)
    return Alert.UNKNOWN if found and found.user and found.user.is_over(now) else None


@lru_cache(MOST_READ)
def _read(certificate: bytes) -> tuple[x509.Certificate, Names, bool]:
    """Return a certificate (DER), the names in it, and whether it is for clients. Raises ValueError."""
    leaf = x509.load_der_x509_certificate(certificate)
    return leaf, names_of(leaf), for_clients(leaf)


def ours(memory: Memory, key: str, now: float) -> Whose | NotTaken:
    """Return whose a certificate of ours is as it stands now."""
    standing = memory.certificates.standing(key)
    if standing is None:
        return NotTaken(Reason.CERTIFICATE_UNKNOWN, "we have not issued it")
    if standing.revoked:
        return NotTaken(Reason.CERTIFICATE_REVOKED)
    if now >= standing.valid_until:
        return NotTaken(Reason.CERTIFICATE_EXPIRED, "it was renewed, and its time beside the new one is over")
    user = memory.user(standing.user_id) if standing.user_id is not None else None
    if standing.user_id is not None and user is None:
        return NotTaken(Reason.UNKNOWN_USER)
    if standing.endpoint_id is None:
        return Whose(key, user)
    endpoint = memory.endpoint_by_id(standing.endpoint_id)
    if endpoint is None or _is_over(endpoint, now):
        return NotTaken(Reason.UNKNOWN_ENDPOINT)
    return Whose(f"{key}{_ENDPOINT_MARK}{endpoint.id}", user, endpoint)


def again(memory: Memory, key: str, user: User | None, now: float) -> Whose | NotTaken:
    """Return whose the certificate is that was found a moment ago, with all that has happened since."""
    name, _, endpoint_id = key.partition(_ENDPOINT_MARK)
    if memory.certificates.is_ours(name.partition(":")[0]):
        return ours(memory, name, now)
    endpoint = memory.endpoint_by_id(int(endpoint_id)) if endpoint_id else None
    if endpoint_id and (endpoint is None or _is_over(endpoint, now)):
        return NotTaken(Reason.UNKNOWN_ENDPOINT)
    return Whose(key, user, endpoint)


def bare_key(key: str) -> str:
    """Return what names the certificate alone, as sessions keep it."""
    return key.partition(_ENDPOINT_MARK)[0]


def with_endpoint(key: str, endpoint_id: int | None) -> str:
    """Return the key as again() takes it, from what a session keeps."""
    return f"{key}{_ENDPOINT_MARK}{endpoint_id}" if key and endpoint_id is not None else key


def _theirs(memory: Memory, external: External, names: Names, key: str) -> Whose | NotTaken:
    """Return whose a certificate of an authority of others is."""
    organization = memory.organization_by_key(external.organization)
    if organization is None:
        return NotTaken(Reason.CERTIFICATE_UNKNOWN, f"{external.organization} is no organization")
    wanted = names_by(external.mapping, names)
    if external.mapping is Mapping.ENDPOINT:
        found = [memory.endpoint(name.lower().replace(":", "-")) for name in wanted]
        endpoint = next((each for each in found if each is not None), None)
        if endpoint is None or endpoint.organization_id != organization.id:
            return NotTaken(Reason.UNKNOWN_ENDPOINT, ", ".join(wanted))
        return Whose(f"{key}{_ENDPOINT_MARK}{endpoint.id}", None, endpoint)
    for name in wanted:
        _, meant, user = memory.meant(name, organization.id)
        if user is not None and meant == organization.key:
            return Whose(key, user)
    return NotTaken(Reason.UNKNOWN_USER, ", ".join(wanted))


def _unless_revoked(external: External, status: Status) -> NotTaken | None:
    if status is Status.REVOKED:
        return NotTaken(Reason.CERTIFICATE_REVOKED, f"by {external.name}")
    if status is Status.UNKNOWN and external.when_unknown is WhenUnknown.REFUSE:
        return NotTaken(Reason.REVOCATION_UNKNOWN, f"{external.revocation} of {external.name}")
    return None


def _says_so(memory: Memory, question: CheckCertificate, names: Names, found: Whose) -> bool:
    """Return whether who logs in is called like whom the certificate is for, or tells no name at all."""
    identity = question.identity.casefold()
    if identity.removeprefix(_MACHINE) in names.all:
        return True
    client = memory.client(question.nas)
    local, at, realm = identity.rpartition("@")
    if found.user is not None:
        if client is not None and memory.meant(question.identity, client.organization_id)[2] == found.user:
            return True
        return bool(at) and local in _NAMELESS and realm in _realms(memory, found.user)
    assert found.endpoint is not None, "a certificate is somebody's"
    return identity.replace(":", "-").removeprefix(_MACHINE) == found.endpoint.mac


def _realms(memory: Memory, user: User) -> frozenset[str]:
    organization = memory.organization_of(user)
    return frozenset({organization.realm, organization.key}) if organization else frozenset()


def _is_over(endpoint: Endpoint, now: float) -> bool:
    return endpoint.valid_until is not None and endpoint.valid_until <= now


class NobodyElse:
    """The Revocations of an installation that trusts no authority of others."""

    def known(self, _issuer: Issuer, _leaf: x509.Certificate, _now: float) -> Status | None:
        """Nobody can say."""
        return Status.UNKNOWN

    def ask(self, _issuer: Issuer, _leaf: x509.Certificate, _now: float) -> Status:
        """Nobody can say."""
        return Status.UNKNOWN


NOBODY_ELSE = NobodyElse()
