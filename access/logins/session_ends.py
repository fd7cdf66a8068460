"""Sessions that are over though nobody has reported their end. ▸

    state      over once                                                                     reason
    any open   five minutes are over after the time the NAS was told                         TIMED_OUT
    live       its NAS sent Interim-Updates, and none for some of the session's intervals    WENT_SILENT
    admitted   a day has passed, and its VPN gateway has reported others since, never it     NEVER_REPORTED

A NAS that reports nothing at all may well have what it was granted: such a session is there to be
disconnected until its time is over. So is one at a switch or an access point, whatever else that reports:
it needs no address from us to go on, and its Start may be lost.
"""

from dataclasses import dataclass
from typing import Protocol

from access.logins.network_session import End, NetworkSession
from access.logins.session_report import is_silent

# How much longer than it was told a NAS may take to end a session and to say so.
GRACE_S = 300.0
# How long the first report of a session may be lost, or wait in a journal.
REPORTED_WITHIN_S = 86400.0


@dataclass(frozen=True, slots=True)
class Silence:
    """After how many of a session's own intervals it is over, and since when we have been listening."""

    intervals: int
    listening_since: float


class Open(Protocol):
    """Where open sessions are found."""

    def overdue(self, before: float) -> list[NetworkSession]:
        """Return open sessions that were to end before a moment."""

    def quiet(self, now: float, silence: Silence) -> list[NetworkSession]:
        """Return live sessions that have fallen silent by now."""

    def unreported(self, before: float) -> list[NetworkSession]:
        """Return logins of before a moment whose VPN gateway has reported others since, and never them."""


def over(sessions: Open, now: float, silence: Silence | None) -> list[tuple[NetworkSession, End, float]]:
    """Return the sessions that are over, each once, why and since when. silence: None to judge none."""
    overdue = sessions.overdue(now - GRACE_S)
    found = [(each, End.TIMED_OUT, each.valid_until or now) for each in overdue]
    found += [(each, End.NEVER_REPORTED, now) for each in sessions.unreported(now - REPORTED_WITHIN_S)]
    if silence is not None:
        found += [
            (each, End.WENT_SILENT, each.seen_at or now)
            for each in sessions.quiet(now, silence)
            if is_silent(each, now, silence.listening_since, silence.intervals)
        ]
    return list({each[0].id: each for each in reversed(found)}.values())
