"""The shelf that publishing works with: previews, approvals, and the one transaction of a publication. ◆"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from access.changes import approving
from access.changes.approving import Approval, Desk, NotApproved, check_approver
from access.changes.company_policy import EMPTY, CompanyPart, NotYours
from access.changes.drafts import StoredDraft, Told
from access.changes.outlook import Budget, Preview, excesses
from access.changes.part_publishing import whole_of
from access.changes.publishing import NOTHING, Draft, Taken, asked_to_agree
from access.keys.sealing import Keyring
from access.model import Role, User
from access.nas.nowhere import nowhere
from access.nas.untold import untold
from access.policy.compiled import Policy
from access.policy.kept_texts import document_of, policy_of
from access.policy.subjects import fold
from access.policy.vocabulary import Document, World
from access.policy.zone_scope import beyond
from access.records.audit import AuditEntry
from access.store import audit, drafts, forecast, nas, organizations, people, person_links, policies, rollouts
from access.store.database import Database
from access.store.lockout import shut_by
from access.store.namesakes import namesakes
from access.store.tables import groups, memberships, users
from access.store.tables import organizations as companies
from access.store.taken_lately import Act, taken_lately
from access.store.taken_lately import add as add_taken
from access.words.phrase import joined

_PUBLISHED = "policy.published"


@dataclass(frozen=True, slots=True)
class StoredPolicies:
    """The shelf that access.changes.publishing works with. writer names this process in the audit.

    role_groups: whose people have which role. head_office: the key of an organization, "" for the first.
    zone_groups: by zone, whose people are administrators of it and of no other.
    """

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    budget: Budget = Budget()  # noqa: RUF009 - frozen
    role_groups: Mapping[Role, frozenset[str]] = field(default_factory=dict)
    head_office: str = ""
    zone_groups: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def in_force(self) -> str | None:
        """The revision in force; None before the first."""
        with self.database.read() as conn:
            return policies.in_force(conn)

    def document(self) -> Document | None:
        """The document in force; None before the first."""
        with self.database.read() as conn:
            version = policies.current(conn)
        return document_of(version.document) if version is not None else None

    def text_in_force(self) -> tuple[str, str] | None:
        """The revision and the text in force; None before the first."""
        with self.database.read() as conn:
            version = policies.current(conn)
        return (version.revision, version.document) if version is not None else None

    def zones_of(self, user: User) -> frozenset[str] | None:
        """The zones whose rules somebody is held to; None where to nothing."""
        held = frozenset(zone for zone, groups in self.zone_groups.items() if groups & user.groups)
        return None if self.keeping & user.groups or not self.zone_groups else held

    @property
    def keeping(self) -> frozenset[str]:
        """The groups whose people are administrators who are held to no zones."""
        limited = frozenset[str]().union(*self.zone_groups.values())
        return self.role_groups.get(Role.ADMIN, frozenset()) - limited

    def on_its_way(self) -> bool:
        """Whether another publication comes in waves at the moment."""
        with self.database.read() as conn:
            return rollouts.current(conn) is not None

    def world(self) -> World:
        """What the directories know."""
        with self.database.read() as conn:
            return policies.world(conn)

    def preview(self, policy: Policy, now: float) -> Preview:
        """What happens when the policy takes the place of the one in force."""
        with self.database.read() as conn:
            old = forecast.in_force(conn)
            seen = forecast.preview(conn, old, policy, now)
            shut = shut_by(conn, policy, seen, self._desk(conn).administrators)
            spots = nas.spots(conn)
            dumb, lost = untold(policy, spots, now), nowhere(policy, spots)
            return replace(
                seen,
                base=policies.in_force(conn),
                shut=shut,
                untold=dumb,
                nowhere=lost,
                namesakes=namesakes(conn, policy.document, now),
                grants=forecast.grants(conn, old, policy, now),
            )

    def taken_lately(self, author_id: int | None, now: float) -> Taken:
        """From whom somebody took something within a day, by what they did alone."""
        with self.database.read() as conn:
            return taken_lately(conn, author_id, now)

    def missing(self, draft: Draft, revision: str, organizations: Sequence[str]) -> tuple[str, ...]:
        """Those of the organizations for which nobody has agreed who may."""
        if not organizations:
            return ()
        with self.database.read() as conn:
            given = drafts.approvals(conn, self.keyring, *draft.signed(revision))
            return approving.missing(
                organizations, given, _memberships(conn, draft.author_id), self._desk(conn)
            )

    def refuse_beyond(self, draft: Draft, document: Document) -> None:
        """Refuse a change beyond what is its author's organization's alone. Raises NotYours.

        Whoever runs the installation, and the administrators of the head office, may change everything.
        """
        with self.database.read() as conn:
            author = self._refuse_stranger(conn, draft)
            if author is None or author.organization == self._desk(conn).head_office:
                return
            base = policies.version(conn, draft.expected) if draft.expected else None
        CompanyPart(base.document if base else EMPTY, author.organization).refuse_beyond(document)

    def _refuse_stranger(self, conn: Connection, draft: Draft) -> User | None:
        """Who wrote a draft, where they are a user of ours. Raises NotYours for a part of another company."""
        author = people.user_by_id(conn, draft.author_id) if draft.author_id is not None else None
        if author is None or draft.organization in ("", author.organization):
            return author
        if author.organization != self._desk(conn).head_office:
            login = f"{author.name}@{author.organization}"
            raise NotYours(
                f"{login} is of another company than {draft.organization}.",
                f"{login}: {draft.organization}의 관리자가 아닙니다.",
            )
        return author

    def put_in_force(self, draft: Draft, revision: str, now: float, taken: Taken = NOTHING) -> bool:
        """Keep the draft and put it in force, with feed and audit; False if another came before it."""
        with self.database.write() as conn:
            if rollouts.current(conn) is not None or not policies.put_in_force(conn, draft, revision, now):
                return False
            signed, base = draft.signed(revision)
            given = drafts.approvals(conn, self.keyring, signed, base)
            names = [each.login for each in given]
            if not names:
                add_taken(conn, draft.author_id, Act.PUBLISHED, taken, now)
            drafts.tell(conn, draft, revision, names, now)
            drafts.drop_published(conn, signed, now)
            said: dict[str, object] = {"revision": revision, "replaced": draft.expected}
            if draft.organization:
                self._tell_of_part(conn, draft, said, given, now)
                return True
            more = {"approved_by": names, "by": draft.by}
            said |= {key: value for key, value in more.items() if value}
            self._record(conn, _PUBLISHED, draft, now, said)
            return True

    def drafts(self) -> list[StoredDraft]:
        """Every draft, the last changed first."""
        with self.database.read() as conn:
            return drafts.all_drafts(conn)

    def draft(self, draft_id: int) -> StoredDraft:
        """One draft. Raises NoSuchDraft."""
        with self.database.read() as conn:
            return drafts.draft(conn, draft_id)

    def save(self, draft_id: int | None, made: Draft, now: float) -> StoredDraft:
        """Keep a text as a draft, in the place of another one's where that is named. Raises NoSuchDraft."""
        with self.database.write() as conn:
            self._refuse_stranger(conn, made)
            kept = drafts.save(conn, draft_id, made, now)
            said = {"draft": kept.id, "revision": kept.revision, "base": kept.base}
            self._record(conn, "policy.draft-saved", made, now, said)
            return kept

    def submit(self, draft_id: int, by: Draft, now: float) -> StoredDraft:
        """Let others approve a draft; by says who asks. Raises NoSuchDraft, NotApproved.

        Its author alone does, or whoever has the machine: nobody finishes another one's text and approves it.
        """
        with self.database.write() as conn:
            before = drafts.draft(conn, draft_id)
            author, by = _memberships(conn, before.author_id), replace(by, organization=before.organization)
            if author and by.author_id is not None and by.author_id not in author:
                raise NotApproved(
                    "Its author has to submit this draft. To go on with it, save it as a draft of your own.",
                    "작성자만 승인을 요청할 수 있습니다. 직접 하려면 내용을 본인의 초안으로 저장하십시오.",
                )
            kept = drafts.submit(conn, draft_id, now)
            said = {"draft": kept.id, "revision": kept.revision, "base": kept.base}
            self._record(conn, "policy.draft-submitted", by, now, said)
            return kept

    def drop(self, draft_id: int, by: Draft, now: float) -> StoredDraft:
        """Forget a draft; by says who does it. Raises NoSuchDraft."""
        with self.database.write() as conn:
            gone = drafts.drop(conn, draft_id, now)
            said = {"draft": gone.id, "revision": gone.revision}
            by = replace(by, organization=gone.organization)
            self._record(conn, "policy.draft-dropped", by, now, said)
            return gone

    def approvals(self, made: StoredDraft) -> list[approving.Approval]:
        """Who has approved the draft as it is now."""
        with self.database.read() as conn:
            return drafts.approvals(conn, self.keyring, made.revision, made.base)

    def approve(self, draft_id: int, by: User, now: float, hand: str = "") -> StoredDraft:
        """Write down that somebody approves a draft as it is now. Raises NotApproved, PolicyErrors.

        hand: who says so for them, empty where they have signed in and do.
        """
        with self.database.read() as conn:
            made = drafts.draft(conn, draft_id)
            if made.submitted_at is None:
                raise NotApproved(
                    "Its author has not submitted this draft yet.",
                    "작성자가 아직 승인을 요청하지 않았습니다.",
                )
            whole = _whole(conn, made)
            preview = forecast.preview(conn, forecast.in_force(conn), policy_of(whole.text), now)
            counted = preview.of(made.organization) if made.organization else preview
            before = taken_lately(conn, made.author_id, now)
            beyond = asked_to_agree(whole, excesses(counted, self.budget, before))
            if not beyond:
                raise NotApproved(
                    "This change is within the budget: it needs no approval.",
                    "승인이 필요 없는 변경입니다.",
                )
            self._refuse_beyond_zones(conn, whole.text, by)
            own = frozenset(person_links.sharing(conn, by.id))
            check_approver(by.id, beyond, _memberships(conn, made.author_id), own, self._desk(conn))
        with self.database.write() as conn:
            # What was looked at is what is approved, whatever the draft has become since.
            if drafts.approve(conn, self.keyring, made, by.id, now):
                said = {"draft": made.id, "revision": made.revision, "base": made.base}
                login = f"{by.name}@{by.organization}"
                word = Draft(made.text, login, None, "", by.id, hand, organization=made.organization)
                self._record(conn, "policy.approved", word, now, said)
        return made

    def _refuse_beyond_zones(self, conn: Connection, text: str, by: User) -> None:
        """Let nobody approve what they may not change. Raises NotApproved."""
        zones = self.zones_of(by)
        version = policies.current(conn)
        old = document_of(version.document) if version is not None else None
        outside = beyond(old, document_of(text), zones) if zones is not None else []
        if outside:
            raise NotApproved(
                f"This changes more than the zones you answer for: {joined(outside, 'en')}.",
                f"맡은 망 구역 밖의 내용을 바꿉니다: {joined(outside, 'ko')}.",
            )

    def history(self) -> list[Told]:
        """The publications, the last first."""
        with self.database.read() as conn:
            return drafts.history(conn)

    def _desk(self, conn: Connection) -> Desk:
        head_office = self.head_office
        if not head_office:
            known = organizations.all_organizations(conn)
            head_office = min(known, key=lambda each: each.id).key if known else ""
        return Desk(administrators(conn, self.role_groups.get(Role.ADMIN, frozenset())), head_office)

    def _tell_of_part(
        self,
        conn: Connection,
        made: Draft,
        said: Mapping[str, object],
        given: Sequence[Approval],
        now: float,
    ) -> None:
        """Write down that a part was published: for the installation, and for the company by its part."""
        revision, base = made.signed("")
        who = {"author": made.author, "note": made.note, "by": made.by}
        names = [each.login for each in given if each.organization == made.organization]
        whole = {"what": _PUBLISHED, **said, "organization": made.organization}
        part = {"what": _PUBLISHED, "revision": revision, "replaced": base, "approved_by": names}
        own = _is_own(made)
        for of, detail, named in ((None, whole, not own), (made.organization, part, own)):
            told = detail | (who if named else {})
            kept = {key: value for key, value in told.items() if value}
            company = organizations.id_of(conn, of) if of else None
            whose = made.author_id if named else None
            self._say(conn, AuditEntry("policy", now, organization_id=company, user_id=whose, detail=kept))

    def _record(
        self, conn: Connection, what: str, made: Draft, now: float, said: Mapping[str, object]
    ) -> None:
        """Write down what somebody did; one of a company's own at its part, where the company sees it."""
        detail = {"what": what, **said, "author": made.author, "note": made.note}
        detail |= {"by": made.by} if made.by else {}
        of = organizations.id_of(conn, made.organization) if _is_own(made) else None
        self._say(conn, AuditEntry("policy", now, organization_id=of, user_id=made.author_id, detail=detail))

    def _say(self, conn: Connection, entry: AuditEntry) -> None:
        audit.record(conn, self.writer, entry, self.keyring, self.random)


