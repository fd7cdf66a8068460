"""A publication in waves: how far it has come, when the next wave is due, and whether it does harm. ▸

The newer policy speaks for the people of the wave; the one in force for everybody else. Each wave stands for
the pause and is then followed by the next; after the last one the newer policy is in force for everybody. A
wave that refuses too many logins is taken back, and with it the whole publication.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from access.changes.outlook import taken_by
from access.changes.publishing import Draft, Outcome, Publication, Shelf, Taken, rehearse
from access.errors import Refused
from access.model import Reason
from access.policy import scalars
from access.policy.vocabulary import BadValue
from access.policy.waves import BadWave, Wave, read_wave

# What a policy refuses a login for; a wrong password is none of its doing.
DOINGS = (
    Reason.NO_PERMIT,
    Reason.FORBIDDEN,
    Reason.CONDITION_FAILED,
    Reason.FACT_UNKNOWN,
    Reason.POLICY_CONFLICT,
)


_WRITE_WAVES_KO = "1%,10%,100%나 organization:KEY,100%처럼 점점 커지는 단계를 입력하십시오."


class NoWaves(Refused):
    """What was asked of a publication in waves cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """A publication that is on its way. step: which of waves stands, from 0, since a moment.

    held: it goes no further by itself. base is the revision in force, which it will replace. organization:
    whose part it changes, "" for the whole; part, part_base: how approvals call that.
    """

    revision: str
    base: str
    waves: tuple[Wave, ...]
    pause_s: float
    author: str
    author_id: int | None
    note: str
    step: int = 0
    since: float = 0.0
    held: bool = False
    organization: str = ""
    part: str = ""
    part_base: str = ""

    @property
    def signed(self) -> tuple[str, str]:
        """What an approval of it names."""
        return (self.part, self.part_base) if self.organization else (self.revision, self.base)

    @property
    def wave(self) -> Wave:
        """The wave that stands."""
        return self.waves[self.step]

    @property
    def is_last(self) -> bool:
        """Whether everybody comes next."""
        return self.step + 1 == len(self.waves)

    def is_due(self, now: float) -> bool:
        """Whether the wave has stood long enough."""
        return not self.held and now >= self.since + self.pause_s

    @property
    def mark(self) -> str:
        """What is another once somebody else has moved it, held it or begun it anew."""
        return f"{self.signed[0][:16]}-{self.step}-{int(self.held)}-{round(self.since)}"

    def next(self, now: float) -> "Rollout":
        """The same one wave further, held no more."""
        return replace(self, step=self.step + 1, since=now, held=False)


@dataclass(frozen=True, slots=True)
class Harm:
    """What the newer policy has decided while a wave stood: refused what the one in force permits, at every
    door, and permitted logins. people: how many were refused; names: what those are called, each once.
    """

    refused: int = 0
    people: int = 0
    permitted: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stood:
    """One wave of a rollout as it went: since when it stood, until when (None: still), and what it did."""

    wave: Wave
    since: float
    until: float | None
    harm: Harm


@dataclass(frozen=True, slots=True)
class Asked:
    """The waves before everybody that somebody wants, and how long each stands."""

    waves: tuple[Wave, ...]
    pause_s: float


@dataclass(frozen=True, slots=True)
class Bearable:
    """How much may be refused before a wave is taken back: a share of logins, and a number of people."""

    percent: float = 20.0
    people: int = 3


class Step(Enum):
    """What a look at a rollout came to."""

    NOTHING = "nothing"
    NEXT = "next"
    FINISHED = "finished"
    TAKEN_BACK = "taken back"


class Rollouts(Protocol):
    """Where a rollout is kept; each change is refused where another one came before it."""

    def current(self) -> Rollout | None:
        """The rollout that is on its way."""

    def begin(self, draft: Draft, rollout: Rollout, now: float, taken: Taken) -> bool:
        """Let a policy speak for its first wave. taken: as in putting one in force."""

    def harm(self, rollout: Rollout) -> Harm:
        """What the wave has done since it stands."""

    def move(self, before: Rollout, after: Rollout, now: float, by: str = "") -> bool:
        """Go on to another wave, or hold it. by: who says so, where the clock does not."""

    def finish(self, rollout: Rollout, now: float, by: str = "") -> bool:
        """Put the newer policy in force for everybody."""

    def take_back(self, rollout: Rollout, why: str, now: float) -> bool:
        """Let the newer policy speak for nobody."""


