"""Desktops: who may have one of a pool gets one for a while, and loses it with the right to it. ▸

A right is the same decision as everything else, "vdi:POOL", at the facts of one of the person's live sessions
or of the portal. What an assignment opens at a gateway is not decided here: each session is judged for
itself, and an assignment only says which desktop of a permitted pool it reaches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from access.logins.places import source_of
from access.logins.risk import Risk
from access.model import Absent, Decision, Effect, Facts, Method, Reason, Request, User, Via
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.subjects import subject_of
from access.policy.vocabulary import VdiPool
from access.proof.code_facts import CodeFacts
from vpn.vdi import static
from vpn.vdi.static import Assignment, Desktop, DesktopPool

# Reasons that say that there is no right to a pool whatever the circumstances.
_NO_RIGHT = {Reason.NO_POLICY, Reason.NO_PERMIT}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of taking a desktop: the decision, and the assignment if one was free."""

    decision: Decision
    assignment: Assignment | None = None


class Desks(Protocol):
    """Where assignments are kept; one transaction, in which nobody else assigns. user is the id as text."""

    def policy(self) -> Policy | None:
        """The policy in force."""

    def person(self, user_id: int) -> User | None:
        """Somebody, as known now."""

    def standpoints(self, user_id: int) -> Sequence[Facts]:
        """The facts of each of somebody's live sessions, and those of the portal."""

    def assignments(self) -> Sequence[Assignment]:
        """Every assignment, the ended ones that are remembered too."""

    def keep(self, assignment: Assignment, now: float) -> None:
        """Write an assignment."""


def at_the_portal(code: CodeFacts, address: str = "", risk: Risk | Absent = Absent.UNKNOWN) -> Facts:
    """The facts of somebody who is signed in on the pages. code: of the one they proved there."""
    nowhere = Absent.DOES_NOT_APPLY
    return Facts(
        Via.PORTAL,
        Method.WEB,
        code.otp_at,
        site=nowhere,
        nas_group=nowhere,
        ssid=nowhere,
        medium=nowhere,
        certificate=nowhere,
        factor=code.factor,
        assurance=code.assurance,
        source=source_of(address, Via.PORTAL),
        endpoint=nowhere,
        risk=risk,
    )


def entitlement(desks: Desks, user: User, pool: str, now: float) -> Decision:
    """Whether somebody may have a desktop of a pool: the first permit among the places they are at."""
    policy = desks.policy()
    refusal = Decision(Effect.DENY, Reason.USER_DISABLED)
    if not user.enabled:
        return refusal
    for facts in desks.standpoints(user.id):
        refusal = decide(policy, subject_of(user), Request(f"vdi:{pool}", facts), now)
        if refusal.permitted:
            break
    return refusal


def take(desks: Desks, user: User, pool: str, now: float) -> Taken:
    """Assign somebody a desktop of a pool, or lengthen the assignment they have."""
    decision = entitlement(desks, user, pool, now)
    policy = desks.policy()
    if not decision.permitted or policy is None:
        return Taken(decision)
    known = policy.of(decision.revision).document.vdi[pool]
    assignment = static.assign(broker(known), desks.assignments(), str(user.id), now, known.lease_s)
    if assignment is not None:
        desks.keep(assignment, now)
    return Taken(decision, assignment)


def give_back(desks: Desks, user_id: int, pool: str, now: float) -> bool:
    """End somebody's assignment; whether there was one."""
    held = [each for each in held_by(desks.assignments(), user_id, now) if each.pool == pool]
    for assignment in held:
        _end(desks, assignment, now)
    return bool(held)


def held_by(assignments: Sequence[Assignment], user_id: int, now: float) -> list[Assignment]:
    """The assignments of a user that have not ended."""
    return [each for each in assignments if each.user == str(user_id) and each.until > now]


def release_lost(desks: Desks, now: float) -> list[Assignment]:
    """End the assignments whose right is gone altogether; those that were ended.

    A right that only rests (at night, from another door) keeps its desktop: its pair is gone all the same.
    """
    policy = desks.policy()
    lost = [each for each in desks.assignments() if each.until > now and _is_lost(desks, policy, each, now)]
    for assignment in lost:
        _end(desks, assignment, now)
    return lost


def broker(pool: VdiPool) -> DesktopPool:
    """The pool as the vpn library knows one."""
    desktops = tuple(Desktop(name, address) for name, address in pool.desktops.items())
    return DesktopPool(pool.name, desktops, pool.port.first)


def _end(desks: Desks, assignment: Assignment, now: float) -> None:
    for ended in static.release([assignment], assignment, now):
        desks.keep(ended, now)


def _is_lost(desks: Desks, policy: Policy | None, assignment: Assignment, now: float) -> bool:
    user = desks.person(int(assignment.user))
    # With whatever they may prove themselves: a right that asks for something better rests.
    facts = at_the_portal(CodeFacts(now, Absent.UNKNOWN, Absent.UNKNOWN))
    if policy is not None and user is not None:
        policy = policy.speaking(subject_of(user), facts)
    pool = policy.document.vdi.get(assignment.pool) if policy is not None else None
    if user is None or not user.enabled or pool is None or assignment.desktop not in pool.desktops:
        return True
    decision = decide(policy, subject_of(user), Request(f"vdi:{assignment.pool}", facts), now)
    doubtful = any(condition.unknown for condition in decision.failed)
    return decision.reason in _NO_RIGHT or (decision.reason is Reason.FORBIDDEN and not doubtful)
