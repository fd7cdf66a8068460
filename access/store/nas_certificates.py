"""Which certificates each NAS may connect with. ◆"""

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from access.nas.nas_certificate import NasCertificate, Pin
from access.nas.registry import BadNas, NasClient
from access.store import feed
from access.store.tables import nas, nas_certificates

_NAMED = (nas_certificates.c.pin, nas_certificates.c.value)


def add(conn: Connection, client: NasClient, certificate: NasCertificate, at: float) -> None:
    """Let a NAS connect with a certificate. Raises BadNas where it is somebody's already."""
    known = select(nas.c.name, nas.c.organization_id).join(nas_certificates).where(*_is(certificate))
    owner = conn.execute(known).one_or_none()
    if owner is not None:
        is_own = owner.organization_id == client.organization_id
        whose, korean = (owner.name, owner.name) if is_own else ("another organization", "다른 회사")
        raise BadNas(
            f"{certificate.value} is {whose}'s already. Each NAS needs a certificate of its own.",
            f"{certificate.value}은(는) 이미 {korean}의 인증서입니다. NAS마다 따로 인증서를 쓰십시오.",
        )
    row = {"nas_id": client.id, "pin": certificate.pin.value, "value": certificate.value}
    conn.execute(insert(nas_certificates).values(row))
    feed.append(conn, feed.Topic.NAS, str(client.id), client.organization_id, at)


def remove(conn: Connection, client: NasClient, certificate: NasCertificate, at: float) -> None:
    """Let a NAS connect with it no more. Raises BadNas where it is not the NAS's."""
    gone = conn.execute(
        delete(nas_certificates).where(nas_certificates.c.nas_id == client.id, *_is(certificate))
    )
    if not gone.rowcount:
        raise BadNas(
            f"{certificate.value} is no certificate of {client.name}.",
            f"{certificate.value}은(는) {client.name}의 인증서가 아닙니다.",
        )
    feed.append(conn, feed.Topic.NAS, str(client.id), client.organization_id, at)


def of_nas(conn: Connection, nas_id: int) -> list[NasCertificate]:
    """Every certificate of one NAS."""
    query = select(*_NAMED).where(nas_certificates.c.nas_id == nas_id).order_by(nas_certificates.c.id)
    return [NasCertificate(Pin(row.pin), row.value) for row in conn.execute(query)]


def all_certificates(conn: Connection) -> dict[NasCertificate, int]:
    """Every certificate and the id of its NAS."""
    rows = conn.execute(select(*_NAMED, nas_certificates.c.nas_id))
    return {NasCertificate(Pin(row.pin), row.value): row.nas_id for row in rows}


def _is(certificate: NasCertificate) -> tuple[ColumnElement[bool], ...]:
    columns = nas_certificates.c
    return columns.pin == certificate.pin.value, columns.value == certificate.value
