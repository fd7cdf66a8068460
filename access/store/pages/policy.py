"""The policy as the pages read it, check it and put it in force. ◆"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo

from access.changes.outlook import excesses
from access.changes.publishing import Draft, Examination, Outcome, examine, publish
from access.changes.review_closing import After, Closing, without_stopped
from access.changes.rollout import Bearable
from access.errors import Refused
from access.model import User
from access.policy.compiled import Policy
from access.policy.forward import End, ends
from access.policy.kept_texts import policy_of
from access.policy.mutations import Mutation, unguarded
from access.policy.zone_scope import zones_of_groups, zones_of_opening
from access.shown import Checked, Published
from access.store import ending_accounts, forecast, policies, rollouts, standing
from access.store.pages.changes import StoredChanges
from access.store.pages.parts import StoredParts
from access.store.pages.waves import StoredWaves
from access.store.policy_shelf import StoredPolicies
from access.store.reviews import StoredReviews


@dataclass
class StoredPolicyDesk:
    """The published document, compiled once for each revision, with what stands beside it now."""

    shelf: StoredPolicies
    clock: Callable[[], float]
    zone: tzinfo = UTC
    bearable: Bearable = Bearable()  # noqa: RUF009 - frozen
    _kept: Mapping[str, Policy] = field(default_factory=dict, init=False)

    @property
    def changes(self) -> StoredChanges:
        """How it changes: drafts, approvals, what was before."""
        return StoredChanges(self.shelf, self.clock)

    @property
    def parts(self) -> StoredParts:
        """Companies' own parts of it."""
        return StoredParts(self.shelf, self.clock)

    @property
    def waves(self) -> StoredWaves:
        """The publication that comes in waves."""
        return StoredWaves(self.shelf, self.clock, self.bearable)

    @property
    def reviews(self) -> StoredReviews:
        """Campaigns in which owners sign for its rules."""
        shelf = self.shelf
        kept = shelf.database, shelf.keyring, shelf.random, shelf.writer
        return StoredReviews(*kept, shelf.keeping, shelf.head_office)

    def after(self, planned: Closing) -> After | None:
        """What closing a campaign of reviews leaves; None where it stops nothing."""
        policy = self.current()
        if policy is None or not planned.stops:
            return None
        stopped = without_stopped(policy, planned)
        with self.shelf.database.read() as conn:
            seen = forecast.between(conn, policy, stopped, self.clock())
        before = self.shelf.taken_lately(planned.by_id, self.clock())
        return After(stopped, seen, excesses(seen, self.shelf.budget, before))

    def keeps_all(self, user: User) -> bool:
        """Whether an administrator is held to no zones."""
        return self.shelf.zones_of(user) is None

    def refuse_groups(self, user: User, groups: Collection[str]) -> None:
        """Refuse to let somebody change who is in groups ("organization/name") beyond their zones."""
        zones = self.shelf.zones_of(user)
        if zones is None:
            return
        document = self.shelf.document()
        if document is not None and not zones_of_groups(document, groups) <= zones:
            raise Refused(
                "More than the zones you answer for stands on this group.",
                "맡은 망 구역 밖의 규칙이 이 그룹을 따릅니다.",
            )

    def refuse_opening(self, user: User, name: str) -> None:
        """Refuse to let somebody open what is beyond their zones."""
        zones = self.shelf.zones_of(user)
        document = self.shelf.document()
        opening = document.openings.get(name) if document is not None else None
        if zones is None or document is None or opening is None:
            return
        if not zones_of_opening(document, opening) <= zones:
            raise Refused(
                "This opens more than the zones you answer for.", "맡은 망 구역 밖의 내용을 엽니다."
            )

    def current(self) -> Policy | None:
        """The policy in force; None before the first."""
        with self.shelf.database.read() as conn:
            revision = policies.in_force(conn)
            if revision is None:
                return None
            kept = self._kept.get(revision)
            if kept is not None and not rollouts.is_known(conn, kept):
                kept = None
            if kept is None and (version := policies.version(conn, revision)) is not None:
                kept = rollouts.with_newer(conn, policy_of(version.document))
            kept = standing.beside(conn, kept)
        if kept is not None:
            # One assignment: threads that came here at once both made the same value.
            self._kept = {revision: kept}
        return kept

    def published(self) -> Published | None:
        """The document in force; None before the first."""
        with self.shelf.database.read() as conn:
            version = policies.current(conn)
        if version is None:
            return None
        return Published(version.revision, version.document, version.author, version.published_at)

    def unguarded(self, text: str | None = None) -> list[Mutation]:
        """What could be changed in the document in force, or a text, without one of its tests failing.

        Raises PolicyErrors for a text that cannot be read.
        """
        policy = self._with_what_stands(text) if text is not None else self.current()
        return unguarded(policy, self.shelf.world()) if policy else []

    def ends(self, until: float, text: str | None = None) -> list[End]:
        """What ends from now until a moment, by the document in force, or a text, and beside it.

        Raises PolicyErrors for a text that cannot be read.
        """
        policy, now = self._with_what_stands(text) if text is not None else self.current(), self.clock()
        found = ends(policy, self.shelf.world(), now, until, self.zone) if policy else []
        with self.shelf.database.read() as conn:
            accounts = ending_accounts.between(conn, now, until)
        return sorted((*found, *accounts), key=lambda end: end.at)

    def _with_what_stands(self, text: str) -> Policy:
        policy = policy_of(text)
        with self.shelf.database.read() as conn:
            return standing.beside(conn, policy) or policy

    def check(self, text: str) -> Checked:
        """What is wrong with a draft, in the world as it is."""
        return _told(examine(text, self.shelf.world()))

    def publish(self, text: str, replaces: str, author: User, note: str) -> Checked:
        """Put a draft in force over the revision it was written over; what is wrong where it was not."""
        name = f"{author.name}@{author.organization}"
        zones = self.shelf.zones_of(author)
        draft = Draft(text, name, replaces or None, note, author.id, zones=zones)
        publication = publish(draft, self.shelf, self.clock())
        return replace(
            _told(publication.examination),
            overtaken=publication.outcome is Outcome.OVERTAKEN,
            waits=publication.outcome is Outcome.NEEDS_APPROVAL,
            outside=publication.outside,
            busy=publication.outcome is Outcome.ON_ITS_WAY,
        )


def _told(examination: Examination) -> Checked:
    promises = len(examination.policy.document.tests) if examination.policy else 0
    return Checked(examination.findings, promises)
