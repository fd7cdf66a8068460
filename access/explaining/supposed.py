"""What is supposed of a request: it takes the place of what is known."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from math import inf
from typing import Any

from access.countries import Countries
from access.explaining.standpoint import usual_code
from access.logins.places import station_of
from access.logins.risk import Level, Risk
from access.model import Absent, Certified, Facts, Medium, Method, Others, Subject, Via
from access.nas.endpoint_standing import Evidence, Registration, endpoint_facts
from access.proof.factors import Factor, Origin, TokenSummary

BY_CERTIFICATE = (Method.EAP_TLS, Method.PEAP_EAP_TLS)
MOST_SESSIONS = 1000
# Facts that are supposed as they are told.
_AS_TOLD = ("method", "site", "nas_group", "ssid", "medium", "certificate", "factor", "assurance")


@dataclass(frozen=True, slots=True)
class Supposed:
    """What was told; None or "": as it is.

    code_age_s: how long ago they proved a code. host: the organization whose the NAS is. mac: of what they
    use, as access.nas.registry.read_mac spells it. sessions: on how many other endpoints they have some.
    """

    method: Method | None = None
    certificate: Certified | None = None
    code_age_s: float | None = None
    factor: Factor | None = None
    assurance: Origin | None = None
    site: str = ""
    nas_group: str = ""
    host: str = ""
    ssid: str = ""
    medium: Medium | None = None
    source: IPv4Address | IPv6Address | None = None
    mac: str = ""
    sessions: int | None = None
    risk: Level | None = None


NOTHING = Supposed()


@dataclass(frozen=True, slots=True)
class Known:
    """What supposing takes: somebody's tokens, what the registry says of a MAC address, the countries."""

    tokens: tuple[TokenSummary, ...]
    registration: Callable[[str], Registration | None]
    countries: Countries


def supposing(told: Supposed, subject: Subject, facts: Facts, known: Known, at: float) -> Facts:
    """The facts at a moment, with what was told in their place. facts.via is a door."""
    changes: dict[str, Any] = {}
    if told.code_age_s is not None:
        code = usual_code(at - told.code_age_s, known.tokens)
        changes = {"otp_at": code.otp_at, "factor": code.factor, "assurance": code.assurance}
    if told.method is not None:
        proves = told.method in BY_CERTIFICATE
        changes["certificate"] = Certified.PERSONAL if proves else Absent.DOES_NOT_APPLY
    changes |= {name: value for name in _AS_TOLD if (value := getattr(told, name))}
    if told.sessions is not None:
        changes["sessions"] = Others(((None, told.sessions),))
    if told.risk is not None:
        changes["risk"] = Risk(told.risk)
    if told.source is not None:
        changes |= {"source": told.source, "country": known.countries.of(told.source)}
    if told.host and facts.via is not Via.PORTAL:
        changes["nas_organization"] = told.host
    return _at_endpoint(told.mac, subject, replace(facts, **changes), known)


def _at_endpoint(mac: str, subject: Subject, facts: Facts, known: Known) -> Facts:
    """The facts with the endpoint somebody uses, and what it is; one that logs in by its address uses itself.

    Without one it is nothing that a certificate does not prove, and may be registered.
    """
    spelt = mac or ("" if subject.id or subject.realm else subject.name)
    if facts.via is Via.PORTAL or not (spelt or facts.endpoint is Absent.UNKNOWN):
        return facts
    without = facts.certificate in (Absent.DOES_NOT_APPLY, Absent.UNKNOWN)
    evidence = Evidence(bool(spelt), known.registration(spelt) if spelt else None, 0.0 if without else inf)
    endpoint = endpoint_facts(evidence, subject.organization, subject.id)
    station = station_of(spelt) if spelt else facts.station
    return replace(facts, endpoint=endpoint, station=station)
