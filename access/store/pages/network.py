"""Devices and NAS as the console lists them. ◆"""

import json

from sqlalchemy import Connection, func, select

from access.shown import DeviceLine, LaneLine, NasLine
from access.store.tables import devices, nas, work


def devices_of(conn: Connection, organization_id: int) -> list[DeviceLine]:
    """Every device of an organization with its lanes, by name."""
    lanes: dict[int, list[LaneLine]] = {}
    for row in conn.execute(select(work).order_by(work.c.lane)):
        line = LaneLine(row.lane, row.wanted, row.done, row.failures, row.failure, row.done_at)
        lanes.setdefault(row.device_id, []).append(line)
    query = select(devices).where(devices.c.organization_id == organization_id).order_by(devices.c.name)
    return [
        DeviceLine(
            id=row.id,
            name=row.name,
            kind=row.kind,
            site=row.site,
            pools=", ".join(json.loads(row.pools)),
            seen_at=row.seen_at,
            failed_at=row.failed_at,
            failure=row.failure or "",
            drift=row.drift,
            drift_at=row.drift_at,
            lanes=tuple(lanes.get(row.id, ())),
        )
        for row in conn.execute(query)
    ]


def nas_of(conn: Connection, organization_id: int) -> list[NasLine]:
    """Every NAS of an organization, by name; its secrets are not read."""
    query = (
        select(
            nas.c.id,
            nas.c.name,
            nas.c.network,
            nas.c.via,
            nas.c.code,
            nas.c.site,
            nas.c.vendor,
            nas.c.message_authenticator,
            nas.c.mab,
            nas.c.eap,
            nas.c.enabled,
            func.coalesce(devices.c.name, "").label("gateway"),
        )
        .outerjoin(devices, devices.c.id == nas.c.gateway_id)
        .where(nas.c.organization_id == organization_id)
        .order_by(nas.c.name)
    )
    return [NasLine(**row) for row in conn.execute(query).mappings()]
