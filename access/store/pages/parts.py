"""Companies' own parts of the policy as pages and commands see them: drafted, published, earlier ones. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from access.changes import part_publishing
from access.changes.company_policy import CompanyPart
from access.changes.drafts import StoredDraft
from access.changes.part_history import PartChange, Rebased, changes_of, rebase
from access.changes.part_publishing import PartPublication
from access.changes.publishing import Draft
from access.changes.rollout import Asked, read_waves
from access.model import User
from access.store import drafts, policies
from access.store.pages.changes import login, wanted
from access.store.policy_shelf import StoredPolicies
from access.store.rollouts import StoredRollouts
from access.store.uncollected import uncollected

# Each publication takes the reading of a whole document the first time.
MOST_LOOKED_AT = 10
_ALL = 100_000


@dataclass(frozen=True, slots=True)
class StoredParts:
    """What the pages about a company's own part stand on; by is always the administrator who asks."""

    shelf: StoredPolicies
    clock: Callable[[], float]

    def current(self, organization: str) -> CompanyPart | None:
        """The part in force; None before the first document."""
        in_force = self.shelf.text_in_force()
        return CompanyPart(in_force[1], organization) if in_force is not None else None

    def rehearse(self, draft: Draft) -> PartPublication:
        """What publishing would come to and do now."""
        with uncollected():
            return part_publishing.rehearse(draft, self.shelf, self.clock())

    def whole(self, draft: Draft) -> str:
        """The whole document that would come of a draft, for nobody's eyes; empty where it is no part."""
        return part_publishing.whole_text(draft, self.shelf)

    def publish(self, draft: Draft, by: User | None = None) -> PartPublication:
        """Put a part in force, if nothing is against it. by: whose zones count; None: nobody's."""
        made = replace(draft, zones=self.shelf.zones_of(by) if by is not None else None)
        with uncollected():
            return part_publishing.publish(made, self.shelf, self.clock())

    def publish_kept(self, draft_id: int, seen: str, by: User) -> PartPublication:
        """Put a draft in force as it was seen. Raises NoSuchDraft, Rewritten."""
        return self.publish(wanted(self.shelf, draft_id, seen, by), by)

    def begin(self, draft_id: int, seen: str, waves: str, pause: str, by: User) -> PartPublication:
        """Let a draft as it was seen speak for the first of some waves. Raises Refused."""
        asked = read_waves(waves, pause)
        return self.begin_now(wanted(self.shelf, draft_id, seen, by), asked)

    def begin_now(self, made: Draft, asked: Asked) -> PartPublication:
        """The same of a part that no draft is kept of."""
        shelf = self.shelf
        stored = StoredRollouts(shelf.database, shelf.keyring, shelf.random, shelf.writer)
        with uncollected():
            return part_publishing.begin(made, asked, shelf, stored, self.clock())

    def history(
        self, organization: str, before: int | None = None, most: int = 0
    ) -> tuple[Sequence[PartChange], int | None]:
        """The publications that changed a part, of the last or of those before a number, the last first.

        Only so many are looked at, else MOST_LOOKED_AT. Behind them: the number before which others are.
        """
        with self.shelf.database.read() as conn:
            told = [each for each in drafts.history(conn, _ALL) if before is None or each.number < before]
        looked_at = told[: most or MOST_LOOKED_AT]
        with uncollected():
            found = list(changes_of(looked_at, self._text_of, organization))
        return found, looked_at[-1].number if len(told) > len(looked_at) else None

    def change(self, organization: str, number: int) -> PartChange | None:
        """One publication; None where it changed nothing of the part, or never was."""
        found, _ = self.history(organization, number + 1, 1)
        return next((each for each in found if each.number == number), None)

    def text_of(self, organization: str, revision: str) -> str:
        """The part of the only revision that begins so; empty where there is none, or more than one."""
        with self.shelf.database.read() as conn:
            told = drafts.history(conn, _ALL)
        found: dict[str, str] = {}
        for each in changes_of(told, self._text_of, organization):
            if revision in (each.revision, each.replaced):
                return each.after if revision == each.revision else each.before
            if each.revision.startswith(revision):
                found.setdefault(each.revision, each.after)
            if each.replaced.startswith(revision):
                found.setdefault(each.replaced, each.before)
        return next(iter(found.values())) if len(found) == 1 else ""

    def rebased(self, draft: StoredDraft) -> Rebased:
        """A draft of a part as it is to be gone on with: over the part in force."""
        part = self.current(draft.organization)
        base = self.text_of(draft.organization, draft.base) if draft.base else ""
        if part is None or part.revision == draft.base or not base:
            return Rebased(draft.text)
        return rebase(draft.text, base, part.shown())

    def take_back(self, organization: str, number: int, note: str, by: User) -> StoredDraft | None:
        """A draft of the part as a publication left it; None where that changed nothing of it."""
        change, part = self.change(organization, number), self.current(organization)
        if change is None or part is None:
            return None
        made = Draft(change.after, login(by), part.revision, note, by.id, organization=organization)
        return self.shelf.save(None, made, self.clock())

    def _text_of(self, revision: str) -> str:
        with self.shelf.database.read() as conn:
            version = policies.version(conn, revision) if revision else None
        return version.document if version else ""
