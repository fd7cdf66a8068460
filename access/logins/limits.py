"""How many sessions somebody, or a whole organization, may have at once: decided from memory.

Counting needs to hear of sessions, so it also knows how often a NAS is asked to report them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from access.logins.login_record import Attempt
from access.logins.memory import Memory
from access.logins.presence import SILENT_INTERVALS, Presence, Present
from access.model import Absent, Decision, Others, Reason


@dataclass(frozen=True, slots=True)
class Limits:
    """most has the limits of organizations by key, 0 for none; interim_s is 0 where a NAS may choose."""

    memory: Memory = field(default_factory=Memory)
    most: Mapping[str, int] = field(default_factory=dict)
    presence: Presence = field(default_factory=lambda: Presence(SILENT_INTERVALS))
    interim_s: int = 0

    @property
    def any(self) -> bool:
        """Whether there is a limit at all; without one nobody need count."""
        policy = self.memory.policy
        counted = policy is not None and (policy.limits_sessions or "sessions" in policy.asks)
        return counted or any(self.most.values())

    def others(self, attempt: Attempt, session: bytes, now: float) -> Others | Absent:
        """Return which sessions a person has elsewhere; unknown until they have been read.

        session: the Class of one that is authorized anew.
        """
        if attempt.user is None:
            return Absent.DOES_NOT_APPLY
        known = self.presence.sessions_of(attempt.user.id, attempt.station, session, now)
        return known if self.presence.whole else Absent.UNKNOWN

    def exceeded(self, attempt: Attempt, decision: Decision, now: float) -> Reason | None:
        """Return why a login that the policy permits is one too many; None where it is not.

        An endpoint that has a session already is none more.
        """
        user, allowed = attempt.user, decision.gives.sessions
        if (
            user is not None
            and allowed is not None
            and self.presence.others_of_user(user.id, attempt.station, now) >= allowed
        ):
            return Reason.TOO_MANY_SESSIONS
        organization = self.memory.organizations.get(attempt.organization_id)
        most = self.most.get(organization.key, 0) if organization is not None else 0
        if (
            most
            and self.presence.others_of_organization(attempt.organization_id, attempt.station, now) >= most
        ):
            return Reason.ORGANIZATION_FULL
        return None

    def withdrawn(self, class_: bytes) -> None:
        """A login that was granted gets another answer: it was none."""
        self.presence.remove(class_)

    def granted(self, class_: bytes, attempt: Attempt, now: float, valid_until: float | None) -> None:
        """Count a login that is answered now: it need not come back from the database first."""
        if self.any:
            user_id = attempt.user.id if attempt.user else None
            place = attempt.organization_id, user_id, attempt.station
            known = Present(class_, *place, now, attempt.door, valid_until)
            self.presence.grant(known)
