"""One person who works for two companies: a link between two memberships, which both companies approve. ▸

proposed   an administrator of one company names somebody of theirs and somebody of another
linked     an administrator of the other company has approved it, within 14 days
refused    the other company does not want it, or whoever proposed it has withdrawn it
cut        an administrator of either company has ended it

Nothing else links anybody: no address of mail, no number, no name. Linked memberships have phones and
recovery codes together and nothing more: groups, network passwords, certificates, sessions and records stay
apart, and whatever somebody does they do as one of the two.
"""

from dataclasses import dataclass
from enum import StrEnum

from access.errors import Refused
from access.model import Role, User

DAY_S = 86400.0
# What nobody has approved for so long is approved by nobody any more.
PROPOSAL_S = 14 * DAY_S


class LinkState(StrEnum):
    """How far a link has come. A proposal that is too old is one that nobody can approve."""

    PROPOSED = "proposed"
    LINKED = "linked"
    REFUSED = "refused"
    CUT = "cut"


class BadLink(Refused):
    """Two memberships cannot be linked so; the message says what to do."""


class NobodyThere(BadLink):
    """The other company has nobody of that name who works there; not said which, to another company."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody of that name can be linked. Write the account of the other company as NAME@COMPANY.",
            "그 이름의 계정을 연결할 수 없습니다. 다른 회사 계정을 이름@회사 형식으로 적어 주십시오.",
        )


@dataclass(frozen=True, slots=True)
class Membership:
    """A person at a company. login is name@organization."""

    user_id: int
    organization_id: int
    organization: str
    company: str
    login: str
    display_name: str
    present: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A link, whatever its state. user is of the company that proposed it, other of the one that decides."""

    id: int
    user: Membership
    other: Membership
    state: LinkState
    proposed_at: float
    proposed_by: int

    def open(self, now: float) -> bool:
        """Whether it can still be approved."""
        return self.state is LinkState.PROPOSED and now < self.proposed_at + PROPOSAL_S

    def of(self, organization_id: int) -> Membership | None:
        """The membership that is of this company, if one is."""
        sides = (self.user, self.other)
        return next((side for side in sides if side.organization_id == organization_id), None)

    def beyond(self, organization_id: int) -> Membership:
        """The membership that is not of this company."""
        return self.other if self.user.organization_id == organization_id else self.user


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who decides for a company. same: the memberships that are the same person's, their own among them."""

    user: User
    organization_id: int
    roles: frozenset[Role]
    same: frozenset[int]


def check_proposal(by: Administrator, user: Membership, other: Membership) -> None:
    """Look whether somebody may propose this link. Raises BadLink."""
    check_administrator(by)
    if user.organization_id != by.organization_id:
        raise BadLink(
            "You propose somebody of your own company: name your own person first, then the other company's.",
            "우리 회사 사람만 제안할 수 있습니다. 우리 회사 계정을 먼저 적어 주십시오.",
        )
    if user.organization_id == other.organization_id:
        raise BadLink(
            "Both are of one company. A link joins memberships of two.",
            "두 계정이 같은 회사의 것입니다. 서로 다른 회사의 계정만 연결할 수 있습니다.",
        )
    if not other.present:
        raise NobodyThere
    if not user.present:
        raise BadLink(
            f"{user.login} is disabled or has left. Only people who work here are linked.",
            f"{user.login} 계정은 사용할 수 없거나 퇴사한 사람의 것입니다.",
        )


def check_approval(by: Administrator, link: Link, now: float) -> None:
    """Look whether somebody may approve this link. Raises BadLink."""
    check_administrator(by)
    if link.other.organization_id != by.organization_id:
        raise BadLink(
            "Only an administrator of the other company approves a link.",
            "연결은 제안받은 회사의 관리자만 승인할 수 있습니다.",
        )
    if link.proposed_by in by.same:
        raise BadLink(
            "You have proposed this link yourself. Another administrator has to approve it.",
            "직접 제안한 연결입니다. 다른 관리자가 승인해야 합니다.",
        )
    if by.user.id == link.other.user_id:
        raise BadLink(
            "It is your own account. Another administrator has to approve it.",
            "본인의 계정입니다. 다른 관리자가 승인해야 합니다.",
        )
    if not link.open(now):
        raise BadLink(
            "That proposal is decided or older than 14 days. Have it proposed anew.",
            "이미 처리되었거나 14일이 지난 제안입니다. 다시 제안해 달라고 하십시오.",
        )
    if not (link.user.present and link.other.present):
        raise BadLink(
            "One of the two is disabled or has left. Refuse the proposal.",
            "두 계정 중 하나를 사용할 수 없습니다. 제안을 거절하십시오.",
        )


def check_end(by: Administrator, link: Link) -> None:
    """Look whether somebody may refuse, withdraw or cut this link: either side may. Raises BadLink."""
    check_administrator(by)
    if link.of(by.organization_id) is None:
        raise BadLink("No such link.", "그런 연결이 없습니다.")


def check_administrator(by: Administrator) -> None:
    """Look whether somebody is an administrator. Raises BadLink."""
    if Role.ADMIN not in by.roles or not by.user.enabled:
        raise BadLink(
            f"{by.user.name}@{by.user.organization} is no administrator.",
            "관리자만 할 수 있습니다.",
        )
