"""Recorded logins as requests that can be decided again, each with the policy of its day. ◆"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Connection

from access.keys.sealing import Keyring
from access.model import Facts, Reason, Subject
from access.policy.compiled import Policy, compile
from access.policy.document import load
from access.policy.facts_text import BadFacts, read
from access.policy.replay import Recorded
from access.policy.subjects import canonical_mac, subject_of
from access.records.audit import AuditRecord
from access.store import organizations, past, policies
from access.store.past import Changes
from access.store.standing_then import StandingThen, standing_between

# What a policy answers with; other refusals no policy would change.
ANSWERS = frozenset(
    {
        *(Reason.PERMITTED, Reason.NO_PERMIT, Reason.FORBIDDEN, Reason.CONDITION_FAILED),
        *(Reason.FACT_UNKNOWN, Reason.POLICY_CONFLICT, Reason.NO_POLICY),
    }
)


@dataclass
class Archive:
    """The logins of a window of time. organization_id: of one organization, None: of all."""

    conn: Connection
    keyring: Keyring
    window: tuple[float, float]
    organization_id: int | None
    now: float
    _policies: dict[str, Policy | None] = field(default_factory=dict)

    @cached_property
    def _standing(self) -> StandingThen:
        return standing_between(self.conn, *self.window)

    def beside(self, policy: Policy, moment: float) -> Policy:
        """A policy with what stood beside the document at a moment of the window."""
        return self._standing.beside(policy, moment)

    def requests(self) -> Iterator[tuple[Recorded | None, Policy | None]]:
        """Every login that a policy has answered, the oldest first; None where too little is recorded."""
        changes = past.changes_since(self.conn, self.window[0], self.now)
        keys = {each.id: each.key for each in organizations.all_organizations(self.conn)}
        for records in past.logins(self.conn, self.keyring, self.window, self.organization_id):
            answered = [each for each in records if each.reason in ANSWERS]
            changes.meet(each.user_id for each in answered if each.user_id is not None)
            for each in answered:
                detail = each.detail or {}
                request = recorded(each, changes, keys.get(each.organization_id or 0, ""))
                of_its_day = self._policy(str(detail.get("policy", "")))
                yield request, self.beside(of_its_day, each.at) if of_its_day else None

    def _policy(self, revision: str) -> Policy | None:
        if revision not in self._policies:
            version = policies.version(self.conn, revision) if revision else None
            self._policies[revision] = compile(load(version.document)) if version else None
        return self._policies[revision]


def facts_kept(record: AuditRecord) -> Facts | None:
    """The facts of a recorded login; None where they were not kept, or cannot be read any more."""
    told = (record.detail or {}).get("facts")
    try:
        return read(told) if isinstance(told, dict) else None
    except BadFacts:
        return None


def recorded(record: AuditRecord, changes: Changes, organization: str) -> Recorded | None:
    """A recorded login as a request; None where too little is recorded of it."""
    facts = facts_kept(record)
    subject = _subject(record, changes, organization)
    if facts is None or subject is None or record.detail is None:
        return None
    who = f"{subject.name}@{subject.organization}" if subject.id else subject.name
    permitted = record.reason == Reason.PERMITTED
    return Recorded(record.at, who, organization, subject, f"login:{facts.via}", facts, permitted)


def _subject(record: AuditRecord, changes: Changes, organization: str) -> Subject | None:
    """Who asked, in the groups of that moment."""
    detail = record.detail or {}
    if record.user_id is not None:
        then = changes.as_of(record.user_id, record.at)
        return subject_of(then.user) if then is not None and then.user is not None else None
    if detail.get("realm"):
        return Subject(0, "", str(detail.get("name", "")), realm=str(detail["realm"]))
    mac = canonical_mac(str(detail.get("endpoint", "")))
    return Subject(0, organization, mac) if mac is not None else None
