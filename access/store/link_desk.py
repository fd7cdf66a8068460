"""What administrators do about links: looked at, written and recorded in one transaction. ◆"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, update

from access.keys.sealing import Keyring
from access.model import Role, User
from access.people.person_link import (
    Administrator,
    BadLink,
    Link,
    LinkState,
    check_approval,
    check_end,
    check_proposal,
)
from access.post.letters import Notice
from access.post.notice_words import NoticeKind
from access.records.audit import AuditEntry
from access.store import audit, codes, feed, notices, person_links
from access.store.database import Database
from access.store.feed import Topic
from access.store.tables import passes

KIND = "person-link"


@dataclass(frozen=True, slots=True)
class StoredLinks:
    """Links of people. writer names this process in the audit; by is always the administrator who asks."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    role_groups: Mapping[Role, frozenset[str]]

    def listed(self, organization_id: int | None = None) -> tuple[Link, ...]:
        """Return what is proposed or stands, of one company or of all."""
        with self.database.read() as conn:
            return person_links.open_ones(conn, organization_id)

    def of_user(self, user_id: int) -> tuple[Link, ...]:
        """Return the links of a membership that stand."""
        with self.database.read() as conn:
            return person_links.of_user(conn, user_id)

    def propose(self, by: User, user: User, other: User, now: float) -> Link:
        """Propose that two memberships are one person's. Raises BadLink."""
        with self.database.write() as conn:
            for user_id in sorted({user.id, other.id}):
                codes.lock_user(conn, user_id)
            one, two = (person_links.membership(conn, each.id) for each in (user, other))
            check_proposal(self._administrator(conn, by), one, two)
            self._make_room(conn, person_links.between(conn, one, two), now)
            link_id = person_links.propose(conn, user.id, other.id, by.id, now)
            link = _found(conn, link_id)
            self._record(conn, "LINK_PROPOSED", link, by, now)
            return link

    def approve(self, by: User, link_id: int, now: float) -> Link:
        """Make a proposal stand. Raises BadLink."""
        with self.database.write() as conn:
            link = _found(conn, link_id, by)
            check_approval(self._administrator(conn, by), link, now)
            self._move(conn, link, LinkState.LINKED, by, now)
            self._record(conn, "LINK_APPROVED", link, by, now)
            # One company alone has made them, and a phone registered with one would count for both.
            for side in (link.user, link.other):
                codes.remove_invitation(conn, side.user_id)
                open_ones = (passes.c.user_id == side.user_id, passes.c.done_at.is_(None))
                spent = update(passes).where(*open_ones).values(done_at=now).returning(passes.c.id)
                numbers = [str(number) for number in conn.execute(spent).scalars()]
                feed.append_many(conn, Topic.PASS, numbers, None, now)
            _tell(conn, NoticeKind.ACCOUNT_LINKED, link, now)
            return link

    def end(self, by: User, link_id: int, now: float) -> Link:
        """Refuse or withdraw a proposal, or cut a link, from either side. Raises BadLink."""
        with self.database.write() as conn:
            link = _found(conn, link_id, by)
            check_end(self._administrator(conn, by), link)
            cut = link.state is LinkState.LINKED
            self._move(conn, link, LinkState.CUT if cut else LinkState.REFUSED, by, now)
            self._record(conn, "LINK_CUT" if cut else "LINK_REFUSED", link, by, now)
            if cut:
                _tell(conn, NoticeKind.ACCOUNT_UNLINKED, link, now)
            return link

    def _make_room(self, conn: Connection, older: Link | None, now: float) -> None:
        """Let a proposal that is too old make room for another. Raises BadLink."""
        if older is None:
            return
        if older.state is LinkState.LINKED or older.open(now):
            raise BadLink(
                "One of the two is linked to somebody of that company, or a proposal for it waits. "
                "See: officegate person links",
                "두 계정 중 하나가 그 회사와 이미 연결되어 있거나, 승인을 기다리는 제안이 있습니다.",
            )
        person_links.decide(conn, older, LinkState.REFUSED, None, now)

    def _move(self, conn: Connection, link: Link, state: LinkState, by: User, now: float) -> None:
        open_still = link.state in (LinkState.PROPOSED, LinkState.LINKED)
        if not open_still or not person_links.decide(conn, link, state, by.id, now):
            raise BadLink(
                "Somebody else was faster: look at it again.", "이미 처리되었습니다. 다시 확인해 주십시오."
            )

    def _administrator(self, conn: Connection, by: User) -> Administrator:
        roles = frozenset(role for role, groups in self.role_groups.items() if groups & by.groups)
        same = frozenset(person_links.sharing(conn, by.id))
        return Administrator(by, codes.organization_id_of(conn, by.id), roles, same)

    def _record(self, conn: Connection, reason: str, link: Link, by: User, now: float) -> None:
        """A row for each company, which names nobody of the other but in a proposal to decide about."""
        for side in (link.user, link.other):
            beyond = link.beyond(side.organization_id)
            own = by.organization == side.organization
            detail = {
                "user": side.login,
                "company": beyond.organization,
                "by": f"{by.name}@{by.organization}" if own else f"an administrator of {by.organization}",
            }
            entry = AuditEntry(KIND, now, reason, side.organization_id, side.user_id, detail=detail)
            audit.record(conn, self.writer, entry, self.keyring, self.random)


def _tell(conn: Connection, kind: NoticeKind, link: Link, now: float) -> None:
    """Tell the person by both addresses: who has one account alone must not miss it."""
    for side in (link.user, link.other):
        company = {"name": link.beyond(side.organization_id).company}
        notices.put(conn, Notice(kind, side.user_id, side.organization_id, now, company))


def _found(conn: Connection, link_id: int, by: User | None = None) -> Link:
    link = person_links.by_id(conn, link_id)
    if link is None or (
        by is not None and by.organization not in (link.user.organization, link.other.organization)
    ):
        raise BadLink("No such link.", "그런 연결이 없습니다.")
    return link
