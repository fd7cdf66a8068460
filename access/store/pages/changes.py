"""Changes of the policy as the pages see them: drafts, what they would do, who agrees, what was before. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from access.changes.approving import Approval
from access.changes.drafts import StoredDraft, Told
from access.changes.outlook import Preview
from access.changes.publishing import Draft, Publication, publish, rehearse
from access.errors import Refused
from access.model import User
from access.policy.kept_texts import policy_of
from access.policy.replay import Replayed, replay
from access.store import policies
from access.store.policy_shelf import StoredPolicies
from access.store.replaying import Archive


class Rewritten(Refused):
    """Somebody has put another text in a draft's place meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "The text has changed since you looked at it. Look at it again.",
            "보신 뒤에 내용이 바뀌었습니다. 다시 확인해 주십시오.",
        )


@dataclass(frozen=True, slots=True)
class StoredChanges:
    """What the pages about changes stand on; by is always the administrator who asks."""

    shelf: StoredPolicies
    clock: Callable[[], float]

    def drafts(self) -> Sequence[StoredDraft]:
        """Every draft, the last changed first."""
        return self.shelf.drafts()

    def draft(self, draft_id: int) -> StoredDraft:
        """One draft. Raises NoSuchDraft."""
        return self.shelf.draft(draft_id)

    def approvals(self, draft: StoredDraft) -> Sequence[Approval]:
        """Who has approved a draft as it is now."""
        return self.shelf.approvals(draft)

    def rehearse(self, draft: Draft) -> Publication:
        """What publishing would come to and do now."""
        return rehearse(draft, self.shelf, self.clock())

    def replay(self, text: str, window: tuple[float, float], most: int) -> Replayed:
        """What a text would have done to the first recorded logins of a window. Raises PolicyErrors."""
        other = policy_of(text)
        with self.shelf.database.read() as conn:
            archive = Archive(conn, self.shelf.keyring, window, None, self.clock())
            return replay(islice(archive.requests(), most), partial(archive.beside, other))

    def preview(self, text: str, moment: float) -> Preview:
        """What a text would do in the place of the policy in force at a moment. Raises PolicyErrors."""
        return self.shelf.preview(policy_of(text), moment)

    def save(self, draft_id: int | None, draft: Draft) -> StoredDraft:
        """Keep a text, in the place of another draft's where that is named. Raises NoSuchDraft."""
        return self.shelf.save(draft_id, draft, self.clock())

    def submit(self, draft_id: int, by: User) -> StoredDraft:
        """Have others approve a draft. Raises NoSuchDraft."""
        return self.shelf.submit(draft_id, _by(by), self.clock())

    def drop(self, draft_id: int, by: User) -> StoredDraft:
        """Forget a draft. Raises NoSuchDraft."""
        return self.shelf.drop(draft_id, _by(by), self.clock())

    def approve(self, draft_id: int, by: User) -> StoredDraft:
        """Approve a draft as it is now. Raises NoSuchDraft, NotApproved."""
        return self.shelf.approve(draft_id, by, self.clock())

    def publish(self, draft_id: int, seen: str, by: User) -> Publication:
        """Put a draft in force as it was seen, if nothing is against it. Raises NoSuchDraft, Rewritten."""
        return publish(wanted(self.shelf, draft_id, seen, by), self.shelf, self.clock())

    def history(self) -> Sequence[Told]:
        """The publications, the last first."""
        return self.shelf.history()

    def text_of(self, revision: str) -> str:
        """The text of a revision that was published once; empty where there is none."""
        with self.shelf.database.read() as conn:
            version = policies.version(conn, revision) if revision else None
        return version.document if version else ""

    def take_back(self, revision: str, note: str, by: User) -> StoredDraft | None:
        """A draft that puts an earlier text in the place of the one in force; None where there is no such."""
        text = self.text_of(revision)
        if not text:
            return None
        return self.shelf.save(None, Draft(text, login(by), self.shelf.in_force(), note, by.id), self.clock())


def wanted(shelf: StoredPolicies, draft_id: int, seen: str, by: User) -> Draft:
    """What somebody publishes who has looked at a revision of a draft. Raises NoSuchDraft, Rewritten."""
    draft = shelf.draft(draft_id)
    if draft.revision != seen:
        raise Rewritten
    return replace(made_of(draft, login(by)), zones=shelf.zones_of(by))


def made_of(draft: StoredDraft, by: str = "") -> Draft:
    """What publishing a draft publishes: its author's text, whoever does it."""
    return Draft(
        draft.text,
        draft.author,
        draft.base or None,
        draft.note,
        draft.author_id,
        by,
        organization=draft.organization,
    )


def login(user: User) -> str:
    """How people know somebody."""
    return f"{user.name}@{user.organization}"


def _by(user: User) -> Draft:
    return Draft("", login(user), None, "", user.id)