def is_harmful(harm: Harm, bearable: Bearable) -> bool:
    """Whether a wave refuses more than can be borne."""
    logins = harm.refused + harm.permitted
    return harm.people >= bearable.people and harm.refused * 100 > bearable.percent * logins


def look(rollouts: Rollouts, bearable: Bearable, now: float) -> Step:
    """Take back a wave that does harm, go on with one that has stood long enough."""
    rollout = rollouts.current()
    if rollout is None:
        return Step.NOTHING
    harm = rollouts.harm(rollout)
    if is_harmful(harm, bearable):
        why = f"{harm.refused} logins of {harm.people} people refused, {harm.permitted} permitted"
        return Step.TAKEN_BACK if rollouts.take_back(rollout, why, now) else Step.NOTHING
    return advance(rollouts, rollout, now) if rollout.is_due(now) else Step.NOTHING


def advance(rollouts: Rollouts, rollout: Rollout, now: float, by: str = "") -> Step:
    """Go on to the next wave, or to everybody after the last."""
    if rollout.is_last:
        return Step.FINISHED if rollouts.finish(rollout, now, by) else Step.NOTHING
    return Step.NEXT if rollouts.move(rollout, rollout.next(now), now, by) else Step.NOTHING


def begin(made: Draft, asked: Asked, shelf: Shelf, rollouts: Rollouts, now: float) -> Publication:
    """Publish to the first of some waves what could be published. Raises NoWaves, and Refused as publish."""
    publication = rehearse(made, shelf, now)
    policy = publication.examination.policy
    if publication.outcome is not Outcome.PUBLISHED or policy is None:
        return publication
    if made.expected is None:
        raise NoWaves(
            "The first policy of all comes at once: there is none that could speak for the others.",
            "첫 정책은 단계로 나눌 수 없습니다. 나머지 사람에게 적용할 정책이 아직 없습니다.",
        )
    shelf.refuse_beyond(made, policy.document)
    by = made.author, made.author_id, made.note
    rollout = Rollout(policy.revision, made.expected, asked.waves, asked.pause_s, *by, since=now)
    if made.of_part is not None:
        part, base = made.signed(policy.revision)
        rollout = replace(rollout, organization=made.organization, part=part, part_base=base)
    taken = taken_by(publication.preview) if publication.preview is not None else {}
    if not rollouts.begin(made, rollout, now, taken):
        outcome = Outcome.ON_ITS_WAY if shelf.on_its_way() else Outcome.OVERTAKEN
        return replace(publication, outcome=outcome, in_force=shelf.in_force())
    return publication


def read_waves(waves: str, pause: str) -> Asked:
    """Return waves such as 1%,10%,100% that stand for 10m each. Raises NoWaves."""
    try:
        asked = without_everybody([read_wave(each) for each in waves.split(",")])
    except BadWave as error:
        raise NoWaves(str(error), f"{waves!r}: {_WRITE_WAVES_KO}") from error
    try:
        return Asked(asked, scalars.duration(pause.strip()))
    except BadValue as error:
        raise NoWaves(error.to("en"), error.to("ko")) from error


def without_everybody(waves: Sequence[Wave]) -> tuple[Wave, ...]:
    """The waves before everybody. Raises NoWaves where there is none, or a share is smaller than before."""
    found = tuple(wave for wave in waves if wave.percent < 100)
    shares = [wave.percent for wave in found if wave.percent]
    if not found or shares != sorted(shares):
        raise NoWaves(
            "Write waves that grow, such as 1%,10%,100%, or organization:KEY,100%.", _WRITE_WAVES_KO
        )
    return found
