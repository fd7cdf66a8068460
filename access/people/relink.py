"""Somebody whose entry was deleted in the directory and made again: one person under another entryUUID. ▸

A configured attribute that outlives an entry (stable_attribute) shows who looks like the same person; it
moves nothing. What moves is approved by an administrator of the company. The older account then goes on under
the new entry, so that phones, network passwords, certificates and history stay where they are, and the newer
account, with what was registered for it meanwhile, is folded into it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from access.errors import Refused
from access.model import Role, User


class BadRelink(Refused):
    """Two accounts cannot be put together so; the message says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """One of the two. vanished_at: since when the directory does not show it, None while it does."""

    user_id: int
    organization_id: int
    organization: str
    login: str
    display_name: str
    number: str
    vanished_at: float | None


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody who looks like the same person. moves: how much of each kind goes on, by what it is called.

    shared: how many accounts that are there, and that are gone, have the same number.
    """

    old: Account
    new: Account
    moves: Mapping[str, int]
    shared: tuple[int, int] = (1, 1)

    @property
    def doubtful(self) -> bool:
        """Whether the number is that of more than one person, so that nobody can say who it is."""
        return self.shared != (1, 1)


def check(by: User, role_groups: Mapping[Role, frozenset[str]], found: Returned) -> None:
    """Look whether somebody may have these two put together. Raises BadRelink."""
    check_administrator(by, role_groups, found)
    check_alike(found)


def check_administrator(by: User, role_groups: Mapping[Role, frozenset[str]], found: Returned) -> None:
    """Look whether somebody may decide about these two. Raises BadRelink."""
    if not role_groups.get(Role.ADMIN, frozenset()) & by.groups or not by.enabled:
        raise BadRelink(f"{by.name}@{by.organization} is no administrator.", "관리자만 할 수 있습니다.")
    if by.organization != found.old.organization or by.organization != found.new.organization:
        raise BadRelink("No such accounts.", "그런 계정이 없습니다.")
    if by.id in (found.old.user_id, found.new.user_id):
        raise BadRelink(
            "Somebody else has to decide about you.", "본인의 계정은 다른 관리자가 결정해야 합니다."
        )


def check_alike(found: Returned) -> None:
    """Look whether these two may be one person. Raises BadRelink."""
    if found.old.vanished_at is None:
        raise BadRelink(
            f"{found.old.login} is still in the directory: these are two people.",
            "이전 계정이 디렉터리에 그대로 있습니다. 서로 다른 두 사람입니다.",
        )
    if found.new.vanished_at is not None:
        raise BadRelink(f"{found.new.login} is not in the directory.", "새 계정이 디렉터리에 없습니다.")
    if not found.new.number or found.old.number != found.new.number:
        raise BadRelink(
            "The two do not have the same stable_attribute: nothing says that they are one person.",
            "두 계정의 고유 속성이 서로 다릅니다.",
        )
    if found.doubtful:
        raise BadRelink(
            f"More than two accounts have the number {found.new.number}: nobody can say who is who. "
            "Correct it in the directory first.",
            "같은 번호를 가진 계정이 둘보다 많습니다. 디렉터리에서 먼저 바로잡으십시오.",
        )
