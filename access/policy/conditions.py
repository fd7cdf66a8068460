"""What a rule can ask of the facts. CONDITIONS is the whole list; a rule holds when all its conditions do.

Each condition is a pure function of its argument, the facts and now. It fails for good, fails until a
moment, holds until a moment, or cannot be judged because its fact is unknown. A fact that does not apply
matches nothing: it fails.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from math import isfinite
from typing import Any

from access.model import NETWORK_DOORS, Absent, Facts, Others
from access.policy.scalars import DAYS
from access.policy.vocabulary import AtMost, Condition, Holidays, Hours, Mailed, Period, Stopped
from access.proof.factors import Factor
from radius.frozen import value

# What "signed" is shown to want: a review has stopped the rule until it is signed, or for good.
NEVER_SIGNED = "a signature"
ENDED_IN_REVIEW = "a review that kept it"
# Beside the moment at which hours are closed because a calendar says so.
HOLIDAY = "holiday"
_DAY_S = 86400
_HORIZON_DAYS = 9
# Of what holidays may close for weeks, and of holidays themselves.
_LONG_HORIZON_DAYS = 60


class Truth(Enum):
    """What can be said of a condition or of a whole rule."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


@value
class Held:
    """How a condition stands, and the moment at which the clock alone changes that; None: never."""

    truth: Truth
    next_flip: float | None = None


# The conditions that the moment alone decides, whatever the facts.
BY_THE_CLOCK = frozenset({"hours", "holiday", "valid", "signed"})

HOLDS = Held(Truth.HOLDS)
FAILS = Held(Truth.FAILS)
UNKNOWN = Held(Truth.UNKNOWN)


def any_of(wanted: frozenset[str], fact: str | Absent) -> Held:
    """Whether the fact is one of those wanted."""
    if fact is Absent.UNKNOWN:
        return UNKNOWN
    return HOLDS if fact in wanted else FAILS


def from_networks(wanted: frozenset[IPv4Network | IPv6Network], facts: Facts, _now: float) -> Held:
    """Whether the source lies in one of the networks."""
    source = facts.source
    if source is Absent.UNKNOWN:
        return UNKNOWN
    if isinstance(source, Absent):
        return FAILS
    return HOLDS if any(source in network for network in wanted) else FAILS


def code_is_young(age_s: float | Mailed, facts: Facts, now: float) -> Held:
    """Whether the newest code was proven less than age_s ago. Without any code it fails.

    One by e-mail proves too little: it counts only for a rule that names that factor (Mailed). A code of
    which nobody knows what made it may have been one.
    """
    if facts.otp_at is Absent.DOES_NOT_APPLY:
        return FAILS
    by_mail = None if facts.factor is Absent.UNKNOWN else facts.factor is Factor.E_MAIL
    if isinstance(age_s, Mailed):
        age_s, by_mail = age_s.age_s, False
    if by_mail:
        return FAILS
    if isinstance(facts.otp_at, Absent) or not isfinite(facts.otp_at):
        return UNKNOWN
    end = facts.otp_at + age_s
    if now >= end:
        return FAILS
    return Held(Truth.UNKNOWN if by_mail is None else Truth.HOLDS, end)


def endpoint_is(wanted: frozenset[str], facts: Facts, now: float) -> Held:
    """Whether what they use is one of those wanted, and when the end of a registration changes that."""
    endpoint = facts.endpoint
    if isinstance(endpoint, Absent):
        return UNKNOWN if endpoint is Absent.UNKNOWN else FAILS
    held = endpoint.holds(wanted, now)
    flips = (end for end in endpoint.changes_after(now) if endpoint.holds(wanted, end) is not held)
    truth = Truth.UNKNOWN if held is None else Truth.HOLDS if held else Truth.FAILS
    return Held(truth, next(flips, None))


def sessions_are_few(wanted: AtMost, facts: Facts, _now: float) -> Held:
    """Whether somebody has few enough sessions, with the one that asks if it is of one of the doors."""
    if isinstance(facts.sessions, Absent):
        return UNKNOWN if facts.sessions is Absent.UNKNOWN else FAILS
    most = _sessions(wanted, facts, facts.sessions)
    if facts.via is Absent.UNKNOWN and most == wanted.most + 1:
        return UNKNOWN  # the one that asks makes the difference, and nobody knows whether it counts
    return HOLDS if most <= wanted.most else FAILS


def _sessions(wanted: AtMost, facts: Facts, others: Others) -> int:
    """Return how many sessions count, the one that asks among them unless it is known not to."""
    return others.by(wanted.doors) + (facts.via is Absent.UNKNOWN or facts.via in wanted.doors)


def risk_is(wanted: frozenset[str], facts: Facts, _now: float) -> Held:
    """Whether the login was as risky as one of the levels wanted."""
    return any_of(wanted, facts.risk if isinstance(facts.risk, Absent) else facts.risk.level)


