"""Opening an office for the hours in which nobody's password or code can be checked. ▸

What may be opened is prepared in the policy document (`openings`): a site, logins, objects, at most four
hours. Two people open it: an administrator asks and another one agrees, or two codes are typed that were
printed beforehand and lie in envelopes; those need neither directory nor phone, and are good once. It ends by
itself, and whoever was let in by it alone loses access then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from access.errors import Refused
from access.policy.compiled import Policy
from access.policy.standing import Kept, Standing, StandingKind, State
from access.policy.vocabulary import Opening
from access.rights.containment import By
from otp.written_code import WrittenCode

# How long another administrator may agree.
ASKED_S = 900.0
CODE = WrittenCode(label=b"office opening", digits=16)
MOST_CODES = 20
LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class SealedCode:
    """A code on paper, unspent. number stands on its envelope; fingerprint is what is kept of it."""

    id: int
    opening: str
    number: int


class OpeningPorts(Protocol):
    """What opening needs of the world. Any of it may raise Unavailable."""

    def openings(self, now: float) -> Sequence[Kept]:
        """What is open, and what waits for another administrator."""

    def is_same_person(self, one_id: int, other_id: int) -> bool: ...
    def organization_id(self, key: str) -> int | None: ...

    def open_or_ask(self, kept: Kept, spent: Sequence[SealedCode], now: float) -> Kept | None:
        """Write it down, and that the codes are spent; None, nothing written, where one was spent before."""

    def agree_to_open(self, asked: Kept, by: str, until: float, now: float) -> bool: ...
    def close_opening(self, kept: Kept, by: str, now: float) -> bool: ...
    def sealed_code(self, typed: str) -> SealedCode | None:
        """The unspent code somebody typed; None: it is none."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where offices are opened: the world, the policy in force, the moment."""

    ports: OpeningPorts
    policy: Policy | None
    now: float

    def prepared(self, name: str) -> Opening:
        """What the document has prepared under a name. Raises Refused."""
        found = self.policy.document.openings.get(name) if self.policy is not None else None
        if found is None:
            raise Refused(
                f"The policy has prepared no opening {name[:80]}.",
                f"정책에 준비된 개방이 없습니다: {name[:80]}.",
            )
        return found


def ask(desk: Desk, by: By, name: str, reason: str) -> Kept:
    """Return what waits for another administrator of the company. Raises Refused."""
    opening = _may(by, desk.prepared(name))
    _check_closed(desk, name)
    if not reason.strip() or len(reason) > LONGEST_TEXT:
        raise Refused("Say why.", "사유를 적어 주십시오.")
    kept = Kept(
        _standing(opening, by.name, reason.strip()),
        organization_id=desk.ports.organization_id(opening.organization),
        state=State.ASKED,
        asked_by_id=by.user.id if by.user is not None else None,
        lapses_at=desk.now + ASKED_S,
        lasts_s=opening.longest_s,
    )
    asked = desk.ports.open_or_ask(kept, (), desk.now)
    assert asked is not None, "no code stands in the way"
    return asked


def agree(desk: Desk, by: By, number: int) -> float:
    """Return until when it is open, now that a second administrator has agreed. Raises Refused."""
    asked = next((each for each in desk.ports.openings(desk.now) if each.standing.id == number), None)
    if asked is None or not asked.waits(desk.now):
        raise Refused("Nothing waits to be agreed to there.", "동의를 기다리는 요청이 없습니다.")
    opening = _may(by, desk.prepared(asked.standing.opening))
    first = asked.asked_by_id
    if by.user is None or (first is not None and desk.ports.is_same_person(by.user.id, first)):
        raise Refused(
            "Another administrator has to agree than the one who asked.",
            "요청한 관리자가 아닌 다른 관리자가 동의해야 합니다.",
        )
    _check_closed(desk, opening.name, or_asked=False)
    until = desk.now + opening.longest_s
    if not desk.ports.agree_to_open(asked, by.name, until, desk.now):
        raise Refused("Somebody else was faster: look at it again.", "이미 처리되었습니다.")
    return until


def open_by_codes(desk: Desk, typed: Sequence[str], where: str) -> Kept:
    """Return what two sealed codes have opened; they are spent with it. Raises Refused.

    Which of the two was wrong is not said.
    """
    found = [desk.ports.sealed_code(each) for each in typed]
    codes = [each for each in found if each is not None]
    names = {each.opening for each in codes}
    if len(codes) != 2 or len({each.id for each in codes}) != 2 or len(names) != 1:
        raise _bad_codes()
    opening = desk.prepared(names.pop())
    # One that only waits for a second administrator must not stand in the way of two people with codes.
    _check_closed(desk, opening.name, or_asked=False)
    envelopes = " and ".join(f"envelope {each.number}" for each in codes)
    standing = _standing(opening, f"{envelopes}, at {where}", "opened with two sealed codes")
    until = desk.now + opening.longest_s
    kept = Kept(
        replace(standing, until=until),
        organization_id=desk.ports.organization_id(opening.organization),
    )
    opened = desk.ports.open_or_ask(kept, codes, desk.now)
    if opened is None:
        raise _bad_codes()
    return opened


def close(desk: Desk, by: By, number: int) -> None:
    """Close it before its time. Raises Refused."""
    known = next((each for each in desk.ports.openings(desk.now) if each.standing.id == number), None)
    own = known is not None and (by.user is None or by.user.organization == known.standing.organization)
    if known is None or not own or not desk.ports.close_opening(known, by.name, desk.now):
        raise Refused("That is closed already.", "이미 닫혔습니다.")


def _standing(opening: Opening, by: str, reason: str) -> Standing:
    return Standing(
        id=0,
        kind=StandingKind.OPENING,
        who=(),
        owner=by,
        created_by=by,
        reason=reason,
        opening=opening.name,
        organization=opening.organization,
    )


def _may(by: By, opening: Opening) -> Opening:
    if by.user is not None and by.user.organization != opening.organization:
        raise Refused(
            f"The policy has prepared no opening {opening.name}.",
            f"정책에 준비된 개방이 없습니다: {opening.name}.",
        )
    return opening


def _check_closed(desk: Desk, name: str, or_asked: bool = True) -> None:
    known = [each for each in desk.ports.openings(desk.now) if each.standing.opening == name]
    if any(or_asked or each.stands(desk.now) for each in known):
        raise Refused("It is open, or asked for, already.", "이미 열려 있거나 요청되어 있습니다.")


def _bad_codes() -> Refused:
    return Refused(
        "That takes two different sealed codes of one opening, neither of them used before.",
        "같은 개방에 대해 아직 쓰지 않은 서로 다른 봉인 코드 두 개가 필요합니다.",
    )
