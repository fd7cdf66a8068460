"""Endpoints that log in by their MAC address, every change in the feed. ◆"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, bindparam, delete, func, insert, or_, select, update

from access.model import BEGINNINGS_OF_8021X, User
from access.nas.endpoint_standing import Registration
from access.nas.registry import BadEndpoint, Endpoint
from access.store import feed
from access.store.tables import endpoints, nas, organizations, sessions, users

REMEMBER_EVERY_S = 3600.0
_OWNER, _THEIRS = users.alias("owner_account"), organizations.alias("owner_company")
_KNOWN = (
    select(endpoints, (_OWNER.c.name + "@" + _THEIRS.c.key).label("owner_name"))
    .outerjoin(_OWNER, _OWNER.c.id == endpoints.c.owner_id)
    .outerjoin(_THEIRS, _THEIRS.c.id == _OWNER.c.organization_id)
)
_OF_MACS = (
    select(endpoints.c.id, endpoints.c.mac, endpoints.c.organization_id, endpoints.c.dot1x_at)
    .where(endpoints.c.mac.in_(bindparam("macs", expanding=True)))
    .order_by(endpoints.c.id)
    .with_for_update()
)
_PROVEN = (
    update(endpoints)
    .where(endpoints.c.mac == bindparam("of_mac"))
    .values(dot1x_at=bindparam("at"), dot1x_place=bindparam("place"))
)


def all_endpoints(conn: Connection) -> list[Endpoint]:
    """Every endpoint, by MAC address."""
    rows = conn.execute(_KNOWN.order_by(endpoints.c.mac)).mappings()
    return [_endpoint(row) for row in rows]


def owned_by(conn: Connection, user_id: int) -> list[Endpoint]:
    """The endpoints somebody answers for, the first to end first."""
    found = _KNOWN.where(endpoints.c.owner_id == user_id)
    rows = conn.execute(found.order_by(endpoints.c.valid_until, endpoints.c.mac)).mappings()
    return [_endpoint(row) for row in rows]


def unanswered(conn: Connection, now: float) -> frozenset[int]:
    """The ids of those that nobody answers for who is here, whoever has the name of the owner by now."""
    left = or_(_OWNER.c.enabled.is_(False), _OWNER.c.vanished_at.is_not(None), _OWNER.c.expires_at <= now)
    nobody = or_(_OWNER.c.id.is_(None), left)
    found = select(endpoints.c.id).outerjoin(_OWNER, _OWNER.c.id == endpoints.c.owner_id).where(nobody)
    return frozenset(conn.execute(found).scalars())


def endpoint_by_mac(conn: Connection, mac: str) -> Endpoint | None:
    """One endpoint; mac as access.nas.registry.read_mac writes it."""
    row = conn.execute(_KNOWN.where(endpoints.c.mac == mac)).mappings().first()
    return _endpoint(row) if row else None


def registration(conn: Connection, mac: str) -> Registration | None:
    """What a rule can ask of the endpoint with a MAC address; None: it is not registered."""
    found = endpoint_by_mac(conn, mac)
    if found is None:
        return None
    company = select(organizations.c.key).where(organizations.c.id == found.organization_id)
    key = conn.execute(company).scalar_one()
    return Registration(found.id, key, found.owner_id, found.managed, found.valid_until)


def endpoint_by_id(conn: Connection, endpoint_id: int) -> Endpoint | None:
    """One endpoint."""
    row = conn.execute(_KNOWN.where(endpoints.c.id == endpoint_id)).mappings().first()
    return _endpoint(row) if row else None


def add(conn: Connection, new: Endpoint, at: float) -> int:
    """Register an endpoint and return its id; new.id is not looked at. Raises BadEndpoint.

    One whose time is over is registered again as the same one: its sessions stay its own.
    """
    known = endpoint_by_mac(conn, new.mac)
    if known is not None and (known.valid_until is None or known.valid_until > at):
        is_own = known.organization_id == new.organization_id
        name, korean = (
            (known.name, known.name) if is_own else ("one of another organization", "다른 회사 단말")
        )
        raise BadEndpoint(
            f"{new.mac} is registered already, as {name or 'an endpoint without a name'}.",
            f"{new.mac}은(는) 이미 등록되어 있습니다: {korean or '이름 없는 단말'}.",
        )
    row = {
        "organization_id": new.organization_id,
        "mac": new.mac,
        "name": new.name,
        "owner": new.owner,
        "owner_id": new.owner_id,
        "valid_until": new.valid_until,
        "phone": new.phone,
        "managed": new.managed,
        **_last_8021x(conn, new.mac),
    }
    if known is not None:
        endpoint_id = known.id
        conn.execute(update(endpoints).where(endpoints.c.id == endpoint_id).values(row))
    else:
        endpoint_id = conn.execute(insert(endpoints).values(row).returning(endpoints.c.id)).scalar_one()
    feed.append(conn, feed.Topic.ENDPOINT, str(endpoint_id), new.organization_id, at)
    return endpoint_id


def remove(conn: Connection, endpoint: Endpoint, at: float) -> None:
    """Forget an endpoint; one whose sessions are remembered ends now instead."""
    known = conn.execute(
        select(func.count()).select_from(sessions).where(sessions.c.endpoint_id == endpoint.id)
    ).scalar_one()
    if known:
        conn.execute(update(endpoints).where(endpoints.c.id == endpoint.id).values(valid_until=at))
    else:
        conn.execute(delete(endpoints).where(endpoints.c.id == endpoint.id))
    feed.append(conn, feed.Topic.ENDPOINT, str(endpoint.id), endpoint.organization_id, at)


def set_end(conn: Connection, endpoint: Endpoint, valid_until: float | None, at: float) -> None:
    """Let an endpoint log in until a moment."""
    conn.execute(update(endpoints).where(endpoints.c.id == endpoint.id).values(valid_until=valid_until))
    feed.append(conn, feed.Topic.ENDPOINT, str(endpoint.id), endpoint.organization_id, at)


def set_owner(conn: Connection, endpoint: Endpoint, owner: User, at: float) -> None:
    """Have somebody answer for an endpoint from now on."""
    named = {"owner": f"{owner.name}@{owner.organization}", "owner_id": owner.id}
    conn.execute(update(endpoints).where(endpoints.c.id == endpoint.id).values(named))
    feed.append(conn, feed.Topic.ENDPOINT, str(endpoint.id), endpoint.organization_id, at)


def set_managed(conn: Connection, endpoint: Endpoint, managed: bool, at: float) -> None:
    """Say whether the company manages an endpoint."""
    conn.execute(update(endpoints).where(endpoints.c.id == endpoint.id).values(managed=managed))
    feed.append(conn, feed.Topic.ENDPOINT, str(endpoint.id), endpoint.organization_id, at)


@dataclass(slots=True)
class Proofs:
    """Which endpoints did 802.1X, in one transaction: read together, written together."""

    conn: Connection
    _known: dict[str, Row[Any] | None] = field(default_factory=dict, init=False)
    _proven: dict[str, tuple[float, str]] = field(default_factory=dict, init=False)

    def read(self, macs: Collection[str]) -> None:
        """Read which of these are registered."""
        missing = {each for each in macs if each not in self._known}
        if missing:
            self._known |= dict.fromkeys(missing)
            rows = self.conn.execute(_OF_MACS, {"macs": sorted(missing)})
            self._known |= {row.mac: row for row in rows}

    def prove(self, mac: str, place: str, at: float) -> Row[Any] | None:
        """Keep that the endpoint with this MAC address, if there is one, did 802.1X.

        Returns its id and organization_id where that is news. Not more often than REMEMBER_EVERY_S: each
        time everybody who knows the endpoint reads it again.
        """
        self.read((mac,))
        known = self._known[mac]
        if known is None:
            return None
        before = self._proven[mac][0] if mac in self._proven else known.dot1x_at
        if before is not None and before >= at - REMEMBER_EVERY_S:
            return None
        self._proven[mac] = (at, place)
        return known

    def write(self) -> None:
        """Write what is new."""
        for mac, (at, place) in sorted(self._proven.items()):
            self.conn.execute(_PROVEN, {"of_mac": mac, "at": at, "place": place})


def _last_8021x(conn: Connection, mac: str) -> dict[str, object]:
    """Return when and where an address that is registered now did 802.1X before."""
    found = (
        select(sessions.c.admitted_at, nas.c.name, sessions.c.nas_port)
        .join(nas, nas.c.id == sessions.c.nas_id)
        .where(
            sessions.c.calling_station == mac.replace("-", ":"),
            or_(*(sessions.c.method.like(f"{begin}%") for begin in BEGINNINGS_OF_8021X)),
        )
        .order_by(sessions.c.admitted_at.desc())
    )
    row = conn.execute(found.limit(1)).first()
    if row is None:
        return {"dot1x_at": None, "dot1x_place": ""}
    return {"dot1x_at": row.admitted_at, "dot1x_place": f"{row.name} {row.nas_port}".strip()}


def _endpoint(row: RowMapping) -> Endpoint:
    return Endpoint(
        row["id"],
        row["organization_id"],
        row["mac"],
        row["name"],
        row["owner_name"] or row["owner"],
        row["valid_until"],
        row["dot1x_at"],
        row["dot1x_place"],
        row["phone"],
        row["managed"],
        row["owner_id"],
    )
