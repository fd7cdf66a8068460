"""Alarms that logins raise: many names tried from one place, and MAC addresses that seem to lie. ▸"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from access.logins.login_record import Attempt, rules_spoken
from access.logins.risk import DOT1X_S
from access.model import Decision, Method, Reason
from access.nas.registry import NasClient
from access.proof.authentication import Claim
from access.proof.throttle import SPREAD_S
from access.records.alarms import ALARMS, LONGEST_SUBJECT, Alarm, AlarmKind, told
from radius.questions import Granted, Refused

# Refusals that guessing leads to; so many different names from one endpoint, or at one NAS, are a spray.
GUESSES = frozenset({Reason.WRONG_PASSWORD, Reason.UNKNOWN_USER})
SPRAYED_BY_ENDPOINT, SPRAYED_AT_NAS = 8, 100
GUESSED_IN_COMPANY, GUESSED_AT_PLACE = 30, 20
Told = TypeVar("Told", Refused, Granted)
# The organization that an alarm about some rules is told to, None for whoever runs the whole installation.
OwnerOf = Callable[[Collection[str]], int | None]


class Spread(Protocol):
    """Where failures are counted by place (access.proof.throttle)."""

    def spread(self, place: str, name: str, now: float) -> int:
        """Count a failure of name at a place, and return how many names have lately failed there."""

    def wrong_try(self, name: str, now: float) -> None:
        """Count a wrong password or code of name@organization."""


def spraying(counts: Spread, client: NasClient, claim: Claim, reason: Reason, now: float) -> Iterator[Alarm]:
    """Yield an alarm for one endpoint, and for one NAS, from which many names are tried."""
    if reason not in GUESSES:
        return
    if reason is Reason.WRONG_PASSWORD:
        counts.wrong_try(claim.name, now)
    places = {claim.source: SPRAYED_BY_ENDPOINT, f"nas {client.name}": SPRAYED_AT_NAS}
    if claim.source.startswith("nas "):
        places = {claim.source: SPRAYED_AT_NAS}
    for place, most in places.items():
        names = counts.spread(place, claim.name, now)
        if names >= most:
            note = f"{names} different names within {SPREAD_S / 60:.0f} minutes at {client.name}"
            yield Alarm(AlarmKind.PASSWORD_SPRAYING, place, note, client.organization_id)


@dataclass(frozen=True, slots=True)
class WrongCode:
    """Somebody had a wrong code behind the right password.

    place: "nas NAME", "portal" or "application KEY/NAME".
    """

    place: str
    organization: str
    name: str
    organization_id: int | None = None


def guessing_codes(counts: Spread, wrong: WrongCode, now: float) -> Iterator[Alarm]:
    """Yield an alarm for the people of one company, and for one place, where many have wrong codes at once.

    Their passwords were right: it takes fewer than of wrong passwords.
    """
    counts.wrong_try(f"{wrong.name.rpartition('@')[0]}@{wrong.organization}", now)
    minutes = f"{SPREAD_S / 60:.0f} minutes"
    for place, most in {wrong.organization: GUESSED_IN_COMPANY, wrong.place: GUESSED_AT_PLACE}.items():
        names = counts.spread(f"codes {place}", wrong.name, now)
        if names >= most:
            note = f"{names} people with wrong codes within {minutes}, last at {wrong.place}"
            yield Alarm(AlarmKind.CODE_SPRAYING, place, note, wrong.organization_id)


def conflicting(
    attempt: Attempt, reason: Reason, said: Mapping[str, Any], owner_of: OwnerOf
) -> Iterator[Alarm]:
    """Yield an alarm about the rules that together cannot be given to somebody who may log in."""
    if reason is Reason.POLICY_CONFLICT:
        rules = ", ".join(said.get("clash") or said.get("permits", ())) or f"nas {attempt.client.name}"
        note = f"{attempt.user_name} at {attempt.where}: {said.get('said', 'they give different things')}"
        yield Alarm(AlarmKind.POLICY_CONFLICT, rules[:LONGEST_SUBJECT], note, owner_of(rules_spoken(said)))


def clashing(attempt: Attempt, decision: Decision, owner_of: OwnerOf) -> Iterator[Alarm]:
    """Yield an alarm about the rules that would have a session in a second zone, which it is refused."""
    if decision.permitted and decision.clash:
        rules = ", ".join(f"{zone}: {rule}" for zone, rule in decision.clash)
        note = f"{attempt.user_name} at {attempt.where}: let into zone {decision.zone} alone"
        owner = owner_of({rule for _, rule in decision.clash})
        yield Alarm(AlarmKind.POLICY_CONFLICT, rules[:LONGEST_SUBJECT], note, owner)


def lying_mac(attempt: Attempt, now: float) -> Iterator[Alarm]:
    """Yield an alarm where an endpoint that did 802.1X some days ago comes by its address, let in or not."""
    endpoint = attempt.endpoint
    if endpoint is None or attempt.method != Method.MAB or endpoint.dot1x_at is None:
        return
    if 0 <= now - endpoint.dot1x_at <= DOT1X_S:
        before = f"by 802.1X at {endpoint.dot1x_place or 'a place unknown'}, {moment(endpoint.dot1x_at)}"
        note = f"by its address at {attempt.where}, {moment(now)}; {before}"
        yield Alarm(AlarmKind.MAB_AFTER_8021X, endpoint.mac, note, endpoint.organization_id)


def moment(at: float) -> str:
    """Return a moment for people, whatever their zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def with_alarms(outcome: Told, alarms: Iterable[Alarm]) -> Told:
    """Return the outcome, its record raising alarms as well."""
    raised = [told(alarm) for alarm in alarms]
    if raised:
        assert isinstance(outcome.record, dict), "a record of the journal"
        outcome.record.setdefault(ALARMS, []).extend(raised)
    return outcome
