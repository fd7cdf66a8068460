from collections.abc import Callable
from dataclasses import dataclass, field

from access.changes.policy_watch import SUBJECT, PolicyWatch
from access.policy.compiled import Policy
from access.policy.vocabulary import World
from access.records.alarms import Alarm, AlarmKind
from tests.access.policy.samples import MONDAY_9
from tests.access.policy.test_forward import AUDIT, DEC_1, SEOUL, TEST, WORLD, office

DAY = 86400.0


@dataclass
class Paper:
    """The world of a watch, and the alarms that are raised in it."""

    published: Policy | None
    coming: Policy | None = None
    raised: dict[tuple[AlarmKind, str], Alarm] = field(default_factory=dict)

    def policy(self) -> Policy | None:
        return self.published

    def newer(self) -> Policy | None:
        return self.coming

    def world(self) -> World:
        return WORLD

    def alarms(self, tell: Callable[[object], object]) -> None:
        tell(self)

    def raise_alarm(self, alarm: Alarm, at: float) -> bool:
        self.raised[alarm.kind, alarm.subject] = alarm
        return True

    def clear_alarm(self, kind: AlarmKind, subject: str, at: float, by: str = "") -> bool:
        return self.raised.pop((kind, subject), None) is not None


def looked(paper: Paper, now: float, days: int = 14) -> list[str]:
    PolicyWatch(paper, days, SEOUL).look(now)
    return [alarm.note for alarm in paper.raised.values()]


def test_a_test_that_will_break_raises_an_alarm_in_time_and_not_before():
    paper = Paper(office(AUDIT % DEC_1, TEST))

    assert looked(paper, MONDAY_9 - 20 * DAY) == []
    assert looked(paper, MONDAY_9) == ["14 d: the audit"]
    assert list(paper.raised) == [(AlarmKind.POLICY_TEST_BREAKS, SUBJECT)]


def test_the_alarm_clears_once_the_rule_was_extended_or_the_test_is_gone():
    paper = Paper(office(AUDIT % DEC_1, TEST))
    looked(paper, MONDAY_9)
    paper.published = office(AUDIT % '"2027-12-01T00:00:00+09:00"', TEST)

    assert looked(paper, MONDAY_9) == []


def test_no_policy_and_no_days_raise_nothing():
    assert looked(Paper(None), MONDAY_9) == []
    assert looked(Paper(office(AUDIT % DEC_1, TEST)), MONDAY_9, days=0) == []


def test_while_a_change_comes_in_waves_both_versions_are_looked_at():
    lasting = office(AUDIT % '"2027-12-01T00:00:00+09:00"', TEST)
    ending = office(AUDIT % DEC_1, TEST)

    assert looked(Paper(ending, lasting), MONDAY_9) == ["14 d: the audit"]
    assert looked(Paper(lasting, ending), MONDAY_9) == [f"14 d: the audit ({ending.revision[:12]})"]
    assert looked(Paper(lasting, lasting), MONDAY_9) == []
