"""What administrators do about local groups on the pages: looked at, written and recorded at once. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from access.changes.outlook import Budget
from access.keys.sealing import Keyring
from access.model import User
from access.people import local_group as rules
from access.people.local_group import Act, BadLocalGroup, LocalGroup, LocalMember, NewLocalGroup
from access.people.naming import spell
from access.records.audit import AuditEntry
from access.store import audit, codes, local_groups, people
from access.store.database import Database
from access.store.put_off import Taker, within_budget

KIND = "local-group"
GROUP = "group:"


@dataclass(frozen=True, slots=True)
class StoredLocalGroups:
    """The groups that are kept here. writer names this process in the audit; by is who asks, and of whom.

    budget: what one person may take from a company's people.
    """

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    budget: Budget = Budget()  # noqa: RUF009 - frozen

    def listed(self, organization_id: int) -> Sequence[tuple[LocalGroup, Sequence[LocalMember]]]:
        """Return the groups of a company with all that is listed in each."""
        with self.database.read() as conn:
            found = local_groups.all_groups(conn, organization_id)
            return [(each, local_groups.members(conn, each.id)) for each in found]

    def add(self, by: User, name: str, owner: str, purpose: str, now: float) -> LocalGroup:
        """Make a group. Raises BadLocalGroup."""
        with self.database.write() as conn:
            company = codes.organization_id_of(conn, by.id)
            answers = _person(conn, company, owner)
            rules.check_owner(answers, now)
            new = NewLocalGroup(company, rules.check_name(name), answers, rules.purpose_of(purpose))
            group_id = local_groups.add(conn, new, _act(by, now), self.random)
            made = _of(conn, by, group_id)
            self._record(conn, "LOCAL_GROUP_ADDED", made, _act(by, now), {"purpose": new.purpose})
            return made

    def join(self, by: User, group_id: int, who: str, until: float, now: float) -> LocalGroup:
        """List somebody, or a group as group:NAME, until an end. Raises BadLocalGroup, TakesTooMuch."""
        rules.check_end(until, now)
        act = _act(by, now)
        with self.database.write() as conn:
            known = _of(conn, by, group_id)
            with within_budget(conn, known, Taker(by.id, self.budget), now):
                _put(conn, known, who.strip(), until, act)
            self._record(conn, "LOCAL_GROUP_JOINED", known, act, {"member": who.strip(), "until": until})
            return known

    def leave(self, by: User, group_id: int, member_id: int, now: float) -> LocalGroup:
        """Take something off a group's list. Raises BadLocalGroup, TakesTooMuch."""
        with self.database.write() as conn:
            known = _of(conn, by, group_id)
            found = [each for each in local_groups.members(conn, known.id) if each.id == member_id]
            with within_budget(conn, known, Taker(by.id, self.budget), now):
                if not found or not local_groups.take(conn, known, member_id, now):
                    raise BadLocalGroup("That is not listed any more.", "이미 빠졌습니다.")
            self._record(conn, "LOCAL_GROUP_LEFT", known, _act(by, now), {"member": found[0].who})
            return known

    def remove(self, by: User, group_id: int, now: float) -> LocalGroup:
        """Take a group away. Raises BadLocalGroup, TakesTooMuch."""
        with self.database.write() as conn:
            known = _of(conn, by, group_id)
            with within_budget(conn, known, Taker(by.id, self.budget), now):
                local_groups.remove(conn, known, now)
            self._record(conn, "LOCAL_GROUP_REMOVED", known, _act(by, now), {})
            return known

    def _record(
        self, conn: Connection, reason: str, known: LocalGroup, act: Act, more: dict[str, object]
    ) -> None:
        detail = {"group": known.name, "by": act.by} | more
        entry = AuditEntry(KIND, act.at, reason, known.organization_id, detail=detail)
        audit.record(conn, self.writer, entry, self.keyring, self.random)


def _put(conn: Connection, known: LocalGroup, who: str, until: float, act: Act) -> None:
    if who.startswith(GROUP):
        named = rules.check_name(who.removeprefix(GROUP).rpartition("/")[2])
        inner = local_groups.group_id_of(conn, known.organization_id, named)
        local_groups.put_group(conn, known, inner, until, act)
    else:
        somebody = _person(conn, known.organization_id, who)
        local_groups.put_user(conn, known, somebody.id, until, act)


def _act(by: User, now: float) -> Act:
    return Act(f"{by.name}@{by.organization}", now)


def _of(conn: Connection, by: User, group_id: int) -> LocalGroup:
    """A group of the company of whoever asks; another's is not there."""
    found = local_groups.by_id(conn, group_id)
    if found is None or found.organization_id != codes.organization_id_of(conn, by.id):
        raise BadLocalGroup("There is no such group any more.", "그룹이 없습니다.")
    return found


def _person(conn: Connection, organization_id: int, text: str) -> User:
    name = spell(text.strip().partition("@")[0])
    found = people.user_by_name(conn, organization_id, name) if name is not None else None
    if found is None or not found.enabled:
        raise BadLocalGroup(
            f"Nobody of the company has the name {text.strip()[:80]!r}.",
            f"회사에 {text.strip()[:80]!r}(이)라는 사람이 없습니다.",
        )
    return found
