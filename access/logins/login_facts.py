"""What the policy may ask about a login beyond the login itself; found out only where some rule asks. ▸"""

from dataclasses import replace
from math import inf

from access.logins.limits import Limits
from access.logins.login_record import Attempt
from access.logins.memory import Memory
from access.logins.risk import Coming, Risk, Visit, risk_of
from access.model import Absent, Facts, Method
from access.nas.endpoint_standing import EndpointFacts, Evidence, Registration, endpoint_facts
from access.nas.registry import mac_octets
from access.proof.authentication import Throttle
from access.proof.password_memory import REMEMBERED
from radius.frozen import value
from radius.questions import Authorize

# The conditions whose facts take more than the login says.
FOUND_OUT = frozenset({"endpoint", "sessions", "risk"})


def is_asked(memory: Memory) -> bool:
    """Return whether any rule in force asks for what has to be found out."""
    return memory.policy is not None and not FOUND_OUT.isdisjoint(memory.policy.asks)


@value
class Finding:
    """Where facts about a login are found out."""

    memory: Memory
    limits: Limits
    throttle: Throttle

    def added(self, facts: Facts, question: Authorize, attempt: Attempt, now: float) -> Facts:
        """Return the facts with those that the policy in force asks for."""
        asks = self.memory.policy.asks if self.memory.policy is not None else frozenset()
        if "endpoint" in asks:
            facts = replace(facts, endpoint=_endpoint(self.memory, attempt))
        if "sessions" in asks:
            facts = replace(facts, sessions=self.limits.others(attempt, question.session, now))
        if "risk" in asks:
            risk = self._risk(attempt, now)
            attempt.risk = "" if isinstance(risk, Absent) else str(risk)
            facts = replace(facts, risk=risk)
        return facts

    def _risk(self, attempt: Attempt, now: float) -> Risk | Absent:
        """Return the risk of a login, which a person has from before; unknown until that has been read."""
        user, trails = attempt.user, self.memory.trails
        if not trails.whole:
            return Absent.UNKNOWN
        if attempt.realm and user is None:
            # Nobody here knows where they have been, nor what they have typed at home.
            return Absent.DOES_NOT_APPLY
        by_mac = attempt.method == Method.MAB and attempt.endpoint is not None
        name = f"{user.name}@{user.organization}" if user is not None else ""
        coming = Coming(
            **place_of(attempt),
            wrong_tries=self.throttle.wrong_tries(name, now) if name else 0,
            dot1x_at=attempt.endpoint.dot1x_at if by_mac and attempt.endpoint else None,
            remembered=any(step["outcome"] == REMEMBERED for step in attempt.steps),
        )
        return risk_of(coming, trails.of(user.id) if user is not None else (), now)

    def granted(self, attempt: Attempt, now: float) -> None:
        """Remember where somebody was let in, if it is asked for: it need not come back from the database."""
        if attempt.user is not None and self.memory.trails.whole:
            self.memory.trails.put(attempt.user.id, Visit(**place_of(attempt), at=now))


def place_of(attempt: Attempt) -> dict[str, str]:
    """Return from where somebody comes, as visits tell places apart."""
    country = attempt.country if isinstance(attempt.country, str) else ""
    station = attempt.station if mac_octets(attempt.station) is not None else ""
    return {"station": station, "country": country, "site": attempt.client.site}


def _endpoint(memory: Memory, attempt: Attempt) -> EndpointFacts:
    user = attempt.user
    if user is not None:
        return endpoint_facts(evidence_of(memory, attempt), user.organization, user.id)
    company = memory.organizations.get(attempt.organization_id)
    # A visitor of another realm is nobody's here: nothing is registered to them.
    organization = company.key if company is not None and not attempt.realm else ""
    return endpoint_facts(evidence_of(memory, attempt), organization, 0)


def evidence_of(memory: Memory, attempt: Attempt) -> Evidence:
    """Return what is known of the endpoint of a login."""
    proven = attempt.certificate
    station = attempt.station.replace(":", "-")
    endpoint = attempt.endpoint or memory.endpoint(station)
    registration = None
    if endpoint is not None:
        company = memory.organizations.get(endpoint.organization_id)
        whose = company.key if company else "", endpoint.owner_id
        registration = Registration(endpoint.id, *whose, endpoint.managed, endpoint.valid_until)
    standing = memory.certificates.standing(proven) if proven else None
    certified = inf if standing is None else standing.valid_until
    addressed = endpoint is not None or mac_octets(attempt.station) is not None
    return Evidence(addressed, registration, certified if proven else 0.0)
