"""A draft of the policy, and what is kept of every publication: frozen values."""

from dataclasses import dataclass, field

from access.errors import Refused


class NoSuchDraft(Refused):
    """There is no draft of that number."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"There is no draft {number}: see officegate policy draft list",
            f"초안 {number}번이 없습니다.",
        )


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A text that somebody wants in force. base: the revision it was written over, "" for none.

    author is who wrote what it says now, as people know them; author_id where they are a user of ours.
    submitted_at: since when it waits for others to approve; None: its author still writes. organization:
    whose part of the document it is, "" for the whole; revision and base are then those of the part.
    """

    id: int
    revision: str
    text: str = field(repr=False)
    base: str
    author: str
    author_id: int | None
    note: str
    created_at: float
    changed_at: float
    submitted_at: float | None = None
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One publication. replaced: the revision before, "" where there was none, or it is not known.

    organization: the one whose part it was of, "" for the whole document.
    """

    number: int
    revision: str
    replaced: str
    author: str
    note: str
    at: float
    approved_by: tuple[str, ...] = ()
    organization: str = ""
