"""Whom a certificate is ordered for on the command line, and where it is written. ◆"""

import os
from pathlib import Path

from access.certificates.naming import Holder
from access.certificates.values import Certificate, Order
from access.commands.person import person
from access.errors import Refused
from access.model import Organization, User
from access.nas.registry import Endpoint, read_mac
from access.store import endpoints, organizations, people
from access.store.database import Connection


def order_for(conn: Connection, user: str, endpoint: str, by: str) -> Order:
    """Return the order for a person, a registered endpoint, or a person on an endpoint. Raises Refused."""
    whose = person(conn, user) if user else None
    where = _registered(conn, endpoint) if endpoint else None
    if whose is not None and not whose.enabled:
        raise Refused(f"{whose.name}@{whose.organization} is disabled in the directory.")
    return _order(conn, whose, where, by)


def order_of(conn: Connection, certificate: Certificate, by: str) -> Order:
    """Return the order for whom a certificate is. Raises Refused where they are gone."""
    user_id, endpoint_id = certificate.user_id, certificate.endpoint_id
    whose = people.user_by_id(conn, user_id) if user_id is not None else None
    where = endpoints.endpoint_by_id(conn, endpoint_id) if endpoint_id is not None else None
    gone = (user_id is not None and (whose is None or not whose.enabled)) or (
        endpoint_id is not None and where is None
    )
    if gone:
        raise Refused(f"{certificate.holder} is not here any more. Revoke the certificate instead.")
    return _order(conn, whose, where, by)


def refuse_existing(path: Path) -> None:
    """Raise Refused where a file would be written over: it may hold the only copy of a key."""
    if path.exists():
        raise Refused(f"{path} is there already. Name another file, or remove that one.")


def write_private(path: Path, octets: bytes) -> None:
    """Write a new file that its owner alone may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(octets)


def _order(conn: Connection, whose: User | None, where: Endpoint | None, by: str) -> Order:
    owner = _owner(conn, whose, where)
    holder = Holder(
        user_name=f"{whose.name}@{owner.realm}" if whose else "",
        mail=whose.mail if whose else "",
        endpoint=where.id if where else None,
        mac=where.mac if where else "",
    )
    return Order(
        organization_id=owner.id,
        realm=owner.realm,
        holder=holder,
        user_id=whose.id if whose else None,
        endpoint_id=where.id if where else None,
        device=where.name if where else "",
        by=by,
    )


def _owner(conn: Connection, whose: User | None, where: Endpoint | None) -> Organization:
    known = organizations.all_organizations(conn)
    of_person = next((each for each in known if whose and each.key == whose.organization), None)
    of_endpoint = next((each for each in known if where and each.id == where.organization_id), None)
    owner = of_person or of_endpoint
    if owner is None:
        raise Refused("Say whom it is for: --user NAME@ORGANIZATION, --endpoint MAC, or both.")
    if of_person and of_endpoint and of_person != of_endpoint:
        raise Refused(f"The endpoint belongs to {of_endpoint.key}, the person to {of_person.key}.")
    return owner


def _registered(conn: Connection, mac: str) -> Endpoint:
    found = endpoints.endpoint_by_mac(conn, read_mac(mac))
    if found is None:
        raise Refused(
            f"No endpoint {mac} is registered. Register it first: officegate endpoint add {mac} ..."
        )
    return found
