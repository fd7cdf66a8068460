"""What makes the codes of somebody count again: done at once, or asked for by one and done by another. ▸

To set wrong codes back, to find a token again and to let a phone that was lost count again gives somebody who
knows a password another try. For most people one helper does it. For somebody with a right above an
employee's one administrator asks and another one does it, within an hour; neither of them is that person, at
any of their companies. Whoever has the machine does it alone, by the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from access.errors import Refused
from access.model import Reason, Role, User
from access.people.privilege import is_privileged, is_same_person, still_has
from access.proof import enrolment, token_desk
from access.proof.authentication import Refusal
from access.proof.enrolment import EnrolmentPorts
from access.proof.identity_event import IdentityEvent, What
from access.proof.token_desk import Helper, Pair, TokenDeskPorts

# How long another administrator may do what was asked for.
ASKED_S = 3600.0


class Act(StrEnum):
    """What makes codes count again."""

    UNLOCK = "unlock"
    RESYNC = "resync"
    GIVE_BACK = "give-back"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a helper wants. token_id: which phone is given back; pair: by which codes a token is found."""

    act: Act
    token_id: int | None = None
    pair: Pair | None = None


@dataclass(frozen=True, slots=True)
class AskedAct:
    """What one administrator has asked for, and another one may do once, before valid_until."""

    user_id: int
    act: Act
    asked_by_id: int
    asked_by: str
    at: float
    token_id: int | None = None
    id: int = 0

    @property
    def valid_until(self) -> float:
        """When nobody may do it any more."""
        return self.at + ASKED_S


class ActPorts(EnrolmentPorts, TokenDeskPorts, Protocol):
    """What acts need of the world. Any of it may raise Unavailable or SealBroken."""

    def person(self, user_id: int) -> User | None: ...
    def add_act(self, asked: AskedAct, event: IdentityEvent) -> AskedAct:
        """Keep what was asked for, in the place of the same asked before."""

    def open_act(self, act_id: int, now: float) -> AskedAct | None: ...
    def close_act(self, act_id: int, by: str, now: float) -> bool:
        """Write down who does it; return False where somebody has, or where it is over."""


def takes_two(ports: ActPorts, helper: Helper, user: User) -> bool:
    """Return whether a helper cannot do it alone for user."""
    return helper.id != 0 and is_privileged(ports, user)


def want(
    ports: ActPorts, helper: Helper, user: User, wanted: Wanted, now: float
) -> AskedAct | bool | Refusal:
    """Return whether it was done and changed anything; where it takes two, what is asked for now.

    Raises Refused where the helper may not.
    """
    token_desk.may_help_or_refuse(ports, helper, user)
    if not takes_two(ports, helper, user):
        return _DO[wanted.act](ports, helper.name, user, wanted, now)
    if is_same_person(ports, helper.id, user.id):
        raise _somebody_else()
    asked = AskedAct(user.id, wanted.act, helper.id, helper.name, now, wanted.token_id)
    detail = {"by": helper.name, "act": wanted.act.value}
    event = IdentityEvent(What.ACT_ASKED, now, user.id, None, user.organization, detail)
    return ports.add_act(asked, event)


def second(ports: ActPorts, helper: Helper, act_id: int, pair: Pair | None, now: float) -> bool | Refusal:
    """Return whether a second administrator did what the first asked for, and it changed anything.

    Codes that find no token leave it open for another try. Raises Refused where the helper may not.
    """
    known = ports.open_act(act_id, now)
    user = ports.person(known.user_id) if known is not None else None
    if known is None or user is None:
        return Refusal(Reason.CONVERSATION_EXPIRED)
    token_desk.may_help_or_refuse(ports, helper, user)
    if any(is_same_person(ports, helper.id, other) for other in (user.id, known.asked_by_id)):
        raise _somebody_else()
    if not still_has(ports, ports.person(known.asked_by_id), {Role.ADMIN}):
        return Refusal(Reason.CONVERSATION_EXPIRED)
    both = f"{known.asked_by}, {helper.name}"
    wanted = Wanted(known.act, known.token_id, pair)
    if known.act is Act.RESYNC:
        # The codes are spent once, whoever types them at the same moment; wrong ones close nothing.
        found = _DO[known.act](ports, both, user, wanted, now)
        if not isinstance(found, Refusal):
            ports.close_act(act_id, helper.name, now)
        return found
    if not ports.close_act(act_id, helper.name, now):
        return Refusal(Reason.CONVERSATION_EXPIRED)
    return _DO[known.act](ports, both, user, wanted, now)


def _unlock(ports: ActPorts, by: str, user: User, _wanted: Wanted, now: float) -> bool:
    return enrolment.unlock(ports, user, by, now) > 0


def _give_back(ports: ActPorts, by: str, user: User, wanted: Wanted, now: float) -> bool:
    return enrolment.give_back(ports, user, wanted.token_id or 0, by, now)


def _resync(ports: ActPorts, by: str, user: User, wanted: Wanted, now: float) -> bool | Refusal:
    found = token_desk.resync(ports, by, user, wanted.pair or Pair("", ""), now)
    return found if isinstance(found, Refusal) else True


_DO: Mapping[Act, "_Doing"] = {Act.UNLOCK: _unlock, Act.RESYNC: _resync, Act.GIVE_BACK: _give_back}


class _Doing(Protocol):
    def __call__(
        self, ports: ActPorts, by: str, user: User, wanted: Wanted, now: float, /
    ) -> bool | Refusal: ...


def _somebody_else() -> Refused:
    return Refused(
        "For somebody who runs the house one administrator asks and another one does it, both other people.",
        "관리 권한이 있는 사람은 관리자 한 명이 요청하고 다른 관리자가 처리해야 합니다. "
        "본인은 할 수 없습니다.",
    )
