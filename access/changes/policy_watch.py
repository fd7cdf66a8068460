"""Looks once a day which tests of the policy in force will break with time, and raises an alarm before. ▸"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from access.policy.compiled import Policy
from access.policy.forward import breaking
from access.policy.vocabulary import World
from access.records.alarms import Alarm, AlarmKind, AlarmPorts

DAY_S = 86400.0
SUBJECT = "the policy in force"
_NAMED = 5


class WatchPorts(Protocol):
    """What watching needs of the world."""

    def policy(self) -> Policy | None:
        """The policy in force; None before the first."""

    def world(self) -> World:
        """What the directories know."""

    def alarms(self, tell: Callable[[AlarmPorts], object]) -> None:
        """Do something with the alarms in one transaction. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class PolicyWatch:
    """Says it as long as it is so, and clears the alarm once no test breaks any more. days: how far ahead."""

    ports: WatchPorts
    days: int
    zone: tzinfo

    def look(self, now: float) -> None:
        """Move the clock forward, and raise or clear the alarm. Raises Unavailable."""
        policy = self.ports.policy() if self.days else None
        found = []
        if policy is not None:
            found = breaking(policy, self.ports.world(), now, now + self.days * DAY_S, self.zone)
        if not found:
            self.ports.alarms(lambda alarms: alarms.clear_alarm(AlarmKind.POLICY_TEST_BREAKS, SUBJECT, now))
            return
        names = dict.fromkeys(failure.name for failure in found)
        more = f", +{len(names) - _NAMED}" if len(names) > _NAMED else ""
        note = f"{self.days} d: {'; '.join(list(names)[:_NAMED])}{more}"
        alarm = Alarm(AlarmKind.POLICY_TEST_BREAKS, SUBJECT, note)
        self.ports.alarms(lambda alarms: alarms.raise_alarm(alarm, now))
