"""Looks once a day which tests of the policy in force will break with time, and raises an alarm before. ▸"""

from collections.abc import Callable, Iterator
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
_SHORT = 12


class WatchPorts(Protocol):
    """What watching needs of the world."""

    def policy(self) -> Policy | None:
        """The policy in force; None before the first."""

    def newer(self) -> Policy | None:
        """The one that comes in waves and speaks for some already; None: there is none."""

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
        names = dict.fromkeys(self._breaking(now)) if self.days else {}
        if not names:
            self.ports.alarms(lambda alarms: alarms.clear_alarm(AlarmKind.POLICY_TEST_BREAKS, SUBJECT, now))
            return
        more = f", +{len(names) - _NAMED}" if len(names) > _NAMED else ""
        note = f"{self.days} d: {'; '.join(list(names)[:_NAMED])}{more}"
        alarm = Alarm(AlarmKind.POLICY_TEST_BREAKS, SUBJECT, note)
        self.ports.alarms(lambda alarms: alarms.raise_alarm(alarm, now))

    def _breaking(self, now: float) -> Iterator[str]:
        """The tests that break in any version that speaks for somebody; those of the newer one say which."""
        until = now + self.days * DAY_S
        for policy, mark in ((self.ports.policy(), False), (self.ports.newer(), True)):
            if policy is not None:
                more = f" ({policy.revision[:_SHORT]})" if mark else ""
                for failure in breaking(policy, self.ports.world(), now, until, self.zone):
                    yield f"{failure.name}{more}"
