"""The facts under which a stored session stands, and what is known of its endpoint. ◆"""

from math import inf
from typing import Any

from sqlalchemy import Select, func

from access.certificates.values import certified_by
from access.logins.places import country_kept, remembered, source_of, ssid_of, station_of
from access.logins.risk import risk_kept
from access.model import Absent, Facts, Method, Via
from access.nas.endpoint_standing import Evidence, Registration
from access.nas.registry import mac_octets
from access.proof.code_facts import code_facts
from access.store.tables import certificates, endpoints, nas, organizations, sessions

_BY_ID, _BY_MAC = endpoints.alias("by_id"), endpoints.alias("by_mac")
_OF_ID, _OF_MAC = organizations.alias("of_id"), organizations.alias("of_mac")
_OF_NAS = organizations.alias("of_nas")


def with_evidence(query: Select[Any]) -> Select[Any]:
    """Return a query of sessions and their NAS that reads what facts_of and evidence_of look at as well."""
    found = (
        query.outerjoin(_BY_ID, _BY_ID.c.id == sessions.c.endpoint_id)
        .outerjoin(_BY_MAC, _BY_MAC.c.mac == func.replace(sessions.c.calling_station, ":", "-"))
        .outerjoin(_OF_ID, _OF_ID.c.id == _BY_ID.c.organization_id)
        .outerjoin(_OF_MAC, _OF_MAC.c.id == _BY_MAC.c.organization_id)
        .outerjoin(certificates, certificates.c.key == sessions.c.certificate)
        .join(_OF_NAS, _OF_NAS.c.id == nas.c.organization_id)
    )
    for prefix, known, owner in (("by_id", _BY_ID, _OF_ID), ("by_mac", _BY_MAC, _OF_MAC)):
        found = found.add_columns(
            known.c.id.label(f"{prefix}_endpoint"),
            known.c.owner_id.label(f"{prefix}_owner"),
            known.c.managed.label(f"{prefix}_managed"),
            known.c.valid_until.label(f"{prefix}_until"),
            owner.c.key.label(f"{prefix}_organization"),
        )
    return found.add_columns(
        _OF_NAS.c.key.label("nas_organization"),
        _BY_ID.c.mac.label("by_id_mac"),
        certificates.c.valid_until.label("certificate_until"),
        certificates.c.revoked_at.label("certificate_revoked_at"),
    )


def facts_of(row: Any) -> Facts:
    """Return the facts of a session; site and nas_group of its NAS are in the row."""
    via = Via(row.via)
    code = code_facts(row.otp_at, row.code)
    return Facts(
        via=via,
        method=Method(row.method) if row.method else Absent.UNKNOWN,
        otp_at=code.otp_at,
        site=row.site or Absent.UNKNOWN,
        nas_group=row.nas_group or Absent.UNKNOWN,
        ssid=ssid_of(row.called_station, via),
        medium=remembered(row.medium),
        certificate=certified_by(row.certificate, row.endpoint_id),
        factor=code.factor,
        assurance=code.assurance,
        source=source_of(row.client_address, via),
        country=country_kept(row.country, via),
        station=station_of(row.calling_station, row.by_id_mac),
        risk=risk_kept(row.risk) or Absent.UNKNOWN,
        nas_organization=row.nas_organization,
    )


def evidence_of(row: Any) -> Evidence:
    """Return what is known of the endpoint of a session."""
    registration = _registration(row)
    addressed = registration is not None or mac_octets(row.calling_station) is not None
    return Evidence(addressed, registration, _certified(row))


def _registration(row: Any) -> Registration | None:
    if row.by_id_endpoint is not None:
        whose = row.by_id_endpoint, row.by_id_organization, row.by_id_owner
        return Registration(*whose, row.by_id_managed, row.by_id_until)
    if row.by_mac_endpoint is not None:
        whose = row.by_mac_endpoint, row.by_mac_organization, row.by_mac_owner
        return Registration(*whose, row.by_mac_managed, row.by_mac_until)
    return None


def _certified(row: Any) -> float:
    """Of a certificate of others the end is not kept: the session ends before it does."""
    if not row.certificate or row.certificate_revoked_at is not None:
        return 0.0
    return inf if row.certificate_until is None else float(row.certificate_until)
