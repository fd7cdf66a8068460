"""What stood beside the policy document at moments of the past. ◆"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from access.policy.compiled import Policy
from access.policy.standing import Kept
from access.store import standing


@dataclass
class StandingThen:
    """The rules of a window of time. A policy comes without any; it is kept with those of the last moment."""

    rows: Sequence[Kept]
    _kept: dict[str, tuple[frozenset[int], Policy]] = field(default_factory=dict, repr=False)

    def beside(self, policy: Policy, moment: float) -> Policy:
        """The policy with what stood beside it at a moment. What is not known to have stood is left out."""
        stood = {row.standing.id: row.standing for row in self.rows if row.stood(moment)}
        numbers = frozenset(stood)
        known = self._kept.get(policy.revision)
        if known is None or known[0] != numbers:
            known = numbers, policy.with_standing(stood.items(), policy.beside.revision)
            self._kept[policy.revision] = known
        return known[1]

    def doubtful(self, moment: float) -> list[str]:
        """The rules of which it is not recorded whether they stood at a moment."""
        return [row.standing.rule for row in self.rows if row.stood(moment) is None]


def standing_between(conn: Connection, since: float, until: float) -> StandingThen:
    """What stood at moments from one to another."""
    return StandingThen(standing.between(conn, since, until))
