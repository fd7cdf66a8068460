"""NAS clients: secrets sealed, every change in the feed. ◆"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from access.model import Via
from access.registry import BadNas, Code, MessageAuthenticator, NasClient, read_network
from access.sealing import Keyring, SealBroken
from access.store import feed
from access.store.tables import nas, nas_certificates, sessions

Random = Callable[[int], bytes]


def all_clients(conn: Connection, keyring: Keyring) -> list[NasClient]:
    """Every NAS client, by name. Raises SealBroken."""
    return [_client(row, keyring) for row in conn.execute(select(nas).order_by(nas.c.name)).mappings()]


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
    row = {
        "organization_id": new.organization_id,
        "name": new.name,
        "network": str(new.network),
        "binding": binding,
        "secret": keyring.seal(new.secrets[0].encode(), _bound_to(binding), random),
        "message_authenticator": new.message_authenticator.value,
        "code": new.code.value,
        "via": new.via.value,
        "vendor": new.vendor,
        "site": new.site,
        "nas_group": new.nas_group,
        "mab": new.mab,
        "eap": new.eap,
        "gateway_id": new.gateway_id,
        "coa_port": new.coa_port,
        "enabled": new.enabled,
    }
    nas_id: int = conn.execute(insert(nas).values(row).returning(nas.c.id)).scalar_one()
    feed.append(conn, feed.Topic.NAS, str(nas_id), new.organization_id, at)
    return nas_id


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
    for row in conn.execute(select(nas.c.name, nas.c.network, nas.c.enabled)):
        if row.name == new.name:
            raise BadNas(f"There is a NAS named {new.name} already. Choose another name, or remove that one.")
        if row.enabled and row.network == str(new.network):
            raise BadNas(f"{new.network} is the address of {row.name} already. Remove that one first.")


def _client(row: RowMapping, keyring: Keyring) -> NasClient:
    sealed = [row["secret"], row["second_secret"]]
    secrets = [keyring.open_sealed(blob, _bound_to(row["binding"])).decode() for blob in sealed if blob]
    kept: dict[str, Any] = {
        name: row[name]
        for name in (
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
        )
    }
    return NasClient(
        network=read_network(row["network"]),
        secrets=tuple(secrets),
        via=Via(row["via"]),
        code=Code(row["code"]),
        message_authenticator=MessageAuthenticator(row["message_authenticator"]),
        **kept,
    )


def _bound_to(binding: str) -> bytes:
    return f"nas:{binding}".encode()