def _is_own(made: Draft) -> bool:
    """Whether a draft of a part has its author among the company's own people."""
    return bool(made.organization) and made.author.endswith(f"@{made.organization}")


def _whole(conn: Connection, made: StoredDraft) -> Draft:
    """What publishing a draft would publish over what is in force now. Raises NotApproved, Refused."""
    draft = Draft(made.text, made.author, made.base or None, made.note, made.author_id)
    version = policies.current(conn)
    in_force = version.revision if version is not None else ""
    if made.organization and version is not None:
        in_force = CompanyPart(version.document, made.organization).revision
    if made.base != in_force:
        raise NotApproved(
            "Another revision is in force than the one this draft was written over. Write it anew.",
            "초안을 작성한 뒤 다른 정책이 게시되었습니다. 새로 작성해야 합니다.",
        )
    if not made.organization or version is None:
        return draft
    return whole_of(replace(draft, organization=made.organization), version.revision, version.document)


def _memberships(conn: Connection, user_id: int | None) -> frozenset[int]:
    return frozenset(person_links.sharing(conn, user_id)) if user_id is not None else frozenset()


def administrators(conn: Connection, named: frozenset[str]) -> dict[str, dict[int, frozenset[int]]]:
    """Everybody in one of these groups (folded, with organization) whose account counts, by organization."""
    rows = conn.execute(
        select(groups.c.id, groups.c.name, companies.c.key).join(
            companies, companies.c.id == groups.c.organization_id
        )
    )
    ids = [row.id for row in rows if fold(f"{row.key}/{row.name}") in named]
    members = (
        select(users.c.id, companies.c.key)
        .join(memberships, memberships.c.user_id == users.c.id)
        .join(companies, companies.c.id == users.c.organization_id)
        .where(memberships.c.group_id.in_(ids), users.c.enabled, users.c.vanished_at.is_(None))
    )
    found: dict[str, dict[int, frozenset[int]]] = {}
    for row in conn.execute(members):
        found.setdefault(row.key, {})[row.id] = frozenset(person_links.sharing(conn, row.id))
    return found
