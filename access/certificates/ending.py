"""Which certificates end soon, as alarms: one 30 days before the end, one 7 days and one the day before."""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509

from access.records.alarms import Alarm, AlarmKind

DAY_S = 86400.0
DAYS = (30, 7, 1)


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate, what it is of, and when it ends."""

    subject: str
    ends_at: float
    organization_id: int | None = None


def ends_at(certificate: x509.Certificate) -> float:
    """Return when a certificate ends."""
    return certificate.not_valid_after_utc.timestamp()


def due(ending: Ending, now: float) -> Alarm | None:
    """Return the alarm about a certificate; None while it has time."""
    left_s = ending.ends_at - now
    reached = [days for days in DAYS if left_s <= days * DAY_S]
    if not reached:
        return None
    days = max(0, int(left_s // DAY_S))
    note = "it has ended" if left_s <= 0 else f"it ends in {days} days"
    return Alarm(AlarmKind.CERTIFICATE_ENDS, subject_at(ending, min(reached)), note, ending.organization_id)


def over(ending: Ending, raised: Alarm | None) -> Iterable[str]:
    """Return the subjects of alarms about a certificate that are over: all but the one that is due."""
    subjects = [subject_at(ending, days) for days in DAYS]
    return [subject for subject in subjects if raised is None or subject != raised.subject]


def subject_at(ending: Ending, days: int) -> str:
    """Return what an alarm is called that is raised so many days before the end."""
    return f"{ending.subject}, {days} days"
