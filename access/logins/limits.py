"""How many sessions somebody, or a whole organization, may have at once, and which zone an endpoint is in.

Decided from memory. Counting needs to hear of sessions, so it also knows how often a NAS is asked to report
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from access.logins.login_record import Attempt
from access.logins.memory import Memory
from access.logins.presence import SILENT_INTERVALS, Presence, Present, rank
from access.model import Absent, Decision, Method, Others, Reason


@dataclass(frozen=True, slots=True)
class Limits:
    """most has the limits of organizations by key, 0 for none; interim_s is 0 where a NAS may choose."""

    memory: Memory = field(default_factory=Memory)
    most: Mapping[str, int] = field(default_factory=dict)
    presence: Presence = field(default_factory=lambda: Presence(SILENT_INTERVALS))
    interim_s: int = 0

    @property
    def any(self) -> bool:
        """Whether there is a limit at all, or a zone; without one nobody need count."""
        policy = self.memory.policy
        counted = policy is not None and (policy.limits_sessions or "sessions" in policy.asks)
        return counted or bool(self._zones) or any(self.most.values())

    @property
    def _zones(self) -> frozenset[str]:
        """The zones in force, also while a change comes in waves."""
        sides = self.memory.policy.sides if self.memory.policy is not None else ()
        return frozenset(zone for side in sides for zone in side.document.zones)

    def others(self, attempt: Attempt, session: bytes, now: float) -> Others | Absent:
        """Return which sessions a person has elsewhere; unknown until they have been read.

        session: the Class of one that is authorized anew.
        """
        if attempt.user is None:
            return Absent.DOES_NOT_APPLY
        known = self.presence.sessions_of(attempt.user.id, attempt.station, session, now)
        return known if self.presence.whole else Absent.UNKNOWN

    def exceeded(self, attempt: Attempt, decision: Decision, now: float) -> Reason | None:
        """Return why a login that the policy permits is one too many, or in a zone too many; None where not.

        An endpoint that has a session already is none more.
        """
        if self._yields(attempt, decision, now):
            return Reason.OTHER_ZONE
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

    def _yields(self, attempt: Attempt, decision: Decision, now: float) -> bool:
        """Return whether a login would have to end for a session of its endpoint in another zone.

        One whose zone is in force no more says nothing: nobody has looked yet where it is now.
        """
        endpoint = _endpoint(attempt)
        if not decision.zone or not endpoint:
            return False
        zones = self._zones - {decision.zone}
        mine = rank(attempt.door, attempt.method == Method.MAB)
        return any(each.zone in zones and each.rank > mine for each in self.presence.at(endpoint, now))

    def withdrawn(self, class_: bytes) -> None:
        """A login that was granted gets another answer: it was none."""
        self.presence.remove(class_)

    def granted(
        self, class_: bytes, attempt: Attempt, zone: str, now: float, valid_until: float | None
    ) -> None:
        """Count a login that is answered now: it need not come back from the database first."""
        if not self.any:
            return
        known = Present(
            class_,
            attempt.organization_id,
            attempt.user.id if attempt.user else None,
            attempt.station,
            now,
            attempt.door,
            valid_until,
            endpoint=_endpoint(attempt),
            zone=zone,
            by_mac=attempt.method == Method.MAB,
        )
        self.presence.grant(known)


def _endpoint(attempt: Attempt) -> str:
    """Return how zones know the endpoint of a login; "" where nobody says."""
    station = attempt.weighed.station if attempt.weighed is not None else Absent.UNKNOWN
    return "" if isinstance(station, Absent) else station
