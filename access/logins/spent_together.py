"""The codes of many people at once: one look at their tokens, one transaction for what became of them. ▸

What is told about each is what access.proof.authentication.spend_code tells, by the same rules: only after
the statement that settles it is committed, with its row as it was read. In the middle of a busy morning a
code so costs a share of a transaction instead of one of its own.

Whatever does not fit goes the usual way, one by one: codes that are written on paper, a code that two phones
of a person have to be told of or none knows, a row that cannot be opened, who loses race after race. Where
one code of a person does, the later ones do as well: guesses that come together are counted one by one.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from access.errors import Unavailable
from access.keys.sealing import SealBroken
from access.model import Reason, User
from access.proof.authentication import (
    ON_THE_PAGES,
    ROUNDS,
    CodePorts,
    Refusal,
    Spent,
    Where,
    accepted_of,
    judge_tokens,
    spend_code,
)
from access.proof.factors import SettledToken, StoredToken
from otp import recovery

LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Typed:
    """A code that somebody typed whose password was right. user is None where they are gone since."""

    user: User | None
    code: str = field(repr=False)
    where: Where = ON_THE_PAGES


class TogetherPorts(CodePorts, Protocol):
    """What spending many codes needs of the world. Any of it may raise Unavailable or SealBroken."""

    def active_tokens_of(self, user_ids: Collection[int]) -> Mapping[int, tuple[StoredToken, ...]]:
        """Return the tokens of those who have any."""

    def settle_each(self, settled: Sequence[SettledToken], at: float) -> Sequence[bool]:
        """Write each token if no other process was faster; return of which it was written, all committed."""


def spend_codes(ports: TogetherPorts, typed: Sequence[Typed], now: float) -> list[Spent | Refusal]:
    """Return for each when it was spent, or why not, in their order."""
    told: dict[int, Spent | Refusal] = {}
    apart: set[int] = set()
    try:
        for _ in range(ROUNDS):
            open_ones = _firsts(typed, told.keys(), apart)
            if not open_ones:
                break
            told |= _round(ports, {number: typed[number] for number in open_ones}, apart, now)
    except Unavailable as error:
        LOG.warning("codes could not be proved", why=str(error))
        unproved = Refusal(Reason.CODE_UNPROVABLE)
        return [told.get(number, unproved) for number in range(len(typed))]
    except SealBroken:
        # Of one of them; whose it is shows when they are looked at one by one.
        pass
    return [
        told.get(number) or spend_code(ports, each.user, each.code, now, each.where)
        for number, each in enumerate(typed)
    ]


def _firsts(typed: Sequence[Typed], settled: Set[int], apart: Set[int]) -> list[int]:
    """Return which code to look at next, one of each person: the next one meets what became of it.

    apart: the people whose codes go the usual way.
    """
    firsts: dict[int, int] = {}
    for number, each in enumerate(typed):
        if each.user is None or each.user.id in apart or number in settled:
            continue
        if _is_of_a_token(each.code):
            firsts.setdefault(each.user.id, number)
    return list(firsts.values())


def _is_of_a_token(code: str) -> bool:
    return bool(code.strip()) and recovery.CODE.read(code) is None


def _round(
    ports: TogetherPorts, open_ones: Mapping[int, Typed], apart: set[int], now: float
) -> dict[int, Spent | Refusal]:
    """Return what is certain after one transaction; add to apart whose codes go the usual way.

    Whoever lost a race is left out, to be judged again.
    """
    owners = {number: each.user.id for number, each in open_ones.items() if each.user is not None}
    tokens = ports.active_tokens_of(set(owners.values()))
    settled: dict[int, tuple[Spent, SettledToken]] = {}
    for number, user_id in owners.items():
        each = open_ones[number]
        accepted = accepted_of(judge_tokens(tokens.get(user_id, ()), each.code, now), now, each.where)
        if accepted is None or len(accepted[1]) > 1:
            apart.add(user_id)
        else:
            settled[number] = accepted[0], accepted[1][0]
    written = ports.settle_each([change for _, change in settled.values()], now) if settled else ()
    return {number: spent for (number, (spent, _)), won in zip(settled.items(), written, strict=True) if won}
