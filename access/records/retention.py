"""How long a record is kept, by its class: what somebody did, or who may do what.

    access    logins, sessions, sign-ins, what a journal or a gateway said: two years unless told otherwise
    rights    all the rest: policy, enrolment, NAS, endpoints, certificates, alarms, who looked at whom: three

A kind that is not named here is one of rights, so that forgetting to name it loses nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DAY_S = 86400.0
# A run that nobody asked for takes no more than this share of an organization's records of a class.
LARGEST_SHARE = 0.1
ALWAYS_ALLOWED = 10_000

ACCESS_KINDS = frozenset(
    {"login", "accounting", "session", "sign-in", "application", "journal", "enforcement", "desktop"}
)


class RecordClass(StrEnum):
    """What retention tells apart."""

    ACCESS = "access"
    RIGHTS = "rights"


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days records of each class are kept."""

    access_days: int = 730
    rights_days: int = 1095

    def cutoff(self, record_class: RecordClass, now: float) -> float:
        """Return the moment before which records of a class are not kept any more."""
        days = self.access_days if record_class is RecordClass.ACCESS else self.rights_days
        return now - days * DAY_S


@dataclass(frozen=True, slots=True)
class Rules:
    """What is kept for how long: of every organization, and of those that have their own."""

    everywhere: Retention = Retention()
    own: Mapping[int, Retention] = field(default_factory=dict)

    def of(self, organization_id: int) -> Retention:
        """Return what counts for an organization; 0 is what belongs to none."""
        return self.own.get(organization_id, self.everywhere)


def is_too_many(rows: int, of_all: int) -> bool:
    """Whether so many of so many records should not go without somebody who says so.

    A clock that is years ahead would have everything pruned at once.
    """
    return rows > max(ALWAYS_ALLOWED, of_all * LARGEST_SHARE)
