"""What stood beside the policy document at moments of the past. ◆"""

from bisect import bisect_right
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
    # When something began or ended: between two of these the same rules stand.
    _edges: Sequence[float] = field(init=False, repr=False)
    _kept: dict[str, tuple[int, Policy]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Put the edges in order."""
        told = ((row.created_at, row.began_at, row.ended_at) for row in self.rows)
        self._edges = sorted({at for moments in told for at in moments if at is not None})

    def beside(self, policy: Policy, moment: float) -> Policy:
        """The policy with what stood beside it at a moment. What is not known to have stood is left out."""
        stretch = bisect_right(self._edges, moment)
        known = self._kept.get(policy.revision)
        if known is None or known[0] != stretch:
            stood = ((row.standing.id, row.standing) for row in self.rows if row.stood(moment))
            known = stretch, policy.with_standing(stood, policy.beside.revision)
            self._kept[policy.revision] = known
        return known[1]

    def doubtful(self, moment: float) -> list[str]:
        """The rules of which it is not recorded whether they stood at a moment."""
        return [row.standing.rule for row in self.rows if row.stood(moment) is None]


def standing_between(conn: Connection, since: float, until: float) -> StandingThen:
    """What stood at moments from one to another."""
    return StandingThen(standing.between(conn, since, until))
