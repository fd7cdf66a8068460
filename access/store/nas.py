"""NAS clients: secrets sealed, every change in the feed. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from access.keys.sealing import Keyring, SealBroken
from access.model import Via
from access.nas.nas_certificate import NasCertificate
from access.nas.nas_rules import Compared
from access.nas.registry import BadNas, Code, EapMethod, MessageAuthenticator, NasClient, read_network
from access.nas.untold import Spot
from access.records.alarms import AlarmKind
from access.records.audit import AuditEntry
from access.store import audit, feed
from access.store import nas_certificates as certificates
from access.store.alarms import StoredAlarms
from access.store.tables import nas, nas_certificates, organizations, sessions

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class StoredNas:
    """The ports of access.nas.nas_clients, in one transaction. writer names this process in the audit."""

    conn: Connection
    keyring: Keyring = field(repr=False)
    random: Random
    writer: str
    compared: Compared

    def all(self) -> Sequence[NasClient]:
        """Every NAS client that may ask, and whose secret opens."""
        known, _ = readable_clients(self.conn, self.keyring)
        return [client for client in known if client.enabled]

    def add(self, new: NasClient, at: float) -> int:
        """Keep a new one and return its id. Raises BadNas where its name or network is taken."""
        return add(self.conn, self.keyring, new, at, self.random)

    def change(self, client: NasClient, at: float) -> None:
        """Keep one as it is now, its secrets too. Raises BadNas where its name or network is taken."""
        change(self.conn, self.keyring, client, at, self.random)

    def remove(self, client: NasClient, at: float) -> None:
        """Let one ask no more."""
        remove(self.conn, client, at)

    def add_certificate(self, client: NasClient, certificate: NasCertificate, at: float) -> None:
        """Let one connect with a certificate. Raises BadNas where it is somebody's already."""
        certificates.add(self.conn, client, certificate, at)

    def remove_certificate(self, client: NasClient, certificate: NasCertificate, at: float) -> None:
        """Let one connect with it no more. Raises BadNas where it is not its own."""
        certificates.remove(self.conn, client, certificate, at)

    def note(self, entry: AuditEntry) -> None:
        """Write into the audit."""
        audit.record(self.conn, self.writer, entry, self.keyring, self.random)

    def signs_again(self, client: NasClient, at: float, by: str) -> None:
        """Clear the alarm that it stopped signing."""
        alarms = StoredAlarms(self.conn, self.keyring, self.random, self.writer)
        alarms.clear_alarm(AlarmKind.NAS_STOPPED_SIGNING, client.name, at, by)


def all_clients(conn: Connection, keyring: Keyring) -> list[NasClient]:
    """Every NAS client, by name. Raises SealBroken."""
    return [_client(row, keyring) for row in conn.execute(select(nas).order_by(nas.c.name)).mappings()]


def spots(conn: Connection) -> list[Spot]:
    """Every NAS that is in use, as the gifts of a policy go by it."""
    query = (
        select(nas.c.name, organizations.c.key, nas.c.vendor, nas.c.via, nas.c.site, nas.c.nas_group)
        .join(organizations, organizations.c.id == nas.c.organization_id)
        .where(nas.c.enabled)
        .order_by(nas.c.name)
    )
    return [
        Spot(name, key, vendor, Via(via), *place) for name, key, vendor, via, *place in conn.execute(query)
    ]


def readable_clients(conn: Connection, keyring: Keyring) -> tuple[list[NasClient], list[str]]:
    """Every NAS client whose secret opens, and what is wrong with each other one."""
    clients, broken = [], []
    for row in conn.execute(select(nas).order_by(nas.c.name)).mappings():
        try:
            clients.append(_client(row, keyring))
        except SealBroken as error:
            broken.append(f"{row['name']}: {error}")
    return clients, broken


def client_by_id(conn: Connection, keyring: Keyring, nas_id: int) -> NasClient | None:
    """One NAS client. Raises SealBroken."""
    row = conn.execute(select(nas).where(nas.c.id == nas_id)).mappings().first()
    return _client(row, keyring) if row else None


def client_by_name(conn: Connection, keyring: Keyring, name: str) -> NasClient | None:
    """One NAS client. Raises SealBroken."""
    row = conn.execute(select(nas).where(nas.c.name == name)).mappings().first()
    return _client(row, keyring) if row else None


def add(conn: Connection, keyring: Keyring, new: NasClient, at: float, random: Random) -> int:
    """Insert a client and return its id; new.id is not looked at. Raises BadNas.

    A network may lie inside another client's (the smaller one wins), but no two may be the same.
    """
    _refuse_same(conn, new)
    binding = str(UUID(bytes=random(16), version=4))
    row = {"binding": binding, "enabled": new.enabled, **_set(new), **_sealed(new, binding, keyring, random)}
    nas_id: int = conn.execute(insert(nas).values(row).returning(nas.c.id)).scalar_one()
    feed.append(conn, feed.Topic.NAS, str(nas_id), new.organization_id, at)
    return nas_id


