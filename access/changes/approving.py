"""Who has to agree to a change of the policy beside whoever wrote it, and whose word counts.

- An approval is of one text and of the revision in force that it replaces: where either is another, it is
  none.
- It counts while its giver is an administrator: of an organization over the budget for that one. Where an
  organization has no other administrator than the author, one of the head office speaks for it.
- The author's word does not count, whatever memberships they have: those that are one person's are one.
- Who publishes from the command line and says no name of ours is nobody we know: two others have to agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from access.errors import Refused


class NotApproved(Refused):
    """An approval is not taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's word for a text over a revision; base is "" where none is in force.

    same: every membership that is the giver's person, their own among them.
    """

    revision: str
    base: str
    user_id: int
    login: str
    organization: str
    at: float
    same: frozenset[int] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Desk:
    """Who could agree: the administrators of each organization, each with all their memberships."""

    administrators: Mapping[str, Mapping[int, frozenset[int]]]
    head_office: str

    def voices(self, organization: str, author: frozenset[int]) -> frozenset[int]:
        """Who may speak for an organization about a change of that author."""
        own = self._without(organization, author)
        return own or self._without(self.head_office, author)

    def _without(self, organization: str, author: frozenset[int]) -> frozenset[int]:
        known = self.administrators.get(organization, {})
        return frozenset(user_id for user_id, same in known.items() if not same & author)


def missing(
    organizations: Iterable[str], approvals: Iterable[Approval], author: frozenset[int], desk: Desk
) -> tuple[str, ...]:
    """The organizations that have not agreed, in the order given. author: their memberships, if known."""
    given = list(approvals)
    needed = 1 if author else 2
    return tuple(
        organization
        for organization in organizations
        if _people(given, desk.voices(organization, author)) < needed
    )


def _people(approvals: Iterable[Approval], voices: frozenset[int]) -> int:
    """How many different people are among the givers that may speak."""
    people: list[frozenset[int]] = []
    for each in approvals:
        memberships = each.same | {each.user_id}
        if each.user_id in voices and not any(memberships & known for known in people):
            people.append(memberships)
    return len(people)


def check_approver(
    user_id: int, organizations: Iterable[str], author: frozenset[int], same: frozenset[int], desk: Desk
) -> None:
    """Look whether somebody may agree to a change for any of these organizations. Raises NotApproved."""
    if author & (same | {user_id}):
        raise NotApproved(
            "You wrote this change yourself. Another administrator has to approve it.",
            "직접 작성한 변경입니다. 다른 관리자가 승인해야 합니다.",
        )
    if not any(user_id in desk.voices(organization, author) for organization in organizations):
        raise NotApproved(
            "This change needs the word of an administrator of the companies that it takes most from.",
            "권한이 크게 줄어드는 회사의 관리자만 승인할 수 있습니다.",
        )
