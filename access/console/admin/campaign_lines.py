"""Open campaigns of reviews as the console shows them, and who runs them. ◆"""

from collections.abc import Iterator
from dataclasses import dataclass

from access.changes import reviewing
from access.changes.review_days import BY_ITSELF
from access.changes.reviewing import Desk, Fate, owners_left
from access.console.admin.scope import of_head_office
from access.console.current import gate, visitor
from access.model import Role


@dataclass(frozen=True, slots=True)
class Campaign:
    """An open campaign: how many permits it asks about, and what nobody has signed.

    by: who has begun it. unsigned: rules, each with whose it is and whether all of those have left.
    """

    number: int
    until: float
    fate: Fate
    permits: int
    by: str
    unsigned: tuple[tuple[str, str, bool], ...]

    @property
    def began_by_itself(self) -> bool:
        """Whether a review day has begun it."""
        return self.by == BY_ITSELF


def campaigns(at: Desk) -> Iterator[Campaign]:
    """The open campaigns, for the head office alone: each asks about permits of several companies."""
    rows = [each for each in at.ports.open_reviews() if each.closed_at is None] if of_head_office() else []
    for number in sorted({each.campaign for each in rows}):
        theirs = [each for each in rows if each.campaign == number]
        unsigned = tuple(
            (each.rule, _owner(at, each), bool(owners_left(at, each)))
            for each in reviewing.unsigned(at, number)
        )
        first = theirs[0]
        yield Campaign(number, first.until, first.fate, len(theirs), first.started_by, unsigned)


def may_run() -> bool:
    """Whether the visitor keeps every rule: an administrator of the head office who is held to no zones."""
    return of_head_office() and Role.ADMIN in visitor().roles and gate().policy.keeps_all(visitor().user)


def _owner(at: Desk, review: reviewing.Review) -> str:
    rule = at.rule(review)
    return rule.owner if rule is not None else review.owner
