"""What the policy says about the portal as a door: asked of whoever is signed in, at every request. ▸

A document without a rule about `login:portal` leaves it open. What the policy refuses ends the session, and
is recorded once, with a case code. Registering a first phone is not asked about: nobody could satisfy a rule
about codes before. Nobody gets a VLAN here, so rules that disagree about one refuse nobody.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from access.countries import Countries
from access.errors import AccessError
from access.logins.login_record import spoken
from access.logins.risk import risk_kept
from access.model import Absent, Decision, Facts, Reason, Request
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.subjects import subject_of
from access.policy.vocabulary import LOGIN_PORTAL
from access.proof.code_facts import code_facts, code_word
from access.proof.identity_event import IdentityEvent, What
from access.proof.signin import Visitor
from access.proof.web_session import SessionState, WebSession
from access.rights.desktops import at_the_portal
from access.words import casecode

NOWHERE = Countries()


class PortalRefused(AccessError):
    """The policy does not let somebody who is signed in use the portal, or not any longer."""

    def __init__(self, visitor: Visitor, decision: Decision, facts: Facts) -> None:
        self.visitor, self.decision, self.facts = visitor, decision, facts
        super().__init__(f"login:portal is refused: {decision.reason}")


class DoorPorts(Protocol):
    """What turning somebody away needs of the world."""

    def random(self, octets: int) -> bytes: ...
    def close_session(self, session_id: str, event: IdentityEvent | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a request comes from: its address, and what is known of countries."""

    address: str
    countries: Countries = NOWHERE


def facts_at(session: WebSession, whence: Whence) -> Facts:
    """Return what the policy is told of a signed-in session."""
    code = code_facts(session.code_at, code_word(session.code_kind, session.code_origin))
    facts = at_the_portal(code, whence.address, risk_kept(session.risk) or Absent.UNKNOWN)
    return replace(facts, country=whence.countries.of(facts.source), sessions=Absent.DOES_NOT_APPLY)


def pass_or_refuse(policy: Policy | None, visitor: Visitor, whence: Whence, now: float) -> None:
    """Raise PortalRefused where the policy refuses login:portal to somebody who is signed in."""
    if policy is None or visitor.session.state is not SessionState.SIGNED_IN:
        return
    facts = facts_at(visitor.session, whence)
    decision = decide(policy, subject_of(visitor.user), Request(LOGIN_PORTAL, facts), now)
    if not decision.permitted and decision.reason is not Reason.POLICY_CONFLICT:
        raise PortalRefused(visitor, decision, facts)


def turn_away(ports: DoorPorts, refused: PortalRefused, address: str, now: float) -> str:
    """Return the case code of a refusal, whose session is over and recorded, once."""
    case = casecode.generate(ports.random)
    user, reason = refused.visitor.user, refused.decision.reason
    event = IdentityEvent(What.SIGN_IN_REFUSED, now, user.id, reason, user.organization, case_code=case)
    said = {key: str(value) for key, value in _said(refused.decision).items() if value}
    ports.close_session(refused.visitor.session.id, replace(event, detail={"address": address, **said}))
    return case


def _said(decision: Decision) -> dict[str, str]:
    told = spoken(decision)
    return {key: ", ".join(each) if isinstance(each, list) else each for key, each in told.items()}
