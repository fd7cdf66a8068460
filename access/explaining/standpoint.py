"""Where somebody stands: the facts of a session, or of somebody who comes through a door just now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from access.certificates.values import certified_by
from access.logins.places import country_kept, remembered, source_of, ssid_of, station_of
from access.logins.presence import others
from access.logins.risk import Risk, risk_kept
from access.model import Absent, Facts, Method, Others, Via
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
        ssid=ssid_of("", via),
        certificate=Absent.DOES_NOT_APPLY,
        factor=code.factor,
        assurance=code.assurance,
        source=source_of("", via),
        country=country_kept("", via),
        endpoint=Absent.DOES_NOT_APPLY if via is Via.PORTAL else Absent.UNKNOWN,
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


def _one_of(kind: type[Choice], text: str) -> Choice | Absent:
    try:
        return kind(text)
    except ValueError:
        return Absent.UNKNOWN
