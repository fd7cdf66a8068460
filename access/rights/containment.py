"""Cutting off at once: a person, an endpoint, an application or a company, and letting them back in. ▸

A containment is a rule that stands beside the policy document and forbids: nothing opens what it closes. It
is in force at every door and on every live session with the transaction that writes it. It is taken back by
one act, and everything returns that the policy permits.

Two things are asked back, because they are done by accident: to contain oneself, and to contain the last
administrator. A whole company takes two administrators, or whoever has the machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from access.errors import Refused
from access.model import Facts, Subject, User, Via
from access.policy.compiled import Policy
from access.policy.conditions import Truth
from access.policy.standing import ALL_OF, ANYBODY, EVERYTHING, Standing, StandingKind
from access.policy.weighing import weigh

# How long a second administrator may agree to contain a company.
ASKED_S = 3600.0
LONGEST_TEXT = 500


class Whom(StrEnum):
    """What can be contained."""

    USER = "user"
    ENDPOINT = "endpoint"
    OBJECT = "object"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be contained, found and whole. name: as the policy spells it; organization: whose it is."""

    whom: Whom
    name: str
    organization: str
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Why, until when (None: until it is taken back), whom those concerned may call."""

    reason: str
    until: float | None = None
    call: str = ""
    ticket: str = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class By:
    """Who gives the order. user: the administrator; None: whoever has the machine."""

    name: str
    user: User | None = None


class NotSure(Refused):
    """It can be done, but perhaps by accident: ask whether it is meant."""


class StandingLine(Protocol):
    """A containment as it is kept."""

    @property
    def standing(self) -> Standing: ...
    @property
    def created_at(self) -> float: ...
    def waits(self, now: float) -> bool: ...
    def stands(self, now: float) -> bool: ...


class ContainmentPorts(Protocol):
    """What containing needs of the world. Any of it may raise Unavailable."""

    def standing_against(self, who: tuple[str, ...], objects: tuple[str, ...], now: float) -> Standing | None:
        """The containment of just that, where there is one already."""

    def administrators(self, now: float) -> Sequence[User]:
        """Everybody who may run the house now, and is not contained."""

    def is_same_person(self, one_id: int, other_id: int) -> bool: ...

    def put(self, standing: Standing, target: Target, lapses_at: float | None, now: float) -> Standing:
        """Put it in force, with alarm and audit; with lapses_at only ask for it until then."""

    def asked(self, number: int, now: float) -> tuple[Standing, int | None] | None:
        """What was asked for and has not lapsed, and who asked."""

    def agree(self, number: int, by: By, now: float) -> bool:
        """Put in force what was asked for; False where somebody was faster."""

    def take_back(self, number: int, by: By, now: float) -> bool:
        """End a containment, or what was asked for; False where that was done before."""


def contain(ports: ContainmentPorts, by: By, target: Target, order: Order, now: float) -> Standing:
    """Return the containment that is in force, or is asked for: approvals tells. Raises Refused, NotSure."""
    _check_order(order, now)
    who, objects = _scope(target)
    known = ports.standing_against(who, objects, now)
    if known is not None:
        raise Refused(
            f"{target.name} is contained already: {known.rule}.",
            f"{target.name}은(는) 이미 차단되어 있습니다: {known.rule}.",
        )
    if not order.sure:
        _ask_back(ports, by, target, now)
    standing = Standing(
        id=0,
        kind=StandingKind.CONTAINMENT,
        who=who,
        objects=objects,
        until=order.until,
        owner=order.call or by.name,
        created_by=by.name,
        reason=order.reason.strip(),
        ticket=order.ticket.strip(),
        organization=target.organization,
    )
    return ports.put(standing, target, now + ASKED_S if takes_two(by, target) else None, now)


def takes_two(by: By, target: Target) -> bool:
    """Return whether a second administrator has to agree."""
    return target.whom is Whom.ORGANIZATION and by.user is not None


def agree(ports: ContainmentPorts, by: By, number: int, now: float) -> Standing:
    """Return what is in force now that a second administrator has agreed. Raises Refused."""
    found = ports.asked(number, now)
    if found is None or not _may(by, found[0]):
        raise Refused("Nothing waits to be agreed to there.", "동의를 기다리는 요청이 없습니다.")
    standing, asked_by = found
    # Of whom nobody knows who they are, nobody can say that they are another.
    if by.user is not None and (asked_by is None or ports.is_same_person(by.user.id, asked_by)):
        raise Refused(
            "Another administrator has to agree than the one who asked.",
            "요청한 관리자가 아닌 다른 관리자가 동의해야 합니다.",
        )
    if not ports.agree(number, by, now):
        raise Refused("Somebody else was faster: look at it again.", "이미 처리되었습니다.")
    return standing


def take_back(ports: ContainmentPorts, by: By, number: int, now: float) -> None:
    """Let whoever is contained back in, as far as the policy permits. Raises Refused."""
    if not ports.take_back(number, by, now):
        raise Refused(
            f"containment-{number} is over, or never was. See: officegate contain list",
            f"containment-{number}은(는) 이미 끝났거나 없습니다.",
        )


def containment_of(policy: Policy | None, subject: Subject, now: float) -> Standing | None:
    """Return what keeps somebody off every page, whatever else they may; None: nothing does."""
    if policy is None:
        return None
    for rule in policy.beside.about(subject, Facts(via=Via.PORTAL), f"login:{Via.PORTAL}"):
        contains = rule.standing is not None and rule.standing.kind is StandingKind.CONTAINMENT
        if contains and weigh(rule, Facts(), now).truth is not Truth.FAILS:
            return rule.standing
    return None


def _scope(target: Target) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom and what a containment is about."""
    if target.whom is Whom.OBJECT:
        return (ANYBODY,), (target.name,)
    kind = {Whom.USER: "user:", Whom.ENDPOINT: "endpoint:", Whom.ORGANIZATION: ALL_OF}[target.whom]
    return (f"{kind}{target.name}",), (EVERYTHING,)


