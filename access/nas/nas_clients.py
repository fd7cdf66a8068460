"""NAS clients: added, changed, given secrets and certificates, removed; by console and command line alike. ▸

A secret is changed in two steps, so that no request is lost whatever the order in which devices are visited:

    rotate    a second secret is valid beside the first
    finish    the second one alone is valid; refused while the NAS was never seen to use it
    abandon   the first one alone is valid again

What a secret is stands in no record and in no message. Two NAS with one secret can each speak for the other:
that is told, to whoever adds or changes one, but not refused, because it is how many a network begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

from access.nas.nas_certificate import NasCertificate
from access.nas.nas_rules import Compared, refuse_problems, sharers
from access.nas.registry import BadNas, MessageAuthenticator, NasClient, check_secret
from access.records.audit import AuditEntry

# What nobody sets by hand.
LEARNT = frozenset({"id", "secrets", "enabled", "signs_since", "secrets_seen"})


class NasPorts(Protocol):
    """Where NAS clients are kept, in one transaction."""

    @property
    def compared(self) -> Compared:
        """At which doors hashes of passwords can be compared with something."""

    def all(self) -> Sequence[NasClient]:
        """Every NAS client that may ask."""

    def add(self, new: NasClient, at: float) -> int:
        """Keep a new one and return its id. Raises BadNas where its name or network is taken."""

    def change(self, client: NasClient, at: float) -> None:
        """Keep one as it is now, its secrets too. Raises BadNas where its name or network is taken."""

    def remove(self, client: NasClient, at: float) -> None:
        """Let one ask no more."""

    def add_certificate(self, client: NasClient, certificate: NasCertificate, at: float) -> None:
        """Let one connect with a certificate. Raises BadNas where it is somebody's already."""

    def remove_certificate(self, client: NasClient, certificate: NasCertificate, at: float) -> None:
        """Let one connect with it no more. Raises BadNas where it is not its own."""

    def note(self, entry: AuditEntry) -> None:
        """Write into the audit."""

    def signs_again(self, client: NasClient, at: float, by: str) -> None:
        """Clear the alarm that it stopped signing."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does it, and when: seconds since the epoch."""

    by: str
    at: float


def add_client(ports: NasPorts, new: NasClient, hand: Hand) -> list[str]:
    """Let a device ask; return what is worth knowing about that. Raises BadNas."""
    refuse_problems(new, ports.compared)
    new = replace(new, id=ports.add(new, hand.at))
    _note(ports, "NAS_ADDED", new, hand)
    return _warnings(ports, new)


def refuse_foreign_ground(ports: NasPorts, client: NasClient) -> None:
    """Raise BadNas where a network lies in, or around, one that another organization's NAS ask from.

    The smallest network counts: whoever could put one into another company's would silence its devices.
    """
    for other in ports.all():
        foreign = other.organization_id != client.organization_id
        if (
            foreign
            and client.network.version == other.network.version
            and client.network.overlaps(other.network)
        ):
            raise BadNas(
                f"{client.network} touches a network of another organization. Ask the head office to add it.",
                f"{client.network}은(는) 다른 회사의 네트워크와 겹칩니다. 본사에 추가를 요청하십시오.",
            )


def change_client(ports: NasPorts, before: NasClient, after: NasClient, hand: Hand) -> list[str]:
    """Change what is set by hand; return what is worth knowing about that. Raises BadNas.

    Setting Message-Authenticator, be it to what it was, forgets whether this NAS signs.
    """
    refuse_problems(after, ports.compared)
    ports.change(after, hand.at)
    if before.signs_since is not None and after.signs_since is None:
        ports.signs_again(before, hand.at, hand.by)
    _note(ports, "NAS_CHANGED", after, hand, {"changes": _changes(before, after)})
    return _warnings(ports, after)


def learn_signing_anew(client: NasClient, policy: MessageAuthenticator) -> NasClient:
    """The client with another policy for Message-Authenticators, and nothing learnt about its signing."""
    return replace(client, message_authenticator=policy, signs_since=None)


def rotate(ports: NasPorts, client: NasClient, second: str, hand: Hand) -> list[str]:
    """Make a second secret valid beside the first; return what is worth knowing about that. Raises BadNas."""
    if len(client.secrets) > 1:
        raise BadNas(
            f"{client.name} has two secrets already: finish that change first, or abandon it.",
            f"{client.name}에는 이미 공유 비밀이 두 개 있습니다. 그 변경을 먼저 마치거나 취소하십시오.",
        )
    check_secret(second)
    if second == client.secrets[0]:  # the same person typed both, nothing is told by how long it takes
        raise BadNas("That is the secret it has already.", "이미 쓰고 있는 공유 비밀입니다.")
    after = replace(client, secrets=(*client.secrets, second), secrets_seen=(None, None))
    ports.change(after, hand.at)
    _note(ports, "NAS_SECRET_ADDED", after, hand)
    return _warnings(ports, after)


