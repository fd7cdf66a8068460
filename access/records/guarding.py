"""Rows that only Officegate may change, and how a change by somebody else shows.

Every change of ours writes a row into the change feed in the same transaction. A guarded row that is another
one than at the last look, and that the feed says nothing about, was changed by somebody else: with a SQL
prompt, say. Two looks in a row have to miss it, because a change may commit between reading the one table and
the other.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum


class Guarded(StrEnum):
    """What is looked at; a row is known by the id that the feed would name for it."""

    PEOPLE = "people"
    MEMBERSHIPS = "memberships"
    LOCAL_GROUPS = "local groups"
    ENDING = "memberships that end"
    GROUPS = "groups"
    PHONES = "phones"
    PASSKEYS = "passkeys"
    NAS = "nas"
    ENDPOINTS = "endpoints"
    POLICY = "policy"
    STANDING = "standing"
    LINKS = "links"
    LOCAL = "local passwords"
    POLICY_DRAFTS = "policy drafts"
    POLICY_APPROVALS = "policy approvals"
    REVIEWS = "reviews"
    SEALED_CODES = "sealed codes"
    PASSES = "passes"
    VOUCHES = "vouches"
    DESK_ACTS = "asked of administrators"


# The topics of the feed that explain a change.
TOPICS: Mapping[Guarded, frozenset[str]] = {
    Guarded.PEOPLE: frozenset({"user"}),
    Guarded.MEMBERSHIPS: frozenset({"user"}),
    Guarded.LOCAL_GROUPS: frozenset({"group"}),
    Guarded.ENDING: frozenset({"user"}),
    Guarded.GROUPS: frozenset({"group"}),
    Guarded.PHONES: frozenset({"token"}),
    Guarded.PASSKEYS: frozenset({"token"}),
    Guarded.NAS: frozenset({"nas"}),
    Guarded.ENDPOINTS: frozenset({"endpoint"}),
    Guarded.POLICY: frozenset({"policy"}),
    Guarded.STANDING: frozenset({"standing"}),
    Guarded.LINKS: frozenset({"link"}),
    Guarded.LOCAL: frozenset({"user"}),
    Guarded.POLICY_DRAFTS: frozenset({"policy-draft"}),
    Guarded.POLICY_APPROVALS: frozenset({"policy-approval"}),
    Guarded.REVIEWS: frozenset({"review"}),
    Guarded.SEALED_CODES: frozenset({"sealed-code"}),
    Guarded.PASSES: frozenset({"pass"}),
    Guarded.VOUCHES: frozenset({"vouch"}),
    Guarded.DESK_ACTS: frozenset({"desk-act"}),
}
# What the directory would set right if everything were read again.
FROM_THE_DIRECTORY = frozenset({Guarded.PEOPLE, Guarded.MEMBERSHIPS, Guarded.ENDING, Guarded.GROUPS})

Fingerprints = Mapping[Guarded, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Edit:
    """A row that somebody else changed, added or removed."""

    guarded: Guarded
    key: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: what every row was like, and the changes of ours since a while before the last look.

    told: (topic, key) of the feed.
    """

    rows: Fingerprints
    told: Set[tuple[str, str]]


@dataclass(slots=True)
class Watcher:
    """Remembers the last look, and what it could not explain."""

    _rows: Fingerprints | None = None
    _suspects: frozenset[Edit] = frozenset()

    def look(self, seen: Seen) -> list[Edit]:
        """Return what somebody else changed, told once for each change. The first look finds nothing."""
        found: list[Edit] = []
        if self._rows is not None:
            found = [edit for edit in self._suspects if not _explained(edit, seen.told)]
            changed = _changed(self._rows, seen.rows)
            self._suspects = frozenset(edit for edit in changed if not _explained(edit, seen.told))
        self._rows = seen.rows
        return found


def _explained(edit: Edit, told: Set[tuple[str, str]]) -> bool:
    return any((topic, edit.key) in told for topic in TOPICS[edit.guarded])


def _changed(before: Fingerprints, after: Fingerprints) -> Iterator[Edit]:
    for guarded in Guarded:
        was, is_now = before.get(guarded, {}), after.get(guarded, {})
        if was is not is_now:
            yield from (Edit(guarded, key) for key in {key for key, _ in was.items() ^ is_now.items()})
