"""Watches over what one RADIUS worker shows and trusts: renews, and raises alarms before an end. ▸"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from access.certificates.ending import Ending, due, over
from access.records.alarms import Alarm, AlarmKind, AlarmPorts

EVERY_S = 3600.0
# After a look that failed.
AGAIN_S = 60.0


class WatchPorts(Protocol):
    """What watching needs of the world."""

    def endings(self) -> Iterable[Ending]:
        """Return every certificate that somebody has to replace in time."""

    @property
    def alarms(self) -> Callable[[Callable[[AlarmPorts], None]], None]:
        """Do something with the alarms in one transaction. Raises Unavailable."""


@dataclass
class CertificateWatch:
    """Says each thing once: again only when it changes, or when this process is a new one."""

    ports: WatchPorts
    clock: Callable[[], float]
    _next_at: float = 0.0
    _said: Mapping[str, Alarm | None] = field(default_factory=dict)

    def look(self) -> None:
        """Look once an hour, sooner after a look that failed. Raises Unavailable, SealBroken."""
        now = self.clock()
        if now < self._next_at:
            return
        self._next_at = now + AGAIN_S
        found = list(self.ports.endings())
        raised = {each.subject: due(each, now) for each in found}
        changed = [each for each in found if self._differs(each.subject, raised[each.subject])]
        if changed:
            self.ports.alarms(lambda alarms: _tell(alarms, changed, raised, now))
        self._said, self._next_at = raised, now + EVERY_S

    def _differs(self, subject: str, alarm: Alarm | None) -> bool:
        if subject not in self._said:
            return True
        before = self._said[subject]
        return (before.subject if before else "") != (alarm.subject if alarm else "")


def _tell(
    alarms: AlarmPorts, changed: Iterable[Ending], raised: Mapping[str, Alarm | None], now: float
) -> None:
    for each in changed:
        alarm = raised[each.subject]
        for subject in over(each, alarm):
            alarms.clear_alarm(AlarmKind.CERTIFICATE_ENDS, subject, now)
        if alarm is not None:
            alarms.raise_alarm(alarm, now)
