"""Network sessions as the pages list them. ◆"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, String, cast, func, or_, select

from access.logins.network_session import NetworkSession, Wish
from access.nas.endpoint_standing import EndpointFacts, endpoint_facts
from access.shown import Asked, SessionLine
from access.store import wishes
from access.store.pages.matching import begins_with, holds
from access.store.presences import present_of
from access.store.session_facts import evidence_of, with_evidence
from access.store.sessions import session_by_id
from access.store.tables import devices, nas, organizations, sessions, users

OPEN = ("admitted", "live")
RECENT = 20


def listed(conn: Connection, asked: Asked, state: str = "") -> list[SessionLine]:
    """The newest sessions of an organization: open ones unless a state is named, narrowed as asked."""
    wanted = sessions.c.state == state if state else sessions.c.state.in_(OPEN)
    query = _lines().where(sessions.c.organization_id == asked.organization_id, wanted)
    if asked.via:
        query = query.where(sessions.c.via == asked.via)
    if asked.text:
        query = query.where(_mentions(asked.text))
    return [_line(row) for row in conn.execute(query.order_by(sessions.c.id.desc()).limit(asked.limit))]


def of_user(conn: Connection, user_id: int) -> list[SessionLine]:
    """The newest sessions of a person, ended ones too."""
    query = _lines().where(sessions.c.user_id == user_id)
    return [_line(row) for row in conn.execute(query.order_by(sessions.c.id.desc()).limit(RECENT))]


def want_ended(conn: Connection, session_id: int, user_id: int, now: float) -> int | None:
    """Ask for the end of a person's session: its organization; None if it was over or asked for already."""
    own = select(sessions.c.id).where(sessions.c.id == session_id, sessions.c.user_id == user_id)
    if conn.execute(own).first() is None:
        return None
    return wishes.want(conn, session_id, Wish.END, now, again=True)


def in_organization(conn: Connection, session_id: int, organization_id: int) -> NetworkSession | None:
    """A session of an organization, whoever has it."""
    found = session_by_id(conn, session_id)
    return found if found is not None and found.organization_id == organization_id else None


def _lines() -> Select[Any]:
    found = (
        select(
            sessions,
            nas.c.name.label("nas_name"),
            nas.c.site.label("nas_site"),
            nas.c.nas_group,
            devices.c.site.label("gateway_site"),
            users.c.display_name,
            organizations.c.key.label("company"),
        )
        .join_from(sessions, nas, nas.c.id == sessions.c.nas_id)
        .outerjoin(users, users.c.id == sessions.c.user_id)
        .outerjoin(organizations, organizations.c.id == users.c.organization_id)
        .outerjoin(devices, devices.c.id == sessions.c.gateway_id)
    )
    return with_evidence(found)


def _mentions(text: str) -> ColumnElement[bool]:
    beginnings = (
        sessions.c.user_name,
        users.c.display_name,
        cast(sessions.c.address4, String),
        sessions.c.address6,
        nas.c.name,
        nas.c.site,
    )
    # MAC addresses are written in many ways; only their digits are compared.
    digits = "".join(char for char in text.lower() if char.isalnum())
    station = func.lower(func.replace(func.replace(sessions.c.calling_station, "-", ""), ":", ""))
    found: list[ColumnElement[bool]] = [begins_with(column, text) for column in beginnings]
    return or_(*found, holds(station, digits)) if digits else or_(*found)


def _endpoint(row: Row[Any]) -> EndpointFacts:
    return endpoint_facts(evidence_of(row), row.company or "", row.user_id or 0)


def _line(row: Row[Any]) -> SessionLine:
    return SessionLine(
        id=row.id,
        organization_id=row.organization_id,
        user_id=row.user_id,
        who=row.user_name,
        display_name=row.display_name or "",
        via=row.via,
        method=row.method,
        state=row.state,
        place=row.nas_site or row.gateway_site or row.nas_name,
        nas=row.nas_name,
        nas_group=row.nas_group,
        nas_organization=row.nas_organization,
        site=row.nas_site,
        addresses=tuple(each for each in (row.address4, row.address6, *row.prefixes.split()) if each),
        station=row.calling_station,
        vlan=row.vlan,
        since=row.started_at if row.started_at is not None else row.admitted_at,
        otp_at=row.otp_at,
        code=row.code,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
        valid_until=row.valid_until,
        disconnect=row.disconnect,
        endpoint_id=row.endpoint_id,
        certificate=row.certificate,
        called=row.called_station,
        medium=row.medium,
        client_address=row.client_address,
        country=row.country,
        risk=row.risk,
        zone=row.zone,
        endpoint=_endpoint(row),
        wish=row.wish,
        disconnect_note=row.disconnect_note,
        present=present_of(row) if row.state in OPEN else None,
        endpoint_mac=row.by_id_mac or "",
    )
