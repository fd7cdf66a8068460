"""Somebody as they were: today's person with every change since taken back, and how far that is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from access.directory.kept import attributes_of
from access.directory.runs import Change, PersonChange
from access.model import Bilingual, Facts, User
from access.policy.compiled import Policy


class Gap(Enum):
    """Why it is not certain what somebody was at a moment."""

    TOO_OLD = Bilingual(
        ko="디렉터리 변경 기록이 그 시점까지 남아 있지 않아, 지금의 그룹으로 답합니다.",
        en="Changes of the directory are not kept that far back: the groups are those of today.",
    )
    FIRST_READING = Bilingual(
        ko="그 시점 뒤에 디렉터리를 처음 읽었으므로, 지금의 그룹으로 답합니다.",
        en="The directory was read for the first time later: the groups are those of today.",
    )
    LOCAL = Bilingual(
        ko="디렉터리에 없는 계정이라 그룹의 변경 기록이 없습니다.",
        en="They are in no directory: of changes of their groups there is no record.",
    )
    GROUP_GONE = Bilingual(
        ko="그 사이에 없어진 그룹의 이름은 알 수 없습니다.",
        en="They were in a group that is gone since and whose name is not known.",
    )
    NOT_THERE = Bilingual(
        ko="그때는 아직 디렉터리에 없던 사람입니다.", en="They were not in the directory yet."
    )
    STANDING = Bilingual(
        ko="그때 승인되어 있었는지 기록에 없는 임시 허용이나 격리는 셈하지 않았습니다.",
        en="Of a grant or containment it is not recorded whether it had been agreed to: it is left out.",
    )
    NO_VERSION = Bilingual(
        ko="그때의 정책은 기록에 없습니다.", en="Which policy was in force then is not recorded."
    )


@dataclass(frozen=True, slots=True)
class Then:
    """Somebody at a moment. user is None where they were not there; gaps: what is not certain of it."""

    user: User | None
    gaps: tuple[Gap, ...] = ()


_NOBODY = User(0, "", "", "")


@dataclass(frozen=True, slots=True)
class Before:
    """A moment of the past: who somebody was, and the policy in force. notes: what is not certain.

    at and facts: of a login that was recorded then.
    """

    whom: User = _NOBODY
    policy: Policy | None = None
    at: float | None = None
    facts: Facts | None = None
    notes: tuple[Bilingual, ...] = ()


PRESENT = Before()


def as_of(user: User, later: Iterable[PersonChange], groups: Mapping[str, str]) -> Then:
    """The person before these changes of theirs, which come in the order in which they were made.

    groups: names as "organization/group" by entryUUID, of the groups that there still are.
    """
    gaps: list[Gap] = []
    there = True
    for change in reversed(list(later)):
        there = change.what is not Change.ADDED
        if not (change.joined | change.left) <= groups.keys():
            gaps.append(Gap.GROUP_GONE)
        joined, left = (
            {groups[each] for each in ids if each in groups} for ids in (change.joined, change.left)
        )
        user = _before(replace(user, groups=user.groups - joined | left), change)
    if not there:
        return Then(None, (Gap.NOT_THERE,))
    return Then(user, tuple(dict.fromkeys(gaps)))


def _before(user: User, change: PersonChange) -> User:
    enabled = _ENABLED.get(change.what, user.enabled)
    before: Mapping[str, Any] = change.before
    return replace(
        user,
        enabled=bool(before.get("enabled", enabled)),
        name=before.get("name", user.name),
        expires_at=before.get("expires_at", user.expires_at),
        attributes=attributes_of(before["attributes"]) if "attributes" in before else user.attributes,
    )


# Whether they could log in before a change of this kind.
_ENABLED = {Change.DISABLED: True, Change.ENABLED: False, Change.VANISHED: True}
