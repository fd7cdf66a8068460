"""What was published of one company's part of the policy, and a draft of it over what is in force now. ▸"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from access.changes.company_policy import part_in
from access.changes.drafts import Told
from access.policy.part_text import read_part, rebased, revision_of_typed, written
from access.policy.parts import Place
from access.policy.vocabulary import PolicyError


@dataclass(frozen=True, slots=True)
class PartChange:
    """A publication that changed the part. author and note are "" where they are another company's.

    revision: what the part is called by since then; replaced: what it was called by before.
    """

    number: int
    at: float
    revision: str
    replaced: str
    author: str
    note: str
    approved_by: tuple[str, ...]
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rebased:
    """A draft of a part over the part in force. taken_over: whether others have changed that meanwhile.

    both: what the draft and they have changed, each otherwise; that is as the draft has it.
    """

    text: str = field(repr=False)
    taken_over: bool = False
    both: tuple[Place, ...] = ()


def rebase(text: str, base: str, in_force: str) -> Rebased:
    """A draft's text over the part in force, where it was written over another; as it is if it is no part."""
    try:
        merged, both = rebased(read_part(base), read_part(text), read_part(in_force))
    except PolicyError:
        return Rebased(text)
    return Rebased(written(merged), True, tuple(both))


def changes_of(
    told: Iterable[Told], text_of: Callable[[str], str], organization: str
) -> Iterator[PartChange]:
    """Those of some publications that changed an organization's part. text_of: the document of a revision."""
    for each in told:
        change = _change(each, text_of, organization)
        if change is not None:
            yield change


def _change(told: Told, text_of: Callable[[str], str], organization: str) -> PartChange | None:
    before, after = (part_in(text_of(each), organization) for each in (told.replaced, told.revision))
    if before == after:
        return None
    replaced, revision = (revision_of_typed(organization, each) for each in (before, after))
    if revision == replaced:
        # Only the order is another.
        return None
    own = f"@{organization}"
    is_own = told.author.endswith(own)
    return PartChange(
        number=told.number,
        at=told.at,
        revision=revision,
        replaced=replaced,
        author=told.author if is_own else "",
        note=told.note if is_own else "",
        approved_by=tuple(name for name in told.approved_by if name.endswith(own)),
        before=before,
        after=after,
    )
