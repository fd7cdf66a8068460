"""What a person may reach and why not, from where they stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from access.certificates.values import certified_by
from access.logins.places import country_kept, remembered, source_of, ssid_of, station_of
from access.logins.presence import others
from access.logins.risk import Risk, risk_kept
from access.model import Absent, Decision, Facts, Method, Others, Request, Subject, User, Via
from access.policy.compiled import Policy
from access.policy.decide import rules_about
from access.policy.explain import explain, render, render_remedy
from access.policy.subjects import at_most, subject_of
from access.proof.code_facts import NO_CODE, CodeFacts, code_facts, code_word
from access.proof.factors import Factor, TokenSummary
from access.shown import SessionLine
from otp.token import State

USUAL_METHOD = {Via.VPN: Method.PAP, Via.DEVICE: Method.PAP, Via.PORTAL: Method.WEB}
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Standpoint:
    """The facts a decision is made under. session is the one they are of; None: as if by VPN right now."""

    facts: Facts
    session: SessionLine | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom it is told: "ko" or "en", and the zone of the clock on their wall."""

    language: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class ReachLine:
    """One network or pool of desktops: the decision, what would help, and all there is to say about it."""

    kind: str
    name: str
    decision: Decision
    remedies: tuple[str, ...]
    sentences: tuple[str, ...]


def standpoint(
    sessions: Iterable[SessionLine], now: float, tokens: Iterable[TokenSummary] = ()
) -> Standpoint:
    """Where somebody stands: in their newest live session, else before a VPN login with a fresh code."""
    sessions = tuple(sessions)
    live = [session for session in sessions if session.state == "live"]
    if not live:
        return Standpoint(replace(as_if(Via.VPN, now, tokens), sessions=elsewhere(sessions)))
    newest = max(live, key=lambda session: session.since)
    return Standpoint(replace(facts_of(newest), sessions=elsewhere(sessions, newest)), newest)


def elsewhere(sessions: Iterable[SessionLine], own: SessionLine | None = None) -> Others:
    """The sessions that somebody has beside one of their own, or beside one that is to come."""
    known = (each.present for each in sessions if each.present is not None and not each.present.leaving)
    mine = own.present if own is not None else None
    return others(known, mine.station, mine.class_) if mine is not None else others(known, "")


def as_if(via: Via, otp_at: float | None, tokens: Iterable[TokenSummary]) -> Facts:
    """The facts of somebody who comes through a door just now, as far as that says anything.

    tokens are theirs. Nothing speaks for a risk.
    """
    method = USUAL_METHOD.get(via, Method.EAP_TTLS_PAP)
    code = usual_code(otp_at, tokens)
    return Facts(
        via=via,
        method=method,
        otp_at=code.otp_at,
        certificate=Absent.DOES_NOT_APPLY,
        factor=code.factor,
        assurance=code.assurance,
        risk=Risk(),
    )


def usual_code(code_at: float | None, tokens: Iterable[TokenSummary]) -> CodeFacts:
    """What would be known of a code proven at a moment, None: of none: it is of the phone used last.

    Somebody who has nothing yet would prove one of an app.
    """
    active = [each for each in tokens if each.state is State.ACTIVE]
    newest = max(active, key=lambda each: each.used_at or each.proven_at or 0.0, default=None)
    word = Factor.TOTP.value if newest is None else code_word(newest.kind, newest.origin)
    return NO_CODE if code_at is None else code_facts(code_at, word)


def facts_of(session: SessionLine) -> Facts:
    """The facts that a session was admitted under; a word we do not know is an unknown fact."""
    code = code_facts(session.otp_at, session.code)
    via = _one_of(Via, session.via)
    return Facts(
        via=via,
        method=_one_of(Method, session.method),
        otp_at=code.otp_at,
        site=session.site or Absent.UNKNOWN,
        nas_group=session.nas_group or Absent.UNKNOWN,
        ssid=ssid_of(session.called, via),
        medium=remembered(session.medium),
        certificate=certified_by(session.certificate, session.endpoint_id),
        factor=code.factor,
        assurance=code.assurance,
        source=source_of(session.client_address, via),
        country=country_kept(session.country, via),
        endpoint=session.endpoint,
        station=station_of(session.station, session.endpoint_mac or None),
        risk=risk_kept(session.risk) or Absent.UNKNOWN,
        nas_organization=session.nas_organization,
    )


def reach_of(
    policy: Policy | None, user: User, facts: Facts, now: float, reader: Reader
) -> Sequence[ReachLine]:
    """Everything of the person's company, and of others as far as rules connect the person with it.

    What is open comes first.
    """
    if policy is None:
        return ()
    subject = subject_of(user)
    policy = policy.speaking(subject, facts)
    lines = [
        _line(policy, subject, Request(object, facts), now, reader)
        for object in visible_objects(policy, user)
    ]
    return sorted(lines, key=lambda line: (not line.decision.permitted, line.kind, line.name))


def visible_objects(policy: Policy | None, user: User) -> list[str]:
    """The networks and pools that may be spoken of to this person and their administrators, sorted."""
    subject = at_most(subject_of(user))
    return sorted(
        {
            object
            for side in (policy.sides if policy is not None else ())
            for object, owner in side.owners.items()
            if owner == user.organization or rules_about(side, subject, object)
        }
    )


def _line(policy: Policy, subject: Subject, request: Request, now: float, reader: Reader) -> ReachLine:
    told = explain(policy, subject, request, now)
    kind, _, name = request.object.partition(":")
    remedies = tuple(render_remedy(remedy, reader.language, reader.zone) for remedy in told.remedies)
    sentences = tuple(render(told, reader.language, reader.zone))
    return ReachLine(kind, name, told.decision, remedies, sentences)


def _one_of(kind: type[Choice], text: str) -> Choice | Absent:
    try:
        return kind(text)
    except ValueError:
        return Absent.UNKNOWN
