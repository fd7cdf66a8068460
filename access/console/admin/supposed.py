"""What the form of an explanation supposes: whose NAS, the endpoint, the sessions elsewhere, the risk. ◆"""

from dataclasses import dataclass, replace
from math import inf

from flask import request

from access.console.current import gate
from access.errors import Refused
from access.logins.places import station_of
from access.logins.risk import Level, Risk
from access.model import Absent, Facts, Others, User, Via
from access.nas.endpoint_standing import Evidence, endpoint_facts
from access.nas.registry import read_mac

MOST_SESSIONS = 1000


@dataclass(frozen=True, slots=True)
class Supposed:
    """What was typed; None or "": as it is."""

    mac: str | None = None
    sessions: int | None = None
    risk: Level | None = None
    host: str = ""

    def facts(self, user: User, facts: Facts) -> Facts:
        """Return the facts with this in their place."""
        if self.sessions is not None:
            facts = replace(facts, sessions=Others(((None, self.sessions),)))
        if self.risk is not None:
            facts = replace(facts, risk=Risk(self.risk))
        if self.host and facts.via is not Via.PORTAL:
            facts = replace(facts, nas_organization=self.host)
        if self.mac is None or facts.via is Via.PORTAL:
            return facts
        certified = 0.0 if facts.certificate in (Absent.DOES_NOT_APPLY, Absent.UNKNOWN) else inf
        evidence = Evidence(True, gate().endpoints.registration(self.mac), certified)
        owner = f"{user.name}@{user.organization}"
        known = endpoint_facts(evidence, user.organization, owner)
        return replace(facts, endpoint=known, station=station_of(self.mac))


def supposed() -> Supposed:
    """Return what the form says. Raises Refused for what is no MAC address or no number."""
    mac, sessions = request.args.get("endpoint", "").strip(), request.args.get("sessions", "").strip()
    risk = request.args.get("risk", "")
    counted = int(sessions) if sessions.isdecimal() and len(sessions) < 5 else None
    if sessions and (counted is None or counted > MOST_SESSIONS):
        raise Refused(
            f"Sessions elsewhere: a number up to {MOST_SESSIONS}.",
            f"다른 단말의 접속 수는 {MOST_SESSIONS} 이하의 숫자로 입력하십시오.",
        )
    known = {each.key for each in gate().pages.organizations()}
    host = request.args.get("nas", "")
    return Supposed(
        read_mac(mac) if mac else None,
        counted,
        Level(risk) if risk in set(Level) else None,
        host if host in known else "",
    )
