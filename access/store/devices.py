"""Gateways and other devices that we configure, every change in the feed. ◆"""

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from access.errors import Refused
from access.nas import pools
from access.store import feed
from access.store.tables import devices, nas, pairs, sessions, work
from vpn.state import Gateway, Pool


class NoSuchDevice(Refused):
    """No device has that name, or it cannot be added or removed as asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device. kind: a value of vpn.driver.DeviceKind; address: "local:", "netns:NAME".

    pools: where its sessions may have addresses. drift: elements the last reconcile put right.
    """

    id: int
    organization_id: int
    name: str
    kind: str
    address: str
    pools: tuple[Pool, ...]
    site: str = ""
    seen_at: float | None = None
    failed_at: float | None = None
    failure: str = ""
    drift: int = 0
    drift_at: float | None = None

    @property
    def gateway(self) -> Gateway:
        """The device as the vpn library knows one."""
        return Gateway(self.name, frozenset(self.pools))


def all_devices(conn: Connection) -> list[DeviceRow]:
    """Every device, by name."""
    return [_device(row) for row in conn.execute(select(devices).order_by(devices.c.name)).mappings()]


def device_by_id(conn: Connection, device_id: int) -> DeviceRow | None:
    """One device."""
    row = conn.execute(select(devices).where(devices.c.id == device_id)).mappings().first()
    return _device(row) if row else None


def device_by_name(conn: Connection, name: str) -> DeviceRow:
    """One device. Raises NoSuchDevice."""
    row = conn.execute(select(devices).where(devices.c.name == name)).mappings().first()
    if row is None:
        raise NoSuchDevice(f"There is no device named {name}. See: officegate device list")
    return _device(row)


def add(conn: Connection, new: DeviceRow, at: float) -> int:
    """Insert a device and return its id; new.id is not looked at. Raises NoSuchDevice."""
    taken = conn.execute(select(devices.c.id).where(devices.c.name == new.name)).first()
    if taken:
        raise NoSuchDevice(f"There is a device named {new.name} already. Choose another name.")
    row = {
        "organization_id": new.organization_id,
        "name": new.name,
        "kind": new.kind,
        "address": new.address,
        "pools": pools.encode(new.pools),
        "site": new.site,
    }
    device_id: int = conn.execute(insert(devices).values(row).returning(devices.c.id)).scalar_one()
    feed.append(conn, feed.Topic.DEVICE, str(device_id), new.organization_id, at)
    return device_id


def remove(conn: Connection, device: DeviceRow, at: float) -> None:
    """Forget a device. Raises NoSuchDevice while a NAS sends its sessions there, or sessions remember it."""
    used = conn.execute(select(nas.c.name).where(nas.c.gateway_id == device.id, nas.c.enabled)).scalar()
    if used:
        raise NoSuchDevice(f"{device.name} enforces the sessions of NAS {used}. Remove that NAS first.")
    remembered = conn.execute(
        select(func.count()).select_from(sessions).where(sessions.c.gateway_id == device.id)
    ).scalar_one()
    if remembered:
        raise NoSuchDevice(
            f"{remembered} sessions went through {device.name}; its row stays with their history."
        )
    conn.execute(update(nas).where(nas.c.gateway_id == device.id).values(gateway_id=None))
    for table in (pairs, work):
        conn.execute(delete(table).where(table.c.device_id == device.id))
    conn.execute(delete(devices).where(devices.c.id == device.id))
    feed.append(conn, feed.Topic.DEVICE, str(device.id), device.organization_id, at)


def record_seen(conn: Connection, device_id: int, at: float) -> None:
    """The device answered."""
    conn.execute(
        update(devices).where(devices.c.id == device_id).values(seen_at=at, failed_at=None, failure=None)
    )


def record_failure(conn: Connection, device_id: int, failure: str, at: float) -> None:
    """The device did not do what was asked."""
    conn.execute(update(devices).where(devices.c.id == device_id).values(failed_at=at, failure=failure))


def record_drift(conn: Connection, device_id: int, count: int, at: float) -> None:
    """A full reconcile put this many elements right."""
    conn.execute(update(devices).where(devices.c.id == device_id).values(drift=count, drift_at=at))


def _device(row: RowMapping) -> DeviceRow:
    return DeviceRow(
        id=row["id"],
        organization_id=row["organization_id"],
        name=row["name"],
        kind=row["kind"],
        address=row["address"],
        pools=pools.decode(row["pools"]),
        site=row["site"],
        seen_at=row["seen_at"],
        failed_at=row["failed_at"],
        failure=row["failure"] or "",
        drift=row["drift"],
        drift_at=row["drift_at"],
    )
