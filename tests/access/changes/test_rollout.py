from dataclasses import dataclass, field, replace

import pytest

from access.changes.rollout import (
    Bearable,
    Harm,
    NoWaves,
    Rollout,
    Step,
    advance,
    is_harmful,
    look,
    without_everybody,
)
from access.policy.waves import Wave

WAVES = (Wave(1), Wave(10))
ROLLOUT = Rollout("new", "old", WAVES, 600.0, "boss@hangang", 1, "note", since=1000.0)


@dataclass
class Kept:
    rollout: Rollout | None = ROLLOUT
    harmed: Harm = field(default_factory=Harm)
    finished: bool = False
    why: str = ""

    def current(self) -> Rollout | None:
        return self.rollout

    def harm(self, rollout: Rollout) -> Harm:
        return self.harmed

    def move(self, before: Rollout, after: Rollout, now: float, by: str = "") -> bool:
        self.rollout = after
        return True

    def finish(self, rollout: Rollout, now: float, by: str = "") -> bool:
        self.rollout, self.finished = None, True
        return True

    def take_back(self, rollout: Rollout, why: str, now: float) -> bool:
        self.rollout, self.why = None, why
        return True


def test_each_wave_stands_for_its_pause_and_then_comes_the_next_and_everybody():
    kept = Kept()

    assert look(kept, Bearable(), 1599.0) is Step.NOTHING
    assert look(kept, Bearable(), 1600.0) is Step.NEXT
    assert kept.rollout is not None
    assert (kept.rollout.wave, kept.rollout.since) == (Wave(10), 1600.0)
    assert look(kept, Bearable(), 2199.0) is Step.NOTHING
    assert look(kept, Bearable(), 2200.0) is Step.FINISHED
    assert look(kept, Bearable(), 9000.0) is Step.NOTHING


def test_a_wave_that_is_held_stands_until_somebody_goes_on():
    kept = Kept(replace(ROLLOUT, held=True))

    assert look(kept, Bearable(), 9000.0) is Step.NOTHING
    assert kept.rollout is not None
    assert advance(kept, kept.rollout, 9000.0) is Step.NEXT
    assert look(kept, Bearable(), 9600.0) is Step.FINISHED


def test_a_wave_that_refuses_too_many_is_taken_back_also_when_the_next_is_due():
    kept = Kept(harmed=Harm(refused=30, people=5, permitted=70))

    assert look(kept, Bearable(percent=20, people=3), 1600.0) is Step.TAKEN_BACK
    assert kept.why == "30 logins of 5 people refused, 70 permitted"


@pytest.mark.parametrize(
    ("harm", "harmful"),
    [
        (Harm(21, 3, 79), True),
        (Harm(20, 3, 80), False),
        (Harm(100, 2, 0), False),
        (Harm(), False),
    ],
)
def test_what_can_be_borne_is_a_share_of_logins_and_a_number_of_people(harm, harmful):
    assert is_harmful(harm, Bearable(percent=20, people=3)) is harmful


def test_waves_grow_and_end_with_everybody():
    assert without_everybody([Wave(1), Wave(10), Wave(100)]) == WAVES
    for wrong in ([], [Wave(100)], [Wave(10), Wave(1)]):
        with pytest.raises(NoWaves):
            without_everybody(wrong)
