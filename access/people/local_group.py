"""Groups that are kept here and in no directory: who answers for one, who is in it, and until when. ▸

name     one that no directory of the company has; rules call it group:ORG/NAME like any other
members  people of the company, and other groups of it: of a directory, or kept here too; no circles
end      every membership has one, at most a year from the day; at that second it counts no longer
"""

from collections.abc import Mapping
from dataclasses import dataclass

from access.errors import Refused
from access.model import User
from access.people.naming import spell

DAY_S = 86400.0
MOST_DAYS = 366
LONGEST_PURPOSE = 400
# What stands for the directory of a group that is in none.
LOCAL = "local:"

# The groups that something is listed in, each with the end of that.
Listed = Mapping[int, Mapping[int, float]]


class BadLocalGroup(Refused):
    """A group cannot be made or changed so; the message says what to do."""


@dataclass(frozen=True, slots=True)
class LocalGroup:
    """A group that is kept here. owner: name@organization of who answers for it."""

    id: int
    organization_id: int
    name: str
    owner: str
    purpose: str


@dataclass(frozen=True, slots=True)
class NewLocalGroup:
    """A group that is to be made: whose, its name as check_name() spells it, who answers for it, and why."""

    organization_id: int
    name: str
    owner: User
    purpose: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, as people know them, and when."""

    by: str
    at: float


@dataclass(frozen=True, slots=True)
class LocalMember:
    """Somebody in a group, as user:NAME@ORG, or a group in it, as group:ORG/NAME."""

    who: str
    until: float
    added_at: float
    added_by: str
    id: int = 0


def check_name(text: str) -> str:
    """Return the one spelling of a group's name. Raises BadLocalGroup."""
    words = [spell(word) for word in text.split(" ") if word]
    named = " ".join(word for word in words if word)
    if None in words or not named or len(named) > 64:
        raise BadLocalGroup(
            f"{text!r} is no name of a group: up to 64 letters, without @, / and quotes.",
            f"{text!r}은(는) 그룹 이름으로 쓸 수 없습니다. @, /, 따옴표 없이 64자까지 쓰세요.",
        )
    return named


def check_owner(owner: User, now: float) -> None:
    """Look whether somebody may answer for a group. Raises BadLocalGroup."""
    if owner.is_local or owner.is_over(now):
        raise BadLocalGroup(
            f"{owner.name} is in no directory or disabled: name an owner who works here.",
            f"{owner.name}은(는) 디렉터리에 없거나 사용이 중지되었습니다. 재직 중인 사람을 지정하세요.",
        )


def check_end(until: float, now: float) -> None:
    """Look whether a membership may end then. Raises BadLocalGroup."""
    if not now < until <= now + MOST_DAYS * DAY_S:
        raise BadLocalGroup(
            f"A membership ends 1 to {MOST_DAYS} days from today; it can be extended then.",
            f"그룹 소속은 오늘부터 1~{MOST_DAYS}일 뒤에 끝나며, 그때 연장할 수 있습니다.",
        )


def ends(direct: Mapping[int, float], above: Listed) -> dict[int, float]:
    """Return every group that somebody is in, with its end: the latest of all ways that lead into it.

    direct: the groups they are listed in, those of directories without an end (inf) among them. above: the
    groups that each group is listed in. A way ends with the first of its parts.
    """
    found: dict[int, float] = {}
    ahead = list(direct.items())
    while ahead:
        group, until = ahead.pop()
        if until > found.get(group, float("-inf")):
            found[group] = until
            ahead += [(each, min(until, end)) for each, end in above.get(group, {}).items()]
    return found


def leads_to(group: int, goal: int, above: Listed) -> bool:
    """Return whether a group is in another one, or is that group itself."""
    return goal in ends({group: float("inf")}, above)


def purpose_of(text: str) -> str:
    """Return why there is a group, for people. Raises BadLocalGroup."""
    if not text.strip() or len(text) > LONGEST_PURPOSE:
        raise BadLocalGroup(
            f"Say what the group is for, in up to {LONGEST_PURPOSE} characters.",
            f"그룹을 쓰는 까닭을 {LONGEST_PURPOSE}자 안으로 쓰세요.",
        )
    return text.strip()
