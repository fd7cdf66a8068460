"""What a wave has done since it stands: whom the newer policy refused what the one in force permits. ◆"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import replace

from sqlalchemy import Connection, func, select

from access.changes.rollout import DOINGS, Harm, Rollout
from access.keys.sealing import Keyring
from access.model import Absent, Reason, Request, User
from access.nas.endpoint_standing import endpoint_facts
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.kept_texts import policy_of
from access.policy.subjects import subject_of
from access.policy.vocabulary import LOGIN_PORTAL
from access.proof.code_facts import CodeFacts
from access.records.audit import AuditRecord, Row
from access.rights.desktops import at_the_portal
from access.store import organizations, past, people, policies, standing
from access.store.audit import opened
from access.store.replaying import recorded
from access.store.session_facts import evidence_of, facts_of, with_evidence
from access.store.tables import audit, nas, sessions

_AT_ONCE = 500
# Later than any moment that is recorded, and a number that every database takes.
LAST = 1e15
_SAID = frozenset(reason.value for reason in DOINGS)


def harm_of(
    conn: Connection,
    keyring: Keyring,
    rollout: Rollout,
    window: tuple[float, float],
    organization_id: int | None = None,
) -> Harm:
    """What the newer policy did in a window of time to the people it speaks for, at every door.

    organization_id: the company of whose people alone is told; None: of everybody.
    """
    judged = Judged(conn, rollout, window[0])
    of = (each for each in refusals(conn, keyring, window) if organization_id in (None, each.organization_id))
    found = [each for each in of if judged.is_harm(each)]
    return told(conn, rollout, (len(found), set(map(who, found))), window, organization_id)


def told(
    conn: Connection,
    rollout: Rollout,
    found: tuple[int, Set[int | str]],
    window: tuple[float, float],
    organization_id: int | None = None,
) -> Harm:
    """The harm that was found, beside what was permitted. found: how many refusals, and whom they hit.

    organization_id: as of harm_of().
    """
    refused, hit = found
    then = (sessions.c.admitted_at >= window[0]) & (sessions.c.admitted_at < window[1])
    mine = select(func.count()).where(then, sessions.c.policy_revision == rollout.revision)
    if organization_id is not None:
        mine = mine.where(sessions.c.organization_id == organization_id)
    names = people.users_by_id(conn, [each for each in hit if isinstance(each, int)])
    called = {f"{user.name}@{user.organization}" for user in names.values()}
    called |= {each for each in hit if isinstance(each, str) and each}
    return Harm(refused, len(hit), conn.execute(mine).scalar() or 0, tuple(sorted(called)))


def who(record: AuditRecord) -> int | str:
    """Whom a refusal hit: a user by id, others by what they are called."""
    return record.user_id or _named(record)


def _named(record: AuditRecord) -> str:
    detail = record.detail or {}
    return str(detail.get("name") or detail.get("endpoint") or "")


def refusals(
    conn: Connection,
    keyring: Keyring,
    window: tuple[float, float],
    above: int = 0,
    known: Set[int] = frozenset(),
) -> Iterator[AuditRecord]:
    """All refusals and losses in a window of time, company by company, as the index finds them.

    above: only with greater numbers; known: the numbers of those that are left out unread.
    """
    reasons = (*_SAID, Reason.RIGHT_LOST.value)
    query = select(audit).where(
        audit.c.kind.in_(_KINDS), audit.c.reason.in_(reasons), audit.c.at >= window[0], audit.c.at < window[1]
    )
    for company in organizations.all_organizations(conn):
        after = above
        some = query.where(audit.c.organization_id == company.id).order_by(audit.c.id).limit(_AT_ONCE)
        while rows := conn.execute(some.where(audit.c.id > after)).all():
            after = rows[-1].id
            yield from opened(conn, [Row(*row) for row in rows if row.id not in known], keyring)


class Judged:
    """Refusals, each looked at by the door where it happened."""

    def __init__(self, conn: Connection, rollout: Rollout, since: float) -> None:
        self._conn, self._revision = conn, rollout.revision
        self._base = _base(conn, rollout.base)
        self._changes = past.changes_since(conn, since, since)
        self._companies = {each.id: each.key for each in organizations.all_organizations(conn)}

    def is_harm(self, record: AuditRecord) -> bool:
        """Whether the newer policy refused it, and the one in force would not have."""
        detail = record.detail or {}
        if detail.get("policy") != self._revision or detail.get("groups_left"):
            return False
        return _KINDS[record.kind](self, record)

    def login(self, record: AuditRecord) -> bool:
        """A login at a NAS: decided again, where its facts are known."""
        asked = recorded(record, self._changes, self._companies.get(record.organization_id or 0, ""))
        if asked is None:
            return True
        return decide(self._base, asked.subject, Request(asked.object, asked.facts), asked.at).permitted

    def session(self, record: AuditRecord) -> bool:
        """A session that had to end, by what is kept of it: what else it had counts as unknown."""
        detail, user = record.detail or {}, self._person(record)
        row = self._conn.execute(_SESSION.where(sessions.c.id == record.session_id)).first()
        if detail.get("what") != "session.right-lost" or detail.get("because") not in _SAID:
            return False
        if row is None or user is None:
            return True
        endpoint = endpoint_facts(evidence_of(row), user.organization, user.id)
        facts = replace(facts_of(row), endpoint=endpoint)
        decided = decide(self._base, subject_of(user), Request(f"login:{row.via}", facts), record.at)
        return decided.permitted or decided.reason is Reason.FACT_UNKNOWN

    def desktop(self, record: AuditRecord) -> bool:
        """A desktop that somebody has no right to any more, wherever they are."""
        return self._at_pages(record, f"vdi:{(record.detail or {}).get('pool', '')}")

    def portal(self, record: AuditRecord) -> bool:
        """Somebody who was signed in when the policy refused the portal."""
        return self._at_pages(record, LOGIN_PORTAL)

    def _at_pages(self, record: AuditRecord, object: str) -> bool:
        """Whether somebody at the portal, with whatever code, may have something by the policy in force."""
        user = self._person(record)
        if user is None:
            return False
        facts = at_the_portal(CodeFacts(record.at, Absent.UNKNOWN, Absent.UNKNOWN))
        return decide(self._base, subject_of(user), Request(object, facts), record.at).reason not in _AT_ALL

    def _person(self, record: AuditRecord) -> User | None:
        then = self._changes.as_of(record.user_id, record.at) if record.user_id is not None else None
        return then.user if then is not None else None


_AT_ALL = frozenset({Reason.NO_POLICY, Reason.NO_PERMIT, Reason.FORBIDDEN, Reason.CONTAINED})
_SESSION = with_evidence(
    select(sessions, nas.c.site, nas.c.nas_group).join(nas, nas.c.id == sessions.c.nas_id)
)
_KINDS: Mapping[str, Callable[[Judged, AuditRecord], bool]] = {
    "login": Judged.login,
    "enforcement": Judged.session,
    "desktop": Judged.desktop,
    "sign-in": Judged.portal,
}


def _base(conn: Connection, revision: str) -> Policy | None:
    version = policies.version(conn, revision)
    return standing.beside(conn, policy_of(version.document) if version else None)