def change(conn: Connection, keyring: Keyring, client: NasClient, at: float, random: Random) -> None:
    """Keep a client as it is now, its secrets and what was learnt about it too. Raises BadNas."""
    _refuse_same(conn, client)
    known = nas.c.id == client.id
    binding = conn.execute(select(nas.c.binding).where(known)).scalar_one()
    seen_at, second_seen_at = client.secrets_seen
    learnt = {
        "signs_since": client.signs_since,
        "secret_seen_at": seen_at,
        "second_secret_seen_at": second_seen_at,
    }
    row = {**_set(client), **learnt, **_sealed(client, binding, keyring, random)}
    conn.execute(update(nas).where(known).values(row))
    feed.append(conn, feed.Topic.NAS, str(client.id), client.organization_id, at)


def learn_signing(conn: Connection, nas_id: int, at: float) -> None:
    """Keep that a NAS signs, unless that is known."""
    new = update(nas).where(nas.c.id == nas_id, nas.c.signs_since.is_(None)).values(signs_since=at)
    row = conn.execute(new.returning(nas.c.organization_id)).first()
    if row is not None:
        feed.append(conn, feed.Topic.NAS, str(nas_id), row.organization_id, at)


def learn_secret(conn: Connection, nas_id: int, second: bool, at: float) -> None:
    """Keep which of its two secrets a NAS used last; the feed hears of it when that is another one."""
    row = conn.execute(select(nas).where(nas.c.id == nas_id)).mappings().first()
    if row is None or row["second_secret"] is None:
        return
    used, other = ("second_secret_seen_at", "secret_seen_at")[:: 1 if second else -1]
    conn.execute(update(nas).where(nas.c.id == nas_id).values({used: at}))
    if row[used] is None or row[used] < (row[other] or 0):
        feed.append(conn, feed.Topic.NAS, str(nas_id), row["organization_id"], at)


def remove(conn: Connection, client: NasClient, at: float) -> None:
    """Delete a client; one whose sessions are remembered keeps its row and is disabled.

    Either way nobody answers it any more, and its name and address are free again.
    """
    conn.execute(delete(nas_certificates).where(nas_certificates.c.nas_id == client.id))
    known = conn.execute(
        select(func.count()).select_from(sessions).where(sessions.c.nas_id == client.id)
    ).scalar_one()
    if known:
        retired = f"{client.name} (removed {client.id})"
        conn.execute(update(nas).where(nas.c.id == client.id).values(enabled=False, name=retired))
    else:
        conn.execute(delete(nas).where(nas.c.id == client.id))
    feed.append(conn, feed.Topic.NAS, str(client.id), client.organization_id, at)


def _refuse_same(conn: Connection, new: NasClient) -> None:
    for row in conn.execute(select(nas.c.id, nas.c.name, nas.c.network, nas.c.enabled)):
        if row.id == new.id:
            continue
        if row.name == new.name:
            raise BadNas(
                f"There is a NAS named {new.name} already. Choose another name, or remove that one.",
                f"{new.name}(이)라는 NAS가 이미 있습니다. 다른 이름을 쓰거나 그 NAS를 삭제하십시오.",
            )
        if row.enabled and row.network == str(new.network):
            raise BadNas(
                f"{new.network} is the address of {row.name} already. Remove that one first.",
                f"{new.network}은(는) 이미 {row.name}의 주소입니다. 먼저 그 NAS를 삭제하십시오.",
            )


def _set(client: NasClient) -> dict[str, Any]:
    """What is set by hand, as it is stored."""
    return {
        "organization_id": client.organization_id,
        "name": client.name,
        "network": str(client.network),
        "message_authenticator": client.message_authenticator.value,
        "code": client.code.value,
        "code_digits": client.code_digits,
        "via": client.via.value,
        "vendor": client.vendor,
        "site": client.site,
        "nas_group": client.nas_group,
        "mab": client.mab,
        "eap": client.eap,
        "eap_methods": ",".join(client.eap_methods),
        "gateway_id": client.gateway_id,
        "coa_port": client.coa_port,
    }


def _sealed(client: NasClient, binding: str, keyring: Keyring, random: Random) -> dict[str, bytes | None]:
    place = bound_to(binding)
    sealed: list[bytes | None] = [keyring.seal(each.encode(), place, random) for each in client.secrets]
    first, second = (*sealed, None)[:2]
    return {"secret": first, "second_secret": second}


_METHODS = frozenset(EapMethod)
_AS_IT_IS = (
    "id",
    "organization_id",
    "name",
    "vendor",
    "site",
    "nas_group",
    "mab",
    "eap",
    "gateway_id",
    "coa_port",
    "enabled",
    "signs_since",
    "code_digits",
)


def _client(row: RowMapping, keyring: Keyring) -> NasClient:
    sealed = [row["secret"], row["second_secret"]]
    secrets = [keyring.open_sealed(blob, bound_to(row["binding"])).decode() for blob in sealed if blob]
    kept: dict[str, Any] = {name: row[name] for name in _AS_IT_IS}
    return NasClient(
        network=read_network(row["network"]),
        secrets=tuple(secrets),
        via=Via(row["via"]),
        code=Code(row["code"]),
        message_authenticator=MessageAuthenticator(row["message_authenticator"]),
        # One that a newer version has added is no reason to answer nobody.
        eap_methods=tuple(EapMethod(name) for name in row["eap_methods"].split(",") if name in _METHODS),
        secrets_seen=(row["secret_seen_at"], row["second_secret_seen_at"]),
        **kept,
    )


def bound_to(binding: str) -> bytes:
    """Return what the sealed secrets of a NAS are bound to."""
    return f"nas:{binding}".encode()