def within_hours(hours: Hours, _facts: Facts, now: float) -> Held:
    """Whether the wall clock stands in the weekly window."""
    day = int(now // _DAY_S)
    for start, end in _windows(hours, day):
        if now < start:
            return Held(Truth.FAILS, start)
        if now < end:
            return Held(Truth.HOLDS, end)
    return Held(Truth.FAILS, float((day + _horizon_days(hours) - 2) * _DAY_S))


def on_holiday(calendars: tuple[Holidays, ...], _facts: Facts, now: float) -> Held:
    """Whether the wall clock stands in a day of one of the calendars. Beyond its last year nobody knows."""
    stand = [_on(each, datetime.fromtimestamp(now, each.zone).date()) for each in calendars]
    flip = min(held.next_flip for held in stand if held.next_flip is not None)
    truths = {held.truth for held in stand}
    for truth in (Truth.HOLDS, Truth.UNKNOWN):
        if truth in truths:
            return Held(truth, flip)
    return Held(Truth.FAILS, flip)


@lru_cache(maxsize=256)
def _on(calendar: Holidays, day: date) -> Held:
    """How a day stands in a calendar, and the midnight at which that changes, or at which to look again."""
    truth, later = _truth_of(calendar, day), day
    for _ in range(_LONG_HORIZON_DAYS):
        later += timedelta(days=1)
        if _truth_of(calendar, later) is not truth:
            break
    return Held(truth, datetime.combine(later, time(), calendar.zone).timestamp())


def _truth_of(calendar: Holidays, day: date) -> Truth:
    if calendar.last_year is not None and day.year > calendar.last_year:
        return Truth.UNKNOWN
    return Truth.HOLDS if day in calendar.days else Truth.FAILS


def _horizon_days(hours: Hours) -> int:
    return _LONG_HORIZON_DAYS if hours.closed else _HORIZON_DAYS


def within_period(period: Period, _facts: Facts, now: float) -> Held:
    """Whether the rule has begun to count and not yet ended."""
    if period.end is not None and now >= period.end:
        return FAILS
    if period.start is not None and now < period.start:
        return Held(Truth.FAILS, period.start)
    return Held(Truth.HOLDS, period.end)


def is_signed(_stopped: Stopped, _facts: Facts, _now: float) -> Held:
    """What a review has stopped does not count, whatever the facts and the clock."""
    return FAILS


@lru_cache(maxsize=1024)
def _windows(hours: Hours, utc_day: int) -> tuple[tuple[float, float], ...]:
    """The openings from two days before a day (since the epoch, UTC) to its horizon after it, in order.

    Openings that touch are one, so that a window around the clock does not end at midnight. A time that the
    clock skips counts as that long after the skip began, one that it shows twice as the first; an opening
    that is skipped whole does not happen.
    """
    openings: list[tuple[float, float]] = []
    first = date(1970, 1, 1) + timedelta(days=utc_day - 2)
    for day in (first + timedelta(days=offset) for offset in range(_horizon_days(hours) + 2)):
        if day.weekday() not in hours.days or any(day in holidays.days for holidays in hours.closed):
            continue
        start = _at(hours, day, hours.start)
        end = _at(hours, day, hours.end + (1440 if hours.end <= hours.start else 0))
        if openings and start <= openings[-1][1] and start < end:
            openings[-1] = (openings[-1][0], max(end, openings[-1][1]))
        elif start < end:
            openings.append((start, end))
    return tuple(openings)


def _at(hours: Hours, day: date, minute: int) -> float:
    days, minute = divmod(minute, 1440)
    moment = datetime.combine(day + timedelta(days=days), time(*divmod(minute, 60)), hours.zone)
    return moment.timestamp()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of condition: how it is judged, and how its wish and the fact are shown."""

    judge: Callable[[Any, Facts, float], Held]
    wanted: Callable[[Any], str]
    seen: Callable[[Any, Facts, float], str]


def judge(condition: Condition, facts: Facts, now: float) -> Held:
    """How a condition stands."""
    return CONDITIONS[condition.name].judge(condition.argument, facts, now)


def spell_duration(seconds: float) -> str:
    """A duration in its two largest units: 12h, 1d 2h, 5m 30s."""
    parts = []
    left = max(0, int(seconds))
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"


def spell_rate(kbps: int) -> str:
    """A bandwidth in its largest whole unit: 512k, 10M, 1G."""
    for unit, size in (("G", 1_000_000), ("M", 1000)):
        if kbps % size == 0:
            return f"{kbps // size}{unit}bit/s"
    return f"{kbps}kbit/s"


def spell_hours(hours: Hours) -> str:
    """A window as business (mon tue 08:00-20:00 Asia/Seoul)."""
    days = " ".join(DAYS[day] for day in sorted(hours.days))
    start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in (hours.start, hours.end))
    closed = f" except {spell_holidays(hours.closed)}" if hours.closed else ""
    return f"{hours.name} ({days} {start}-{end} {hours.zone.key}{closed})"


def spell_holidays(calendars: tuple[Holidays, ...]) -> str:
    """Calendars by their names."""
    return ", ".join(each.name for each in calendars)


def _spell_wall_clock(hours: Hours, _facts: Facts, now: float) -> str:
    """The moment where the hours count, as 2026-10-03 10:00 (sat holiday)."""
    there = datetime.fromtimestamp(now, hours.zone)
    free = any(there.date() in calendar.days for calendar in hours.closed)
    return f"{there:%Y-%m-%d %H:%M} ({DAYS[there.weekday()]}{f' {HOLIDAY}' if free else ''})"


def _spell_endpoint(_wanted: frozenset[str], facts: Facts, now: float) -> str:
    return facts.endpoint.value if isinstance(facts.endpoint, Absent) else facts.endpoint.spelt(now)


def _spell_at_most(wanted: AtMost) -> str:
    doors = "" if wanted.doors == NETWORK_DOORS else f" ({_spell_choice(wanted.doors)})"
    return f"≤ {wanted.most}{doors}"


def _spell_sessions(wanted: AtMost, facts: Facts, _now: float) -> str:
    others = facts.sessions
    return others.value if isinstance(others, Absent) else str(_sessions(wanted, facts, others))


def _spell_risk(_wanted: frozenset[str], facts: Facts, _now: float) -> str:
    if isinstance(facts.risk, Absent):
        return facts.risk.value
    signs = f" ({', '.join(facts.risk.signs)})" if facts.risk.signs else ""
    return f"{facts.risk.level}{signs}"


def _spell_fact(fact: object) -> str:
    return str(fact.value) if isinstance(fact, Enum) else str(fact)


def _spell_wanted_age(age: float | Mailed) -> str:
    return f"< {spell_duration(age.age_s if isinstance(age, Mailed) else age)}"


def _spell_code_age(_age: float | Mailed, facts: Facts, now: float) -> str:
    if isinstance(facts.otp_at, Absent):
        return facts.otp_at.value
    return spell_duration(now - facts.otp_at) if isfinite(facts.otp_at) else Absent.UNKNOWN.value


def _spell_choice(wanted: Collection[str]) -> str:
    return ", ".join(sorted(wanted))


def _spell_period(period: Period) -> str:
    ends = ("" if at is None else _spell_moment(at) for at in (period.start, period.end))
    return " – ".join(ends).strip()


def _spell_moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _one_of(fact_of: Callable[[Facts], str | Absent]) -> Kind:
    return Kind(
        lambda wanted, facts, _now: any_of(wanted, fact_of(facts)),
        _spell_choice,
        lambda _wanted, facts, _now: _spell_fact(fact_of(facts)),
    )


CONDITIONS: Mapping[str, Kind] = {
    "via": _one_of(lambda facts: facts.via),
    "method": _one_of(lambda facts: facts.method),
    "site": _one_of(lambda facts: facts.site),
    "nas_group": _one_of(lambda facts: facts.nas_group),
    "ssid": _one_of(lambda facts: facts.ssid),
    "medium": _one_of(lambda facts: facts.medium),
    "certificate": _one_of(lambda facts: facts.certificate),
    "factor": _one_of(lambda facts: facts.factor),
    "assurance": _one_of(lambda facts: facts.assurance),
    "source": Kind(
        from_networks,
        lambda wanted: ", ".join(sorted(map(str, wanted))),
        lambda _wanted, facts, _now: _spell_fact(facts.source),
    ),
    "country": _one_of(lambda facts: facts.country),
    "endpoint": Kind(endpoint_is, _spell_choice, _spell_endpoint),
    "sessions": Kind(sessions_are_few, _spell_at_most, _spell_sessions),
    "risk": Kind(risk_is, _spell_choice, _spell_risk),
    "holiday": Kind(
        on_holiday,
        spell_holidays,
        lambda calendars, _facts, now: datetime.fromtimestamp(now, calendars[0].zone).strftime("%Y-%m-%d"),
    ),
    "hours": Kind(
        within_hours,
        spell_hours,
        _spell_wall_clock,
    ),
    "otp_age": Kind(code_is_young, _spell_wanted_age, _spell_code_age),
    "designated": _one_of(lambda facts: facts.station),
    "signed": Kind(
        is_signed,
        lambda stopped: ENDED_IN_REVIEW if stopped.ended else NEVER_SIGNED,
        lambda stopped, _facts, _now: _spell_moment(stopped.since),
    ),
    "valid": Kind(within_period, _spell_period, lambda _period, _facts, now: _spell_moment(now)),
}