def _check_order(order: Order, now: float) -> None:
    if not order.reason.strip():
        raise Refused("Say why: whom it stops will read it.", "사유를 적으십시오. 차단된 사람이 읽게 됩니다.")
    if max(map(len, (order.reason, order.call, order.ticket))) > LONGEST_TEXT:
        raise Refused(f"At most {LONGEST_TEXT} letters.", f"{LONGEST_TEXT}자까지 적을 수 있습니다.")
    if order.until is not None and order.until <= now:
        raise Refused("That moment has passed already.", "그 시각은 이미 지났습니다.")


def _ask_back(ports: ContainmentPorts, by: By, target: Target, now: float) -> None:
    """Raise NotSure for what is easily done by accident."""
    if by.user is not None and _is_about(ports, target, by.user):
        raise NotSure(
            "That is you: you will be signed out, and somebody else has to let you back in.",
            "본인입니다. 바로 로그아웃되며, 다른 사람이 풀어 주어야 다시 들어올 수 있습니다.",
        )
    known = _who_could_take_back(ports.administrators(now), target)
    if known and all(_is_about(ports, target, each) for each in known):
        raise NotSure(
            "Nobody would be left who may take it back in the console: only the command line could.",
            "콘솔에서 풀 수 있는 관리자가 한 명도 남지 않습니다. 명령줄에서만 풀 수 있게 됩니다.",
        )


def _who_could_take_back(administrators: Sequence[User], target: Target) -> list[User]:
    """Return those of the company, which alone takes its containments back. Of a whole company: all."""
    whole = target.whom is Whom.ORGANIZATION
    return [each for each in administrators if whole or each.organization == target.organization]


def _is_about(ports: ContainmentPorts, target: Target, user: User) -> bool:
    if target.whom is Whom.ORGANIZATION:
        return user.organization == target.name
    return target.user_id is not None and ports.is_same_person(target.user_id, user.id)


def _may(by: By, standing: Standing) -> bool:
    return by.user is None or by.user.organization == standing.organization