def finish(ports: NasPorts, client: NasClient, hand: Hand, unseen_too: bool = False) -> None:
    """End the first secret. Raises BadNas where there is one only, or the NAS never used the second."""
    if len(client.secrets) < 2:
        raise BadNas(
            f"{client.name} has one secret only: nothing is to be finished.",
            f"{client.name}의 공유 비밀은 하나뿐이므로 마칠 변경이 없습니다.",
        )
    if client.secrets_seen[1] is None and not unseen_too:
        raise BadNas(
            f"{client.name} was never seen to use its new secret: it would be cut off. Put the secret into"
            " the device first, or abandon the change.",
            f"{client.name}이(가) 새 공유 비밀을 쓴 적이 없어 연결이 끊길 수 있습니다."
            " 먼저 장비에 새 공유 비밀을 넣거나 변경을 취소하십시오.",
        )
    _end_one(ports, replace(client, secrets=client.secrets[1:]), hand, "NAS_SECRET_ENDED")


def abandon(ports: NasPorts, client: NasClient, hand: Hand) -> None:
    """End the second secret. Raises BadNas where there is none."""
    if len(client.secrets) < 2:
        raise BadNas(
            f"{client.name} has one secret only: nothing is to be abandoned.",
            f"{client.name}의 공유 비밀은 하나뿐이므로 취소할 변경이 없습니다.",
        )
    _end_one(ports, replace(client, secrets=client.secrets[:1]), hand, "NAS_SECRET_ABANDONED")


def remove_client(ports: NasPorts, client: NasClient, hand: Hand) -> None:
    """Answer a device no more."""
    ports.remove(client, hand.at)
    _note(ports, "NAS_REMOVED", client, hand)


def certify(ports: NasPorts, client: NasClient, certificate: NasCertificate, hand: Hand) -> None:
    """Let a device connect with a certificate (RadSec). Raises BadNas where it is somebody's already."""
    ports.add_certificate(client, certificate, hand.at)
    _note(ports, "NAS_CERTIFICATE_ADDED", client, hand, {"certificate": certificate.value})


def decertify(ports: NasPorts, client: NasClient, certificate: NasCertificate, hand: Hand) -> None:
    """Let a device connect with a certificate no more, and close its connection. Raises BadNas."""
    ports.remove_certificate(client, certificate, hand.at)
    _note(ports, "NAS_CERTIFICATE_REMOVED", client, hand, {"certificate": certificate.value})


def _end_one(ports: NasPorts, left: NasClient, hand: Hand, reason: str) -> None:
    left = replace(left, secrets_seen=(None, None))
    ports.change(left, hand.at)
    _note(ports, reason, left, hand)


def _warnings(ports: NasPorts, client: NasClient) -> list[str]:
    """What is worth knowing, each in one sentence."""
    names = sharers(client, ports.all())
    if not names:
        return []
    return [
        f"{', '.join(names)} {'has' if len(names) == 1 else 'have'} the same secret: whoever reads it in one"
        " device can speak for the other. Give each its own with officegate nas rotate."
    ]


def _changes(before: NasClient, after: NasClient) -> list[str]:
    """What was set to what, as "name: before -> after"."""
    told = []
    for each in fields(NasClient):
        old, new = getattr(before, each.name), getattr(after, each.name)
        if each.name not in LEARNT and old != new:
            told.append(f"{each.name}: {_spelt(old)} -> {_spelt(new)}")
    if before.signs_since is not None and after.signs_since is None:
        told.append("signing: learnt -> to be learnt anew")
    return told


def _spelt(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "-"
    return "-" if value in ("", None) else str(value)


def _note(
    ports: NasPorts, reason: str, client: NasClient, hand: Hand, more: Mapping[str, Any] | None = None
) -> None:
    detail = {
        "nas": client.id,
        "name": client.name,
        "network": str(client.network),
        "via": client.via.value,
        "code": client.code.value,
        "by": hand.by,
        **(more or {}),
    }
    ports.note(AuditEntry("nas", hand.at, reason, client.organization_id, detail=detail))
