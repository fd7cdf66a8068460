"""What the policy may ask about a login beyond the login itself; found out only where some rule asks. ▸"""

from dataclasses import replace
from math import inf

from access.endpoint_standing import EndpointFacts, Evidence, Registration, endpoint_facts
from access.limits import Limits
from access.login_record import Attempt
from access.memory import Memory
from access.model import Facts
from access.registry import mac_octets
from radius.frozen import value
from radius.questions import Authorize

# The conditions whose facts take more than the login says.
FOUND_OUT = frozenset({"endpoint", "sessions"})


def is_asked(memory: Memory) -> bool:
    """Return whether any rule in force asks for what has to be found out."""
    return memory.policy is not None and not FOUND_OUT.isdisjoint(memory.policy.asks)


@value
class Finding:
    """Where facts about a login are found out."""

    memory: Memory
    limits: Limits

    def added(self, facts: Facts, question: Authorize, attempt: Attempt, now: float) -> Facts:
        """Return the facts with those that the policy in force asks for."""
        asks = self.memory.policy.asks if self.memory.policy is not None else frozenset()
        if "endpoint" in asks:
            facts = replace(facts, endpoint=_endpoint(self.memory, attempt))
        if "sessions" in asks:
            facts = replace(facts, sessions=self.limits.others(attempt, question.session, now))
        return facts


def _endpoint(memory: Memory, attempt: Attempt) -> EndpointFacts:
    user = attempt.user
    if user is not None:
        return endpoint_facts(
            evidence_of(memory, attempt), user.organization, f"{user.name}@{user.organization}"
        )
    company = memory.organizations.get(attempt.organization_id)
    # A visitor of another realm is nobody's here: nothing is registered to them.
    organization = company.key if company is not None and not attempt.realm else ""
    return endpoint_facts(evidence_of(memory, attempt), organization, "")


def evidence_of(memory: Memory, attempt: Attempt) -> Evidence:
    """Return what is known of the endpoint of a login."""
    proven = attempt.certificate
    station = attempt.station.replace(":", "-")
    endpoint = attempt.endpoint or memory.endpoint(station)
    registration = None
    if endpoint is not None:
        owner = memory.organizations.get(endpoint.organization_id)
        key = owner.key if owner else ""
        registration = Registration(endpoint.id, key, endpoint.owner, endpoint.managed, endpoint.valid_until)
    standing = memory.certificates.standing(proven) if proven else None
    certified = inf if standing is None else standing.valid_until
    addressed = endpoint is not None or mac_octets(attempt.station) is not None
    return Evidence(addressed, registration, certified if proven else 0.0)
